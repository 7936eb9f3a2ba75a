"""Infill 补点: which sites to build, by operator, and how far the choice can be from the best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy.sparse

from geo.terrain import Terrain
from layers.county import County
from layers.tables import INFILL
from planner.coverage import candidates as standing
from planner.coverage import demand as demands
from planner.coverage.choosing import Offer, Row, decide, joint
from planner.coverage.clutter import Cover
from planner.coverage.demand import Demand
from planner.coverage.evidence import MILLI, Evidence
from planner.coverage.frames import from_rows
from planner.coverage.gaps import wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.lineprices import LinePrices
from planner.coverage.signal import Signal, predict
from planner.coverage.siting import problem as problems
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


TOGETHER = 128
"""Candidates whose signal is computed at a time: it is a number for each of them and each point."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Infill:
    """The chosen sites.

    Parameters
    ----------
    sites
        Frame of `layers.tables.INFILL`.
    figures
        The object ``coverage.infill`` of result.json.
    evidence
        Of each operator's choice.
    """

    sites: gpd.GeoDataFrame
    figures: Mapping[str, object]
    evidence: Mapping[str, Evidence]


def choose(
    county: County, grid: Grid, terrain: Terrain, signals: Mapping[str, Signal],
    place_dbm: Mapping[str, Singles], prices: LinePrices, settings: Settings,
    *, cover: Cover | None,
) -> Infill:  # fmt: skip
    """Return the infill sites of every operator, each chosen for itself.

    A phone uses its own operator's cells, so each operator's choice is a problem of its own: the
    people, area and roads that gain its signal, less what the sites have to be worth, is made as
    large as possible within ``coverage.infill_sites`` or, once it is set,
    ``coverage.infill_budget_yuan``. A site has to be worth its cost over
    ``coverage.infill_yuan_per_person``, and ``coverage.infill_min_people`` at least. So adding an
    operator to a standing site (加挂) comes before a new tower wherever both serve about as many:
    it costs a fraction, and where money is limited it leaves more of it to other sites.

    Parameters
    ----------
    terrain
        As `planner.coverage.grid.ground` returns it.
    signals
        Operator to its signal on `grid`, without summaries.
    place_dbm
        Operator to its signal at each of the county's places.
    prices
        What power and fibre to a point cost.
    cover
        What stands around receivers, see `planner.coverage.clutter`.

    References
    ----------
    Church and ReVelle (1974), The maximal covering location problem. 000 (武隆府办发〔2018〕44号)
    二(四): masts and poles are shared, so standing sites are candidates of every operator.
    """
    demand = demands.find(county, grid, signals, settings)
    missing = demands.wanting(signals, settings)
    gathered = standing.gather(county, grid, terrain, missing, settings)
    wanted = np.any([_offered(gathered, county, operator) for operator in signals], axis=0)
    sites = standing.priced(gathered[wanted].reset_index(drop=True), prices, settings)
    reach = _reach(sites, demand, terrain, cover, settings)
    served = np.zeros(len(demand.xy), dtype=bool)
    rows: list[Row] = []
    figures: dict[str, Mapping[str, object]] = {}
    evidence: dict[str, Evidence] = {}
    for operator, signal in signals.items():
        lacks = demands.lacking(demand, signal, place_dbm[operator], settings)
        points = np.flatnonzero(lacks)
        free = np.flatnonzero(_offered(sites, county, operator))
        offer = _offer(operator, sites.iloc[free], demand, points, reach[free][:, points], settings)
        chosen = decide(offer, settings)
        served[points[chosen.served]] = True
        rows += chosen.rows
        figures[operator], evidence[operator] = chosen.figures, chosen.evidence
    people = round(float(demand.people[served].sum()))
    return Infill(
        sites=from_rows(rows, INFILL, county.crs), figures=joint(figures, people), evidence=evidence
    )


def charges(cost_yuan: Floats, settings: Settings) -> Ints:
    """Return what each site has to be worth, in thousandths of a person."""
    least = settings.number("coverage.infill_min_people")
    worth = cost_yuan / settings.number("coverage.infill_yuan_per_person")
    return np.asarray(np.ceil(MILLI * np.maximum(least, worth)), dtype=np.int64)


def sizes(cost_yuan: Floats, settings: Settings) -> tuple[Ints, int]:
    """Return the size of each site and the budget: whole yuan where that is set, else sites."""
    budget_yuan = int(settings.number("coverage.infill_budget_yuan"))
    if budget_yuan > 0:
        return np.maximum(np.ceil(cost_yuan), 1.0).astype(np.int64), budget_yuan
    return np.ones(len(cost_yuan), dtype=np.int64), settings.count("coverage.infill_sites")


def _offer(
    operator: str, sites: gpd.GeoDataFrame, demand: Demand, points: Ints,
    reach: scipy.sparse.csr_array, settings: Settings,
) -> Offer:  # fmt: skip
    people, area_km2, way_m = (
        values[points] for values in (demand.people, demand.area_km2, demand.way_m)
    )
    cost_yuan = sites["cost_yuan"].to_numpy(np.float64)
    size, budget = sizes(cost_yuan, settings)
    asked = problems.of(
        reach,
        demands.weights(people, area_km2, way_m, settings),
        size=size,
        budget=budget,
        charge=charges(cost_yuan, settings),
    )
    return Offer(
        name=operator, sites=sites, xy=demand.xy[points], people=people, area_km2=area_km2,
        way_m=way_m, problem=asked,
    )  # fmt: skip


def _offered(sites: gpd.GeoDataFrame, county: County, operator: str) -> Flags:
    """Return which candidates are none of the operator's own standing sites."""
    cells = county["cells"]
    own = set(cells.loc[cells["operator"] == operator, "site_id"].astype(str))
    standing_there = sites["site_kind"].eq(standing.ADD_ON) & sites["site_id"].isin(own)
    return np.asarray(~standing_there.to_numpy(bool))


def _reach(
    sites: gpd.GeoDataFrame,
    demand: Demand,
    terrain: Terrain,
    cover: Cover | None,
    settings: Settings,
) -> scipy.sparse.csr_array:
    """Return which candidate (row) would reach which point of demand (column)."""
    if not len(sites) or not len(demand.xy):
        return scipy.sparse.csr_array((len(sites), len(demand.xy)), dtype=bool)
    parts = [
        _part(sites.iloc[first : first + TOGETHER], demand, terrain, cover, settings)
        for first in range(0, len(sites), TOGETHER)
    ]
    return scipy.sparse.csr_array(scipy.sparse.vstack(parts, format="csr"))


def _part(
    sites: gpd.GeoDataFrame,
    demand: Demand,
    terrain: Terrain,
    cover: Cover | None,
    settings: Settings,
) -> scipy.sparse.csr_array:
    cells = standing.cells_of(sites, settings).sort_values(
        ["x_m", "y_m", "height_m", "frequency_mhz", "row"], ignore_index=True
    )
    wanted = wanted_dbm(settings)
    # the kernel only raises a value that exceeds the floor, so this floor means "not reached"
    floor = float(np.nextafter(np.float32(wanted), np.float32(-np.inf)))
    groups = cells["row"].to_numpy(np.int64)
    reached = predict(
        cells, groups, terrain, demand.xy, settings, floor_dbm=floor, cover=cover
    )  # fmt: skip
    return scipy.sparse.csr_array(reached.rsrp_dbm.transpose() >= wanted)
