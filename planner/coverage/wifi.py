"""Outdoor Wi-Fi points for scenic areas 重点景区: where some operator's visitors have no signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy.sparse
import shapely
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.tables import INFILL
from planner.coverage import candidates as standing
from planner.coverage.choosing import Offer, decide
from planner.coverage.evidence import MILLI, WIFI, Evidence
from planner.coverage.frames import from_rows
from planner.coverage.homes import people
from planner.coverage.lineprices import LinePrices
from planner.coverage.siting import problem as problems
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

SCENIC = "scenic_area"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Points:
    """The chosen Wi-Fi points.

    Parameters
    ----------
    sites
        Frame of `layers.tables.INFILL`, operator ``wifi``.
    figures
        The object ``coverage.wifi`` of result.json; None where the county has no scenic area.
    evidence
        Of the choice, under ``wifi``; empty where nothing was chosen from.
    """

    sites: gpd.GeoDataFrame
    figures: Mapping[str, object] | None
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """Points with what each stands for; `stands` says where a Wi-Fi point could be."""

    xy: Floats
    people: Floats
    area_km2: Floats
    way_m: Floats
    stands: npt.NDArray[np.bool_]


def choose(
    county: County, gaps: gpd.GeoDataFrame, prices: LinePrices, settings: Settings
) -> Points:
    """Return outdoor Wi-Fi points in the gaps of scenic areas.

    Visitors walk on roads and paths and around buildings, so the points are chosen, by the same
    solver as sites, to reach as many metres of road, path and building outline as possible, up to
    ``coverage.wifi_points`` points of which each gains ``coverage.wifi_min_m``. They may stand on
    the roads and buildings themselves, and reach ``coverage.wifi_range_m`` in every direction;
    terrain and walls are not looked at.

    Parameters
    ----------
    gaps
        Frame of `layers.tables.GAPS`; those of ``all`` count, where not every operator is received.
    prices
        What power and fibre to a point cost.

    References
    ----------
    000 (武隆府办发〔2018〕44号) 二(四): 重点景区 among the areas in which coverage comes first.
    """
    scenic = county["zones"].geometry[county["zones"]["kind"] == SCENIC].to_numpy()
    if not len(scenic):
        return Points(sites=from_rows([], INFILL, county.crs), figures=None, evidence={})
    holes = gaps.geometry[gaps["operator"] == "all"].to_numpy()
    hole = shapely.intersection(shapely.union_all(holes), shapely.union_all(scenic))
    offer = _offer(county, _served(county, hole, settings), prices, settings)
    chosen = decide(offer, settings)
    length_m = float(offer.way_m[chosen.served].sum())
    return Points(
        sites=from_rows(chosen.rows, INFILL, county.crs),
        figures={**chosen.figures, "way_m": round(length_m, 3)},
        evidence={WIFI: chosen.evidence},
    )


def _offer(county: County, served: _Served, prices: LinePrices, settings: Settings) -> Offer:
    xy = served.xy[served.stands]
    sites = gpd.GeoDataFrame(
        {
            "candidate_id": np.array([f"wifi-{x:.0f}-{y:.0f}" for x, y in xy], dtype=object),
            "site_kind": WIFI, "height_m": settings.number("coverage.wifi_height_m"),
            "site_id": "", "has_power": False, "has_fibre": False,
        },
        geometry=shapely.points(xy), crs=county.crs,
    )  # fmt: skip
    least = round(MILLI * settings.number("coverage.wifi_min_m"))
    asked = problems.of(
        _reach(xy, served.xy, settings.number("coverage.wifi_range_m")),
        np.rint(MILLI * served.way_m).astype(np.int64),
        size=np.ones(len(xy), dtype=np.int64),
        budget=settings.count("coverage.wifi_points"),
        charge=np.full(len(xy), least, dtype=np.int64),
    )
    return Offer(
        name=WIFI, sites=standing.priced(sites, prices, settings), xy=served.xy,
        people=served.people, area_km2=served.area_km2, way_m=served.way_m, problem=asked,
    )  # fmt: skip


def _reach(sites: Floats, points: Floats, range_m: float) -> scipy.sparse.csr_array:
    """Return which site (row) has which point (column) in range."""
    shape = (len(sites), len(points))
    if not all(shape):
        return scipy.sparse.csr_array(shape, dtype=bool)
    near = KDTree(points).query_ball_point(sites, range_m, return_sorted=True)
    row = np.concatenate([[0], np.cumsum([len(places) for places in near])])
    column = np.concatenate([np.asarray(places, dtype=np.int64) for places in near])
    return scipy.sparse.csr_array((np.ones(len(column), dtype=bool), column, row), shape=shape)


def _served(county: County, hole: BaseGeometry, settings: Settings) -> _Served:
    """Return pieces of way, buildings, places and a lattice of area in a scenic area's gaps."""
    step_m = settings.number("coverage.wifi_spacing_m")
    ways_xy, ways_m = _pieces(county["roads"].geometry.to_numpy(), hole, step_m)
    zones = county["zones"]
    houses = zones.geometry[zones["kind"] == "building"].to_numpy()
    doors = shapely.point_on_surface(houses)
    inside = shapely.intersects(hole, doors)
    places = county["places"][shapely.intersects(hole, county["places"].geometry.to_numpy())]
    lattice = _lattice(hole, step_m)
    parts = (
        ways_xy, _coordinates(doors[inside]), _coordinates(places.geometry.to_numpy()), lattice
    )  # fmt: skip
    counts = [len(part) for part in parts]

    def column(number: int, values: npt.ArrayLike) -> Floats:
        """Return values for one part of the points and 0 for the others."""
        filled = [np.zeros(count) for count in counts]
        filled[number] = np.broadcast_to(np.asarray(values, dtype=np.float64), counts[number])
        return np.concatenate(filled)

    return _Served(
        xy=np.concatenate(parts),
        people=column(2, people(places, settings)),
        area_km2=column(3, step_m**2 / 1e6),
        way_m=column(0, ways_m) + column(1, shapely.length(shapely.boundary(houses[inside]))),
        stands=np.arange(sum(counts)) < counts[0] + counts[1],
    )


def _pieces(
    roads: npt.NDArray[np.object_], hole: BaseGeometry, step_m: float
) -> tuple[Floats, Floats]:
    """Return middles and lengths of pieces of at most a step of the roads inside."""
    parts = shapely.get_parts(shapely.intersection(roads, hole))
    lines = shapely.get_parts(parts[shapely.length(parts) > 0.0])
    cut = shapely.segmentize(lines, step_m)
    xy, line = shapely.get_coordinates(cut, return_index=True)
    joined = line[1:] == line[:-1]
    start, end = xy[:-1][joined], xy[1:][joined]
    return (start + end) / 2.0, np.hypot(*(end - start).T)


def _lattice(hole: BaseGeometry, step_m: float) -> Floats:
    """Return the points inside of a square lattice at multiples of the step."""
    if hole.is_empty:
        return np.zeros((0, 2))
    west, south, east, north = (bound / step_m for bound in shapely.bounds(hole))
    x, y = np.meshgrid(
        np.arange(np.floor(west), np.ceil(east) + 1), np.arange(np.floor(south), np.ceil(north) + 1)
    )
    xy = step_m * np.column_stack([x.ravel(), y.ravel()])
    return xy[shapely.contains_xy(hole, xy)]


def _coordinates(points: npt.NDArray[np.object_]) -> Floats:
    return shapely.get_coordinates(points).reshape(-1, 2)
