"""Routed drains end to end: profile, notices, and the check that proves them."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from layers.tables import DRAIN_LEVELS, DRAINS
from planner.checking import Checks
from planner.extension.check_drains import check
from planner.extension.run import ExtensionResult
from planner.settings import Settings

MAIN = ((0, 0), (400, 0))
Height = Callable[[np.ndarray, np.ndarray], np.ndarray]
Run = Callable[[County], tuple[ExtensionResult, Checks]]


@pytest.fixture
def sewered(build: SimpleNamespace, on_terrain: Callable[..., County]) -> Callable[..., County]:
    """Return one parcel 300 m east of a sewer's tie-in, on a terrain."""

    def make(
        height: Height | None,
        tie_in: Mapping[str, object] | None = None,
        application: Mapping[str, object] | None = None,
    ) -> County:
        county = build.county(
            [build.parcel("P", 290, 5)],
            [build.tie_in("D", "drain", 0, 0, 500.0, subtype="sewage", **(tie_in or {}))],
            [build.application("A", "P", "drain", subtype="sewage", **(application or {}))],
        )
        return county if height is None else on_terrain(county, height)

    return make


@pytest.fixture
def run(
    build: SimpleNamespace,
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
    settings: Settings,
) -> Run:
    """Route a county along one street; return the result and the check of its profiles."""

    def solve(county: County) -> tuple[ExtensionResult, Checks]:
        segments = build.streets(MAIN)
        result = route(county, segments)
        assert prove(county, segments, result).failures == ()
        assert list(result.drains) == [*DRAINS.names, "geometry"]
        assert list(result.drain_levels) == [*DRAIN_LEVELS.names, "geometry"]
        return result, _proof(county, settings, result)

    return solve


def _proof(
    county: County, settings: Settings, result: ExtensionResult, **planted: gpd.GeoDataFrame
) -> Checks:
    tables = {"drains": result.drains, "levels": result.drain_levels, **planted}
    return check(county, settings, connections=result.connections, **tables)


def _east_up(fall: float) -> Height:
    return lambda x, y: 100.0 + fall * x + 0.0 * y


def _codes(result: ExtensionResult) -> set[str]:
    return {note.code for note in result.notes}


def test_a_parcel_above_the_sewer_drains_by_gravity(
    sewered: Callable[..., County], run: Run
) -> None:
    result, checks = run(sewered(_east_up(0.01), {"invert_m": 97.0}))
    (drain,) = result.drains.to_dict("records")
    assert drain["drains_by"] == "gravity"
    assert drain["diameter_mm"] == 300.0
    assert drain["least_slope"] == 0.003
    assert "GB 50014-2021 5.2.10" in drain["slope_clause"]
    assert "5.2.10" in drain["reason"]
    assert drain["spare_m"] == pytest.approx(100.0 - 1.03 - 97.0, abs=0.02)
    assert drain["volume_m3"] > 0.5 * drain["length_m"]
    assert drain["excess_yuan"] == 0.0
    assert checks.failures == ()
    assert checks.passed > 20
    assert "extension_drain" not in _codes(result)


def test_a_parcel_below_the_sewer_is_pumped_and_told_how_high(
    sewered: Callable[..., County], run: Run
) -> None:
    result, checks = run(sewered(_east_up(-0.02), {"invert_m": 98.0}))
    (drain,) = result.drains.to_dict("records")
    assert drain["drains_by"] == "pumped"
    assert 0 < drain["lift_m"] < 8.0
    assert drain["pumped_m"] > 0
    assert f"{drain['lift_m']:.2f} m" in drain["reason"]
    assert f"{drain['lift_m']:.2f} m" in drain["reason_en"]
    assert result.drains.geometry[0].distance(result.connections.geometry[0]) < 1e-6
    assert checks.failures == ()
    note = next(note for note in result.notes if note.code == "extension_drain_excess")
    assert note.facts["pumped"] == 1


def test_flat_ground_is_dug_deeper_and_the_depth_is_priced(
    sewered: Callable[..., County], run: Run
) -> None:
    result, checks = run(sewered(_east_up(0.0), {"invert_m": 95.0}))
    (drain,) = result.drains.to_dict("records")
    assert drain["drains_by"] == "gravity"
    assert drain["deepest_m"] == pytest.approx(1.03 + 0.003 * drain["length_m"])
    assert drain["excess_yuan"] > 0
    assert checks.failures == ()


def test_a_known_outlet_decides(sewered: Callable[..., County], run: Run) -> None:
    by_cover, _ = run(sewered(_east_up(0.0), {"invert_m": 97.0}))
    cellar, checks = run(sewered(_east_up(0.0), {"invert_m": 97.0}, {"outlet_m": 97.5}))
    assert by_cover.drains["drains_by"].tolist() == ["gravity"]
    assert cellar.drains["drains_by"].tolist() == ["pumped"]
    assert cellar.drains["outlet_given"].tolist() == [True]
    assert checks.failures == ()
    assert "extension_drain_assumed" in _codes(by_cover)
    assert "extension_drain_assumed" not in _codes(cellar)


def test_an_outlet_below_every_trench_is_named(sewered: Callable[..., County], run: Run) -> None:
    result, checks = run(sewered(_east_up(0.0), {"invert_m": 97.0}, {"outlet_m": 92.0}))
    (drain,) = result.drains.to_dict("records")
    assert (drain["drains_by"], drain["pump_at_m"]) == ("pumped", 0.0)
    assert "8.00 m" in drain["reason_en"]
    assert checks.failures == ()


