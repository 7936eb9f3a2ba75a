"""Files as Chinese offices hand them over: GBK, long headings, a title above them, names inside."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pyogrio
import pytest

from layers.read import Source, read

if TYPE_CHECKING:
    from tests.layers.conftest import Study


def test_gbk_shapefile_without_cpg_is_read(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "计划.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # names are cut to 10 bytes: the point
        pyogrio.write_dataframe(study["works"].assign(道路红线宽度=12.0), path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    layer = read(Source(layer="works", path=path.name), base=tmp_path)
    assert layer.frame["owner"].tolist() == ["水务公司", "燃气公司"]
    assert layer.frame["utility"].tolist() == ["water", "gas"]


def test_gbk_csv_is_read(study: Study, tmp_path: Path) -> None:
    study["applications"].to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    layer = read(Source(layer="applications", path="a.csv"), base=tmp_path)
    assert layer.frame["utility"].tolist() == ["water", "gas", "power"]
    assert layer.frame["accepted_on"].dt.strftime("%m-%d").tolist() == [
        "01-05",
        "02-06",
        "03-07",
    ]
    assert layer.labels.tolist() == ["2 (A1)", "3 (A2)", "4 (A3)"]


def test_personal_columns_never_leave_the_file(study: Study, tmp_path: Path) -> None:
    frame = study["applications"].assign(
        户名="赵某", 经办人="钱某", 身份证号="510212198001010012", 移动电话="13900000001"
    )
    frame.loc[0, "管线种类"] = "氢气"
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    layer = read(Source(layer="applications", path="a.csv"), base=tmp_path)
    shown = layer.frame.to_csv() + layer.quarantine.to_csv() + str(layer.notices)
    assert not any(word in shown for word in ("赵某", "钱某", "510212", "139000", "户名"))
    assert [notice.code for notice in layer.notices] == ["notice_personal"]


def test_personal_column_cannot_be_asked_for(study: Study, tmp_path: Path) -> None:
    frame = study["applications"].assign(联系人="孙某")
    frame.to_csv(tmp_path / "a.csv", index=False)
    source = Source(layer="applications", path="a.csv", columns={"nature": "联系人"})
    with pytest.raises(ValueError, match="never read") as caught:
        read(source, base=tmp_path)
    assert "孙某" not in str(caught.value)


def test_workbook_with_a_title_above_chinese_headings_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["綦江区水电气讯联合服务申请汇总表"])
    sheet.append([])
    sheet.append(["申请编号", "地块编号", "管线种类", "报装容量（kVA）", "受理日期", "双电源"])
    sheet.append([1001, "P1", "用电", 0.25, pd.Timestamp("2026-01-05"), "是"])
    sheet.append([1002, "P2", "用水", None, "2026.2.6", None])
    sheet.append([1003, "P3", "用气", "=1+1", 20260307, "否"])
    book.save(tmp_path / "a.xlsx")
    layer = read(Source(layer="applications", path="a.xlsx"), base=tmp_path)
    assert layer.frame["application_id"].tolist() == ["1001", "1002"]
    assert layer.frame["dual_source"].tolist() == [True, False]
    assert layer.frame["load_kva"].iloc[0] == 0.25
    assert layer.quarantine[["row", "column", "code"]].to_numpy().tolist() == [
        ["6 (1003)", "报装容量（kVA）", "cell_formula"]
    ]


def test_folder_of_the_study_is_where_paths_start(study: Study) -> None:
    assert not Path("roads.gpkg").exists()
    assert len(read(study.write("roads"), base=study.folder).frame) == 2
