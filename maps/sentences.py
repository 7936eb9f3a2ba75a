"""Reasons in the reader's language: the tables hold them in Chinese, and the facts behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from geo.errors import Fault
from geo.messages import Language
from planner.trench.reasons.wording import sentence, unpack

CHANGED = ("change", "rules")
"""Facts of a reason that the report shows beside it: the rules, and the change that would help."""


def from_facts(
    topic: str,
    frame: pd.DataFrame,
    language: Language,
    *,
    column: str = "reason",
    without: Collection[str] = (),
) -> list[str | None]:
    """Return the reason of each row of a table.

    Parameters
    ----------
    topic
        ``"reopening"``, ``"unplaced"``, ``"decision"``, ``"split"``, ``"robustness"`` or
        ``"village"``: first part of the code in ``geo/messages.toml``, the row's ``rule`` being
        the second.
    frame
        Columns ``rule``, `column` (Chinese) and ``facts`` (JSON of the placeholders).
    column
        Name of the column that holds the Chinese sentence.
    without
        Facts whose sentences are left out, for example `CHANGED`.
    """
    rows = zip(frame["rule"], frame[column], frame["facts"], strict=True)
    return [_sentence(topic, *row, language, without) for row in rows]


def changes(topic: str, frame: pd.DataFrame, language: Language) -> list[str | None]:
    """Return for each row what change of date would help, or that none does; None if unknown."""
    whole = from_facts(topic, frame, language)
    bare = from_facts(topic, frame, language, without=("change",))
    return [_rest(long, short) for long, short in zip(whole, bare, strict=True)]


def _rest(long: str | None, short: str | None) -> str | None:
    if long is None or short is None or long == short or not long.startswith(short):
        return None
    return long.removeprefix(short).lstrip("。; ")


def from_reasons(
    frame: pd.DataFrame, reasons: Mapping[str, Fault], language: Language
) -> list[str | None]:
    """Return the reason of each application of ``unreachable``, in the reader's language."""
    rows = zip(frame["application_id"], frame["reason"], strict=True)
    return [
        reasons[str(key)].text(language) if str(key) in reasons else _stored(reason)
        for key, reason in rows
    ]


def _sentence(
    topic: str,
    rule: str,
    reason: str | None,
    facts: str | None,
    language: Language,
    without: Collection[str],
) -> str | None:
    if facts is None or pd.isna(facts) or not facts or (language == "zh" and not without):
        return _stored(reason)
    known = {name: fact for name, fact in unpack(facts).items() if name not in without}
    return sentence(topic, rule, known, language)


def _stored(reason: str | None) -> str | None:
    return None if pd.isna(reason) else str(reason)
