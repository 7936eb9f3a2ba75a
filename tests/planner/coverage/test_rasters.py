"""Rasters that a GIS opens: what they hold is the signal, the server and the number of servers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio

from layers.county import County
from planner.coverage import check_model, gaps, rasters, run
from planner.coverage.cells import usable
from planner.coverage.grid import area_of, ground
from planner.coverage.run import CoverageResult
from planner.coverage.signal import Signal
from planner.settings import Settings


@pytest.fixture
def result(county: County, settings: Settings) -> CoverageResult:
    found = run.solve(county, settings)
    assert found is not None
    return found


def test_each_operator_and_summary_gets_its_rasters_and_one_table_of_cells(
    county: County, result: CoverageResult, tmp_path: Path
) -> None:
    written = rasters.write(result, county["cells"], tmp_path)
    names = {
        f"coverage_{kind}_{stage}{operator}.tif"
        for kind in ("rsrp", "server", "servers")
        for stage in ("", "after_")
        for operator in ("cmcc", "ctcc", "any", "all")
    }
    assert {path.name for path in written} == names | {rasters.CELLS}
    assert {path.name for path in tmp_path.iterdir()} == names | {rasters.CELLS}


def test_a_raster_is_cloud_optimized_with_crs_nodata_unit_and_the_very_values(
    county: County, result: CoverageResult, tmp_path: Path
) -> None:
    rasters.write(result, county["cells"], tmp_path)
    with rasterio.open(tmp_path / "coverage_rsrp_ctcc.tif") as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (source.dtypes, source.units) == (("float32",), ("dBm",))
        assert np.isnan(source.nodata)
        assert source.crs.to_epsg() == 4545
        assert source.transform == result.grid.transform
        np.testing.assert_array_equal(source.read(1), result.signals["ctcc"].rsrp_dbm)
    with rasterio.open(tmp_path / "coverage_server_ctcc.tif") as source:
        assert (source.dtypes, source.nodata) == (("int32",), -1)
        server = source.read(1)
    with (tmp_path / rasters.CELLS).open(encoding="utf-8-sig") as file:
        cells = {int(row["row"]): row for row in csv.DictReader(file)}
    assert {cells[row]["operator"] for row in np.unique(server[server >= 0])} == {"ctcc"}


def test_a_large_raster_has_overviews(
    county: County, result: CoverageResult, tmp_path: Path
) -> None:
    shape = (600, 700)
    power = np.full(shape, -90.0, dtype=np.float32)
    large = replace(
        result,
        grid=replace(result.grid, shape=shape),
        signals={"any": Signal(power, np.zeros(shape, dtype=np.int32))},
    )
    rasters.write(large, county["cells"], tmp_path)
    with rasterio.open(tmp_path / "coverage_rsrp_any.tif") as source:
        assert source.overviews(1)


def test_the_covered_share_of_the_figures_is_that_of_the_raster(
    county: County, result: CoverageResult, tmp_path: Path
) -> None:
    rasters.write(result, county["cells"], tmp_path)
    for operator, figures in result.figures["operators"].items():
        with rasterio.open(tmp_path / f"coverage_rsrp_{operator}.tif") as source:
            power = source.read(1)
        known = power[np.isfinite(power)]
        for threshold, share in figures["covered_share_at"].items():
            assert share == pytest.approx(float((known >= float(threshold)).mean()), abs=1e-6)


def test_the_number_of_servers_is_that_of_each_cell_taken_alone(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.around()
    strict = settings.with_user(
        {"coverage.threshold_dbm": -80.0, "coverage.infill_sites": 0}, source="test"
    )
    result = run.solve(county, strict)
    assert result is not None
    servers = result.signals["cmcc"].servers
    assert servers is not None
    cells = usable(county, strict)
    terrain = ground(
        county, area_of(county, strict), cells.cells[["x_m", "y_m"]].to_numpy(), strict
    )
    row, column = np.nonzero(np.isfinite(result.signals["cmcc"].rsrp_dbm))
    seen = set()
    for i in np.random.default_rng(3).choice(len(row), 100, replace=False):
        point = result.grid.centres(row[i : i + 1], column[i : i + 1])[0]
        alone = [
            check_model.strongest_dbm(cells.cells.iloc[[k]], terrain, point, strict)
            for k in range(len(cells.cells))
        ]
        if min(abs(power + 80.0) for power in alone) > 0.05:
            assert servers[row[i], column[i]] == sum(power >= -80.0 for power in alone)
            seen.add(int(servers[row[i], column[i]]))
    assert {0, 1, 2} <= seen


def test_where_signal_reaches_the_threshold_there_is_a_server_and_only_there(
    result: CoverageResult, settings: Settings
) -> None:
    wanted = gaps.wanted_dbm(settings)
    for operator in ("cmcc", "ctcc"):
        signal = result.signals[operator]
        assert signal.servers is not None
        np.testing.assert_array_equal(signal.rsrp_dbm >= wanted, signal.servers > 0)
    both, least = result.signals["any"].servers, result.signals["all"].servers
    one, two = (result.signals[name].servers for name in ("cmcc", "ctcc"))
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(both, one + two)
    np.testing.assert_array_equal(least, np.minimum(one, two))


def test_rasters_of_an_earlier_study_do_not_stay(
    county: County, result: CoverageResult, tmp_path: Path
) -> None:
    rasters.write(result, county["cells"], tmp_path)
    (tmp_path / "result.json").write_text("{}", encoding="utf-8")
    rasters.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
