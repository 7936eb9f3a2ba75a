"""The command line as a user meets it: exit codes, messages, files."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from typer.testing import CliRunner, Result

import tonggou
from geo.terrain import Terrain, read

Break = Callable[[Path], None]


@pytest.fixture
def folder(sample_input: Path, tmp_path: Path) -> Path:
    """A copy of the sample county's files that a test may break."""
    return Path(shutil.copytree(sample_input, tmp_path / "input"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(
        tonggou.app, [str(argument) for argument in arguments], catch_exceptions=False
    )


def run(*arguments: object) -> Result:
    """Run a study without its documents, which other tests write."""
    return call("run", *arguments, "--no-documents")


def test_help_answers_without_the_heavy_libraries() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "import tonggou\n"
        "result = CliRunner().invoke(tonggou.app, ['--help'])\n"
        "assert result.exit_code == 0 and 'demo' in result.output, result.output\n"
        "heavy = {'geopandas', 'numba', 'ortools', 'scipy', 'folium'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def test_a_good_study_ends_with_a_report_that_is_proven_and_documents_that_come_out_again(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = call("run", folder / "study.toml", "--out", out)
    assert done.exit_code == 0, done.output
    assert str(out / "report.html") in done.output
    names = ("report.html", "result.json", "study.gpkg", "quarantine.csv", "quarantine.gpkg")
    for name in (*names, "plan.xlsx", "plan.dxf"):
        assert (out / name).stat().st_size > 0, name
    proof = call("check", out)
    assert proof.exit_code == 0, proof.output
    assert "0 失败 failed" in proof.output
    documents = [out / "plan.xlsx", out / "plan.dxf", *sorted((out / "dossier").iterdir())]
    first = {path: path.read_bytes() for path in documents}
    assert len(first) > 3
    again = call("export", out)
    assert again.exit_code == 0, again.output
    assert f"dossier/ ({len(first) - 2})" in again.output
    assert {path: path.read_bytes() for path in documents} == first
    assert len(list((out / "dossier").iterdir())) == len(first) - 2


def test_a_result_that_was_tampered_with_fails_the_check(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(folder / "study.toml", "--out", out, "--workers", 1).exit_code == 0
    assert list((out / tonggou.TILES).glob("tile_*.npz"))
    path = out / "result.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    result["trench"]["cost_yuan"] -= 1000.0
    result["extension"]["trench_m"] += 5.0
    path.write_text(json.dumps(result), encoding="utf-8")
    proof = call("check", out)
    assert proof.exit_code == tonggou.CHECK_FAILED
    assert "trench/" in proof.output
    assert "extension/" in proof.output


def test_a_cluster_that_does_not_answer_is_an_input_error(folder: Path, tmp_path: Path) -> None:
    answer = run(folder / "study.toml", "--out", tmp_path, "--cluster", "nowhere")
    assert answer.exit_code == tonggou.INPUT_AT_FAULT
    assert "dask scheduler" in answer.output


@pytest.mark.parametrize("command", ["check", "export"])
def test_a_folder_without_results_is_an_input_error(command: str, tmp_path: Path) -> None:
    answer = call(command, tmp_path)
    assert answer.exit_code == tonggou.INPUT_AT_FAULT
    assert "study.gpkg" in answer.output


def _remove_roads(folder: Path) -> None:
    (folder / "道路.gpkg").unlink()


def _works(folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "年度计划工程.gpkg", layer="计划工程")


def _write_works(works: gpd.GeoDataFrame, folder: Path) -> None:
    (folder / "年度计划工程.gpkg").unlink()
    works.to_file(folder / "年度计划工程.gpkg", layer="计划工程", driver="GPKG")


def _drop_owner(folder: Path) -> None:
    _write_works(_works(folder).drop(columns="权属单位"), folder)


def _degrees_under_metres(folder: Path) -> None:
    works = _works(folder)
    _write_works(works.to_crs(4326).set_crs(works.crs, allow_override=True), folder)


def _no_works(folder: Path) -> None:
    _write_works(_works(folder).iloc[:0], folder)


def _ends_before_start(folder: Path) -> None:
    works = _works(folder)
    works.loc[0, "最迟完工"] = "2020-01-31"
    _write_works(works, folder)


def _parcel_far_away(folder: Path) -> None:
    path = folder / "红线地块.geojson"
    parcels = gpd.read_file(path)
    far = 1.0 if parcels.crs.is_geographic else 100_000.0
    parcels.loc[0, "geometry"] = parcels.geometry.translate(xoff=far).iloc[0]
    path.unlink()
    parcels.to_file(path, driver="GeoJSON")


def _terrain_elsewhere(folder: Path) -> None:
    terrain = read([folder / "高程.tif"])
    moved = Terrain(
        height_m=terrain.height_m,
        transform=terrain.transform.translation(200_000.0, 0.0) @ terrain.transform,
        crs=terrain.crs,
    )
    (folder / "高程.tif").unlink()
    moved.write(folder / "高程.tif")


def _formula(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "联办申请.xlsx")
    sheet = book["接入申请"]
    heading = [cell.value for cell in sheet[1]].index("项目类别") + 1
    sheet.cell(row=3, column=heading).value = '=HYPERLINK("http://example.org")'
    book.save(folder / "联办申请.xlsx")


def keep_only(folder: Path, *layers: str) -> None:
    """Take every other layer out of the study file."""
    path = folder / "study.toml"
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    kept = [
        block
        for block in blocks
        if "[[layers." not in block or any(f"[[layers.{name}]]" in block for name in layers)
    ]
    path.write_text("\n\n".join(kept), encoding="utf-8")


ON_AIR = ("sites", "cells", "places")
"""Layers that coverage needs."""
BESIDE = {
    "works": ("roads", "works"),
    "parcels": ("roads", "parcels", "applications", "tie_ins"),
    "applications": ("roads", "parcels", "applications", "tie_ins"),
    "sites": ON_AIR,
}
"""Layers that a layer is planned with."""

FILE_FAULTS: dict[str, tuple[Break, tuple[str, ...]]] = {
    "a missing file": (_remove_roads, ("道路.gpkg", "roads")),
    "a missing column": (_drop_owner, ("年度计划工程.gpkg", "works", "owner")),
    "degrees under a metric CRS": (_degrees_under_metres, ("年度计划工程.gpkg", "works")),
    "an empty layer": (_no_works, ("年度计划工程.gpkg", "works")),
}
ROW_FAULTS: dict[str, tuple[Break, tuple[str, ...]]] = {
    "a parcel outside the area": (_parcel_far_away, ("红线地块.geojson", "parcels")),
    "dates that end before they start": (_ends_before_start, ("年度计划工程.gpkg", "works")),
    "a cell that starts with =": (_formula, ("联办申请.xlsx", "applications")),
    "a DEM that does not cover the sites": (_terrain_elsewhere, ("站址.csv", "sites")),
}


@pytest.mark.parametrize("name", FILE_FAULTS)
def test_a_file_at_fault_ends_with_a_message_and_the_good_part(
    name: str, folder: Path, tmp_path: Path
) -> None:
    damage, places = FILE_FAULTS[name]
    damage(folder)
    answer = run(folder / "study.toml", "--out", tmp_path / "out")
    assert answer.exit_code == tonggou.INPUT_AT_FAULT, answer.output
    assert "Traceback" not in answer.output
    assert all(place in answer.output for place in places), answer.output
    assert "the input is at fault" in answer.output
    assert "管线普查.gpkg" in answer.output  # the good part


@pytest.mark.parametrize("name", ROW_FAULTS)
def test_a_row_at_fault_is_quarantined_and_the_rest_is_planned(
    name: str, folder: Path, tmp_path: Path
) -> None:
    damage, (file, layer) = ROW_FAULTS[name]
    damage(folder)
    keep_only(folder, *BESIDE[layer])
    out = tmp_path / "out"
    answer = run(folder / "study.toml", "--out", out)
    assert answer.exit_code == tonggou.INPUT_AT_FAULT, answer.output
    assert "Traceback" not in answer.output
    with (out / "quarantine.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert any(row["file"] == file and row["layer"] == layer for row in rows)
    assert all(row["reason_zh"] and row["reason_en"] for row in rows)
    assert file in answer.output


def test_a_study_file_with_mistakes_names_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        '[study]\nnam = "x"\nstart = "soon"\n[layers]\nroad = [{path = "a.gpkg"}]\n[extra]\n',
        encoding="utf-8",
    )
    answer = run(path, "--out", tmp_path / "out")
    assert answer.exit_code == tonggou.INPUT_AT_FAULT
    for word in ("nam", "start", "road", "extra"):
        assert word in answer.output


def test_output_that_cannot_be_written_is_told_before_the_work(
    folder: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    for out in (taken, taken / "below"):
        answer = run(folder / "study.toml", "--out", out)
        assert answer.exit_code == tonggou.INPUT_AT_FAULT
        assert "无法读写" in answer.output
        assert "--out" in answer.output
    assert taken.read_text(encoding="utf-8") == "a file"


def test_a_folder_in_the_place_of_a_result_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "report.html").mkdir(parents=True)
    keep_only(folder, "roads", "works")
    answer = run(folder / "study.toml", "--out", tmp_path / "out")
    assert answer.exit_code == tonggou.INPUT_AT_FAULT
    assert "report.html" in answer.output


def test_each_kind_of_fault_is_told_once_with_the_number_of_its_rows(
    folder: Path, tmp_path: Path
) -> None:
    _terrain_elsewhere(folder)
    keep_only(folder, *ON_AIR)
    answer = run(folder / "study.toml", "--out", tmp_path / "out")
    assert answer.output.count("站址.csv / sites") == 2  # Chinese and English
    assert answer.output.count("工参.csv / cells") == 2


@pytest.mark.parametrize(
    "layers",
    [
        ("works",),
        ("roads", "works"),
        ("parcels", "applications"),
        ("roads", "parcels", "applications", "tie_ins"),
        ("sites", "cells", "places"),
    ],
    ids="+".join,
)
def test_a_study_of_few_layers_still_ends_with_a_report(
    layers: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    keep_only(folder, *layers)
    out = tmp_path / "out"
    answer = run(folder / "study.toml", "--out", out)
    assert answer.exit_code == 0, answer.output
    assert (out / "report.html").stat().st_size > 0
    assert len(layers) > 1 or call("check", out).exit_code == 0
