"""The edges of every kind, laid over a surveyed and cut county."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np

from planner.extension.arrays import Ints, Objects
from planner.extension.corridor import Kind
from planner.extension.graph import links, taps
from planner.extension.graph.choices import bored
from planner.extension.graph.edges import Edges
from planner.extension.graph.obstacles import crossing_any
from planner.extension.graph.survey import Site


def parts(site: Site) -> tuple[Edges, ...]:
    """Return the edges of all kinds; those along streets come first."""
    along, across = _streets(site), _crossings(site)
    return (
        along,
        *_links(site),
        _touches(site),
        across,
        _taps(site, (along, across)),
        *_underground(site),
    )


def _surface(segments: gpd.GeoDataFrame) -> Objects:
    found: Objects = segments["surface"].fillna("").replace("", "asphalt").to_numpy(dtype=object)
    return found


def _streets(site: Site) -> Edges:
    found, lanes = site.cut, site.survey.lanes
    segment = lanes.segment[found.lane]
    shape = lanes.strips.stretches(
        found.lane, found.from_m, found.to_m, (found.node_xy[found.u], found.node_xy[found.v])
    )
    return Edges.of(
        Kind.STREET,
        found.u,
        found.v,
        shape,
        segment=segment,
        side=lanes.side[found.lane],
        along_m=(found.from_m, found.to_m),
        surface=_surface(site.survey.segments)[segment],
    )


def _crossings(site: Site) -> Edges:
    """Return the crossings of wide roads, at junctions and wherever a road is cut."""
    found, lanes = site.cut, site.survey.lanes
    corner = lanes.corners
    right = np.flatnonzero(lanes.side[found.asked_lane] == -1)
    left = found.find(found.asked_lane[right] - 1, found.asked_mark[right])
    inner = len(corner.xy)
    within = (left >= inner) & (found.asked_node[right] >= inner)
    u = np.concatenate([corner.across_node[:, 0], left[within]])
    v = np.concatenate([corner.across_node[:, 1], found.asked_node[right[within]]])
    segment = np.concatenate([corner.across, lanes.segment[found.asked_lane[right[within]]]])
    shape = links.between(found.node_xy[u], found.node_xy[v])
    surface = _crossed(site, segment)
    return Edges.of(Kind.CROSSING, u, v, shape, segment=segment, surface=surface)


def _crossed(site: Site, segment: Ints) -> Objects:
    """Return the surface that a crossing breaks; none where the road is bored under."""
    segments, settings = site.survey.segments, site.survey.settings
    classes = segments["road_class"].fillna("").replace("", "branch")
    under = classes.map({name: bored(name, settings) for name in classes.unique()})
    return np.where(under.to_numpy(dtype=bool), "", _surface(segments))[segment]


def _links(site: Site) -> Iterator[Edges]:
    """Yield lead-ins, stubs and the pole lines of both; owners become nodes."""
    found = site.survey
    surface = found.settings.text("extension.lead_in_surface")
    for kind, link, covered in (
        (Kind.LEAD_IN, found.lead_ins, surface),
        (Kind.POLE, found.parcel_poles, ""),
    ):
        node = site.node(link)
        shape = links.between(site.cut.node_xy[node], link.far_xy)
        yield Edges.of(kind, node, site.parcel_node[link.owner], shape, surface=covered)
    for kind, link, covered in (
        (Kind.STUB, found.stubs, surface),
        (Kind.POLE, found.tie_in_poles, ""),
    ):
        node = site.node(link)
        shape = links.between(link.far_xy, site.cut.node_xy[node])
        yield Edges.of(kind, site.tie_in_node[link.owner], node, shape, surface=covered)


def _touches(site: Site) -> Edges:
    found = site.survey
    tie_in, parcel, touching = links.touches(found.tie_ins, found.parcels, found.settings)
    surface = found.settings.text("extension.lead_in_surface")
    u, v = site.tie_in_node[tie_in], site.parcel_node[parcel]
    return Edges.of(Kind.TOUCH, u, v, touching, surface=surface)


def _taps(site: Site, ways: Sequence[Edges]) -> Edges:
    """Return the taps of lines that pass a roadside where a line may come from elsewhere.

    That is at lead-ins, and where the next place along the road has no tap of the same tie-in: at
    other places no line arrives that has not passed such a tap before.
    """
    found, mains, node_xy = site.survey, site.survey.mains, site.cut.node_xy
    place, main, tapped_xy = taps.beside(mains, node_xy, found.settings)
    tie_in = mains.tie_in_of(main, tapped_xy)
    shape = links.between(tapped_xy, node_xy[place])
    wide = found.streets[found.lanes.wide]
    across = crossing_any(shape, wide, np.full(len(shape), -1))
    kept = np.flatnonzero((tie_in >= 0) & ~across & ~found.land.closed.crossed(shape))
    neighbours = np.concatenate(
        [np.column_stack(pair) for way in ways for pair in ((way.u, way.v), (way.v, way.u))]
    )
    first = taps.met_first(place[kept], tie_in[kept], neighbours)
    kept = kept[first | np.isin(place[kept], site.node(found.lead_ins))]
    return Edges.of(
        Kind.TAP,
        site.tie_in_node[tie_in[kept]],
        place[kept],
        shape[kept],
        surface=found.settings.text("extension.lead_in_surface"),
        pipe=mains.pipe[main[kept]],
    )


def _underground(site: Site) -> tuple[Edges, Edges]:
    """Return the edges in utility tunnels and their shafts."""
    found, node_xy = site.tunnels, site.node_xy
    through = Edges.of(
        Kind.TUNNEL,
        found.u,
        found.v,
        found.shape,
        segment=found.segment,
        along_m=(found.from_m, found.to_m),
    )
    shafts = Edges.of(
        Kind.SHAFT,
        found.shaft_u,
        found.shaft_v,
        links.between(node_xy[found.shaft_u], node_xy[found.shaft_v]),
        segment=found.shaft_segment,
        surface=_surface(site.survey.segments)[found.shaft_segment],
    )
    return through, shafts
