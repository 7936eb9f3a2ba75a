"""Rows of a layer that share one fault, before they become quarantine records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Objects = NDArray[Any]

_SHOWN_CHARACTERS = 40
_PERSONAL_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:1[3-9]\d{9}|[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[0-9Xx])(?![0-9A-Za-z])"
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Flaw:
    """One fault and the rows that have it.

    Parameters
    ----------
    code
        Key of the sentence in ``geo/messages.toml``.
    rows
        Mask over the layer's rows, shape (n,).
    column
        Heading of the column at fault, empty where a whole row is.
    facts
        Facts that all rows share.
    each
        Facts that differ from row to row: fact to its values, shape (n,).
    """

    code: str
    rows: Bools
    column: str = ""
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    each: Mapping[str, Objects] = field(default_factory=lambda: MappingProxyType({}))


def any_of(flaws: Iterable[Flaw], count: int) -> Bools:
    """Return which of `count` rows have at least one flaw."""
    bad = np.zeros(count, dtype=bool)
    for flaw in flaws:
        bad |= flaw.rows
    return bad


def has_personal_number(text: str) -> bool:
    """Return whether a text holds what looks like a mobile or an identity card number.

    Examples
    --------
    >>> has_personal_number("请致电 13800138000"), has_personal_number("DN200 L=1380m")
    (True, False)
    """
    return _PERSONAL_NUMBER.search(text) is not None


def quoted(value: object) -> str:
    """Return a cell as a message may show it: short, and without numbers of persons."""
    text = _PERSONAL_NUMBER.sub("***", str(value)).strip()
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
