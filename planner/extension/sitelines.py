"""Lines to sites that nobody has applied for: what power and fibre to each would cost alone.

A site is taken for a small parcel that asks for a service, and each of its lines for the only one
that is dug: nothing is shared but what planned works hold open. So the cost of one site does not
depend on which others are built. Where an overhead line passes, a span from it may be cheaper than
the way along the roads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.schemas import empty_frame
from layers.tables import APPLICATIONS, PARCELS, SITE_LINE_WAYS, SITE_LINES
from planner.extension import demand
from planner.extension.account import line_of
from planner.extension.arrays import Objects
from planner.extension.corridor import Kind
from planner.extension.frames import Row, frame
from planner.extension.graph.cutting import Stretches
from planner.extension.graph.obstacles import land
from planner.extension.network import Ways, cheapest
from planner.extension.pieces import Priced, pieces
from planner.extension.problem import Problem, Route, build
from planner.extension.spans import spans
from planner.settings import Settings

SERVICES = ("power", "telecom")
"""What a site needs."""

_SIDE_M = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class SiteLines:
    """Frames of `layers.tables.SITE_LINES` and `SITE_LINE_WAYS`; no row where no way leads."""

    lines: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame

    def tables(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Return the frames by the names of their tables."""
        return {"site_lines": self.lines, "site_line_ways": self.ways}


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """One line to one site, and its pieces."""

    row: Row
    shape: BaseGeometry
    cut: Sequence[tuple[Row, BaseGeometry]]

    @property
    def key(self) -> tuple[str, str]:
        return str(self.row["candidate_id"]), str(self.row["utility"])

    @property
    def yuan(self) -> float:
        return float(str(self.row["cost_yuan"]))


def none(crs: CRS) -> SiteLines:
    """Return no lines."""
    return SiteLines(frame(SITE_LINES, [], [], crs), frame(SITE_LINE_WAYS, [], [], crs))


def route(
    county: County,
    segments: gpd.GeoDataFrame,
    sites: gpd.GeoSeries,
    settings: Settings,
    *,
    open_segments: Stretches = MappingProxyType({}),
) -> SiteLines:
    """Return the cheapest power and fibre line to every site, each laid alone.

    Parameters
    ----------
    county
        Tie-ins, existing lines, zones and terrain.
    segments
        Frame of `layers.tables.SEGMENTS`.
    sites
        Points in the county's CRS, indexed by the sites' ids.
    settings
        ``extension.*``, ``section.*``; ``coverage.site_load_kva``.
    open_segments
        Stretches that planned works hold open, where only added width is paid.

    Returns
    -------
    SiteLines
        By site in the order given, then by service.
    """
    asking = as_applicants(county, sites, settings)
    found: dict[tuple[str, str], _Line] = {}
    for line in (
        *_along_roads(asking, segments, settings, open_segments),
        *_spanned(asking, settings),
    ):
        if line.key not in found or line.yuan < found[line.key].yuan:
            found[line.key] = line
    asked = ((str(name), service) for name in sites.index for service in SERVICES)
    lines = [found[key] for key in asked if key in found]
    cut = [
        ({"candidate_id": line.key[0], "utility": line.key[1], **piece}, shape)
        for line in lines
        for piece, shape in line.cut
    ]
    crs = county.crs
    return SiteLines(
        frame(SITE_LINES, [line.row for line in lines], [line.shape for line in lines], crs),
        frame(SITE_LINE_WAYS, [row for row, _ in cut], [shape for _, shape in cut], crs),
    )


def as_applicants(county: County, sites: gpd.GeoSeries, settings: Settings) -> County:
    """Return the county as if its only applicants were some sites, each for every service.

    The parcel of a site in a building is the building, that of others a square around it.

    Parameters
    ----------
    sites
        Points, indexed by the sites' ids.
    settings
        ``coverage.site_load_kva``.
    """
    around = _grounds(sites.to_numpy(dtype=object), county["zones"])
    names = sites.index.astype(str)
    parcels = pd.DataFrame({"parcel_id": names, "planned": False})
    applications = pd.DataFrame(
        {
            "application_id": [
                application(name, service) for name in names for service in SERVICES
            ],
            "parcel_id": np.repeat(names, len(SERVICES)),
            "utility": list(SERVICES) * len(names),
            "applicant_kind": "small",
            "business": "new",
            "load_kva": settings.number("coverage.site_load_kva"),
            "dual_source": False,
        }
    )
    frames = {
        "parcels": gpd.GeoDataFrame(
            parcels.reindex(columns=list(PARCELS.names)), geometry=list(around), crs=county.crs
        ),
        "applications": _filled(applications),
    }
    return replace(county, frames={**county.frames, **frames})


def _grounds(points: Objects, zones: gpd.GeoDataFrame) -> Objects:
    """Return the parcel of each site."""
    houses = zones.geometry[zones["kind"] == "building"].to_numpy(dtype=object)
    around: Objects = shapely.buffer(points, _SIDE_M / 2.0, cap_style="square")
    point, house = shapely.STRtree(houses).query(points, predicate="intersects")
    around[point] = houses[house]
    return around


