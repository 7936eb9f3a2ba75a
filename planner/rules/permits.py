"""Which permits a dig needs, from whom, and how many working days they take together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.rules.citation import NOTHING, Citation, Words
from planner.rules.entries import Order, PermitRule, When
from planner.rules.national import national
from planner.rules.profile import Profile

_MOST_KV = 10.0
"""Highest voltage that 004 附件5 一 speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One permit of one dig.

    Parameters
    ----------
    code
        ``planning``, ``as_built_survey``, ``green``, ``occupation``, ``excavation``, ``filing``.
    zh, en
        Name.
    authority
        Who decides.
    working_days
        Limit of the decision.
    order
        ``first`` before all others, ``parallel`` beside one another, ``after`` the works.
    source
        Citation; None where nothing can be cited.
    assumption
        Whether it is only assumed: outside 肥城 power works the permits or their days are not
        in the county's documents.
    later_working_days
        What follows the decision without holding it up (relocation of plants).
    note
        Fees and conditions.
    """

    code: str
    zh: str
    en: str
    authority: Words
    working_days: int
    order: Order
    source: Citation | None
    assumption: bool
    later_working_days: int = 0
    note: Words = NOTHING


def _permit(rule: PermitRule, *, assumption: bool) -> Permit:
    return Permit(
        code=rule.code,
        zh=rule.name.zh,
        en=rule.name.en,
        authority=rule.authority,
        working_days=rule.working_days,
        order=rule.order,
        source=rule.source,
        assumption=assumption,
        later_working_days=rule.later_working_days,
        note=rule.note,
    )


def needed(
    profile: Profile,
    *,
    utility: str,
    voltage_kv: float,
    length_m: float,
    opens_surface: bool,
    in_carriageway: bool,
    in_green: bool,
    small_flow: bool,
) -> tuple[Permit, ...]:
    """Return the permits that one dig needs, those that come first first.

    Where the profile has permits for this utility they count; elsewhere the approvals of Decree
    198, with the days of 004 as a labelled assumption. In the small users' flow of 綦江 one
    filing stands for all of them.

    Parameters
    ----------
    profile
        Jurisdiction.
    utility
        Key of `layers.tables.UTILITIES`.
    voltage_kv
        Of a power line, ``nan`` where unknown: above 10 kV the permits of 004 are an assumption,
        since its 附件5 一 speaks of 10 kV and low voltage.
    length_m
        Length of the line, finite; below 150 m a power line in 肥城 needs no planning permit.
    opens_surface, in_carriageway, in_green
        Whether the road surface is opened, works stand in the carriageway, green land is touched.
    small_flow
        Whether the application takes the small users' flow (`planner.rules.classes.flow`).

    References
    ----------
    004 附件5 三(三); Decree 198, arts 30, 31, 33; 002 附件2 二(一)2.
    """
    if small_flow and profile.filing is not None:
        return (_permit(profile.filing, assumption=False),) if opens_surface else ()
    holds: dict[When, bool] = {
        "always": opens_surface or in_carriageway or in_green,
        "green": in_green,
        "carriageway": in_carriageway,
        "surface": opens_surface,
    }
    own = [rule for rule in profile.permits if utility in rule.utilities]
    assumption = not own or voltage_kv > _MOST_KV
    return tuple(
        _permit(rule, assumption=assumption)
        for rule in own or national().permits
        if holds[rule.when] and rule.min_length_m <= length_m < rule.below_length_m
    )


def total_working_days(permits: Sequence[Permit]) -> int:
    """Return the working days until every permit is granted.

    Permits that come first add up, the parallel ones take as long as the slowest of them, what
    comes after the works does not count.

    References
    ----------
    004 附件5 三(三): 5 and then 7 in parallel make the 12 working days of the text.
    """
    first = sum(p.working_days for p in permits if p.order == "first")
    return first + max((p.working_days for p in permits if p.order == "parallel"), default=0)
