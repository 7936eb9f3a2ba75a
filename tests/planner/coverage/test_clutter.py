from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from layers.county import County
from planner.coverage import clutter, run
from planner.coverage.clutter import hidden
from planner.coverage.clutter_kernels import screen_db
from planner.coverage.run import CoverageResult
from planner.settings import Settings

WOOD = shapely.box(471_420, 3_241_020, 473_820, 3_243_000)
TOWN = shapely.box(473_220, 3_241_020, 474_420, 3_241_620)
STUDY_AREA = shapely.box(470_000, 3_240_000, 475_400, 3_243_600)
AREA = {"zone_id": "z0", "kind": "boundary", "geometry": STUDY_AREA}


@pytest.fixture
def wooded(made: SimpleNamespace) -> County:
    """A wood on both sides of a town's edge; the town covers the wood where they overlap."""
    wood = {"zone_id": "z1", "kind": "forest", "geometry": WOOD}
    town = {"zone_id": "z2", "kind": "built_up", "geometry": TOWN}
    places = [
        made.place("w", 471_700, 3_242_000, people=80),
        made.place("o", 474_200, 3_242_000, people=80),
    ]
    return made.county(zones=[AREA, wood, town], places=places, terrain=made.hills())


def terminal_loss_db(
    clutter_m: npt.ArrayLike, frequency_ghz: npt.ArrayLike, *, receiver_m: float, street_m: float
) -> np.ndarray:
    around = hidden(clutter_m, receiver_m=receiver_m, street_m=street_m)
    return screen_db(around, np.asarray(frequency_ghz))


def solved(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    return found


def of_kind(county: County, kind: str) -> County:
    assert county.terrain is not None
    return replace(county, terrain=replace(county.terrain, kind=kind))


def test_a_phone_below_the_clutter_loses_as_the_recommendation_says() -> None:
    # P.2108-1 3.1 by hand: 13.5 m above the phone, 26.57 degrees, nu = 0.342 sqrt(1.8 h theta)
    nu = 0.342 * np.sqrt(1.8 * 13.5 * np.degrees(np.arctan(0.5)))
    knife = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    found = terminal_loss_db(15.0, 1.8, receiver_m=1.5, street_m=27.0)
    assert found == pytest.approx(knife - 6.03)
    assert found == pytest.approx(25.6, abs=0.1)


def test_at_or_above_the_clutter_nothing_is_lost_and_below_more_the_deeper() -> None:
    losses = terminal_loss_db(
        [0.0, 1.5, 1.6, 3.0, 6.0, 10.0, 20.0], 0.9, receiver_m=1.5, street_m=27.0
    )
    assert losses[:2].tolist() == [0.0, 0.0]
    assert (np.diff(losses[1:]) > 0.0).all()


def test_woods_and_towns_weaken_the_signal_there_and_nowhere_else(
    wooded: County, settings: Settings
) -> None:
    with_cover, open_ = solved(wooded, settings), solved(of_kind(wooded, "surface"), settings)
    assert (with_cover.figures["clutter"], open_.figures["clutter"]) == ("zones", "terrain")
    grid = with_cover.grid
    lost = open_.signals["ctcc"].rsrp_dbm - with_cover.signals["ctcc"].rsrp_dbm
    town = grid.mask(TOWN)
    wood, rest = grid.mask(WOOD) & ~town, ~(grid.mask(WOOD) | town)
    mhz = np.array([1842.5])
    for mask, height_m in ((wood, 15.0), (town, 10.0)):
        expected = terminal_loss_db(height_m, mhz / 1000.0, receiver_m=1.5, street_m=27.0)
        heard = mask & (with_cover.signals["ctcc"].rsrp_dbm > -140.0)
        assert heard.sum() > 20
        np.testing.assert_allclose(lost[heard], expected[0], atol=1e-3)
    assert (lost[rest & np.isfinite(lost)] == 0.0).all()


@pytest.mark.parametrize("kind", ["unstated", "ground", "surface"])
def test_the_check_proves_a_result_under_trees_and_finds_them_left_out(
    made: SimpleNamespace, wooded: County, settings: Settings, kind: str
) -> None:
    county = of_kind(wooded, kind)
    found = solved(county, settings)
    assert made.checked(county, settings, found).failures == ()
    other = of_kind(wooded, "ground" if kind == "surface" else "surface")
    rules = {failure.rule for failure in made.checked(other, settings, found).failures}
    assert rules > {"clutter"}


def test_without_land_cover_nothing_is_added(county: County, settings: Settings) -> None:
    found = solved(county, settings)
    assert found.figures["clutter"] == "none"
    assert found.figures["terrain_kind"] == "unstated"


def test_what_the_terrain_holds_is_remarked_where_it_matters(
    county: County, wooded: County
) -> None:
    codes = {}
    for name, one in (("bare", county), ("wooded", wooded)):
        for kind in ("ground", "surface", "unstated"):
            fault = run.remark(of_kind(one, kind))
            codes[name, kind] = fault.code if fault else None
    surface, unstated = "coverage_terrain_surface", "coverage_terrain_unstated"
    assert codes == {
        ("bare", "ground"): None, ("bare", "surface"): surface, ("bare", "unstated"): None,
        ("wooded", "ground"): None, ("wooded", "surface"): surface,
        ("wooded", "unstated"): unstated,
    }  # fmt: skip
    assert run.remark(replace(county, terrain=None)) is None


def test_a_height_of_zero_leaves_a_kind_of_cover_out(wooded: County, settings: Settings) -> None:
    none = settings.with_user(
        {"coverage.clutter_forest_m": 0.0, "coverage.clutter_built_up_m": 0.0}, source="test"
    )
    with_none, open_ = solved(wooded, none), solved(of_kind(wooded, "surface"), settings)
    np.testing.assert_array_equal(with_none.signals["any"].rsrp_dbm, open_.signals["any"].rsrp_dbm)
    assert clutter.source(wooded) == "zones"


def test_what_trees_take_is_no_fault_that_calibration_corrects(
    made: SimpleNamespace, settings: Settings
) -> None:
    wood = {"zone_id": "z1", "kind": "forest", "geometry": STUDY_AREA}
    open_ = made.drive(settings)
    under = replace(
        open_, frames={**open_.frames, "zones": made.county(zones=[AREA, wood])["zones"]}
    )
    loss_db = terminal_loss_db(15.0, 1.8425, receiver_m=1.5, street_m=27.0)
    found, plain = solved(under, settings), solved(open_, settings)
    assert found.figures["clutter"] == "zones"
    before = {
        name: one.figures["calibration"]["bias_before_db"]
        for name, one in (("wood", found), ("open", plain))
    }
    assert before["open"] - before["wood"] == pytest.approx(loss_db, abs=4.0)
    assert made.checked(under, settings, found).failures == ()
