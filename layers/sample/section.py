"""Where under a street each line lies: side, distance from the red line, depth, size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from layers.sample.frames import Record
from layers.sample.measured import GAS_MAIN_MM, LOW_VOLTAGE_MAIN_MM
from layers.sample.town import WIDTHS_M


@dataclass(frozen=True, slots=True)
class Lane:
    """The place of one kind of line in the cross-section.

    `beside_power` says on which of the two sides it lies; `from_red_line_m` how far in from that
    side's red line where the street is wide; narrow streets draw all lanes together.
    """

    beside_power: bool
    from_red_line_m: float
    depth_m: float


LANES: Mapping[tuple[str, str], Lane] = {
    ("power", "duct"): Lane(beside_power=True, from_red_line_m=1.1, depth_m=0.8),
    ("power", "direct"): Lane(beside_power=True, from_red_line_m=1.7, depth_m=0.9),
    ("water", "distribution"): Lane(beside_power=True, from_red_line_m=3.0, depth_m=1.0),
    ("water", "transmission"): Lane(beside_power=True, from_red_line_m=4.6, depth_m=1.3),
    ("drain", "sewage"): Lane(beside_power=True, from_red_line_m=6.4, depth_m=2.4),
    ("telecom", "duct"): Lane(beside_power=False, from_red_line_m=1.1, depth_m=0.8),
    ("tv", "duct"): Lane(beside_power=False, from_red_line_m=1.8, depth_m=0.8),
    ("gas", "distribution"): Lane(beside_power=False, from_red_line_m=3.2, depth_m=1.0),
    ("heat", "distribution"): Lane(beside_power=False, from_red_line_m=4.6, depth_m=1.2),
    ("gas", "transmission"): Lane(beside_power=False, from_red_line_m=5.6, depth_m=1.3),
    ("drain", "rain"): Lane(beside_power=False, from_red_line_m=7.0, depth_m=1.8),
}
"""Order from the red line to the centre: GB 50289-2016 4.1.3. Power on the south and east side,
telecom on the north and west side: practice quoted with GB 50015. Depths keep the least cover of
GB 50289-2016 table 4.1.1. Distances are the sample's own."""

_DEEPEST_LANE_M = 7.0

SIZES_MM: Mapping[tuple[str, str], Mapping[str, tuple[float, ...]]] = {
    ("water", "distribution"): {
        "arterial": (300.0, 400.0), "secondary_road": (200.0, 300.0), "branch": (150.0, 200.0),
        "lane": (100.0,), "rural": (63.0, 110.0),
    },
    ("water", "transmission"): {"secondary_road": (500.0,)},
    ("drain", "sewage"): {
        "arterial": (500.0, 600.0), "secondary_road": (400.0, 500.0), "branch": (400.0,),
        "lane": (300.0,),
    },
    ("drain", "rain"): {
        "arterial": (1000.0,), "secondary_road": (800.0,), "branch": (600.0,), "lane": (500.0,),
    },
    ("power", "duct"): {
        "arterial": (200.0,), "secondary_road": (175.0,), "branch": (150.0,), "lane": (150.0,),
    },
    ("power", "direct"): {"branch": (LOW_VOLTAGE_MAIN_MM,)},
    ("telecom", "duct"): {
        "arterial": (110.0,), "secondary_road": (110.0,), "branch": (110.0,), "lane": (75.0,),
        "rural": (40.0,),
    },
    ("tv", "duct"): {
        "arterial": (75.0,), "secondary_road": (75.0,), "branch": (50.0,), "lane": (50.0,),
    },
    ("heat", "distribution"): {
        "arterial": (250.0,), "secondary_road": (200.0,), "branch": (150.0,), "lane": (125.0,),
    },
    ("gas", "transmission"): {"secondary_road": (250.0,)},
}  # fmt: skip
"""Customary nominal diameters by class of road; gas mains follow `measured.GAS_MAIN_MM`."""


def diameter_mm(utility: str, subtype: str, road_class: str, rng: np.random.Generator) -> float:
    """Return a nominal diameter that suits the class of road, in mm."""
    if (utility, subtype) == ("gas", "distribution"):
        sizes, shares = tuple(GAS_MAIN_MM), np.array(list(GAS_MAIN_MM.values()))
        return float(rng.choice(sizes, p=shares / shares.sum()))
    sizes_of = SIZES_MM[utility, subtype]
    return float(rng.choice(sizes_of.get(road_class) or next(iter(sizes_of.values()))))


def width_m(road: Record) -> float:
    """Return the width between a road's red lines, in metre; customary where it is not known."""
    known = road["width_m"]
    return float(known) if pd.notna(known) else WIDTHS_M.get(str(road["road_class"]), 9.0)


def left_m(line: LineString, width_m: float, lane: Lane) -> float:
    """Return the offset of a lane to the left of a street's centre line, negative to its right.

    Parameters
    ----------
    line
        Centre line of the street.
    width_m
        Width between its red lines.
    lane
        Place in the cross-section.
    """
    half = width_m / 2.0
    drawn = min(1.0, (half - 0.4) / _DEEPEST_LANE_M)
    distance = half - drawn * lane.from_red_line_m
    power_right = _runs_east_or_north(line)
    return -distance if lane.beside_power == power_right else distance


def _runs_east_or_north(line: LineString) -> bool:
    """Return whether the south or east side of a line, that of power, lies to its right."""
    first, last = shapely.get_coordinates(line)[[0, -1]]
    east, north = last - first
    return bool(east > 0) if abs(east) >= abs(north) else bool(north > 0)


def beside(line: LineString, left: float) -> LineString:
    """Return the line shifted sideways, in its own direction and in one piece.

    An offset that folds up in a tight bend falls back on the centre line's longest part.
    """
    shifted = shapely.offset_curve(line, left, join_style="mitre", mitre_limit=2.0)
    parts = [part for part in shapely.get_parts(shifted) if part.length > 0.0]
    longest = max(parts, key=lambda part: float(part.length), default=line)
    return LineString(np.round(shapely.get_coordinates(longest), 2))
