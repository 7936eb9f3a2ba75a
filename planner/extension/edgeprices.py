"""What every edge of the graph costs: paid once, for the width added, and for each line.

Where a trench is dug from above, the section sets the price; a crossing bored under a road, a pole
line and a utility tunnel have prices of their own. Lengths are those over the terrain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from planner.extension.arrays import Bools, Floats
from planner.extension.corridor import Corridor, Kind
from planner.extension.graph.choices import utilities
from planner.extension.prices import Commodity, SurfacePrice, opening_yuan_per_m
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgePrices:
    """Prices of m edges for k commodities.

    Parameters
    ----------
    beside_yuan
        Part of `once_yuan` that is not the section: closure and set-up, pits, poles, shafts,
        green land and bridges, (m,).
    once_yuan
        Paid once by all who use the edge, (m,).
    line_yuan
        Paid by each commodity; infinite where it may not go, (k, m).
    """

    beside_yuan: Floats
    once_yuan: Floats
    line_yuan: Floats


def edge_prices(
    corridor: Corridor,
    segments: gpd.GeoDataFrame,
    pipes: gpd.GeoDataFrame,
    kinds: tuple[Commodity, ...],
    price: Mapping[str, SurfacePrice],
    settings: Settings,
) -> EdgePrices:
    """Price every edge.

    Parameters
    ----------
    corridor
        The graph.
    segments, pipes
        Frames it was built from, for road classes and for the utilities of tapped lines.
    kinds
        What lines are laid.
    price
        Prices below every surface of the graph.
    settings
        ``extension.*`` and ``trench.*``.
    """
    surfaces = sorted(price)
    dug = corridor.surface != ""
    which = np.searchsorted(surfaces, np.where(dug, corridor.surface, surfaces[0]).astype(str))
    fixed = np.array([price[surface].trench_yuan_per_m for surface in surfaces], dtype=float)
    added = np.array([price[surface].added_yuan_per_m for surface in surfaces], dtype=float)
    own = np.array([kind.line_yuan_per_m for kind in kinds], dtype=float)
    per_m = added.reshape(len(surfaces), len(kinds)).T[:, which] * dug + own[:, None]
    beside_yuan = _beside(corridor, segments, settings)
    line_yuan = (per_m + _more_per_m(corridor, settings)) * corridor.laid_m
    line_yuan[~admitted(corridor, pipes, kinds, settings)] = np.inf
    return EdgePrices(
        beside_yuan=beside_yuan,
        once_yuan=fixed[which] * dug * corridor.laid_m + beside_yuan,
        line_yuan=line_yuan,
    )


def _more_per_m(corridor: Corridor, settings: Settings) -> Floats:
    """Return what each line pays beside itself where no trench is dug from above, per m, (m,)."""
    bored = (corridor.kind == Kind.CROSSING) & (corridor.surface == "")
    more = np.where(bored, settings.number("extension.boring_yuan_per_m"), 0.0)
    inside = corridor.kind == Kind.TUNNEL
    return np.where(inside, settings.number("extension.tunnel_yuan_per_m"), more)


def _beside(corridor: Corridor, segments: gpd.GeoDataFrame, settings: Settings) -> Floats:
    """Return what is paid once beside the section, (m,)."""
    kind, laid_m = corridor.kind, corridor.laid_m
    classes = segments["road_class"].fillna("").replace("", "branch")
    per_m = {name: opening_yuan_per_m(name, settings) for name in classes.unique()}
    rate = settings.number("extension.crossing_m_per_day")
    closure = {
        name: settings.number(f"trench.closure_{name}_yuan_per_day") / rate for name in per_m
    }
    result = np.zeros(len(kind))
    street, crossing = kind == Kind.STREET, kind == Kind.CROSSING
    along = classes.map(per_m).to_numpy(dtype=float)
    result[street] = along[corridor.segment[street]] * laid_m[street]
    across = classes.map(closure).to_numpy(dtype=float)
    result[crossing] = across[corridor.segment[crossing]] * laid_m[crossing]
    bored = crossing & (corridor.surface == "")
    result[bored] = settings.number("extension.boring_pits_yuan")
    result[kind == Kind.SHAFT] = settings.number("extension.shaft_yuan")
    pole = kind == Kind.POLE
    steeper = 1 + settings.number("extension.pole_slope_factor") * corridor.slope[pole]
    result[pole] = settings.number("extension.pole_yuan_per_m") * steeper * laid_m[pole]
    ground = (corridor.surface != "") & corridor.dug
    green_yuan = settings.number("extension.green_yuan_per_m") * corridor.green_m
    bridge_yuan = settings.number("extension.bridge_yuan_per_m") * corridor.water_m
    return np.where(ground, result + green_yuan + bridge_yuan, result)


def admitted(
    corridor: Corridor, pipes: gpd.GeoDataFrame, kinds: tuple[Commodity, ...], settings: Settings
) -> Bools:
    """Return where each commodity may go, (k, m).

    A tap serves the utility of the line tapped, power at low voltage only; pole lines and tunnels
    take the utilities that the settings name.
    """
    result = np.ones((len(kinds), len(corridor.kind)), dtype=bool)
    tapped = corridor.kind == Kind.TAP
    of_pipe = pipes["utility"].to_numpy(dtype=object)[corridor.pipe[tapped]]
    closed = {
        Kind.POLE: utilities("extension.pole_utilities", settings),
        Kind.TUNNEL: utilities("section.tunnel_utilities", settings),
    }
    for place, kind in enumerate(kinds):
        low = kind.utility != "power" or kind.service_class == "380 V"
        result[place, tapped] = (of_pipe == kind.utility) & low
        for what, named in closed.items():
            if kind.utility not in named:
                result[place, corridor.kind == what] = False
    return result
