"""The routes to the red lines as data: parcels, tie-ins, trenches, one row an application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language
from layers.tables import UTILITIES
from maps import encode, sentences

if TYPE_CHECKING:
    from planner.study import StudyResult

_CONNECTION = (
    "application_id", "operator", "service_class", "tie_in_id", "demand", "demand_unit", "payer",
    "payer_source", "permits", "deadline_on", "deadline_source",
)  # fmt: skip
_LENGTHS = (
    "length_m", "outside_m", "inside_m", "shared_m", "in_works_m", "cost_yuan", "separate_yuan",
)  # fmt: skip
_SPLIT = re.compile(r"[\s,;、，；|+/]+")


def block(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return the data of the extension view; parcels and tie-ins are named by position."""
    extension, county = result.extension, result.county
    parcels, tie_ins = county["parcels"], county["tie_ins"]
    connections, trenches, missing = (
        extension.connections, extension.trenches, extension.unreachable,
    )  # fmt: skip
    return {
        "parcels": {
            **encode.columns(parcels, ("parcel_id", "name", "land_use", "town", "planned")),
            "lines": encode.lines(encode.to_map(parcels.geometry, county.crs, tolerance_m=0.2)),
            "at": encode.points(encode.to_map(parcels.geometry, county.crs)),
        },
        "tie_ins": {
            **encode.columns(tie_ins, ("tie_in_id", "name", "capacity_left", "capacity_unit")),
            "utility": encode.positions(tie_ins["utility"], UTILITIES),
            "at": encode.points(encode.to_map(tie_ins.geometry, county.crs)),
        },
        "connections": {
            **encode.columns(connections, _CONNECTION),
            **encode.columns(connections, _LENGTHS, digits=1),
            "parcel": encode.positions(connections["parcel_id"], parcels["parcel_id"]),
            "utility": encode.positions(connections["utility"], UTILITIES),
            "lines": encode.lines(encode.to_map(connections.geometry, county.crs)),
        },
        "trenches": {
            "utilities": utilities(trenches["utilities"]),
            **encode.columns(trenches, ("length_m", "in_work"), digits=1),
            "lines": encode.lines(encode.to_map(trenches.geometry, county.crs)),
        },
        "unreachable": {
            **encode.columns(missing, ("application_id", "rule")),
            "reason": sentences.from_reasons(missing, extension.reasons, language),
            "parcel": encode.positions(missing["parcel_id"], parcels["parcel_id"]),
            "utility": encode.positions(missing["utility"], UTILITIES),
            "at": encode.points(encode.to_map(missing.geometry, county.crs)),
        },
    }


def utilities(lists: pd.Series[Any]) -> list[list[int]]:
    """Return each list of utilities as their positions, in the order of reports.

    Examples
    --------
    >>> utilities(pd.Series(["power,water", "gas", None]))
    [[0, 4], [2], []]
    """
    place = {utility: position for position, utility in enumerate(UTILITIES)}
    cells = ("" if pd.isna(cell) else str(cell) for cell in lists)
    return [sorted({place[word] for word in _SPLIT.split(cell) if word in place}) for cell in cells]