def application(candidate_id: str, service: str) -> str:
    """Return the id under which a site asks for a service."""
    return f"{candidate_id} {service}"


def _filled(applications: pd.DataFrame) -> pd.DataFrame:
    """Return applications with every column of their table, of its kind."""
    kinds = empty_frame(APPLICATIONS, None).dtypes.to_dict()
    return applications.reindex(columns=list(APPLICATIONS.names)).astype(kinds)


def _along_roads(
    asking: County, segments: gpd.GeoDataFrame, settings: Settings, open_segments: Stretches
) -> Iterator[_Line]:
    """Yield the cheapest way of every line that the graph of the streets leads."""
    wanted = demand.read(asking["applications"], settings)
    problem = build(
        wanted, asking.frames, segments, settings,
        open_segments=open_segments, terrain=asking.terrain,
    )  # fmt: skip
    segment_ids = segments["segment_id"].tolist()
    pipe_ids = asking["pipes"]["pipe_id"].tolist()
    closed, parcels = (
        land(asking["zones"]).closed,
        asking["parcels"].set_index("parcel_id").geometry,
    )
    for one in _cheapest(problem):
        kind, edges = int(problem.commodity[one.demand]), one.edges
        alone = np.full(len(edges), "new_trench", dtype=object)
        yuan = problem.trench_yuan[edges] + problem.line_yuan[kind, edges]
        cut = list(pieces(problem.corridor, Priced(edges, alone, yuan), segment_ids))
        own = parcels[problem.demands[one.demand].parcel_id]
        if closed.crossed(_abroad(cut, own)).any():
            continue
        yield _Line(_row(problem, one, pipe_ids, float(yuan.sum())), line_of(problem, one), cut)


def _abroad(cut: Sequence[tuple[Row, BaseGeometry]], own: BaseGeometry) -> Objects:
    """Return a way's lead-ins outside its own parcel, as they are drawn.

    Their ends were moved onto the nodes of the graph, which may bring one into a corner.
    """
    shapes = [shape for row, shape in cut if row["kind"] == "lead_in"]
    return np.array([shape.difference(own) for shape in shapes], dtype=object)


def _cheapest(problem: Problem) -> Iterator[Route]:
    """Yield the cheapest way of every demand that has one."""
    ways = Ways.of(problem.corridor)
    enough = problem.sources.capacity >= problem.quantity[:, np.newaxis]
    for number in range(len(problem.demands)):
        weight = problem.trench_yuan + problem.line_yuan[problem.commodity[number]]
        admitted = problem.admits[number] & enough[number]
        found = cheapest(problem, ways, number, weight, admitted)
        if found is not None:
            yield found


def _row(problem: Problem, one: Route, pipe_ids: Sequence[str], yuan: float) -> Row:
    corridor, asked = problem.corridor, problem.demands[one.demand]
    tapped = int(corridor.pipe[one.edges[0]]) if len(one.edges) else -1
    return {
        "candidate_id": asked.parcel_id,
        "utility": asked.utility,
        "tie_in_id": problem.sources.tie_in_id[one.tie_in],
        "tapped_pipe_id": pipe_ids[tapped] if tapped >= 0 else "",
        "length_m": line_of(problem, one).length,
        "laid_m": float(corridor.laid_m[one.edges].sum()),
        "crossings": int((corridor.kind[one.edges] == Kind.CROSSING).sum()),
        "cost_yuan": yuan,
    }


def _spanned(asking: County, settings: Settings) -> Iterator[_Line]:
    """Yield the cheapest span of every line that an overhead line can give."""
    pipes, ground, parcels = asking["pipes"], land(asking["zones"]), asking["parcels"]
    shapes, names = parcels.geometry.to_numpy(dtype=object), parcels["parcel_id"].to_numpy()
    for service in SERVICES:
        found = spans(shapes, service, pipes, ground, asking.terrain, settings)
        pipe_ids = pipes["pipe_id"].to_numpy(dtype=object)[found.pipe]
        each = zip(
            found.point, pipe_ids, found.shape, found.laid_m, found.line_yuan, found.yuan,
            strict=True,
        )  # fmt: skip
        for point, pipe_id, shape, laid_m, line_yuan, yuan in each:
            measures: Row = {"length_m": float(shape.length), "laid_m": float(laid_m)}
            row: Row = {
                "candidate_id": names[point], "utility": service, "tie_in_id": "",
                "tapped_pipe_id": str(pipe_id), **measures, "crossings": 0,
                "cost_yuan": float(yuan),
            }  # fmt: skip
            piece: Row = {
                "segment_id": "", "kind": "pole", "side": "", **measures, "laid_as": "new_trench",
                "in_work": False, "cost_yuan": float(line_yuan),
            }  # fmt: skip
            yield _Line(row, shape, [(piece, shape)])
