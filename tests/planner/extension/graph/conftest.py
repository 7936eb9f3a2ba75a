"""A graph of a small county, and what is asked of it again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from planner.extension.corridor import Corridor, Kind
from planner.extension.graph.build import build as build_graph
from planner.settings import Settings

Row = dict[str, object]


@pytest.fixture
def graph(build: SimpleNamespace, settings: Settings) -> Callable[..., Corridor]:
    """Build the graph of some streets, parcels, tie-ins, zones and pipes."""

    def made(
        streets: gpd.GeoDataFrame,
        parcels: Sequence[Row] = (),
        tie_ins: Sequence[Row] = (),
        **more: object,
    ) -> Corridor:
        zones, pipes = more.pop("zones", ()), more.pop("pipes", ())
        county = build.county(parcels, tie_ins, [], zones, pipes)
        options = {"open_segments": {}, "utilities": ("water", "gas", "power"), **more}
        chosen = options.pop("settings", settings)
        return build_graph(streets, county["parcels"], county.frames, chosen, **options)

    return made


def lines(corridor: Corridor, kind: Kind) -> list[shapely.LineString]:
    return list(corridor.shape[corridor.kind == kind])


def cheapest_m(corridor: Corridor, start: int, end: int, *, without: Sequence[Kind] = ()) -> float:
    """Return the length of the shortest way between two nodes, infinite where there is none."""
    kept = ~np.isin(corridor.kind, without)
    u, v = corridor.graph.edge_u[kept], corridor.graph.edge_v[kept]
    size = len(corridor.graph.node_xy)
    length_m = np.maximum(corridor.graph.edge_length_m[kept], 1e-6)
    low, high = np.minimum(u, v), np.maximum(u, v)
    first = pd.DataFrame({"u": low, "v": high, "m": length_m}).groupby(["u", "v"])["m"].min()
    ends = first.index.to_frame().to_numpy().T
    whole = coo_array((first.to_numpy(), tuple(ends)), shape=(size, size)).tocsr()
    return float(dijkstra(whole, directed=False, indices=start)[end])


@pytest.fixture(scope="session")
def ask() -> SimpleNamespace:
    return SimpleNamespace(lines=lines, cheapest_m=cheapest_m)
