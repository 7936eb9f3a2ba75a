"""What of a county meets the roads, and where: the ground before it is cut into edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.lines import points
from planner.extension.arrays import Floats, Ints, Objects
from planner.extension.graph import links, taps, tunnels
from planner.extension.graph.cutting import Cut, Marks, Stretches, cut, stretches
from planner.extension.graph.lanes import Lanes, lanes
from planner.extension.graph.obstacles import Land, land
from planner.extension.graph.poles import poles
from planner.settings import Settings

Frames = Mapping[str, gpd.GeoDataFrame | pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Links of parcels and tie-ins to the roads, and what else meets these.

    Parameters
    ----------
    segments
        Frame of the roads.
    ground
        Their lanes, and what is in the way of links.
    parcels, tie_ins
        Polygons and points.
    lead_ins, stubs, parcel_poles, tie_in_poles
        Links; owners count parcels or tie-ins.
    closed
        Parcels with roads within reach of which obstacles close all.
    mains
        Lines that can be tapped.
    opened
        Stretches that planned works open: segment, from_m and to_m, side.
    tunnel
        Stretches above utility tunnels.
    settings
        ``extension.*``.
    """

    segments: gpd.GeoDataFrame
    ground: links.Ground
    parcels: Objects
    tie_ins: Objects
    lead_ins: links.Links
    stubs: links.Links
    parcel_poles: links.Links
    tie_in_poles: links.Links
    closed: Ints
    mains: taps.Mains
    opened: tuple[Ints, Floats, Ints]
    tunnel: tunnels.Stretch
    settings: Settings

    @property
    def streets(self) -> Objects:
        """Lines of the segments."""
        return self.ground.streets

    @property
    def lanes(self) -> Lanes:
        """Strips of ground for trenches."""
        return self.ground.lanes

    @property
    def land(self) -> Land:
        """Zones that routing asks for."""
        return self.ground.land

    def places(self) -> tuple[Ints, Floats]:
        """Return every place at which anything meets a road: segments and measures on them."""
        ends = _main_ends(self.mains, self.ground, self.settings)
        linked = (self.lead_ins, self.stubs, self.parcel_poles, self.tie_in_poles, ends)
        segment = [self.lanes.segment[link.lane] for link in linked]
        segment += [self.opened[0], self.opened[0], self.tunnel.segment, self.tunnel.segment]
        at_m = [link.position_m for link in linked]
        at_m += [*self.opened[1].T, self.tunnel.from_m, self.tunnel.to_m]
        return np.concatenate(segment).astype(np.int64), np.concatenate(at_m)


def survey(
    segments: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    frames: Frames,
    settings: Settings,
    *,
    open_segments: Stretches,
    utilities: Collection[str],
) -> Survey:
    """Lay out the lanes and join everything to them; arguments as in `build.build`."""
    streets, known = segments.geometry.to_numpy(dtype=object), land(frames["zones"])
    ground = links.Ground(
        streets=streets, lanes=lanes(segments, known.closed, settings), land=known
    )
    shapes = parcels.geometry.to_numpy(dtype=object)
    tie_ins = frames["tie_ins"].geometry.to_numpy(dtype=object)
    lead_ins, closed = links.lead_ins(shapes, ground, settings)
    stubs = links.stubs(tie_ins, ground, settings)
    red_lines = np.asarray(shapely.boundary(shapes), dtype=object)
    far_parcels = np.setdiff1d(np.arange(len(shapes)), lead_ins.owner)
    far_tie_ins = np.setdiff1d(np.arange(len(tie_ins)), stubs.owner)
    return Survey(
        segments=segments,
        ground=ground,
        parcels=shapes,
        tie_ins=tie_ins,
        lead_ins=lead_ins,
        stubs=stubs,
        parcel_poles=poles(red_lines, far_parcels, ground, settings),
        tie_in_poles=poles(tie_ins, far_tie_ins, ground, settings),
        closed=closed,
        mains=taps.mains(frames["pipes"], frames["tie_ins"], utilities, settings),
        opened=stretches(open_segments, segments["segment_id"].tolist()),
        tunnel=tunnels.stretches(streets, known.tunnel),
        settings=settings,
    )


def _main_ends(mains: taps.Mains, ground: links.Ground, settings: Settings) -> links.Links:
    """Return where lines that can be tapped begin and end beside a road."""
    ends = points(taps.ends_xy(mains))
    place, segment = shapely.STRtree(ground.streets).query_nearest(
        ends, max_distance=settings.number("ground.max_offset_m"), all_matches=False
    )
    return ground.meet(place, segment.astype(np.int64), ends[place])


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A survey whose lanes are cut wherever anything meets them; n nodes.

    The nodes are those of the lanes, of the tunnels, the tie-ins and the parcels, in that order.
    """

    survey: Survey
    marks: Marks
    cut: Cut
    tunnels: tunnels.Tunnels

    @property
    def tie_in_node(self) -> Ints:
        """Node of each tie-in."""
        first = len(self.cut.node_xy) + len(self.tunnels.node_xy)
        return first + np.arange(len(self.survey.tie_ins))

    @property
    def parcel_node(self) -> Ints:
        """Node of each parcel, a point inside it."""
        first = len(self.cut.node_xy) + len(self.tunnels.node_xy) + len(self.survey.tie_ins)
        return first + np.arange(len(self.survey.parcels))

    @property
    def node_xy(self) -> Floats:
        """Coordinates of all nodes, (n, 2)."""
        ends = (self.survey.tie_ins, shapely.point_on_surface(self.survey.parcels))
        known = (self.cut.node_xy, self.tunnels.node_xy)
        return np.concatenate([*known, *(shapely.get_coordinates(end) for end in ends)])

    def node(self, link: links.Links) -> Ints:
        """Return the nodes at which links meet their lanes."""
        segment = self.survey.lanes.segment[link.lane]
        return self.cut.find(link.lane, self.marks.at(segment, link.position_m))


def cut_up(found: Survey) -> Site:
    """Cut the lanes of a survey."""
    segment, at_m = found.places()
    marks = Marks(shapely.length(found.streets), found.settings.number("extension.snap_m"))
    made = cut(found.lanes, marks, segment, marks.at(segment, at_m))
    return Site(
        survey=found,
        marks=marks,
        cut=made,
        tunnels=tunnels.tunnels(
            found.tunnel, found.streets, found.lanes, made, marks, first_node=len(made.node_xy)
        ),
    )
