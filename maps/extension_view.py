"""The routes to the red lines as data: parcels, tie-ins, trenches, one row an application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language
from layers.tables import UTILITIES
from maps import connection_view, encode, sentences
from maps.words import words

if TYPE_CHECKING:
    from planner.study import StudyResult

_CONNECTION = (
    "application_id", "operator", "service_class", "tie_in_id", "demand", "permits", "deadline_on",
)  # fmt: skip
_SPOKEN = ("payer", "payer_source", "deadline_source")
_LENGTHS = (
    "length_m", "outside_m", "inside_m", "shared_m", "in_works_m", "cost_yuan", "separate_yuan",
    "inside_yuan", "outside_yuan", "crossings_yuan",
)  # fmt: skip
_SPLIT = re.compile(r"[\s,;、，；|+/]+")


def block(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return the data of the extension view; parcels and tie-ins are named by position."""
    extension, county = result.extension, result.county
    parcels, tie_ins = county["parcels"], county["tie_ins"]
    connections, trenches, missing = (
        extension.connections, extension.trenches, extension.unreachable,
    )  # fmt: skip
    known: Any = extension.figures.get("existing")
    spoken = "" if language == "zh" else "_en"
    return {
        "existing": existing(known),
        **connection_view.block(result, language),
        "parcels": {
            **encode.columns(parcels, ("parcel_id", "name", "land_use", "town", "planned")),
            "lines": encode.lines(encode.to_map(parcels.geometry, county.crs, tolerance_m=0.2)),
            "at": encode.points(encode.to_map(parcels.geometry, county.crs)),
        },
        "tie_ins": {
            **encode.columns(tie_ins, ("tie_in_id", "name", "capacity_left")),
            "capacity_unit": _units(tie_ins["capacity_unit"], language),
            "utility": encode.positions(tie_ins["utility"], UTILITIES),
            "at": encode.points(encode.to_map(tie_ins.geometry, county.crs)),
        },
        "connections": {
            **encode.columns(connections, _CONNECTION),
            **encode.columns(connections, _LENGTHS, digits=1),
            **{name: encode.column(connections[name + spoken]) for name in _SPOKEN},
            "demand_unit": _units(connections["demand_unit"], language),
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


def existing(known: Mapping[str, Any] | None) -> list[list[float]]:
    """Return what the data's own connections are compared by, one row a utility.

    Parameters
    ----------
    known
        Utility to ``connections``, ``existing_m`` and ``rerouted_m``; None where the data has no
        connections.

    Returns
    -------
    list
        Rows of utility (position), connections, metres in the data, metres here.

    Examples
    --------
    >>> existing({"gas": {"connections": 2, "existing_m": 31.5, "rerouted_m": 28.0}})
    [[2, 2, 31.5, 28.0]]
    >>> existing(None)
    []
    """
    found = known or {}
    return [
        [place, *(found[utility][key] for key in ("connections", "existing_m", "rerouted_m"))]
        for place, utility in enumerate(UTILITIES)
        if utility in found
    ]


def _units(series: pd.Series[Any], language: Language) -> list[str | None]:
    said = words(language)
    return [unit and said.get(f"measure.{unit}", unit) for unit in encode.column(series)]


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
