"""Values as a reader of documents meets them: coded values, dates, metres, yuan, permits."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import pandas as pd

from geo.messages import Language
from layers.tables import Column
from layers.tables.vocabulary import ROAD_CLASSES, SURFACES
from maps.export.plain import plain
from maps.words import document_words, words

__all__ = [
    "NOT_KNOWN", "coded", "day", "figure", "heading", "plain", "road_class", "surface", "utilities",
    "yuan_unit",
]  # fmt: skip

NOT_KNOWN = "–"


def coded(values: Mapping[str, tuple[str, ...]], value: object, language: Language) -> str:
    """Return a coded value in words: its first Chinese spelling, or the key itself in English.

    Examples
    --------
    >>> coded({"branch": ("支路",)}, "branch", "zh"), coded({"two_way": ("双向",)}, "two_way", "en")
    ('支路', 'two way')
    """
    text = plain(value)
    if text not in values:
        return text
    return values[text][0] if language == "zh" else text.replace("_", " ")


def road_class(value: object, language: Language) -> str:
    """Return the class of a road in words."""
    return coded(ROAD_CLASSES, value, language) or NOT_KNOWN


def surface(value: object, language: Language) -> str:
    """Return the surface of a road in words."""
    return coded(SURFACES, value, language) or NOT_KNOWN


def utilities(keys: object, language: Language) -> str:
    """Return the names of utilities whose keys stand with commas between them.

    Examples
    --------
    >>> utilities("water,gas", "zh"), utilities("water", "en")
    ('给水、燃气', 'water')
    """
    said, found = words(language), plain(keys).split(",")
    return ("、" if language == "zh" else ", ").join(
        said.get(f"utility.{key}", key) for key in found if key
    )


def day(value: pd.Timestamp | None) -> str:
    """Return a day as ISO text, a dash for none.

    Examples
    --------
    >>> day(pd.Timestamp(2026, 3, 1)), day(pd.NaT)
    ('2026-03-01', '–')
    """
    return NOT_KNOWN if value is None or pd.isna(value) else str(value.date())


def figure(value: float | None, digits: int = 1, unit: str = "") -> str:
    """Return a number with its thousands parted and its unit, a dash for none.

    Examples
    --------
    >>> figure(1234.56, 1, "m"), figure(float("nan"), 1, "m")
    ('1,234.6 m', '–')
    """
    if value is None or isnan(value):
        return NOT_KNOWN
    return f"{value:,.{digits}f} {unit}".rstrip()


def yuan_unit(language: Language, *, assumed: bool) -> str:
    """Return the unit of money, with 「假设单价」 where a price of it is assumed."""
    return document_words(language)["unit.yuan_assumed" if assumed else "unit.yuan"]


def heading(column: Column, language: Language, *, assumed: bool) -> str:
    """Return a column's label with its unit, money labelled where its prices are assumed.

    Examples
    --------
    >>> from layers.tables import OPENINGS
    >>> heading(OPENINGS["cost_yuan"], "zh", assumed=True)
    '费用（元，假设单价）'
    >>> heading(OPENINGS["dug_m"], "en", assumed=True)
    'dug length (m)'
    """
    said = document_words(language)
    label = column.zh if language == "zh" else column.en
    unit = said.get(f"unit.{column.unit}", column.unit)
    if column.unit == "元":
        unit = yuan_unit(language, assumed=assumed)
    return said["unit.with"].format(label=label, unit=unit) if unit else label
