"""Every word of the report and of the documents, in Chinese and English, from one file each."""

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
    return _read("maps", language)


@cache
def document_words(language: Language) -> Mapping[str, str]:
    """Return dotted key to text of what only the documents of `maps.export` say.

    Parameters
    ----------
    language
        ``"zh"`` or ``"en"``.
    """
    return _read("maps.export", language)


def _read(package: str, language: Language) -> Mapping[str, str]:
    text = resources.files(package).joinpath("words.toml").read_text(encoding="utf-8")
    column = ("zh", "en").index(language)
    found = {
        f"{group}.{name}": pair[column]
        for group, entries in tomllib.loads(text).items()
        for name, pair in entries.items()
    }
    return MappingProxyType(found)
