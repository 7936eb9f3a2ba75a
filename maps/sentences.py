"""Reasons in the reader's language: the tables hold them in Chinese, and the facts behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from geo.errors import Fault
from geo.messages import Language, message


def from_facts(topic: str, frame: pd.DataFrame, language: Language) -> list[str | None]:
    """Return the reason of each row of a table.

    Parameters
    ----------
    topic
        ``"reopening"``, ``"unplaced"`` or ``"village"``: first part of the code in
        ``geo/messages.toml``, the row's ``rule`` being the second.
    frame
        Columns ``rule``, ``reason`` (Chinese) and ``facts`` (JSON of the placeholders).
    """
    rows = zip(frame["rule"], frame["reason"], frame["facts"], strict=True)
    return [_sentence(topic, rule, reason, facts, language) for rule, reason, facts in rows]


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
    topic: str, rule: str, reason: str | None, facts: str | None, language: Language
) -> str | None:
    if language == "zh" or facts is None or pd.isna(facts) or not facts:
        return _stored(reason)
    return message(f"{topic}_{rule}", language, **json.loads(facts))


def _stored(reason: str | None) -> str | None:
    return None if pd.isna(reason) else str(reason)
