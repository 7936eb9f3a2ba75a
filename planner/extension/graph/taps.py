"""Existing lines that can be tapped between their nodes: further ways to a tie-in.

A main that passes a roadside can be tapped there. What can be drawn is not known of every metre of
a main, but of its tie-ins: a tap draws on the capacity of the nearest tie-in of the same network,
so the pipe from that tie-in to the tap costs nothing and the tie-in's limit holds for all its taps
together. Lines of one utility and class that touch are one network. A network without a tie-in
tells no capacity and is not tapped, nor are house connections and transmission mains; cables of
more than 1 kV, fibres and sewers are joined at their own cabinets and manholes only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from planner.extension.arrays import Bools, Floats, Ints, Objects
from planner.extension.graph.choices import utilities
from planner.settings import Settings

_CLOSED = ("service", "transmission")
"""Subtypes of lines that are not tapped."""
_MEDIUM_MPA = 0.01
"""Where medium pressure begins (GB 50028-2006, table 6.1.6)."""
_APART_M = 1e8
"""Third coordinate between networks, so that the nearest tie-in is one of the same network."""


@dataclass(frozen=True, slots=True, eq=False)
class Mains:
    """Lines that can be tapped, each with its network; q of them.

    Parameters
    ----------
    pipe
        Position in the frame, (q,).
    shape
        Lines, (q,).
    kin
        Utility and class: what lines of one network have in common, (q,).
    network
        Number of the network of each, (q,).
    diameter_mm
        NaN where it is not known, (q,).
    tie_in, tie_in_network, tie_in_xy
        Tie-ins that lie on such a network, (t,) and (t, 2).
    tie_in_mm
        Diameters of all tie-ins of the frame.
    """

    pipe: Ints
    shape: Objects
    kin: Objects
    network: Ints
    diameter_mm: Floats
    tie_in: Ints
    tie_in_network: Ints
    tie_in_xy: Floats
    tie_in_mm: Floats

    def tie_in_of(self, main: Ints, xy: Floats) -> Ints:
        """Return the tie-in on which a tap of each main at each point draws, (n,).

        It is the nearest one of the network; -1 where the main is narrower than there, so that
        whom the tie-in may serve, the main can serve too.
        """
        if not len(main):
            return np.empty(0, dtype=np.int64)
        deep = np.column_stack([self.tie_in_xy, self.tie_in_network * _APART_M])
        sought = np.column_stack([xy, self.network[main] * _APART_M])
        found: Ints = self.tie_in[cKDTree(deep).query(sought)[1]]
        return np.where(self.diameter_mm[main] < self.tie_in_mm[found], -1, found)


def _kin(frame: gpd.GeoDataFrame, tapped: Collection[str], settings: Settings) -> Objects:
    """Return what lines or tie-ins must have in common to be one network; empty: not tapped."""
    utility = frame["utility"].to_numpy(dtype=object)
    pressure_mpa = frame["pressure_mpa"].to_numpy(dtype=float)
    closed = ~np.isin(utility, list(tapped))
    closed |= (utility == "power") & (frame["voltage_kv"].to_numpy(dtype=float) > 1.0)
    closed |= (utility == "gas") & (pressure_mpa > settings.number("extension.gas_tie_in_mpa"))
    low = (utility == "gas") & (pressure_mpa < _MEDIUM_MPA)
    return np.where(closed, "", np.where(low, "gas low", utility))


def mains(
    pipes: gpd.GeoDataFrame,
    tie_ins: gpd.GeoDataFrame,
    wanted: Collection[str],
    settings: Settings,
) -> Mains:
    """Find the lines that can be tapped.

    Parameters
    ----------
    pipes, tie_ins
        Frames of `layers.tables.PIPES` and `TIE_INS`.
    wanted
        Utilities that anyone asks for.
    settings
        ``extension.tapped``: utilities that can be tapped; ``tap_join_m``: distance up to which
        lines are one network and tie-ins lie on it; ``gas_tie_in_mpa``.

    Returns
    -------
    Mains
        Only of networks with a tie-in, in the order of the frame.
    """
    tapped = utilities("extension.tapped", settings) & set(wanted)
    kin = _kin(pipes, tapped, settings)
    pipe = np.flatnonzero((kin != "") & ~pipes["subtype"].isin(_CLOSED).to_numpy())
    shape, kin = pipes.geometry.to_numpy(dtype=object)[pipe], kin[pipe]
    reach_m = settings.number("extension.tap_join_m")
    network = _networks(shape, kin, reach_m)
    points = tie_ins.geometry.to_numpy(dtype=object)
    own = _kin(tie_ins, tapped, settings)
    tie_in, tie_in_network = _on(points, own, shape, kin, network, reach_m)
    known = np.isin(network, tie_in_network)
    diameter_mm = pipes["diameter_mm"].to_numpy(dtype=float)[pipe]
    return Mains(
        pipe=pipe[known],
        shape=shape[known],
        kin=kin[known],
        network=network[known],
        diameter_mm=diameter_mm[known],
        tie_in=tie_in,
        tie_in_network=tie_in_network,
        tie_in_xy=shapely.get_coordinates(points[tie_in]),
        tie_in_mm=tie_ins["diameter_mm"].to_numpy(dtype=float),
    )


def _networks(shape: Objects, kin: Objects, reach_m: float) -> Ints:
    """Label lines of one kind that touch, (q,)."""
    if not len(shape):
        return np.empty(0, dtype=np.int64)
    one, other = shapely.STRtree(shape).query(shape, predicate="dwithin", distance=reach_m)
    alike = kin[one] == kin[other]
    one, other = one[alike], other[alike]
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(shape), len(shape)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _on(
    points: Objects, own: Objects, shape: Objects, kin: Objects, network: Ints, reach_m: float
) -> tuple[Ints, Ints]:
    """Return the tie-ins that lie on a line of their kind, and its network."""
    tie_in, line = shapely.STRtree(shape).query(points, predicate="dwithin", distance=reach_m)
    alike = own[tie_in] == kin[line]
    tie_in, line = tie_in[alike].astype(np.int64), line[alike]
    away_m = shapely.distance(points[tie_in], shape[line])
    order = np.lexsort([line, away_m, tie_in])
    first = order[np.flatnonzero(np.diff(tie_in[order], prepend=-1))]
    return tie_in[first], network[line[first]]


def ends_xy(found: Mains) -> Floats:
    """Return where the lines that can be tapped begin and end, (n, 2)."""
    first, last = (shapely.get_point(_single(found.shape), at) for at in (0, -1))
    return shapely.get_coordinates(np.concatenate([first, last]))


def _single(shape: Objects) -> Objects:
    """Return the first part of lines drawn in several."""
    parts: Objects = np.where(
        shapely.get_type_id(shape) == shapely.GeometryType.LINESTRING.value,
        shape,
        shapely.get_geometry(shape, 0),
    )
    return parts


def beside(found: Mains, xy: Floats, settings: Settings) -> tuple[Ints, Ints, Floats]:
    """Return the lines that can be tapped from some places at the roadside.

    Parameters
    ----------
    found
        As `mains` returns them.
    xy
        Places, (n, 2).
    settings
        ``extension.tap_reach_m``: longest way from the roadside to the line.

    Returns
    -------
    tuple
        Place and main of each tap, of one kind the nearest only, (k,), and where the main is
        tapped, (k, 2).
    """
    places = np.asarray(shapely.points(xy), dtype=object)
    place, main = shapely.STRtree(found.shape).query(
        places, predicate="dwithin", distance=settings.number("extension.tap_reach_m")
    )
    place, main = place.astype(np.int64), main.astype(np.int64)
    away_m = shapely.distance(places[place], found.shape[main])
    frame = np.lexsort([main, away_m, _codes(found.kin)[main], place])
    place, main = place[frame], main[frame]
    code = _codes(found.kin)[main]
    first = (np.diff(place, prepend=-1) != 0) | (np.diff(code, prepend=-1) != 0)
    place, main = place[first], main[first]
    tapped = shapely.get_coordinates(shapely.shortest_line(found.shape[main], places[place]))
    return place, main, tapped[::2]


def met_first(place: Ints, tie_in: Ints, neighbours: Ints) -> Bools:
    """Return which taps have a neighbour that has no tap of the same tie-in, (k,).

    Parameters
    ----------
    place, tie_in
        Of each tap, (k,).
    neighbours
        Pairs of places next to one another, both ways round, (e, 2).
    """
    order = np.argsort(neighbours[:, 0], kind="stable")
    here, there = neighbours[order].T
    low, high = (np.searchsorted(here, place, side=side) for side in ("left", "right"))
    count = high - low
    tap = np.repeat(np.arange(len(place)), count)
    begin = np.cumsum(count) - count
    beside_it = there[np.arange(len(tap)) - begin[tap] + low[tap]]
    stride = int(tie_in.max(initial=0)) + 1
    bare = ~np.isin(beside_it * stride + tie_in[tap], place * stride + tie_in)
    result = np.zeros(len(place), dtype=bool)
    result[tap[bare]] = True
    return result


def _codes(kin: Objects) -> Ints:
    if not len(kin):
        return np.empty(0, dtype=np.int64)
    return np.asarray(np.unique(kin.astype(str), return_inverse=True)[1], dtype=np.int64)
