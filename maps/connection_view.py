"""What a connection's detail shows beside its route: entries, crossings, drains, ducts, payers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geo.messages import Language
from layers.tables import UTILITIES
from maps import encode

if TYPE_CHECKING:
    from planner.extension.run import ExtensionResult
    from planner.study import StudyResult

_ENTRY = ("rank", "tie_in_id", "tapped_pipe_id", "differs", "drains_by")
_DRAIN = ("least_slope", "deepest_m", "spare_m", "lift_m", "pump_at_m", "drops")
_LEVEL = ("along_m", "ground_m", "arrives_m", "leaves_m")
_RESERVE = ("probability", "years", "duct_m", "extra_yuan", "saving_yuan", "expected_yuan",
            "alone_yuan", "later_yuan")  # fmt: skip


def block(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return the data; connections and parcels are named by their position.

    Parameters
    ----------
    result
        The study's result.
    language
        Language of names and sentences.
    """
    extension = result.extension
    known: Any = extension.figures["payers"]
    ids = extension.connections["application_id"].tolist()
    return {
        "candidates": _candidates(extension.options["candidates"], ids),
        "crossings": _crossings(extension.trenches, ids),
        "drains": _drains(extension, ids, language),
        "reserves": _reserves(result),
        "payers": payers(known, language),
        "counts": {name: extension.figures[name] for name in ("crossings", "bored", "taps")},
    }


def payers(known: Mapping[str, Mapping[str, Any]], language: Language) -> list[list[Any]]:
    """Return each payer's name and its yuan inside and outside the red lines.

    Examples
    --------
    >>> payers({"unset": {"zh": "未定", "en": "not set", "inside_yuan": 0.0,
    ...                   "outside_yuan": 12.3}}, "en")
    [['not set', 0, 12]]
    """
    return [
        [payer[language], round(payer["inside_yuan"]), round(payer["outside_yuan"])]
        for payer in known.values()
    ]


def _candidates(table: gpd.GeoDataFrame, ids: Sequence[str]) -> dict[str, Any]:
    return {
        **encode.columns(table, _ENTRY),
        **encode.columns(table, ("length_m", "extra_yuan"), digits=1),
        "connection": encode.positions(table["application_id"], ids),
        "lines": encode.lines(encode.to_map(table.geometry, table.crs)),
    }


def _crossings(trenches: gpd.GeoDataFrame, ids: Sequence[str]) -> dict[str, Any]:
    """Return every crossing of every connection, with the price of the whole crossing."""
    crossed = trenches[trenches["kind"].isin(["crossing", "boring"])]
    users = [str(cell).split(",") for cell in crossed["applications"]]
    count = [len(each) for each in users]
    spread = crossed.loc[crossed.index.repeat(count)]
    return {
        "connection": encode.positions(pd.Series([one for each in users for one in each]), ids),
        "bored": [kind == "boring" for kind in spread["kind"]],
        **encode.columns(spread, ("length_m", "cost_yuan"), digits=1),
        "users": [number for number in count for _ in range(number)],
    }


def _drains(extension: ExtensionResult, ids: Sequence[str], language: Language) -> dict[str, Any]:
    table, levels = extension.drains, extension.drain_levels
    by_drain = {key: rows[list(_LEVEL)] for key, rows in levels.groupby("application_id")}
    return {
        "connection": encode.positions(table["application_id"], ids),
        "pumped": [by == "pumped" for by in table["drains_by"]],
        **encode.columns(table, _DRAIN, digits=4),
        "reason": encode.column(table["reason" if language == "zh" else "reason_en"]),
        "levels": [
            by_drain[key].round(2).to_numpy().tolist() if key in by_drain else []
            for key in table["application_id"]
        ],
    }


def _reserves(result: StudyResult) -> dict[str, Any]:
    tables, county = result.extension.options, result.county
    reserves, ducts = tables["reserves"], tables["reserve_ducts"]
    lines = encode.lines(encode.to_map(ducts.geometry, county.crs))
    return {
        "application_id": encode.column(reserves["reserve_id"]),
        "parcel": encode.positions(reserves["parcel_id"], county["parcels"]["parcel_id"]),
        "utilities": _named(reserves["utilities"]),
        "reserved": _named(reserves["reserved"]),
        **encode.columns(reserves, _RESERVE, digits=2),
        "ducts": [
            [place, list(UTILITIES).index(utility), line]
            for place, utility, line in zip(
                encode.positions(ducts["reserve_id"], reserves["reserve_id"]),
                ducts["utility"],
                lines,
                strict=True,
            )
        ],
    }


def _named(lists: pd.Series[Any]) -> list[list[int]]:
    place = {utility: position for position, utility in enumerate(UTILITIES)}
    return [[place[word] for word in str(cell).split(",") if word in place] for cell in lists]
