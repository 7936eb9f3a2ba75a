"""Routes of drains: downhill where that is cheaper, and the same in every plan compared."""

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from planner.extension import kernel
from planner.extension.check_drains import check
from planner.extension.gravity.descent_kernels import Net, Pipe, descend
from planner.extension.run import ExtensionResult
from planner.settings import Settings

NAN = np.nan
Solve = Callable[[County, gpd.GeoDataFrame], ExtensionResult]


def _net(
    edges: list[tuple[int, int, float, float]],
    ground: list[float],
    target: list[float],
    inner: dict[int, list[float]] | None = None,
) -> Net:
    """Return a net from edges (u, v, price, length) and heights inside some of them."""
    inside = [(inner or {}).get(edge, []) for edge in range(len(edges))]
    u, v = (np.array([edge[i] for edge in edges]) for i in (0, 1))
    price, length_m = (np.array([edge[i] for edge in edges], dtype=float) for i in (2, 3))
    return Net(
        *kernel.adjacency(len(ground), u, v),
        price,
        length_m,
        u,
        np.array(ground, dtype=float),
        np.cumsum([0, *map(len, inside)]),
        np.array([height for heights in inside for height in heights], dtype=float),
        np.ones(len(ground), dtype=bool),
        np.array(target, dtype=float),
    )


PIPE = Pipe(0.003, 0.0, 5.0, 100.0, 50_000.0)


def test_a_shorter_way_over_a_rise_is_left_for_one_that_falls() -> None:
    edges = [(0, 1, 10_000, 100), (1, 3, 10_000, 100), (0, 2, 12_000, 120), (2, 3, 12_000, 120)]
    falls = _net(edges, [50, 53, 49.5, 49], [NAN, NAN, NAN, 40])
    assert descend(falls, PIPE, 0, 50.0)[1].tolist() == [2, 3]
    level = _net(edges, [50, 50, 50, 50], [NAN, NAN, NAN, 40])
    assert descend(level, PIPE, 0, 50.0)[1].tolist() == [0, 1]


def test_the_same_edges_cost_more_uphill_than_downhill() -> None:
    edges = [(0, 1, 1_000, 100), (1, 2, 1_000, 100), (0, 3, 3_000, 100), (3, 2, 3_000, 100)]
    up = _net(edges, [50, 52, 51, 50], [NAN, NAN, 40, NAN])
    down = _net(edges, [51, 52, 50, 51], [40, NAN, NAN, NAN])
    cheap = Pipe(0.003, 0.0, 5.0, 10.0, 50_000.0)
    assert descend(up, cheap, 0, 50.0)[1].tolist() == [0, 1]
    assert descend(up, PIPE, 0, 50.0)[1].tolist() == [2, 3]
    assert descend(down, PIPE, 2, 47.0)[0] == 0


def test_a_nearer_tie_in_that_lies_too_high_is_left_for_a_lower_one() -> None:
    edges = [(0, 1, 1_000, 100), (0, 2, 30_000, 300)]
    net = _net(edges, [50, 50, 50], [NAN, 49.9, 45])
    assert descend(net, PIPE, 0, 50.0)[0] == 2
    assert descend(net, Pipe(0.003, 0.0, 5.0, 100.0, 1_000.0), 0, 50.0)[0] == 1


def test_a_hill_inside_an_edge_counts_from_both_of_its_ends() -> None:
    edges = [(0, 1, 1_000, 100), (0, 2, 2_000, 100), (2, 1, 2_000, 100)]
    for target, source in (([NAN, 40, NAN], 0), ([40, NAN, NAN], 1)):
        hill = _net(edges, [50, 50, 50], target, {0: [50.0, 58.0, 51.0]})
        assert len(descend(hill, PIPE, source, 50.0)[1]) == 2
        flat = _net(edges, [50, 50, 50], target, {0: [50.0, 50.0, 50.0]})
        assert len(descend(flat, PIPE, source, 50.0)[1]) == 1


def test_unknown_ground_and_forbidden_edges_are_no_way() -> None:
    edges = [(0, 1, 1_000, 100), (1, 2, 1_000, 100), (0, 2, np.inf, 100)]
    reached, way = descend(_net(edges, [50, NAN, 50], [NAN, NAN, 40]), PIPE, 0, 50.0)
    assert (reached, way.tolist()) == (-1, [])


def test_a_source_that_is_a_target_needs_no_edge() -> None:
    reached, way = descend(_net([(0, 1, 1, 1)], [50, 50], [40, NAN]), PIPE, 0, 50.0)
    assert (reached, way.tolist()) == (0, [])


def _loop(build: SimpleNamespace) -> gpd.GeoDataFrame:
    """Return a direct street and a longer one round the south, between the same ends."""
    return build.streets([(0, 0), (400, 0)], [(0, 0), (0, -100), (400, -100), (400, 0)])


def _hill(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ground that falls to the west by 1 percent but for a hill on the northern street."""
    hill = 12.0 * np.exp(-(((x - 200.0) / 60.0) ** 2) - (y / 40.0) ** 2)
    return 100.0 + 0.01 * x + hill


@pytest.fixture
def county(build: SimpleNamespace) -> County:
    return build.county(
        [build.parcel("P", 390, 5)],
        [build.tie_in("D", "drain", 0, 0, invert_m=94.0), build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "drain"), build.application("B", "P", "water")],
    )


def test_a_run_leads_the_drain_round_the_hill_and_every_plan_with_it(
    build: SimpleNamespace,
    routed: Solve,
    on_terrain: Callable[..., County],
    settings: Settings,
    county: County,
) -> None:
    segments = _loop(build)
    straight = routed(county, segments)
    round_it = routed(on_terrain(county, _hill), segments)
    length_m = [
        result.connections.set_index("application_id")["length_m"]
        for result in (straight, round_it)
    ]
    assert length_m[1]["A"] > length_m[0]["A"] + 150
    assert length_m[1]["B"] == pytest.approx(length_m[0]["B"])
    assert round_it.drains["drains_by"].tolist() == ["gravity"]
    costs = [round_it.figures[f"cost_{name}yuan"] for name in ("", "overlay_", "separate_")]
    assert (np.diff(costs) >= -1e-6).all()
    proof = check(
        on_terrain(county, _hill),
        settings,
        connections=round_it.connections,
        drains=round_it.drains,
        levels=round_it.drain_levels,
    )
    assert proof.failures == ()


def test_partly_unknown_ground_does_not_lose_a_drain(
    build: SimpleNamespace, routed: Solve, on_terrain: Callable[..., County], county: County
) -> None:
    def unknown_east(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x > 380.0, np.nan, 100.0 + 0.0 * y)

    result = routed(on_terrain(county, unknown_east), _loop(build))
    assert result.connections["application_id"].tolist() == ["A", "B"]
    assert "extension_drain_unknown" in {note.code for note in result.notes}


def test_capacity_of_drains_is_kept_when_they_are_led_downhill(
    build: SimpleNamespace, routed: Solve, on_terrain: Callable[..., County]
) -> None:
    county = build.county(
        [build.parcel(f"P{i}", 40.0 * i + 60, 5) for i in range(6)],
        [
            build.tie_in("D", "drain", 0, 0, 300.0, invert_m=94.0),
            build.tie_in("E", "drain", 400, 0, 300.0, invert_m=94.0),
        ],
        [build.application(f"A{i}", f"P{i}", "drain", demand=100.0) for i in range(6)],
    )
    result = routed(on_terrain(county, _hill), _loop(build))
    assert sorted(result.connections["tie_in_id"]) == ["D"] * 3 + ["E"] * 3
