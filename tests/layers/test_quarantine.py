from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest

from layers import quarantine
from layers.flaw import Flaw, quoted
from layers.tables import QUARANTINE

if TYPE_CHECKING:
    from tests.layers.conftest import Study


def test_records_go_out_as_csv_and_geopackage(study: Study, tmp_path: Path) -> None:
    spoilt = study.spoil("works", 1, "最迟完工", "2026-03-31").spoil("events", 0, "开始日期", "")
    county = spoilt.county()
    quarantine.write(county.quarantine, tmp_path)
    with (tmp_path / "quarantine.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tmp_path / "quarantine.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [row["code"] for row in rows] == ["dates_reversed", "cell_empty"]
    assert list(rows[0]) == list(QUARANTINE.names)
    drawn = pyogrio.read_dataframe(tmp_path / "quarantine.gpkg")
    assert drawn.crs.to_epsg() == 4545
    assert drawn.geometry.isna().tolist() == [False, True]


def test_empty_quarantine_replaces_an_older_one(study: Study, tmp_path: Path) -> None:
    quarantine.write(study.spoil("events", 0, "开始日期", "").county().quarantine, tmp_path)
    quarantine.write(study.county().quarantine, tmp_path)
    assert len(pyogrio.read_dataframe(tmp_path / "quarantine.gpkg")) == 0
    assert (tmp_path / "quarantine.csv").read_text(encoding="utf-8-sig").count("\n") == 1


def test_quarantine_without_a_crs_is_written_too(tmp_path: Path) -> None:
    frame = quarantine.frame([], None)
    quarantine.write(frame, tmp_path)
    assert list(pyogrio.read_dataframe(tmp_path / "quarantine.gpkg").columns) == list(
        QUARANTINE.names
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    assert quarantine.neutral(f"{start}1+1") == f"'{start}1+1"


def test_formula_is_neutral_in_the_csv(study: Study, tmp_path: Path) -> None:
    county = study.spoil("works", 0, "工程编号", "=1+1").county()
    quarantine.write_csv(county.quarantine.assign(row="=1+1"), tmp_path / "q.csv")
    with (tmp_path / "q.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["row"] == "'=1+1"


def test_summary_counts_rows_of_one_fault_and_shows_the_first() -> None:
    count = 8
    flaw = Flaw(
        code="cell_not_number", rows=np.ones(count, dtype=bool), column="管径",
        each={"value": np.array([f"v{i}" for i in range(count)], dtype=object)},
    )  # fmt: skip
    files = np.full(count, "a.csv", dtype=object)
    rows = np.array([str(i + 2) for i in range(count)], dtype=object)
    records = quarantine.records([flaw], layer="works", files=files, rows=rows, geometry=None)
    (line,) = quarantine.summary(quarantine.frame([records], None)).itertuples()
    assert (line.count, line.rows) == (8, "2, 3, 4, 5, 6…")
    assert "v0" in line.reason_zh
    assert line.reason_en.endswith("heading [8 row(s): 2, 3, 4, 5, 6…]")


def test_summary_puts_the_commonest_fault_first(study: Study) -> None:
    spoilt = study.spoil("works", 0, "管径", "x").spoil("parcels", 0, "名称", "=1")
    spoilt = spoilt.spoil("parcels", 1, "名称", "=2")
    lines = quarantine.summary(spoilt.county().quarantine)
    assert lines["count"].tolist() == [2, 2, 1]
    assert lines["layer"].tolist()[0] == "parcels"
    assert quarantine.summary(study.county().quarantine).empty


def test_quoted_cell_is_short_and_without_numbers_of_persons() -> None:
    assert quoted("电话 13800138000 李") == "电话 *** 李"
    assert len(quoted("长" * 500)) == 41


def test_summary_says_that_its_sentence_is_an_example(study: Study) -> None:
    spoilt = study.spoil("cells", 0, "站址编号", "S8").spoil("cells", 1, "站址编号", "S9")
    (line,) = quarantine.summary(spoilt.county().quarantine).to_dict("records")
    assert line["count"] == 2
    assert line["reason_zh"].startswith("例如：cells")
    assert line["reason_zh"].endswith(f"[2 行: {line['rows']}]")
