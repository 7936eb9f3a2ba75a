"""Level of the main where a drain joins it: given, from the drain beside it, or from a cover."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from layers.county import County
from planner.extension.arrays import Floats
from planner.extension.gravity.limits import main_roof_m
from planner.section.line import Line
from planner.settings import Settings

AT_TIE_IN_M = 1.0
"""A route that begins this near to its tie-in joins the main there, and not along the line."""


@dataclass(frozen=True, slots=True)
class Level:
    """Level of a main's invert, and where it is from: ``given``, ``pipe`` or ``cover``."""

    invert_m: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mains:
    """What is known of the levels of existing drains.

    Parameters
    ----------
    point, invert_m, diameter_mm
        Place, given invert (NaN where none) and diameter of the tie-ins of drains, by id.
    lines
        Existing drains whose depth is known, (l,).
    below_m
        How far their inverts lie below the ground, (l,).
    """

    point: Mapping[str, shapely.Point]
    invert_m: Mapping[str, float]
    diameter_mm: Mapping[str, float]
    lines: shapely.STRtree
    below_m: Floats
    settings: Settings

    def level(self, tie_in_id: str, place: shapely.Point, ground_m: float, line: Line) -> Level:
        """Return the level that counts where a new drain joins.

        Parameters
        ----------
        tie_in_id
            The tie-in whose capacity is taken.
        place
            Where the main is joined: at the tie-in, or anywhere along its line.
        ground_m
            Height of the ground there.
        line
            The new drain; its diameter stands for that of a main that states none.
        """
        given_m = self.invert_m[tie_in_id]
        if not math.isnan(given_m) and place.distance(self.point[tie_in_id]) <= AT_TIE_IN_M:
            return Level(given_m, "given")
        reach_m = self.settings.number("extension.drain_main_m")
        beside = self.lines.query_nearest(place, max_distance=reach_m, all_matches=False)
        if len(beside):
            return Level(ground_m - float(self.below_m[beside[0]]), "pipe")
        below_m = main_roof_m(self.diameter_mm[tie_in_id], line, self.settings)
        return Level(ground_m - below_m, "cover")


def mains(county: County, settings: Settings) -> Mains:
    """Collect the tie-ins of drains and the existing drains with a depth.

    Parameters
    ----------
    county
        Layers ``tie_ins`` and ``pipes``; `depth_m` of a pipe is the cover above it.
    settings
        ``extension.drain_main_m``, ``extension.drain_main_cover_m``, ``section.*``.
    """
    drains = county["tie_ins"][county["tie_ins"]["utility"] == "drain"]
    ids = [str(key) for key in drains["tie_in_id"]]
    pipes = county["pipes"]
    known = pipes[(pipes["utility"] == "drain") & pipes["depth_m"].notna()]
    bore_mm = known["diameter_mm"].fillna(settings.number("section.diameter_drain_mm"))
    return Mains(
        point=dict(zip(ids, drains.geometry, strict=True)),
        invert_m=dict(zip(ids, drains["invert_m"].astype(float), strict=True)),
        diameter_mm=dict(zip(ids, drains["diameter_mm"].astype(float), strict=True)),
        lines=shapely.STRtree(known.geometry.to_numpy(dtype=object)),
        below_m=(known["depth_m"] + bore_mm / 1000).to_numpy(dtype=float),
        settings=settings,
    )
