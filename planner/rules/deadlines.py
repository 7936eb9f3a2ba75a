"""By when an application must be served."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import nan

from geo.errors import InputError
from layers.workdays import Workdays
from planner.rules.citation import NOTHING, Citation, Words, joined, said
from planner.rules.classes import needs_line, supply_level
from planner.rules.entries import DeadlineRule, Level, Stage, Unit
from planner.rules.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A limit and, where it can be counted, the day on which it ends.

    Parameters
    ----------
    due_on
        Last day; None where no limit is set, the application has no date, or the holidays of
        the year are not published (`note` says which).
    limit
        Length in `unit`; None where the documents set none.
    unit
        ``WD`` working days, ``d`` calendar days (the text says 天; our reading).
    stages
        Steps with their own limits; only where `stages_make_whole` do they add up to `limit`.
    source
        The rule's citation; None where there is none.
    excluded, excluded_source
        Time that the text does not count, and where it says so.
    average
        Whether the text sets an average and not a limit for each case.
    assumed
        Whether the count starts on an assumed day (payment on the day of acceptance).
    note
        Conditions of the rule, or why there is no day.
    """

    due_on: date | None = None
    limit: int | None = None
    unit: Unit | None = None
    stages: tuple[Stage, ...] = ()
    stages_make_whole: bool = False
    source: Citation | None = None
    excluded: Words = NOTHING
    excluded_source: Citation | None = None
    average: bool = False
    assumed: bool = False
    note: Words = NOTHING


def _fits(
    rule: DeadlineRule, *, utility: str, applicant_kind: str, level: Level, business: str
) -> bool:
    return (
        rule.utility == utility
        and (not rule.applicants or applicant_kind in rule.applicants)
        and (not rule.levels or level in rule.levels)
        and (not rule.businesses or business in rule.businesses)
    )


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _due(begin: date, rule: DeadlineRule, workdays: Workdays) -> tuple[date | None, Words]:
    if rule.unit == "d":
        return begin + timedelta(days=rule.limit), NOTHING
    try:
        return workdays.add(begin, rule.limit), NOTHING
    except InputError as error:
        return None, Words(error.text("zh"), error.text("en"))


def _dual(stage: Stage) -> Stage:
    return replace(stage, limit=stage.limit_dual or stage.limit)


def deadline(
    profile: Profile,
    *,
    utility: str,
    applicant_kind: str,
    service_class: str = "",
    business: str = "new",
    nature: str = "",
    load_kva: float = nan,
    dual_source: bool = False,
    accepted_on: date | None,
    workdays: Workdays,
    paid_on: date | None = None,
    low_voltage_kva: float | None = None,
) -> Deadline:
    """Return the limit that the profile's documents set for one application.

    Parameters
    ----------
    profile
        Jurisdiction.
    utility, applicant_kind, business
        Keys of `layers.tables.UTILITIES`, `APPLICANTS` and `BUSINESSES`.
    service_class, nature, load_kva
        Evidence of the supply level, see `planner.rules.classes.supply_level`.
    dual_source
        Whether power comes from two sources (longer supply scheme in 004 附件5 三(二)).
    accepted_on
        Day of acceptance (受理日期); it does not count itself.
    workdays
        Calendar, see `layers.workdays.published`.
    paid_on
        Day of payment, for limits that run from it; without it the day of acceptance is taken,
        which can only be too early, and `assumed` says so.
    low_voltage_kva
        Bound of low-voltage supply; None takes the setting ``rules.low_voltage_kva``.

    Returns
    -------
    Deadline
        With an explaining note where the documents set no limit.

    References
    ----------
    000 二(一)1, 二(二)2, 二(三)1; 001 6; 004 附件4 二(二), 附件5 一, 三. Days after the event
    count, from the next one on; a limit in 天 is not moved when it ends on a holiday (our reading).
    """
    if not needs_line(business):
        return Deadline(note=said("deadline_no_line"))
    level = supply_level(
        service_class=service_class,
        nature=nature,
        load_kva=load_kva,
        low_voltage_kva=low_voltage_kva,
    )
    rule = next(
        (
            rule
            for rule in profile.deadlines
            if _fits(
                rule,
                utility=utility,
                applicant_kind=applicant_kind,
                level=level,
                business=business,
            )
        ),
        None,
    )
    if rule is None:
        return Deadline(note=said("deadline_unset", profile=profile.name))
    return _counted(
        rule, accepted_on=accepted_on, paid_on=paid_on, dual=dual_source, workdays=workdays
    )


def _counted(
    rule: DeadlineRule,
    *,
    accepted_on: date | None,
    paid_on: date | None,
    dual: bool,
    workdays: Workdays,
) -> Deadline:
    from_payment = rule.starts == "payment"
    begin = paid_on if from_payment and paid_on is not None else accepted_on
    assumed = from_payment and paid_on is None
    if begin is None:
        due_on, why = None, said("deadline_no_date")
    else:
        due_on, why = _due(_day(begin), rule, workdays)
    payment = said("deadline_from_payment") if assumed else NOTHING
    return Deadline(
        due_on=due_on,
        limit=rule.limit,
        unit=rule.unit,
        stages=tuple(map(_dual, rule.stages)) if dual else rule.stages,
        stages_make_whole=rule.stages_make_whole,
        source=rule.source,
        excluded=rule.excluded,
        excluded_source=rule.excluded_source,
        average=rule.average,
        assumed=assumed,
        note=joined(rule.note, payment, why),
    )
