from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from layers.county import County
from layers.schemas import validate
from layers.tables import GAPS, INFILL, VILLAGES
from planner.coverage import run
from planner.coverage.run import CoverageResult
from planner.coverage.tiles import Crew
from planner.settings import Settings

FIGURES = {
    "cells", "area_km2", "covered_share", "uncertain_share", "gap_count", "gap_km2",
    "people_in_gaps", "villages", "villages_failing", "infill", "seconds", "pixels_per_cpu_s",
    "sweep_bias_db", "sweep_rms_db", "sweep_agreement", "sweep_sample_dbm",
}  # fmt: skip


def solved(county: County, settings: Settings) -> CoverageResult:
    result = run.solve(county, settings)
    assert result is not None
    return result


def test_every_operator_has_a_signal_and_so_do_the_summaries(
    county: County, settings: Settings
) -> None:
    result = solved(county, settings)
    assert list(result.signals) == ["cmcc", "ctcc", "any", "all"]
    for signal in result.signals.values():
        assert signal.rsrp_dbm.shape == signal.server.shape == result.grid.shape
    any_, all_ = result.signals["any"].rsrp_dbm, result.signals["all"].rsrp_dbm
    known = np.isfinite(any_)
    assert (known == np.isfinite(all_)).all()
    assert (any_[known] >= all_[known]).all()


def test_servers_are_rows_of_the_operators_cells(county: County, settings: Settings) -> None:
    result = solved(county, settings)
    for operator in ("cmcc", "ctcc"):
        used = np.unique(result.signals[operator].server)
        used = used[used >= 0]
        assert len(used)
        assert set(county["cells"]["operator"].iloc[used]) == {operator}


def test_behind_the_ridge_lies_the_gap_of_the_operator_that_stands_before_it(
    county: County, settings: Settings
) -> None:
    result = solved(county, settings)
    first = result.gaps[result.gaps["operator"] == "cmcc"].iloc[0]
    assert first["people"] >= 200
    assert first["key_area"] == "scenic_area"
    assert first.geometry.centroid.x > 472_700.0
    assert result.gaps[result.gaps["operator"] == "any"]["people"].sum() < first["people"]


def test_infill_adds_the_missing_operator_to_the_standing_tower_behind_the_ridge(
    county: County, settings: Settings
) -> None:
    result = solved(county, settings)
    first = result.infill[result.infill["operator"] == "cmcc"].iloc[0]
    assert (first["site_kind"], first["candidate_id"]) == ("existing", "A-T-cmcc")
    assert first["people_gained"] >= 200
    assert result.figures["infill"]["sites"] == len(result.infill)


def test_without_a_tower_behind_the_ridge_a_new_site_near_a_road_is_proposed(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        sites=[made.site("W", 471_000, 3_241_800)],
        cells=[made.cell("1", "W", "cmcc", azimuth_deg=None)],
    )
    first = solved(county, settings).infill.iloc[0]
    assert first["site_kind"] in {"top", "ridge", "ground"}
    assert first["people_gained"] >= 200
    limit_m = settings.number("coverage.infill_road_m") + 60.0
    assert county["roads"].distance(first.geometry).min() <= limit_m


def test_figures_hold_every_key_of_the_summary_and_nothing_made_up(
    county: County, settings: Settings
) -> None:
    figures = solved(county, settings).figures
    assert set(figures) >= FIGURES
    assert figures["second_model"] == "itm"
    assert figures["area_km2"] == pytest.approx(5.4 * 3.6, rel=0.01)
    assert json.loads(json.dumps(dict(figures))) == dict(figures)


def test_result_frames_have_the_columns_and_types_of_their_tables(
    county: County, settings: Settings
) -> None:
    result = solved(county, settings)
    for frame, table in (
        (result.gaps, GAPS), (result.villages, VILLAGES), (result.infill, INFILL),
    ):  # fmt: skip
        assert len(frame)
        validate(frame, table)
        assert frame.crs == county.crs


def test_two_runs_give_the_same_result(county: County, settings: Settings) -> None:
    one, two = solved(county, settings), solved(county, settings)
    for operator, signal in one.signals.items():
        np.testing.assert_array_equal(signal.rsrp_dbm, two.signals[operator].rsrp_dbm)
    assert one.gaps.equals(two.gaps)
    assert one.infill.equals(two.infill)


def test_a_crew_and_a_single_process_find_the_same(
    county: County, settings: Settings, tmp_path: Path
) -> None:
    small = settings.with_user({"coverage.tile_px": 32}, source="test")
    with ThreadPoolExecutor(2) as executor:
        tiled = run.solve(county, small, crew=Crew(executor, tmp_path))
    assert tiled is not None
    assert len(list(tmp_path.glob("tile_*"))) > 4
    one = solved(county, settings)
    for operator, signal in one.signals.items():
        found = tiled.signals[operator]
        np.testing.assert_allclose(found.rsrp_dbm, signal.rsrp_dbm, atol=1e-3)
        assert (found.server == signal.server).mean() > 0.999
    assert tiled.gaps.drop(columns="geometry").equals(one.gaps.drop(columns="geometry"))
    assert tiled.infill.equals(one.infill)


def test_the_order_of_the_cells_changes_nothing(made: SimpleNamespace, settings: Settings) -> None:
    rows = [
        made.cell("1", "W", "cmcc"), made.cell("2", "W", "ctcc"), made.cell("3", "T", "ctcc"),
    ]  # fmt: skip
    one = solved(made.county(cells=rows), settings)
    two = solved(made.county(cells=rows[::-1]), settings)
    for operator in ("cmcc", "ctcc"):
        np.testing.assert_array_equal(
            one.signals[operator].rsrp_dbm, two.signals[operator].rsrp_dbm
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [({"without_terrain": True}, "coverage_without_terrain"),
     ({"cells": ()}, "coverage_without_cells"), ({"sites": ()}, "coverage_without_cells")],
)  # fmt: skip
def test_without_terrain_or_cells_nothing_is_computed_and_the_reason_is_named(
    made: SimpleNamespace, settings: Settings, change: dict[str, object], code: str
) -> None:
    county = made.county(**change)
    assert run.solve(county, settings) is None
    hindrance = run.hindrance(county, settings)
    assert hindrance is not None
    assert hindrance.code == code


def test_a_county_whose_cells_are_all_indoors_has_no_coverage_and_says_so(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(cells=[made.cell("1", "W", "cmcc", indoor=True)])
    assert run.solve(county, settings) is None
    hindrance = run.hindrance(county, settings)
    assert hindrance is not None
    assert hindrance.code == "coverage_without_cells"


def test_a_county_without_places_roads_and_zones_is_covered_around_its_sites(
    made: SimpleNamespace, settings: Settings
) -> None:
    result = solved(made.county(places=(), roads=(), zones=()), settings)
    assert result.villages.empty
    assert result.infill.empty
    assert result.figures["area_km2"] > 5.0


def test_progress_runs_from_signal_to_infill(county: County, settings: Settings) -> None:
    told: list[float] = []
    run.solve(county, settings, progress=lambda _message, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
