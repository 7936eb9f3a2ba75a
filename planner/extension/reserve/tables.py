"""The reserves as tables: for whom, which ducts where, and the ways that prove the saving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.tables import RESERVE_DUCTS, RESERVE_WAYS, RESERVES, UTILITIES, Table
from planner.extension.frames import Row, frame
from planner.extension.pieces import Priced, pieces
from planner.extension.problem import Plan, Problem
from planner.extension.reserve.decide import Reserve, decide
from planner.extension.reserve.expected import expected
from planner.extension.reserve.later import Later, later
from planner.extension.reserve.laying import Laid
from planner.settings import Settings

Piece = tuple[Row, BaseGeometry]
_DUCT = ("segment_id", "kind", "side", "length_m", "laid_m")


@dataclass(frozen=True, slots=True)
class _Cut:
    """Ids of the reserves, and the pieces of all their ducts and later ways."""

    keys: tuple[str, ...]
    ducts: tuple[Piece, ...]
    ways: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Frames of `layers.tables.RESERVES`, `RESERVE_DUCTS` and `RESERVE_WAYS`."""

    reserves: gpd.GeoDataFrame
    ducts: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame

    def figures(self, considered: int) -> dict[str, float]:
        """Return the ``reserve`` object of result.json."""
        return {
            "parcels_expected": considered,
            "count": len(self.reserves),
            "metres": float(self.ducts["length_m"].sum()),
            "extra_yuan": float(self.reserves["extra_yuan"].sum()),
            "saving_yuan": float(self.reserves["saving_yuan"].sum()),
            "expected_yuan": float(self.reserves["expected_yuan"].sum()),
        }


def tables(
    problem: Problem,
    plan: Plan,
    trenches: gpd.GeoDataFrame,
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
) -> tuple[Tables, dict[str, float]]:
    """Find the reserves that pay in a plan's trenches.

    Parameters
    ----------
    problem, plan, trenches
        What was asked and decided; the trenches as `layers.tables.TRENCHES`.
    county, segments, settings
        What the plan was made from; names ``extension.reserve_*``.

    Returns
    -------
    tuple
        The tables, and their figures for result.json.

    References
    ----------
    002 附件3 二(一)1–2 (统一规划、提前建设).
    """
    events = expected(county, settings)
    found: tuple[Reserve, ...] = ()
    cut = _Cut((), (), ())
    if events and not trenches.empty:
        known = later(problem, plan, trenches, events, county, segments, settings)
        found = decide(known, settings)
        cut = _cut(found, known, segments["segment_id"].tolist())
    shapes = dict(zip(county["parcels"]["parcel_id"], county["parcels"].geometry, strict=True))
    inside = [shapes[reserve.event.parcel_id].representative_point() for reserve in found]
    result = Tables(
        frame(RESERVES, _rows(found, cut, settings), inside, county.crs),
        _framed(RESERVE_DUCTS, cut.ducts, county.crs),
        _framed(RESERVE_WAYS, cut.ways, county.crs),
    )
    return result, result.figures(len(events))


def _framed(table: Table, rows: Sequence[Piece], crs: CRS) -> gpd.GeoDataFrame:
    return frame(table, [row for row, _ in rows], [shape for _, shape in rows], crs)


def _cut(found: Sequence[Reserve], known: Later, ids: Sequence[str]) -> _Cut:
    keys, ducts, ways = [], [], []
    for number, reserve in enumerate(found, 1):
        key: Row = {"reserve_id": f"R{number:04d}"}
        keys.append(str(key["reserve_id"]))
        ducts += [({**key, **row}, shape) for row, shape in _ducts(reserve, known, ids)]
        for name, laid in (("nothing", reserve.alone), ("reserve", reserve.later)):
            more: Row = {**key, "later_with": name}
            ways += [({**more, **row}, shape) for row, shape in _ways(laid, known, ids)]
    return _Cut(tuple(keys), tuple(ducts), tuple(ways))


def _ducts(reserve: Reserve, known: Later, ids: Sequence[str]) -> Iterator[Piece]:
    """Yield the stretches on which ducts are kept, each utility by itself."""
    problem = known.problem
    for route in reserve.later.routes:
        kind, edges = int(problem.commodity[route.demand]), route.edges
        kept = reserve.later.kept[kind, edges]
        manner = np.where(kept, "in_duct", "new_trench").astype(object)
        priced = Priced(edges, manner, np.where(kept, known.duct_yuan[kind, edges], 0.0))
        for row, shape in pieces(problem.corridor, priced, ids):
            if row["laid_as"] == "in_duct":
                yield (
                    {
                        "parcel_id": reserve.event.parcel_id,
                        "utility": problem.demands[route.demand].utility,
                        **{name: row[name] for name in _DUCT},
                        "extra_yuan": row["cost_yuan"],
                    },
                    shape,
                )


def _ways(laid: Laid, known: Later, ids: Sequence[str]) -> Iterator[Piece]:
    """Yield the pieces of a parcel's later lines."""
    problem = known.problem
    for route, priced in zip(laid.routes, laid.priced, strict=True):
        named: Row = {
            "utility": problem.demands[route.demand].utility,
            "tie_in_id": problem.sources.tie_in_id[route.tie_in],
        }
        for row, shape in pieces(problem.corridor, priced, ids):
            yield {**named, **row}, shape


def _rows(found: Sequence[Reserve], cut: _Cut, settings: Settings) -> list[Row]:
    return [
        {
            "reserve_id": key,
            "parcel_id": reserve.event.parcel_id,
            "utilities": _listed({d.utility for d in reserve.event.demands}),
            "reserved": _listed(
                {str(row["utility"]) for row, _ in cut.ducts if row["reserve_id"] == key}
            ),
            "probability": reserve.event.probability,
            "years": settings.number("extension.reserve_years"),
            "discount": reserve.discount,
            "duct_m": sum(
                float(str(row["length_m"])) for row, _ in cut.ducts if row["reserve_id"] == key
            ),
            "alone_yuan": reserve.alone.yuan,
            "later_yuan": reserve.later.yuan,
            "extra_yuan": reserve.extra_yuan,
            "saving_yuan": reserve.saving_yuan,
            "expected_yuan": reserve.expected_yuan,
        }
        for key, reserve in zip(cut.keys, found, strict=True)
    ]


def _listed(names: set[str]) -> str:
    return ",".join(sorted(names, key=list(UTILITIES).index))
