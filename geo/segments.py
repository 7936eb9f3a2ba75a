"""Make road segments (路段): junction to junction, with identities that outlive re-reading."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.carriageways import groups
from geo.chains import join
from geo.crs import require_metres
from geo.graph import end_nodes
from geo.lines import Ints, Lines, canonical, ids
from geo.noding import Crossings, Pieces, node

ATTRIBUTES = (
    "name", "road_class", "width_m", "carriageway_m", "tree_offset_m", "surface", "opened_on",
    "overhauled_on", "detour_group",
)  # fmt: skip
_LINESTRING = shapely.GeometryType.LINESTRING.value
COLUMNS = (
    "segment_id", *ATTRIBUTES, "town", "group_id", "from_node", "to_node", "length_m",
)  # fmt: skip


def make(
    roads: gpd.GeoDataFrame,
    *,
    snap_m: float = 0.5,
    dual_m: float = 30.0,
    dual_angle_deg: float = 15.0,
    crossings: Crossings = "auto",
) -> gpd.GeoDataFrame:
    """Return the segments of a road network.

    A segment reaches from one junction to the next, or to a dead end, or to where one of the
    road's attributes changes. What a junction is, see `geo.noding.node`; of roads drawn twice one
    stays.

    Parameters
    ----------
    roads
        Centre lines in a projected CRS in metres. Of the columns of the table of roads those
        present are handed on, missing ones are empty. Two more are used where they say anything:
        ``grade`` (0 on the ground, 1 on a bridge, -1 in a tunnel; empty counts as 0) tells
        bridges from junctions, ``oneway`` tells carriageways from parallel streets.
    snap_m
        Distance in metres up to which road ends count as touching.
    dual_m, dual_angle_deg
        Greatest distance in metres and greatest angle in degrees between two carriageways of one
        road. They bear one name and one class; where ``oneway`` is known both are one-way, and
        may be nameless.
    crossings
        See `geo.noding.node`.

    Returns
    -------
    GeoDataFrame
        Columns `COLUMNS` and geometry, sorted by ``segment_id``. The identity is a hash of the
        geometry rounded to 0.1 m; neither it nor the direction of the line (from the western end,
        the southern one where level) depends on the order or direction of the roads.
        ``group_id`` is the segment's own identity, or that of the longest carriageway of its road;
        ``from_node`` and ``to_node`` number the ends as `geo.graph.from_segments` does.

    Raises
    ------
    InputError
        If the CRS of the roads is not in metres.
    """
    if roads.crs is not None:
        require_metres(roads.crs)
    usable = _usable(roads)
    attributes = _attributes(usable)
    noded = node(
        np.asarray(usable.geometry.array, dtype=object), snap_m=snap_m, crossings=crossings,
        grade=_grade(usable),
    )  # fmt: skip
    rank = _rank(attributes)
    distinct = _distinct(noded, rank)
    kind = attributes.groupby([*ATTRIBUTES, "oneway"], dropna=False, sort=False).ngroup()
    chains = join(distinct.lines, np.asarray(kind, dtype=np.int64)[distinct.source])
    frame = _frame(chains.lines, attributes.iloc[_sources(chains.chain, distinct.source, rank)])
    lines = np.asarray(frame.pop("geometry"), dtype=object)
    leader = groups(lines, _roads(frame), dual_m=dual_m, dual_angle_deg=dual_angle_deg)
    frame["group_id"] = frame["segment_id"].to_numpy()[leader]
    return gpd.GeoDataFrame(frame[list(COLUMNS)], geometry=lines, crs=roads.crs)


def _usable(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the LineStrings among the roads, MultiLineStrings taken apart."""
    parts = roads.explode(ignore_index=True)
    shapes = np.asarray(parts.geometry.array, dtype=object)
    lines = (shapely.get_type_id(shapes) == _LINESTRING) & ~shapely.is_empty(shapes)
    return parts[lines].reset_index(drop=True)


def _attributes(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what a segment takes over from its road, and what ranks and pairs it."""
    given = roads.reindex(columns=[*ATTRIBUTES, "road_id", "oneway"])
    texts = {
        name: given[name].astype(object).where(given[name].notna(), "").astype(str)
        for name in ("name", "road_class", "surface", "detour_group", "road_id")
    }
    dates = {
        name: pd.to_datetime(given[name]).astype("datetime64[ns]")
        for name in ("opened_on", "overhauled_on")
    }
    widths = {
        name: pd.to_numeric(given[name]).astype(np.float64)
        for name in ("width_m", "carriageway_m", "tree_offset_m")
    }
    oneway = given["oneway"].eq(other=True)
    return pd.DataFrame({**texts, **dates, **widths, "oneway": oneway})


def _grade(roads: gpd.GeoDataFrame) -> Ints | None:
    """Return the grade of each road, None where no road has any."""
    if "grade" not in roads or roads["grade"].isna().all():
        return None
    grade: Ints = pd.to_numeric(roads["grade"]).fillna(0).to_numpy(np.int64)
    return grade


def _rank(attributes: pd.DataFrame) -> Ints:
    """Return the place of each road in an order that does not depend on that of the input."""
    order = attributes.astype(str).sort_values(["road_id", *ATTRIBUTES, "oneway"]).index.to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _distinct(pieces: Pieces, rank: Ints) -> Pieces:
    """Return the pieces in order of identity, of equal ones that of the first road."""
    frame = pd.DataFrame({"id": ids(pieces.lines, prefix=""), "rank": rank[pieces.source]})
    keep = frame.sort_values(["id", "rank"]).drop_duplicates("id").index.to_numpy()
    return Pieces(pieces.lines[keep], pieces.source[keep])


def _sources(chain: Ints, source: Ints, rank: Ints) -> Ints:
    """Return for each chain the first road that it comes from."""
    order = np.lexsort([rank[source], chain])
    return source[order[np.flatnonzero(np.diff(chain[order], prepend=-1))]]


def _frame(lines: Lines, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return one row a segment, sorted by identity, with the geometry as a plain column."""
    lines = canonical(lines)
    frame = attributes.assign(segment_id=ids(lines, prefix="S"), geometry=lines, town="")
    frame = frame.sort_values("segment_id").drop_duplicates("segment_id").reset_index(drop=True)
    ordered = frame["geometry"].to_numpy()
    _, frame["from_node"], frame["to_node"] = end_nodes(ordered)
    frame["length_m"] = shapely.length(ordered)
    return frame


def _roads(frame: pd.DataFrame) -> Ints:
    """Return the number of the road whose carriageways segments may be, -1 where of none."""
    known = frame["oneway"].any()
    may = frame["oneway"] if known else frame["name"] != ""
    number = frame.groupby(["name", "road_class"]).ngroup().to_numpy(np.int64)
    return np.asarray(np.where(may, number, -1), dtype=np.int64)
