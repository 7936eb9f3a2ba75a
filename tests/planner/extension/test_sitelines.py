"""Lines to sites: along streets or straight from an overhead line, each alone; their proof."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from layers.county import County
from planner.checking import Checks
from planner.extension import check_sitelines, sitelines
from planner.extension.sitelines import SiteLines
from planner.settings import Settings

STREET = ((0, 0), (400, 0))
NEAR, FAR, NOWHERE = Point(300, 15), Point(200, 600), Point(200, 5000)


def sites(**points: Point) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(points.values()), index=list(points), crs="EPSG:4545")


def overhead(name: str, y: float, utility: str = "power", **more: object) -> dict[str, object]:
    line = LineString([(0, y), (400, y)])
    return {"pipe_id": name, "utility": utility, "subtype": "overhead", "geometry": line, **more}


@pytest.fixture
def county(build: SimpleNamespace) -> Callable[..., County]:
    def make(*pipes: dict[str, object], zones: tuple[dict[str, object], ...] = ()) -> County:
        ties = [
            build.tie_in("E", "power", 20, 5, voltage_kv=0.38),
            build.tie_in("T", "telecom", 380, 5),
        ]
        return build.county((), ties, (), zones=zones, pipes=pipes)

    return make


@pytest.fixture
def laid(build: SimpleNamespace, settings: Settings) -> Callable[..., SiteLines]:
    def run(county: County, asked: gpd.GeoSeries, **options: object) -> SiteLines:
        return sitelines.route(county, build.streets(STREET), asked, settings, **options)

    return run


@pytest.fixture
def proved(build: SimpleNamespace, settings: Settings) -> Callable[..., Checks]:
    def run(county: County, asked: gpd.GeoSeries, found: SiteLines, **options: object) -> Checks:
        return check_sitelines.check(
            county, build.streets(STREET), asked, settings, lines=found.lines, ways=found.ways,
            **options,
        )  # fmt: skip

    return run


def of(found: SiteLines, site: str, utility: str) -> dict[str, object]:
    lines = found.lines
    (row,) = lines[lines["candidate_id"].eq(site) & lines["utility"].eq(utility)].to_dict("records")
    return row


def test_a_site_at_a_street_gets_power_and_fibre_along_it(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    asked = sites(near=NEAR)
    found = laid(county(), asked)
    power, fibre = of(found, "near", "power"), of(found, "near", "telecom")
    assert (power["tie_in_id"], fibre["tie_in_id"]) == ("E", "T")
    assert power["length_m"] == pytest.approx(290.0, abs=15.0)
    assert fibre["length_m"] == pytest.approx(95.0, abs=15.0)
    assert power["cost_yuan"] > 2.0 * fibre["cost_yuan"] > 0.0
    assert proved(county(), asked, found).failures == ()


def test_each_line_is_priced_alone_whatever_else_is_asked(
    county: Callable[..., County], laid: Callable[..., SiteLines]
) -> None:
    one, both = laid(county(), sites(b=NEAR)), laid(county(), sites(a=Point(290, 15), b=NEAR))
    assert of(one, "b", "power")["cost_yuan"] == pytest.approx(of(both, "b", "power")["cost_yuan"])


def test_what_planned_works_hold_open_costs_only_the_width(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    asked, opened = sites(near=NEAR), {"S0": [(0.0, 400.0, "left"), (0.0, 400.0, "right")]}
    alone, joined = laid(county(), asked), laid(county(), asked, open_segments=opened)
    price = "cost_yuan"
    assert of(joined, "near", "power")[price] < 0.8 * of(alone, "near", "power")[price]
    assert proved(county(), asked, joined, open_segments=opened).failures == ()
    assert proved(county(), asked, joined).failed


def test_a_site_in_the_open_hangs_on_the_overhead_line_that_passes(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks],
    settings: Settings,
) -> None:  # fmt: skip
    asked = sites(far=FAR)
    grid = county(overhead("L", 700.0, voltage_kv=0.38))
    found = laid(grid, asked)
    span = of(found, "far", "power")
    assert (span["tie_in_id"], span["tapped_pipe_id"]) == ("", "L")
    assert span["length_m"] == pytest.approx(97.0)
    rate = sum(settings.number(f"extension.{name}_yuan_per_m") for name in ("pole", "line_power"))
    assert span["cost_yuan"] == pytest.approx(97.0 * rate)
    assert of(found, "far", "telecom")["tie_in_id"] == "T"
    assert proved(grid, asked, found).failures == ()


def test_off_ten_kilovolts_a_transformer_is_paid_and_off_more_nothing_hangs(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks],
    settings: Settings,
) -> None:  # fmt: skip
    asked = sites(far=FAR)
    low = of(laid(county(overhead("L", 700.0, voltage_kv=0.38)), asked), "far", "power")
    medium_grid = county(overhead("L", 700.0, voltage_kv=10.0))
    found = laid(medium_grid, asked)
    medium = of(found, "far", "power")
    dearer = settings.number("extension.line_power_mv_yuan_per_m")
    dearer -= settings.number("extension.line_power_yuan_per_m")
    transformer = settings.number("coverage.site_transformer_yuan")
    assert medium["cost_yuan"] == pytest.approx(low["cost_yuan"] + 97.0 * dearer + transformer)
    assert proved(medium_grid, asked, found).failures == ()
    high = of(laid(county(overhead("L", 700.0, voltage_kv=110.0)), asked), "far", "power")
    assert high["tie_in_id"] == "E"


@pytest.mark.parametrize(
    ("kind", "width"), [("building", 4.0), ("protected", 4.0), ("town_centre", 4.0),
                        ("water_body", 90.0)],
)  # fmt: skip
def test_no_span_leads_over_what_poles_may_not_cross(
    county: Callable[..., County], laid: Callable[..., SiteLines], kind: str, width: float
) -> None:
    zone = {"zone_id": "Z", "kind": kind, "geometry": box(0, 650 - width / 2, 400, 650 + width / 2)}
    found = laid(county(overhead("L", 700.0), zones=(zone,)), sites(far=FAR))
    assert of(found, "far", "power")["tie_in_id"] == "E"


def test_a_line_to_a_roof_ends_at_its_house(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    house = {"zone_id": "H", "kind": "building", "geometry": box(290, 12, 310, 32)}
    town, asked = county(overhead("L", 100.0), zones=(house,)), sites(roof=Point(300, 22))
    found = laid(town, asked)
    span, fibre = of(found, "roof", "power"), of(found, "roof", "telecom")
    assert (span["tapped_pipe_id"], span["length_m"]) == ("L", pytest.approx(68.0))
    assert fibre["length_m"] == pytest.approx(90.0, abs=12.0)
    assert proved(town, asked, found).failures == ()


def test_a_buried_line_gives_no_span(
    county: Callable[..., County], laid: Callable[..., SiteLines]
) -> None:
    buried = overhead("L", 700.0) | {"subtype": "direct"}
    assert of(laid(county(buried), sites(far=FAR)), "far", "power")["tie_in_id"] == "E"


def test_a_site_out_of_reach_has_no_line_and_none_is_made_up(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    asked = sites(near=NEAR, nowhere=NOWHERE)
    found = laid(county(), asked)
    assert set(found.lines["candidate_id"]) == {"near"}
    assert proved(county(), asked, found).failures == ()


def test_without_sites_there_are_no_lines(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    found = laid(county(), sites())
    assert (len(found.lines), len(found.ways)) == (0, 0)
    assert proved(county(), sites(), found).failures == ()


Change = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines.assign(cost_yuan=lines["cost_yuan"] * 0.9), "cost"),
        (lambda lines: lines.assign(length_m=lines["length_m"] - 5.0), "length"),
        (lambda lines: lines.assign(tie_in_id="T"), "not of"),
        (lambda lines: lines.assign(candidate_id="other"), "of no site"),
        (lambda lines: lines.assign(geometry=lines.translate(yoff=3.0)), "off"),
        (lambda lines: lines.iloc[[0, 0, 1]], "twice"),
    ],
)
def test_a_line_that_was_tampered_with_fails_the_check(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks],
    change: Change, told: str,
) -> None:  # fmt: skip
    asked = sites(near=NEAR)
    found = laid(county(), asked)
    checks = proved(county(), asked, SiteLines(change(found.lines), found.ways))
    assert any(told in failure.detail for failure in checks.failures), checks.failures


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines.assign(tapped_pipe_id="M"), "not known"),
        (lambda lines: lines.assign(tapped_pipe_id="B"), "no poles"),
        (lambda lines: lines.assign(tapped_pipe_id="H"), "110"),
        (lambda lines: lines.assign(tapped_pipe_id="F"), "no power"),
        (lambda lines: lines.assign(geometry=lines.translate(yoff=50.0)), "begins off"),
    ],
)
def test_a_span_that_was_tampered_with_fails_the_check(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks],
    change: Change, told: str,
) -> None:  # fmt: skip
    asked = sites(far=FAR)
    grid = county(
        overhead("L", 700.0),
        overhead("B", 700.0) | {"subtype": "direct"},
        overhead("H", 700.0, voltage_kv=110.0),
        overhead("F", 3000.0, "telecom"),
    )
    found = laid(grid, asked)
    power = found.lines["utility"] == "power"
    lines = found.lines[power]
    ways = found.ways[found.ways["utility"] == "power"]
    assert proved(grid, asked, SiteLines(lines, ways)).failures == ()
    checks = proved(grid, asked, SiteLines(change(lines), ways))
    assert any(told in failure.detail for failure in checks.failures), checks.failures


def test_no_pole_stands_in_the_town_says_the_check(
    county: Callable[..., County], laid: Callable[..., SiteLines], proved: Callable[..., Checks]
) -> None:
    asked = sites(far=FAR)
    found = laid(county(overhead("L", 700.0)), asked)
    town = {"zone_id": "Z", "kind": "town_centre", "geometry": box(0, 640, 400, 660)}
    checks = proved(county(overhead("L", 700.0), zones=(town,)), asked, found)
    assert any("in the town" in failure.detail for failure in checks.failures)
