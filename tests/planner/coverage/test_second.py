from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from geo.terrain import Terrain
from layers.county import County
from planner.coverage import gaps, grid, run, second, signal
from planner.coverage.cells import Usable, usable
from planner.coverage.check_model import strongest
from planner.coverage.check_second import state, with_second
from planner.coverage.clutter import OFFSETS
from planner.coverage.run import CoverageResult
from planner.coverage.second import Verdict
from planner.settings import Settings, defaults


@pytest.fixture
def county(made: SimpleNamespace) -> County:
    return made.county(terrain=made.hills())


@pytest.fixture
def stage(county: County, settings: Settings) -> tuple[Usable, Terrain]:
    cells = usable(county, settings)
    area = grid.area_of(county, settings)
    return cells, grid.ground(county, area, cells.cells[["x_m", "y_m"]].to_numpy(), settings)


@pytest.fixture
def result(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    return found


def scattered(count: int, *, seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform([470_050.0, 3_240_050.0], [475_350.0, 3_243_550.0], (count, 2))


def test_the_second_models_power_is_that_of_plain_python(
    stage: tuple[Usable, Terrain], settings: Settings
) -> None:
    cells, terrain = stage
    own = cells.cells[cells.cells["operator"] == "ctcc"].reset_index(drop=True)
    xy = scattered(80)
    always = settings.with_user({"coverage.second_within_db": 200.0}, source="test")
    heard = [with_second(strongest(own, terrain, xy_, always), own, always) for xy_ in xy]
    server = np.array([one.cell for one in heard], dtype=np.int32)
    found = second.itm_dbm(own, terrain, xy, server, settings)
    far = np.array([one.length_m >= 1000.0 for one in heard])
    assert 20 < far.sum() < 80
    assert np.isnan(found[~far]).all()
    expected = [one.second_dbm for one in heard if one.length_m >= 1000.0]
    assert np.ptp(expected) > 30.0
    np.testing.assert_allclose(found[far], expected, rtol=0.0, atol=0.05)


def test_what_calibration_adds_is_taken_off_the_second_models_power_in_the_check_too(
    stage: tuple[Usable, Terrain], settings: Settings
) -> None:
    cells, terrain = stage
    plain = cells.cells.iloc[[0]].reset_index(drop=True)
    tuned = plain.assign(**dict.fromkeys(OFFSETS, 6.0), slope_db_per_decade=10.0)
    point = np.array([474_000.0, 3_241_000.0])
    server = np.zeros(1, dtype=np.int32)
    before, after = (
        float(second.itm_dbm(one, terrain, point[np.newaxis], server, settings)[0])
        for one in (plain, tuned)
    )
    away_km = np.hypot(*(point - plain[["x_m", "y_m"]].to_numpy()[0])) / 1000.0
    assert before - after == pytest.approx(6.0 + 10.0 * np.log10(away_km), abs=1e-3)
    always = settings.with_user({"coverage.second_within_db": 200.0}, source="test")
    heard = with_second(strongest(tuned, terrain, point, always), tuned, always)
    assert heard.second_dbm == pytest.approx(after, abs=0.05)


def test_pixels_are_uncertain_where_the_check_finds_the_models_apart(
    county: County, settings: Settings, stage: tuple[Usable, Terrain], result: CoverageResult
) -> None:
    cells, terrain = stage
    row, column, inside = result.grid.locate(scattered(150))
    assert inside.all()
    for operator in cells.operators:
        own = cells.cells[cells.cells["operator"] == operator]
        states = [
            state(with_second(strongest(own, terrain, point, settings), own, settings), settings)
            for point in result.grid.centres(row, column)
        ]
        found = result.uncertain[operator][row, column]
        expected = np.array([one.possible and not one.certain for one in states])
        assert (found == expected).mean() >= 0.97  # the sweep displaces profiles a little
        assert 0 < found.sum() < 75


def test_covered_and_uncertain_shares_count_the_pixels(
    settings: Settings, result: CoverageResult
) -> None:
    wanted = gaps.wanted_dbm(settings)
    for name in ("cmcc", "ctcc"):
        first = result.signals[name].rsrp_dbm >= wanted
        uncertain = result.uncertain[name]
        figures = result.figures["operators"][name]
        known = np.isfinite(result.signals[name].rsrp_dbm).sum()
        assert figures["uncertain_share"] == pytest.approx(uncertain.sum() / known, abs=1e-6)
        covered = (first & ~uncertain).sum() / known
        assert figures["covered_share"] == pytest.approx(covered, abs=1e-6)


def test_without_a_second_model_nothing_is_uncertain_and_no_share_is_made_up(
    county: County, settings: Settings
) -> None:
    alone = settings.with_user({"coverage.second_model": "none"}, source="test")
    found = run.solve(county, alone)
    assert found is not None
    assert not any(mask.any() for mask in found.uncertain.values())
    assert found.figures["uncertain_share"] is None
    assert found.figures["second_model"] == "none"
    first = found.signals["any"].rsrp_dbm
    share = (first >= gaps.wanted_dbm(alone)).sum() / np.isfinite(first).sum()
    assert found.figures["covered_share"] == pytest.approx(share, abs=1e-6)


def judged(
    stage: tuple[Usable, Terrain], settings: Settings, xy: np.ndarray
) -> tuple[np.ndarray, Verdict]:
    cells, terrain = stage
    found = signal.predict(cells.cells, cells.groups, terrain, xy, settings)
    first = found.rsrp_dbm[:, 0]
    return first, second.judge(cells.cells, terrain, None, xy, first, found.server[:, 0], settings)


def test_far_from_the_threshold_the_second_model_is_not_asked(
    stage: tuple[Usable, Terrain], settings: Settings
) -> None:
    xy = scattered(400)
    first, wide = judged(stage, settings, xy)
    near_only = settings.with_user({"coverage.second_within_db": 5.0}, source="test")
    _, narrow = judged(stage, near_only, xy)
    close = np.abs(first - gaps.wanted_dbm(settings)) <= 5.0
    assert (wide.uncertain & ~close).any()
    assert (narrow.uncertain == (wide.uncertain & close)).all()


def test_near_its_mast_a_cell_is_judged_by_the_first_model_alone(
    stage: tuple[Usable, Terrain], settings: Settings
) -> None:
    xy = np.array([471_000.0, 3_241_800.0]) + scattered(200) % 600.0
    first, verdict = judged(stage, settings, xy)
    assert not verdict.uncertain.any()
    assert (verdict.certain == (first >= gaps.wanted_dbm(settings))).all()


def test_across_a_void_the_second_model_says_nothing_and_the_first_decides(
    county: County, settings: Settings, stage: tuple[Usable, Terrain]
) -> None:
    cells, terrain = stage
    holed = replace(terrain, height_m=terrain.height_m.copy())
    column = int((471_900.0 - terrain.transform.c) / terrain.transform.a)
    holed.height_m[:, column : column + 3] = np.nan
    xy = np.array([[472_800.0, 3_241_800.0], [471_500.0, 3_243_300.0]])
    server = np.array([0, 0], dtype=np.int32)
    assert cells.cells["x_m"].iloc[0] == 471_000.0
    found = second.itm_dbm(cells.cells, holed, xy, server, settings)
    assert np.isnan(found).tolist() == [True, False]
    for dbm in (-80.0, -110.0):
        first = np.full(2, dbm, dtype=np.float32)
        verdict = second.judge(cells.cells, holed, None, xy, first, server, settings)
        assert verdict.certain[0] == verdict.possible[0] == (dbm >= -105.0)


def test_any_is_certain_where_one_operator_is_and_all_where_each_is() -> None:
    # covered, uncertain, uncovered: every pair of two operators
    one = Verdict(np.array([1, 1, 1, 0, 0, 0, 0, 0, 0]) > 0, np.array([1] * 6 + [0] * 3) > 0)
    two = Verdict(np.array([1, 0, 0] * 3) > 0, np.array([1, 1, 0] * 3) > 0)
    found = second.together({"cmcc": one, "ctcc": two})
    assert found["any"].certain.tolist() == [1, 1, 1, 1, 0, 0, 1, 0, 0]
    assert found["any"].uncertain.tolist() == [0, 0, 0, 0, 1, 1, 0, 1, 0]
    assert found["all"].certain.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert found["all"].uncertain.tolist() == [0, 1, 0, 1, 1, 0, 0, 0, 0]
    assert second.together({}) == {}


@pytest.fixture
def villages_of_one_doubtful_place(made: SimpleNamespace) -> County:
    """Places at which the models agree and one at which they do not, each a village."""
    county = made.county(terrain=made.hills(), places=())
    found = run.solve(county, NO_SITE_NEAR)
    assert found is not None
    doubtful = found.uncertain["cmcc"] & ~found.uncertain["ctcc"]
    sure = ~found.uncertain["cmcc"] & np.isfinite(found.signals["any"].rsrp_dbm)
    places = []
    for name, mask in (("疑村", doubtful), ("定村", sure)):
        row, column = (each[:1] for each in np.nonzero(mask))
        (x, y) = found.grid.centres(row, column)[0]
        places.append(made.place(name, x, y, village=name, kind="committee"))
    return made.county(terrain=made.hills(), places=places)


NO_SITE_NEAR = defaults().with_user(
    {"coverage.village_site_km": 0.05, "coverage.check_points": 60}, source="test"
)


def test_a_village_heard_by_one_model_only_is_uncertain_and_proven_so(
    made: SimpleNamespace, villages_of_one_doubtful_place: County
) -> None:
    county = villages_of_one_doubtful_place
    found = run.solve(county, NO_SITE_NEAR)
    assert found is not None
    rows = found.villages.set_index(["village", "operator"])
    assert rows["uncertain"].loc[("疑村", "cmcc")]
    assert rows["places_uncertain"].loc[("疑村", "cmcc")] == 1
    assert not rows["uncertain"].loc[("定村", "cmcc")]
    checks = made.checked(county, NO_SITE_NEAR, found)
    assert checks.failures == ()
    wrong = found.villages.assign(uncertain=~found.villages["uncertain"].astype(bool))
    forged = made.checked(county, NO_SITE_NEAR, found, villages=wrong)
    rules = {failure.rule for failure in forged.failures}
    assert "village_uncertain" in rules
    alone = found.villages["operator"].eq("all")
    wrong = found.villages.assign(uncertain=found.villages["uncertain"].astype(bool) ^ alone)
    forged = made.checked(county, NO_SITE_NEAR, found, villages=wrong)
    assert {failure.rule for failure in forged.failures} == {
        "village_all_uncertain",
        "villages_uncertain",
    }


def test_an_uncertain_share_that_is_made_up_is_found(
    made: SimpleNamespace, county: County, settings: Settings, result: CoverageResult
) -> None:
    operators = {
        name: {**values, "uncertain_share": values["uncertain_share"] + 0.3}
        for name, values in result.figures["operators"].items()
    }
    figures = {**result.figures, "operators": operators}
    assert made.checked(county, settings, result).failures == ()
    found = made.checked(county, settings, result, figures=figures)
    assert {failure.rule for failure in found.failures} == {"uncertain_share"}
