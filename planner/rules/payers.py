"""Who pays for a line outside the parcel's red line."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from planner.rules.citation import NOTHING, Citation, Words, joined, said
from planner.rules.profile import Profile
from planner.settings import defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays outside the red line.

    `source` is None where the documents say nothing; `assumption` marks a rule whose condition
    the data cannot settle or whose wording is open; `note` states the conditions.
    """

    zh: str
    en: str
    source: Citation | None
    assumption: bool = False
    note: Words = NOTHING

    @property
    def clause(self) -> str:
        """Number of the document and place of the rule; empty where there is none."""
        return f"{self.source.number} {self.source.place}" if self.source else ""


def _low_voltage(profile: Profile, load_kva: float, bound_kva: float | None) -> Words:
    """Say so where the documents promise a low-voltage connection for this load."""
    principle = profile.principles.get("low_voltage_kva")
    if bound_kva is None:
        bound_kva = defaults().number("rules.low_voltage_kva")
    if principle is None or not load_kva <= bound_kva:
        return NOTHING
    return principle.name


def outside(
    profile: Profile,
    *,
    utility: str,
    in_planned_land: bool,
    applicant_kind: str,
    load_kva: float = nan,
    park: bool = False,
    low_voltage_kva: float | None = None,
) -> Payer:
    """Return who pays for one application's line up to the red line.

    Parameters
    ----------
    profile
        Jurisdiction.
    utility, applicant_kind
        Keys of `layers.tables.UTILITIES` and `layers.tables.APPLICANTS`.
    in_planned_land
        Whether the parcel lies in the town's planned construction land (城镇规划建设用地范围).
    load_kva
        Load of a power application, ``nan`` where unknown: 004 附件5 二(二) sets no payer by it
        but the low-voltage connection, which the note then names.
    park
        Whether the parcel lies in a park; its rank must be verified by the user.
    low_voltage_kva
        Bound of low-voltage supply; None takes the setting ``rules.low_voltage_kva``.

    References
    ----------
    001 7, 25; 004 附件5 二(二).
    """
    note = _low_voltage(profile, load_kva, low_voltage_kva) if utility == "power" else NOTHING
    met = {name for name, holds in (("planned_land", in_planned_land), ("park", park)) if holds}
    for rule in profile.payers:
        fits = utility in rule.utilities and rule.needs <= met
        if fits and (not rule.applicants or applicant_kind in rule.applicants):
            return Payer(
                zh=rule.name.zh,
                en=rule.name.en,
                source=rule.source,
                assumption=rule.assumed,
                note=joined(rule.note, note),
            )
    unset = said("payer_unset")
    return Payer(zh=unset.zh, en=unset.en, source=None, note=note)