def test_a_level_that_nothing_tells_is_taken_from_the_cover_and_said_so(
    sewered: Callable[..., County], run: Run
) -> None:
    result, checks = run(sewered(_east_up(0.01)))
    (drain,) = result.drains.to_dict("records")
    assert drain["tie_in_level"] == "cover"
    assert drain["tie_in_m"] == pytest.approx(100.0 - 1.5 - 0.33, abs=0.05)
    assert checks.failures == ()
    assert "extension_drain_assumed" in _codes(result)


def test_without_terrain_the_drain_is_routed_and_said_to_be_unchecked(
    sewered: Callable[..., County], run: Run
) -> None:
    result, checks = run(sewered(None))
    assert result.connections["application_id"].tolist() == ["A"]
    assert len(result.drains) == len(result.drain_levels) == 0
    assert checks.failures == ()
    note = next(note for note in result.notes if note.code == "extension_drain")
    assert note.rows == ("A",)
    assert "没有地形" in note.text("zh")
    assert "no terrain" in note.text("en")


def test_a_drain_off_the_terrain_is_named(sewered: Callable[..., County], run: Run) -> None:
    def known_in_the_west(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x < 150.0, 100.0 + 0.0 * y, np.nan)

    result, checks = run(sewered(known_in_the_west, {"invert_m": 90.0}))
    assert len(result.drains) == 0
    assert checks.failures == ()
    note = next(note for note in result.notes if note.code == "extension_drain_unknown")
    assert note.rows == ("A",)


def test_rain_and_sewage_do_not_share_a_tie_in(
    build: SimpleNamespace, route: Callable[..., ExtensionResult], prove: Callable[..., Checks]
) -> None:
    county = build.county(
        [build.parcel("P", 290, 5)],
        [
            build.tie_in("R", "drain", 250, 0, subtype="rain"),
            build.tie_in("S", "drain", 0, 0, subtype="sewage"),
        ],
        [
            build.application("A", "P", "drain", subtype="sewage"),
            build.application("B", "P", "drain", subtype="rain"),
        ],
    )
    segments = build.streets(MAIN)
    result = route(county, segments)
    served = dict(
        zip(result.connections["application_id"], result.connections["tie_in_id"], strict=True)
    )
    assert served == {"A": "S", "B": "R"}
    assert prove(county, segments, result).failures == ()


def _shifted(result: ExtensionResult, column: str, by: float, row: int) -> gpd.GeoDataFrame:
    changed = result.drain_levels.copy()
    changed.loc[changed.index[row], column] += by
    return changed


@pytest.mark.parametrize(
    ("rule", "column", "by", "row"),
    [
        ("drain_slope", "arrives_m", 0.5, 2),
        ("drain_cover", "leaves_m", 0.5, 2),
        ("drain_depth", "arrives_m", -9.0, 2),
        ("drain_ends", "arrives_m", -0.5, 0),
        ("drain_ends", "leaves_m", 0.5, -1),
        ("drain_drop", "arrives_m", -0.5, 2),
        ("drain_ground", "ground_m", 1.0, 2),
        ("drain_ground", "along_m", 1.0, -1),
    ],
)
def test_a_planted_level_is_found_under_its_rule(
    sewered: Callable[..., County],
    run: Run,
    settings: Settings,
    rule: str,
    column: str,
    by: float,
    row: int,
) -> None:
    county = sewered(_east_up(0.01), {"invert_m": 97.0})
    result, checks = run(county)
    assert checks.failures == ()
    planted = _proof(county, settings, result, levels=_shifted(result, column, by, row))
    assert rule in {failure.rule for failure in planted.failures}


@pytest.mark.parametrize(
    ("rule", "column", "value"),
    [
        ("drain_pump", "drains_by", "pumped"),
        ("drain_sums", "volume_m3", 1.0),
        ("drain_sums", "deepest_m", 1.0),
        ("drain_sums", "excess_yuan", 1.0),
        ("drain_sums", "length_m", 1.0),
        ("drain_sums", "least_slope", 0.001),
        ("drained", "application_id", "nobody"),
    ],
)
def test_a_planted_figure_is_found_under_its_rule(
    sewered: Callable[..., County],
    run: Run,
    settings: Settings,
    rule: str,
    column: str,
    value: object,
) -> None:
    county = sewered(_east_up(0.0), {"invert_m": 95.0})
    result, _ = run(county)
    changed = result.drains.copy()
    changed[column] = value
    found = {f.rule for f in _proof(county, settings, result, drains=changed).failures}
    assert rule in found


@pytest.mark.parametrize(("column", "value"), [("drains_by", "gravity"), ("lift_m", 0.1)])
def test_a_planted_pump_is_found(
    sewered: Callable[..., County], run: Run, settings: Settings, column: str, value: object
) -> None:
    county = sewered(_east_up(-0.02), {"invert_m": 98.0})
    result, _ = run(county)
    changed = result.drains.copy()
    changed[column] = value
    found = {f.rule for f in _proof(county, settings, result, drains=changed).failures}
    assert "drain_pump" in found


def test_a_profile_left_out_is_found(
    sewered: Callable[..., County], run: Run, settings: Settings
) -> None:
    county = sewered(_east_up(0.0), {"invert_m": 95.0})
    result, _ = run(county)
    found = _proof(county, settings, result, drains=result.drains.iloc[:0]).failures
    assert {failure.rule for failure in found} == {"drained"}
