"""Rows of a layer that share one fault, before they become quarantine records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Objects = NDArray[Any]

_SHOWN_CHARACTERS = 40
_GAP = r"[\s\-‐-―－()（）]{0,2}"
_MOBILE = rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
_LANDLINE = rf"0\d{{2,3}}{_GAP}[2-8]\d{{2,3}}{_GAP}\d{{4}}"
_BORN = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = rf"[1-9]\d{{5}}{_GAP}{_BORN}{_GAP}\d{{3}}[\dXx]"
_IDENTITY_NUMBER = re.compile(rf"(?<!\d){_IDENTITY}(?!\d)")
_PERSONAL_NUMBER = re.compile(
    rf"(?<![\d.])(?:(?:\+|00)?86{_GAP})?(?:{_MOBILE}|{_LANDLINE}|{_IDENTITY})(?!\d)"
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
    """Return whether a text holds what looks like a telephone or an identity card number.

    Digits in full width and groups set apart by a space, hyphen or bracket count too.

    Examples
    --------
    >>> has_personal_number("请致电 138-0013-8000"), has_personal_number("DN200 L=1380m")
    (True, False)
    """
    return _PERSONAL_NUMBER.search(unicodedata.normalize("NFKC", text)) is not None


def has_identity_number(text: str) -> bool:
    """Return whether a text holds what looks like an identity card number.

    Examples
    --------
    >>> has_identity_number("50010119900101123X"), has_identity_number("13800138000")
    (True, False)
    """
    return _IDENTITY_NUMBER.search(unicodedata.normalize("NFKC", text)) is not None


def masked(text: str) -> str:
    """Return a text with stars in place of what looks like a number of a person."""
    plain = unicodedata.normalize("NFKC", text)
    return _PERSONAL_NUMBER.sub("***", plain) if _PERSONAL_NUMBER.search(plain) else text


def quoted(value: object) -> str:
    """Return a cell as a message may show it: short, and without numbers of persons."""
    text = masked(str(value)).strip()
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
