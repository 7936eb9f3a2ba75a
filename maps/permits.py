"""Permits by name: days, authority and the clause they rest on, one click from their mention."""

from __future__ import annotations

from typing import Any

from geo.messages import Language
from planner.rules.entries import PermitRule
from planner.rules.national import national
from planner.rules.profile import Profile


def known(profile: Profile, language: Language) -> dict[str, dict[str, Any]]:
    """Return what the report says of each permit, under the Chinese name that the tables use.

    Where the profile and Decree 198 know a permit of one name, the profile's word counts.
    """
    filing = () if profile.filing is None else (profile.filing,)
    rules = (*national().permits, *profile.permits, *filing)
    return {rule.name.zh: _entry(rule, language) for rule in rules}


def _entry(rule: PermitRule, language: Language) -> dict[str, Any]:
    return {
        "name": rule.name.text(language),
        "days": rule.working_days,
        "authority": rule.authority.text(language),
        "first": rule.order == "first",
        "source": rule.source.text(language) if rule.source else "",
        "note": rule.note.text(language),
    }
