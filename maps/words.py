"""Every word of the report, in Chinese and English, from one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from geo.messages import Language


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return dotted key to text, for example ``"kpi.openings"``.

    Parameters
    ----------
    language
        ``"zh"`` or ``"en"``.
    """
    text = resources.files("maps").joinpath("words.toml").read_text(encoding="utf-8")
    column = ("zh", "en").index(language)
    found = {
        f"{group}.{name}": pair[column]
        for group, entries in tomllib.loads(text).items()
        for name, pair in entries.items()
    }
    return MappingProxyType(found)
