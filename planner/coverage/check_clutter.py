"""What stands around a receiver, in the independent check."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import shapely

from layers.county import County
from planner.coverage.check_model import Floats, Heard
from planner.settings import Settings

LAND_COVER = ("built_up", "forest")
"""Zones that are land cover; where they overlap the first counts, and all else is open."""


def clutter_from(county: County) -> str:
    """Return where a prediction has its clutter from: ``terrain``, ``zones`` or ``none``."""
    if county.terrain is not None and county.terrain.kind == "surface":
        return "terrain"
    return "zones" if set(LAND_COVER) & set(county["zones"]["kind"]) else "none"


def under_cover(
    heard: Heard, cells: pd.DataFrame, county: County, cover: str, settings: Settings
) -> Heard:
    """Return what is heard in the open, less the loss of the trees or roofs over its pixel.

    Parameters
    ----------
    cover
        The pixel's, as `land_cover` names it.

    References
    ----------
    ITU-R P.2108-1, Annex 1, 3.1.
    """
    height_m = _height_m(county, cover, settings)
    hidden_m = height_m - settings.number("coverage.receiver_height_m")
    if heard.cell < 0 or hidden_m <= 0.0:
        return heard
    ghz = float(cells["frequency_mhz"].iloc[heard.cell]) / 1000.0
    clearing = math.atan2(hidden_m, settings.number("coverage.clutter_street_m"))
    nu = 0.342 * math.sqrt(ghz) * math.sqrt(hidden_m * math.degrees(clearing))
    # 20 log10(sqrt(u² + 1) + u) is asinh(u) in other words
    loss = max(6.9 + 20.0 / math.log(10.0) * math.asinh(nu - 0.1) - 6.03, 0.0)
    floor = settings.number("coverage.floor_dbm")
    return replace(heard, dbm=max(heard.dbm - loss, floor), pattern_db=heard.pattern_db + loss)


def land_cover(county: County, point: Floats, settings: Settings) -> str:
    """Return ``built_up``, ``forest`` or ``open`` at the centre of the pixel that holds a point."""
    pixel_m = settings.number("coverage.resolution_m")
    x, y = ((value // pixel_m + 0.5) * pixel_m for value in point)
    zones = county["zones"]
    here = set(zones["kind"].iloc[zones.sindex.query(shapely.Point(x, y), predicate="intersects")])
    kinds = [kind for kind in LAND_COVER if kind in here]
    return kinds[0] if kinds else "open"


def _height_m(county: County, cover: str, settings: Settings) -> float:
    """Return the representative height of a land cover that is to be taken off."""
    if cover == "open" or clutter_from(county) != "zones":
        return 0.0
    return settings.number(f"coverage.clutter_{cover}_m")
