"""What power and fibre to a site cost: the seam to whoever routes lines, and a plain answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.errors import Fault
from layers.county import County
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Way:
    """The way of one utility to each of some points.

    Parameters
    ----------
    length_m
        Of the way where it is routed, else straight to the nearest line; NaN where the county has
        none.
    yuan
        What the line to the point costs, NaN where nothing can be said.
    line_id
        ``pipe_id`` or ``tie_in_id`` of where the way begins, "" where there is none.
    routed
        Whether length and price are those of a way that can be laid.
    """

    length_m: Floats
    yuan: Floats
    line_id: Texts
    routed: Flags


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ways:
    """Power and fibre to each of some points."""

    power: Way
    fibre: Way


_UNKNOWN = {"power": ("电力线", "power lines"), "telecom": ("通信线", "telecom lines")}

LinePrices = Callable[[gpd.GeoSeries], Ways]
"""From points in the county's CRS, indexed by candidate, to the ways there in their order."""


def unknown(county: County, settings: Settings) -> Fault | None:
    """Return a note where the county has no power or no telecom line to price, else None."""
    missing = [
        words
        for utility, words in _UNKNOWN.items()
        if not len(_lines(county, utility, settings)[0])
    ]
    if not missing:
        return None
    facts = {
        "lines_zh": "、".join(zh for zh, _ in missing),
        "lines_en": " and ".join(en for _, en in missing),
    }
    return Fault("infill_without_lines", facts, layer="pipes")


def straight(county: County, settings: Settings) -> LinePrices:
    """Return prices of the straight way to the nearest power and telecom line or tie-in.

    Parameters
    ----------
    county
        Uses ``pipes`` and ``tie_ins``; power above ``coverage.infill_pole_kv`` is not tapped.
    settings
        ``coverage.power_yuan_per_m``, ``fibre_yuan_per_m`` and ``line_detour``, by which the way is
        longer than the straight one.
    """
    power, fibre = _lines(county, "power", settings), _lines(county, "telecom", settings)
    detour = settings.number("coverage.line_detour")
    power_yuan = detour * settings.number("coverage.power_yuan_per_m")
    fibre_yuan = detour * settings.number("coverage.fibre_yuan_per_m")

    def ways(sites: gpd.GeoSeries) -> Ways:
        points = sites.to_numpy(dtype=object)
        return Ways(
            power=_nearest(points, *power, power_yuan), fibre=_nearest(points, *fibre, fibre_yuan)
        )

    return ways


def _lines(
    county: County, utility: str, settings: Settings
) -> tuple[npt.NDArray[np.object_], Texts]:
    """Return shapes and ids of a utility's lines and tie-ins."""
    shapes, names = [], []
    for layer, key in (("pipes", "pipe_id"), ("tie_ins", "tie_in_id")):
        frame = usable(county[layer], utility, settings)
        shapes.append(frame.geometry.to_numpy())
        names.append(frame[key].astype(str).to_numpy(dtype=object))
    return np.concatenate(shapes), np.concatenate(names)


def usable(frame: gpd.GeoDataFrame, utility: str, settings: Settings) -> gpd.GeoDataFrame:
    """Return the rows of a utility from which a site can be served; no voltage counts as low."""
    high = pd.to_numeric(frame["voltage_kv"]) > settings.number("coverage.infill_pole_kv")
    return frame[(frame["utility"] == utility) & ~high.fillna(value=False).astype(bool)]


def _nearest(
    points: npt.NDArray[np.object_], shapes: npt.NDArray[np.object_], names: Texts, rate: float
) -> Way:
    length_m = np.full(len(points), np.nan)
    line_id = np.full(len(points), "", dtype=object)
    if len(shapes) and len(points):
        (point, line), apart = shapely.STRtree(shapes).query_nearest(
            points, return_distance=True, all_matches=False
        )
        length_m[point], line_id[point] = apart, names[line]
    return Way(
        length_m=length_m, yuan=rate * length_m, line_id=line_id,
        routed=np.zeros(len(points), dtype=bool),
    )  # fmt: skip
