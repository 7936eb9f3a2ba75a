"""Pole lines, tunnels, relief, and what every kind of way costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely import box

from geo.errors import InputError
from geo.terrain import Terrain
from layers.county import County
from planner.checking import Checks
from planner.extension.corridor import Corridor, Kind
from planner.extension.run import ExtensionResult
from planner.settings import Settings

Graph = Callable[..., Corridor]
Route = Callable[..., ExtensionResult]
Prove = Callable[..., Checks]
MAIN = [(0, 0), (400, 0)]
WIDE = 24.0


def _slope(rise: float) -> Terrain:
    """Return a plane that rises to the north."""
    rows = np.repeat((np.arange(80.0)[::-1] * 20.0 * rise)[:, None], 80, axis=1)
    grid = Affine(20.0, 0.0, -600.0, 0.0, -20.0, 1000.0)
    return Terrain(height_m=rows.astype(np.float32), transform=grid, crs=CRS.from_epsg(4545))


def _with(county: County, **frames: object) -> County:
    return replace(county, frames=MappingProxyType({**county.frames, **frames}))


def test_poles_reach_what_no_road_reaches(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 400), build.parcel("Q", 100, 10)])
    (pole,) = ask.lines(corridor, Kind.POLE)
    assert pole.length == pytest.approx(400.0)
    assert pole.coords[-1][1] == 400.0


@pytest.mark.parametrize(
    ("kind", "area"),
    [
        ("building", box(-300, 100, 800, 110)),
        ("protected", box(-300, 100, 800, 110)),
        ("water_body", box(-300, 100, 800, 200)),
        ("planned_construction", box(-300, -50, 800, 110)),
    ],
)
def test_poles_stand_neither_in_the_way_nor_in_town(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace, kind: str, area: shapely.Polygon
) -> None:
    zone = {"zone_id": "Z", "kind": kind, "geometry": area}
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 400)], zones=[zone])
    assert ask.lines(corridor, Kind.POLE) == []


def test_a_pole_line_spans_a_brook(
    build: SimpleNamespace, graph: Graph, ask: SimpleNamespace
) -> None:
    brook = {"zone_id": "Z", "kind": "water_body", "geometry": box(-300, 100, 800, 130)}
    corridor = graph(build.streets(MAIN), [build.parcel("P", 100, 400)], zones=[brook])
    assert len(ask.lines(corridor, Kind.POLE)) == 1


def test_lengths_follow_the_terrain(build: SimpleNamespace, graph: Graph) -> None:
    uphill = [(0, 0), (0, 300)]
    corridor = graph(build.streets(MAIN, uphill), terrain=_slope(0.75))
    level = corridor.segment[: corridor.street_count] == 0
    assert corridor.laid_m[level] == pytest.approx(400.0)
    assert corridor.laid_m[~level] == pytest.approx(375.0)
    assert corridor.slope.tolist() == pytest.approx([0.0, 0.75])


def test_a_steep_pole_line_costs_more_and_is_proven(
    build: SimpleNamespace, route: Route, prove: Prove
) -> None:
    flat = build.county(
        [build.parcel("P", 100, 400)],
        [build.tie_in("T", "telecom", 120, 1)],
        [build.application("A", "P", "telecom")],
    )
    steep = replace(flat, terrain=_slope(0.5))
    cost = []
    for county in (flat, steep):
        result = route(county, build.streets(MAIN))
        assert prove(county, build.streets(MAIN), result).failures == ()
        assert result.figures["pole_m"] == pytest.approx(400.0)
        assert result.works.empty or result.works.geometry.length.max() < 10
        cost.append(result.figures["cost_yuan"])
    assert cost[1] > 1.6 * cost[0]


def test_water_does_not_hang_on_poles(build: SimpleNamespace, routed: Route) -> None:
    county = build.county(
        [build.parcel("P", 100, 400)],
        [build.tie_in("W", "water", 120, 1), build.tie_in("T", "tv", 120, 1)],
        [build.application("A", "P", "water"), build.application("B", "P", "tv")],
    )
    result = routed(county, build.streets(MAIN))
    assert build.rules(result) == {"A": "no_corridor"}
    assert result.connections["application_id"].tolist() == ["B"]
    assert sorted(result.trenches["kind"]) == ["pole", "stub"]


def test_a_tunnel_takes_the_lines_that_it_admits(build: SimpleNamespace, routed: Route) -> None:
    tunnel = {"zone_id": "U", "kind": "utility_tunnel", "geometry": box(20, -4, 380, 4)}
    county = build.county(
        [build.parcel("P", 370, 20)],
        [build.tie_in("W", "water", 10, 8), build.tie_in("G", "gas", 10, 8)],
        [build.application("A", "P", "water"), build.application("B", "P", "gas")],
        [tunnel],
    )
    result = routed(county, build.streets(MAIN, width_m=WIDE))
    users = result.trenches.groupby("kind")["utilities"].agg(
        lambda cells: set(",".join(cells).split(","))
    )
    assert users["tunnel"] == {"water"}
    assert users["shaft"] == {"water"}
    assert "gas" in users["street"]
    assert result.figures["tunnel_m"] == pytest.approx(360.0, abs=25.0)


def test_a_route_crosses_a_wide_road_once_and_pays_for_it(
    build: SimpleNamespace, routed: Route, settings: Settings
) -> None:
    county = build.county(
        [build.parcel("P", 300, 20)],
        [build.tie_in("W", "water", 20, -20)],
        [build.application("A", "P", "water")],
    )
    open_cut = routed(county, build.streets(MAIN, width_m=WIDE))
    assert open_cut.connections["crossings"].tolist() == [1]
    assert "crossing" in set(open_cut.trenches["kind"])
    assert set(open_cut.trenches["side"]) >= {"", "left"} or "right" in set(
        open_cut.trenches["side"]
    )
    arterial = build.streets(MAIN, width_m=WIDE).assign(road_class="arterial")
    bored = routed(county, arterial)
    (row,) = bored.trenches[bored.trenches["kind"] == "boring"].to_dict("records")
    own = settings.number("extension.line_water_yuan_per_m")
    boring = settings.number("extension.boring_yuan_per_m")
    expected = settings.number("extension.boring_pits_yuan") + (own + boring) * row["length_m"]
    assert row["cost_yuan"] == pytest.approx(expected)


def test_a_route_that_only_crosses_by_boring_stands_in_no_carriageway(
    build: SimpleNamespace, routed: Route
) -> None:
    county = build.county(
        [build.parcel("P", 300, 20)],
        [build.tie_in("E", "power", 300, -20, voltage_kv=10.0)],
        [build.application("A", "P", "power", load_kva=500.0)],
    )
    streets = build.streets(MAIN, width_m=WIDE)
    opened = routed(county, streets).connections["permits"][0]
    bored = routed(county, streets.assign(road_class="arterial")).connections["permits"][0]
    assert "占路" in opened
    assert "占路" not in bored
    assert "掘路" in bored


def test_a_green_way_costs_its_surcharge(
    build: SimpleNamespace, routed: Route, settings: Settings
) -> None:
    plain = build.county(
        [build.parcel("P", 300, 20)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    lawn = {"zone_id": "Z", "kind": "green", "geometry": box(-300, 5, 800, 15)}
    green = _with(plain, zones=build.county([], [], [], [lawn])["zones"])
    costs = [routed(c, build.streets(MAIN)).figures["cost_yuan"] for c in (plain, green)]
    assert costs[1] - costs[0] == pytest.approx(10 * settings.number("extension.green_yuan_per_m"))


def test_a_tapped_main_saves_the_way_to_its_tie_in_and_keeps_its_limit(
    build: SimpleNamespace, route: Route, prove: Prove
) -> None:
    main = {
        "pipe_id": "M", "utility": "gas", "subtype": "distribution", "pressure_mpa": 0.2,
        "geometry": shapely.LineString([(0, 3), (400, 3)]),
    }  # fmt: skip
    county = build.county(
        [build.parcel("P", 200, 10), build.parcel("Q", 300, 10)],
        [build.tie_in("T", "gas", 20, 3, 100.0)],
        [build.application(name, name, "gas", demand=60.0) for name in ("P", "Q")],
        (),
        [main],
    )
    result = route(county, build.streets(MAIN))
    assert prove(county, build.streets(MAIN), result).failures == ()
    assert result.connections["tapped_pipe_id"].tolist() == ["M"]
    assert result.connections["tie_in_id"].tolist() == ["T"]
    assert result.connections["length_m"].max() < 20
    assert set(build.rules(result).values()) == {"capacity"}
    false = result.connections.assign(tapped_pipe_id="N")
    failures = prove(county, build.streets(MAIN), result, connections=false).failures
    assert {failure.rule for failure in failures} == {"ends"}


def test_a_parcel_whose_ways_are_all_blocked_is_told_so(
    build: SimpleNamespace, routed: Route
) -> None:
    strip = {"zone_id": "Z", "kind": "water_body", "geometry": box(-300, 3, 800, 8)}
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
        [strip],
    )
    result = routed(county, build.streets(MAIN))
    assert build.rules(result) == {"A": "blocked"}
    assert "10 m" in result.reasons["A"].text("en")


@pytest.mark.parametrize("seed", range(3))
def test_a_town_of_wide_streets_is_proven(
    route: Route, prove: Prove, town: Callable[[int], tuple[County, object]], seed: int
) -> None:
    county, segments = town(seed)
    wide = segments.assign(width_m=18.0)
    result = route(county, wide)
    assert prove(county, wide, result).failures == ()
    assert {"left", "right"} <= set(result.trenches["side"])
    assert result.figures["crossings"] > 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("extension.crossing_branch", "jump", "open_cut, trenchless"),
        ("extension.tapped", "water, steam", "steam"),
        ("extension.pole_utilities", "tv;power", "telecom"),
    ],
)
def test_a_setting_that_names_nothing_known_is_refused(
    build: SimpleNamespace, route: Route, settings: Settings, name: str, value: str, said: str
) -> None:
    wrong = settings.with_user({name: value}, source="study.toml")
    county = build.county([], [], [])
    with pytest.raises(InputError, match=name) as told:
        route(county, build.streets(MAIN), settings=wrong)
    (fault,) = told.value.faults
    assert said in fault.text("zh")
    assert said in fault.text("en")


def test_a_bridge_between_embankments_is_crossed_on_its_deck(
    build: SimpleNamespace, routed: Route, settings: Settings
) -> None:
    river = {"zone_id": "R", "kind": "water_body", "geometry": box(15, -500, 85, 500)}
    county = build.county(
        [build.parcel("P", 320, 160)],
        [build.tie_in("W", "water", -200, -160)],
        [build.application("A", "P", "water")],
        [river],
    )
    banks = [[(0, -200), (0, 0)], [(0, 0), (0, 200)], [(100, -200), (100, 40)],
             [(100, 40), (100, 200)]]  # fmt: skip
    ways = [(-200, -150), (0, 0)], [(0, 0), (100, 40)], [(100, 40), (400, 150)]
    result = routed(county, build.streets(*banks, *ways, width_m=26.0))
    deck = result.trenches.geometry.intersection(river["geometry"]).length
    assert deck.sum() > 70
    surcharge = settings.number("extension.bridge_yuan_per_m")
    assert result.trenches["cost_yuan"].sum() > surcharge * deck.sum()


def test_a_route_through_a_building_and_a_false_kind_are_found(
    build: SimpleNamespace, route: Route, prove: Prove
) -> None:
    county = build.county(
        [build.parcel("P", 300, 20)],
        [build.tie_in("W", "water", 20, -20)],
        [build.application("A", "P", "water")],
    )
    streets = build.streets(MAIN, width_m=WIDE)
    result = route(county, streets)
    house = {"zone_id": "H", "kind": "building", "geometry": box(290, 12, 330, 19)}
    built = _with(county, zones=build.county([], [], [], [house])["zones"])
    assert "obstacle" in {f.rule for f in prove(built, streets, result).failures}
    for kind, rule in (("boring", "way"), ("pole", "way"), ("street", "price")):
        planted = result.trenches.copy()
        planted.loc[planted["kind"] == "crossing", "kind"] = kind
        assert rule in {f.rule for f in prove(county, streets, result, trenches=planted).failures}
