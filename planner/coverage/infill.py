"""Infill 补点: which candidates, one after another, bring signal to most people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy.sparse
import shapely

from geo.terrain import Terrain
from layers.county import County
from layers.tables import INFILL
from planner.coverage import candidates as standing
from planner.coverage.clutter import Cover
from planner.coverage.frames import from_rows
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.homes import people
from planner.coverage.signal import Signal, predict
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Demand:
    """Points that a site may serve: places with their people, then pixels with their area."""

    xy: Floats
    people: Floats
    area_km2: Floats


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Infill:
    """The chosen sites and the people who gain a signal of at least one more operator."""

    sites: gpd.GeoDataFrame
    people_gained: int


def choose(
    county: County, grid: Grid, terrain: Terrain, signals: Mapping[str, Signal],
    place_dbm: Mapping[str, Singles], settings: Settings, *, cover: Cover | None,
) -> Infill:  # fmt: skip
    """Return the infill sites of every operator, chosen greedily.

    Each step takes the candidate that brings signal to most people who have none of that
    operator, among equals the one that covers most area. Standing sites where the operator is
    missing (加挂) come first; new ones follow once no standing site gains
    ``coverage.infill_min_people``. The choice ends at ``coverage.infill_sites``, or when no
    candidate at all gains so many. How far it is from the best possible is not known: no bound
    is computed.

    Parameters
    ----------
    terrain
        As `planner.coverage.grid.ground` returns it.
    signals
        Operator to its signal on `grid`, without summaries.
    place_dbm
        Operator to its signal at each of the county's places.
    cover
        What stands around receivers, see `planner.coverage.clutter`.

    References
    ----------
    Nemhauser, Wolsey and Fisher (1978): greedy choice reaches 1 - 1/e of the best coverage.
    """
    wanted = wanted_dbm(settings)
    demand, pixel = _demand(county, grid, signals, settings)
    sites = standing.gather(county, grid, terrain, _wanting(signals, wanted), settings)
    reach = _reach(sites, demand, terrain, cover, settings)
    served = np.zeros(len(county["places"]), dtype=bool)
    rows: list[dict[str, object]] = []
    for operator, signal in signals.items():
        lacking = np.concatenate([
            place_dbm[operator] < wanted,
            signal.rsrp_dbm[pixel] < wanted,
        ])  # fmt: skip
        offered = sites["site_id"].isin(_sites_of(county, operator)).to_numpy()
        chosen, gained = _greedy(sites, reach, demand, lacking, ~offered, settings)
        served |= gained[: len(served)]
        rows += [
            {**row, "operator": operator, "candidate_id": f"{row['candidate_id']}-{operator}"}
            for row in chosen
        ]
    total = float(demand.people[: len(served)][served].sum())
    return Infill(sites=from_rows(rows, INFILL, county.crs), people_gained=round(total))


def _wanting(signals: Mapping[str, Signal], wanted: float) -> Flags:
    weak = [signal.rsrp_dbm < wanted for signal in signals.values()]
    return np.asarray(np.any(weak, axis=0))


def _demand(
    county: County, grid: Grid, signals: Mapping[str, Signal], settings: Settings
) -> tuple[Demand, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return the places and every so many pixels that some operator lacks, and those pixels."""
    every = settings.count("coverage.infill_sample_px")
    lacking = np.zeros(grid.shape, dtype=bool)
    lacking[every // 2 :: every, every // 2 :: every] = True
    row, column = np.nonzero(lacking & _wanting(signals, wanted_dbm(settings)))
    places = county["places"]
    return Demand(
        xy=np.concatenate([
            shapely.get_coordinates(places.geometry.to_numpy()).reshape(-1, 2),
            grid.centres(row, column),
        ]),
        people=np.concatenate([people(places, settings), np.zeros(len(row))]),
        area_km2=np.concatenate([
            np.zeros(len(places)), np.full(len(row), grid.pixel_km2 * every**2)
        ]),
    ), (row, column)  # fmt: skip


def _reach(
    sites: gpd.GeoDataFrame,
    demand: Demand,
    terrain: Terrain,
    cover: Cover | None,
    settings: Settings,
) -> scipy.sparse.csr_array:
    """Return which candidate (row) would reach which point of demand (column)."""
    cells = standing.cells_of(sites, settings).sort_values(
        ["x_m", "y_m", "height_m", "frequency_mhz", "row"], ignore_index=True
    )
    shape = (len(sites), len(demand.xy))
    if not all(shape):
        return scipy.sparse.csr_array(shape, dtype=bool)
    wanted = wanted_dbm(settings)
    # the kernel only raises a value that exceeds the floor, so this floor means "not reached"
    floor = float(np.nextafter(np.float32(wanted), np.float32(-np.inf)))
    groups = cells["row"].to_numpy(np.int64)
    power_dbm = predict(cells, groups, terrain, demand.xy, settings, floor_dbm=floor).rsrp_dbm
    if cover is not None:
        mhz = np.full(len(demand.xy), settings.number("coverage.infill_frequency_mhz"))
        power_dbm -= cover.loss_db(demand.xy, mhz)[:, np.newaxis].astype(np.float32)
    return scipy.sparse.csr_array(power_dbm.transpose() >= wanted)


def _sites_of(county: County, operator: str) -> set[str]:
    cells = county["cells"]
    return set(cells.loc[cells["operator"] == operator, "site_id"].astype(str))


def _greedy(
    sites: gpd.GeoDataFrame, reach: scipy.sparse.csr_array, demand: Demand, lacking: Flags,
    free: Flags, settings: Settings,
) -> tuple[list[dict[str, object]], Flags]:  # fmt: skip
    """Return the chosen candidates in order, and which demand they serve."""
    existing = sites["site_kind"].eq(standing.ADD_ON).to_numpy()
    open_points, gained = lacking.copy(), np.zeros(len(lacking), dtype=bool)
    chosen: list[dict[str, object]] = []
    for rank in range(1, settings.count("coverage.infill_sites") + 1):
        heads = reach @ (demand.people * open_points)
        area = reach @ (demand.area_km2 * open_points)
        worthwhile = free & (heads >= settings.number("coverage.infill_min_people"))
        if not worthwhile.any():
            break
        best = int(np.lexsort((-area, -heads, ~existing, ~worthwhile))[0])
        site = sites.iloc[best]
        chosen.append({
            **site[["candidate_id", "site_kind", "height_m", "geometry"]],
            "rank": rank, "people_gained": round(heads[best]), "area_gained_km2": area[best],
        })  # fmt: skip
        newly = np.zeros(len(lacking), dtype=bool)
        newly[reach.indices[reach.indptr[best] : reach.indptr[best + 1]]] = True
        gained |= newly & open_points
        open_points &= ~newly
        free = free.copy()
        free[best] = False
    return chosen, gained
