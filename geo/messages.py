"""The one catalogue of messages to people, in Chinese and English."""

from __future__ import annotations

import string
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files("geo").joinpath("messages.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def message(code: str, language: Language = "zh", /, **facts: object) -> str:
    """Return the catalogue's sentence for `code`, with the facts filled in.

    Parameters
    ----------
    code
        Key of a sentence in ``geo/messages.toml``.
    language
        ``"zh"`` or ``"en"``.
    facts
        Values of the placeholders that the sentence names.

    Raises
    ------
    KeyError
        If the catalogue lacks the code, or the sentence needs a fact that is not given.

    Examples
    --------
    >>> message("file_missing", "en", file="roads.gpkg")
    'file roads.gpkg does not exist; check the path in the study file'
    """
    return _catalogue()[code][language].format_map(facts)


def placeholders(code: str) -> frozenset[str]:
    """Return the names of the facts that a sentence needs, in either language.

    Raises
    ------
    KeyError
        If the catalogue lacks the code.

    Examples
    --------
    >>> sorted(placeholders("cost_rises"))
    ['yuan']
    """
    parts = (string.Formatter().parse(text) for text in _catalogue()[code].values())
    return frozenset(name for found in parts for _, name, _, _ in found if name is not None)


def codes() -> frozenset[str]:
    """Return every code of the catalogue."""
    return frozenset(_catalogue())
