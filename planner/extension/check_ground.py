"""What the independent check reads of the ground: obstacles, surcharged land, heights, mains."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import transform_xy
from geo.terrain import Terrain
from layers.county import County
from planner.settings import Settings

AXIS_M = 0.6
"""A route this near to the middle of a road runs along it, whatever lies above."""
NEAR_M = 0.05
"""Distance at which two drawn things are taken as one place."""
STEP_M = 30.0
"""Heights are read at the vertices of a line and at least so often between."""
_CLOSED = ("building", "protected", "water_body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The county as the check sees it.

    Parameters
    ----------
    zones, kinds, tree
        Polygons of the zones, their kinds, and an index over them.
    green, water
        Land with a surcharge.
    network
        Number of the network of each line that could be tapped.
    known
        Lengths over the terrain found so far, by line.
    """

    county: County
    settings: Settings
    zones: NDArray[np.object_]
    kinds: NDArray[np.object_]
    tree: shapely.STRtree
    green: BaseGeometry
    water: BaseGeometry
    network: Mapping[str, int]
    known: dict[bytes, tuple[float, float]] = field(default_factory=dict, repr=False)

    def obstacles(self, line: BaseGeometry, *kinds: str) -> list[BaseGeometry]:
        """Return the zones of some kinds that a line meets."""
        found = self.tree.query(line, predicate="intersects")
        return [self.zones[place] for place in found if self.kinds[place] in (kinds or _CLOSED)]

    def through_m(
        self, line: BaseGeometry, middles: BaseGeometry, over: BaseGeometry, tie_in: BaseGeometry
    ) -> float:
        """Return how far a route leads through obstacles.

        Parameters
        ----------
        line
            The route.
        middles
            Ground at the middles of the roads, whose passages are no obstacles.
        over
            Ground where water is spanned: the roads in their width, and pole lines.
        tie_in
            Its own building is no obstacle to its route.
        """
        total_m = 0.0
        for kinds, spared in ((_CLOSED[:2], middles), (_CLOSED[2:], over)):
            for zone in self.obstacles(line, *kinds):
                if not zone.intersects(tie_in):
                    total_m += float(line.intersection(zone).difference(spared).length)
        return total_m

    def laid(self, line: BaseGeometry) -> tuple[float, float]:
        """Return the length of a line over the terrain, and its climb and fall together."""
        terrain = self.county.terrain
        if terrain is None:
            return float(line.length), 0.0
        key = shapely.to_wkb(line)
        if key not in self.known:
            self.known[key] = _over(terrain, shapely.get_coordinates(line), self.county.crs)
        return self.known[key]

    def over_m(self, line: BaseGeometry, land: BaseGeometry) -> float:
        """Return how far a line leads over `green` or `water`, which are prepared for it."""
        return float(line.intersection(land).length) if land.intersects(line) else 0.0

    def tapped(self, pipe_id: str, tie_in: Mapping[Any, Any], start: BaseGeometry) -> str:
        """Return what is wrong with tapping a line in place of a tie-in; empty where nothing is."""
        pipes = self.county["pipes"]
        named = np.flatnonzero((pipes["pipe_id"] == pipe_id).to_numpy())
        if not named.size:
            return f"{pipe_id} is not known"
        pipe = pipes.iloc[named[0]]
        utility = str(tie_in["utility"])
        away_m = pipe["geometry"].distance(start)
        wrong = {
            f"{pipe_id} is no {utility}": pipe["utility"] != utility,
            f"{pipe_id} is not tapped": pipe["subtype"] in {"service", "transmission"},
            f"{utility} is not tapped": utility not in listed("extension.tapped", self.settings),
            f"{pipe_id} is narrower than its tie-in": pipe["diameter_mm"] < tie_in["diameter_mm"],
            f"{pipe_id} is above 1 kV": utility == "power" and pipe["voltage_kv"] > 1.0,
            f"begins {away_m:.2f} m off {pipe_id}": away_m > NEAR_M,
        }
        found = [said for said, holds in wrong.items() if holds]
        if not found and not self._one_network(pipe_id, tie_in):
            found = [f"{pipe_id} and the tie-in are not of one network"]
        return "; ".join(found)

    def _one_network(self, pipe_id: str, tie_in: Mapping[Any, Any]) -> bool:
        """Tell whether a line that is joined with the one tapped lies at the tie-in."""
        pipes = self.county["pipes"]
        reach_m = self.settings.number("extension.tap_join_m")
        near = pipes.sindex.query(tie_in["geometry"], predicate="dwithin", distance=reach_m)
        at_it = pipes.iloc[near]
        kin = at_it.loc[at_it["utility"] == tie_in["utility"], "pipe_id"]
        label = self.network.get(pipe_id)
        return any(self.network.get(other, -1) == label for other in kin)


def _over(terrain: Terrain, xy: NDArray[np.float64], crs: CRS) -> tuple[float, float]:
    """Return length over the terrain, and climb and fall, of a line with vertices `xy`."""
    legs = np.diff(xy, axis=0)
    plan_m = np.hypot(*legs.T)
    steps = np.maximum(np.ceil(plan_m / STEP_M).astype(int), 1)
    leg = np.repeat(np.arange(len(legs)), steps)
    share = (np.arange(len(leg)) - (np.cumsum(steps) - steps)[leg]) / steps[leg]
    points = np.concatenate([xy[leg] + share[:, np.newaxis] * legs[leg], xy[-1:]])
    heights = terrain.at(transform_xy(points, crs, terrain.crs))
    rises = np.nan_to_num(np.abs(np.diff(heights)))
    return float(np.hypot(rises, (plan_m / steps)[leg]).sum()), float(rises.sum())


def listed(name: str, settings: Settings) -> set[str]:
    """Return the words that a setting lists, separated by commas."""
    return {word.strip() for word in settings.text(name).split(",")}


def networks(county: County, utilities: Collection[str], settings: Settings) -> dict[str, int]:
    """Return the network of each line that could be tapped: those of one utility that touch."""
    pipes = county["pipes"]
    kin = pipes[
        pipes["utility"].isin(utilities)
        & ~pipes["subtype"].isin(["service", "transmission"])
        & ~((pipes["utility"] == "power") & (pipes["voltage_kv"] > 1.0))
    ]
    shapes, utility = kin.geometry.to_numpy(dtype=object), kin["utility"].to_numpy(dtype=object)
    reach_m = settings.number("extension.tap_join_m")
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach_m)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(kin)))
    alike = utility[one] == utility[other]
    graph.add_edges_from(zip(one[alike].tolist(), other[alike].tolist(), strict=True))
    ids = kin["pipe_id"].tolist()
    parts = enumerate(nx.connected_components(graph))
    return {ids[place]: number for number, places in parts for place in places}


def ground(county: County, settings: Settings, *, tapped: Collection[str]) -> Ground:
    """Read the zones of a county, and its networks of the utilities that are tapped."""
    zones: gpd.GeoDataFrame = county["zones"]
    shapes, kinds = (
        zones.geometry.to_numpy(dtype=object),
        zones["kind"].to_numpy(dtype=object),
    )
    green = shapely.union_all(shapes[kinds == "green"])
    water = shapely.union_all(shapes[kinds == "water_body"])
    shapely.prepare([green, water])
    return Ground(
        county=county,
        settings=settings,
        zones=shapes,
        kinds=kinds,
        tree=shapely.STRtree(shapes),
        green=green,
        water=water,
        network=networks(county, tapped, settings) if tapped else {},
    )
