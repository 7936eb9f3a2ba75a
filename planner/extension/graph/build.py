"""Put the graph of one county together."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely

from geo.graph import RoadGraph
from geo.terrain import Terrain
from planner.extension.corridor import Corridor
from planner.extension.graph import links
from planner.extension.graph.cutting import Stretches, inside
from planner.extension.graph.edges import joined, kinds, lengths_m
from planner.extension.graph.parts import parts
from planner.extension.graph.relief import laid
from planner.extension.graph.survey import Frames, cut_up, survey
from planner.settings import Settings


def build(
    segments: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    frames: Frames,
    settings: Settings,
    *,
    open_segments: Stretches,
    utilities: Collection[str] = (),
    terrain: Terrain | None = None,
) -> Corridor:
    """Build the graph of one county.

    Streets come first, lane by lane; a crossing leads under a wide road at every place at which
    anything meets it and at every junction: between two such places nothing could be gained by one.

    Parameters
    ----------
    segments
        Frame of `layers.tables.SEGMENTS`, LineStrings in a projected CRS in metres.
    parcels
        Parcels that are to be reached, with their polygons.
    frames
        Tables ``tie_ins``, ``zones`` and ``pipes``.
    settings
        Names ``extension.*``.
    open_segments
        Stretches that planned works hold open.
    utilities
        What is asked for: only such lines are tapped.
    terrain
        Heights; without them the ground counts as level.
    """
    found = survey(
        segments, parcels, frames, settings, open_segments=open_segments, utilities=utilities
    )
    site = cut_up(found)
    made = parts(site)
    along, shape = made[0], joined(made, "shape")
    laid_m, slope = laid(shape, terrain, segments.crs)
    middle_m = (along.from_m + along.to_m) / 2
    opened = inside(along.segment, along.side, middle_m, found.opened)
    ids = parcels["parcel_id"].tolist()
    red_lines = np.asarray(shapely.boundary(found.parcels), dtype=object)
    road_m = links.nearest_road_m(red_lines, found.streets).tolist()
    return Corridor(
        graph=RoadGraph(site.node_xy, joined(made, "u"), joined(made, "v"), lengths_m(made)),
        street_count=len(along),
        kind=kinds(made),
        segment=joined(made, "segment"),
        side=joined(made, "side"),
        from_m=joined(made, "from_m"),
        to_m=joined(made, "to_m"),
        surface=joined(made, "surface"),
        in_work=np.concatenate([opened, np.zeros(len(shape) - len(along), dtype=bool)]),
        shape=shape,
        laid_m=laid_m,
        slope=slope,
        green_m=found.land.green.lengths_m(shape),
        water_m=found.land.water.lengths_m(shape),
        pipe=joined(made, "pipe"),
        segment_lines=found.streets,
        parcel_node=MappingProxyType(dict(zip(ids, site.parcel_node.tolist(), strict=True))),
        road_m=MappingProxyType(dict(zip(ids, road_m, strict=True))),
        closed=frozenset(ids[place] for place in found.closed),
        tie_in_node=site.tie_in_node,
    )
