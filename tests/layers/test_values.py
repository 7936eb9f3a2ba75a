from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.tables import APPLICATIONS, CELLS, PIPES, PLACES, ROADS, WORKS, Column
from layers.values import convert, empty, numbers

DIAMETER, LATEST, FIXED = WORKS["diameter_mm"], WORKS["latest"], WORKS["fixed"]


def one(cell: object, column: Column, **options: object) -> tuple[object, list[str]]:
    converted = convert(pd.Series([cell], dtype=object), column, **options)
    return converted.cells.iloc[0], [flaw.code for flaw in converted.flaws]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("200", 200.0), (" 200 mm ", 200.0), ("DN200", 200.0), ("De 110", 110.0), ("０.３ m", 300.0),
     ("1,200", 1200.0), ("2e2", 200.0), (200, 200.0), (np.float64(0.5), 0.5), ("20厘米", 200.0)],
)  # fmt: skip
def test_number_is_read_with_the_unit_it_names(cell: object, value: float) -> None:
    assert one(cell, DIAMETER) == (value, [])


@pytest.mark.parametrize(
    "cell", ["300X200", "约200", "1,5", "200/300", "10 kV", "1.2.3", "inf", "0x1F", "1_000", True]
)
def test_what_is_not_plainly_a_number_is_a_flaw(cell: object) -> None:
    value, codes = one(cell, DIAMETER)
    assert math.isnan(value)
    assert codes == ["cell_not_number"]


@pytest.mark.parametrize("cell", [None, "", " ", "-", "/", "—", "无", "NULL", float("nan"), pd.NaT])
def test_blank_is_missing_and_no_flaw(cell: object) -> None:
    value, codes = one(cell, DIAMETER)
    assert math.isnan(value)
    assert codes == []


def test_blank_is_a_flaw_where_a_cell_must_be_filled() -> None:
    assert one("", WORKS["owner"]) == (None, ["cell_empty"])
    assert one("无", WORKS["latest"])[1] == ["cell_empty"]


def test_factor_applies_to_plain_numbers_only() -> None:
    assert one("0.2", DIAMETER, factor=1000.0)[0] == 200.0
    assert one("200 mm", DIAMETER, factor=1000.0)[0] == 200.0


@pytest.mark.parametrize(("cell", "code"), [(-1, "cell_out_of_range"), (400, "cell_out_of_range")])
def test_number_out_of_range_is_a_flaw(cell: float, code: str) -> None:
    assert one(cell, CELLS["azimuth_deg"])[1] == [code]


def test_whole_number_must_be_whole() -> None:
    assert one("12", PLACES["households"]) == (12.0, [])
    assert one("12.5", PLACES["households"])[1] == ["cell_not_whole"]


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "20260301", 20260301, "2026-03-01 08:30",
     "2026-03-01T08:30:00Z", "2026-03-01T00:00:00+08:00", dt.date(2026, 3, 1),
     pd.Timestamp("2026-03-01 09:00").to_pydatetime(), pd.Timestamp("2026-03-01"),
     "２０２６－０３－０１"],
)  # fmt: skip
def test_date_is_read_as_the_day_that_is_written(cell: object) -> None:
    assert one(cell, LATEST) == (pd.Timestamp("2026-03-01"), [])


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "2026-3", "2026", "46023", "01/03/2026", "三月", "0026-03-01", "下周"]
)
def test_what_is_not_a_full_date_is_a_flaw(cell: str) -> None:
    value, codes = one(cell, LATEST)
    assert pd.isna(value)
    assert codes == ["cell_not_date"]


def test_year_is_enough_for_the_age_of_a_line_only() -> None:
    assert one("2008", PIPES["built_on"])[0] == pd.Timestamp("2008-01-01")
    assert one("2008", ROADS["opened_on"])[1] == ["cell_not_date"]


def test_dates_of_a_vector_file_keep_their_type() -> None:
    cells = pd.Series(pd.to_datetime(["2026-03-01 10:00", None])).astype("datetime64[ms]")
    read = convert(cells, WORKS["wanted"]).cells
    assert str(read.dtype) == "datetime64[ns]"
    assert read.tolist() == [pd.Timestamp("2026-03-01"), pd.NaT]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("是", True), ("否", False), (1, True), ("0", False), ("TRUE", True), ("已批准", True),
     ("未已批准", False), (None, False), ("", False)],
)  # fmt: skip
def test_flag_is_yes_or_no_and_empty_is_no(cell: object, value: bool) -> None:
    assert one(cell, FIXED) == (value, [])


def test_flag_that_is_neither_is_a_flaw() -> None:
    assert one("也许", FIXED)[1] == ["cell_not_flag"]


def test_indoor_cells_are_known_by_their_kind_of_coverage() -> None:
    cells = pd.Series(["室内", "室外", "室分", "宏站"])
    assert convert(cells, CELLS["indoor"]).cells.tolist() == [True, False, True, False]


def test_every_spelling_of_every_code_is_translated() -> None:
    for table in (WORKS, CELLS, APPLICATIONS, PLACES, ROADS):
        for column in table:
            for code, spellings in column.values.items():
                for spelling in (code, *spellings):
                    assert one(spelling.swapcase(), column) == (code, []), (column.name, spelling)


def test_codes_of_the_study_are_known_too() -> None:
    assert one("ZY", WORKS["utility"], codes={"zy": "gas"}) == ("gas", [])
    assert one("ZY", WORKS["utility"])[1] == ["cell_unknown_code"]


def test_code_with_a_meaning_that_is_no_code_stays_unknown() -> None:
    assert one("ZY", WORKS["utility"], codes={"zy": "petrol"})[1] == ["cell_unknown_code"]


def test_absent_optional_column_takes_its_default() -> None:
    assert empty(ROADS["road_class"], 2).tolist() == ["branch", "branch"]
    assert one("", ROADS["surface"]) == ("asphalt", [])
    assert empty(WORKS["name"], 1).tolist() == [None]


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|'/c calc'!A1", "#REF!", "#DIV/0!"])
@pytest.mark.parametrize("name", ["name", "owner", "diameter_mm", "latest", "utility", "fixed"])
def test_formula_is_a_flaw_in_every_kind_of_column(cell: str, name: str) -> None:
    assert "cell_formula" in one(cell, WORKS[name])[1]
    assert "cell_not_number" not in one(cell, WORKS[name])[1]


@pytest.mark.parametrize(
    "cell",
    [
        "王某 13800138000", "(510212198001010012)", "电话：13800138000。", "138 0013 8000",
        "138-0013-8000", "+8613800138000", "１３８００１３８０００", "tel13800138000",
        "023-77712345", "(023)77712345", "510212 19800101 001X",
    ],
)  # fmt: skip
def test_number_of_a_person_in_a_text_is_a_flaw(cell: str) -> None:
    assert one(cell, WORKS["name"])[1] == ["cell_personal"]


def test_long_number_of_a_thing_is_none_of_a_person() -> None:
    assert one("13800138000", WORKS["work_id"])[1] == []
    assert one("2.13800138000", WORKS["name"])[1] == []
    assert one("K0+138 DN300 L=1380.0138 m", WORKS["name"])[1] == []
    assert one("2026-01-01 至 2026-03-01", WORKS["name"])[1] == []
    assert one("合同 2026010113800138000", WORKS["name"])[1] == []


def test_number_of_a_person_is_no_key() -> None:
    assert one("13800138000", APPLICATIONS["application_id"])[1] == ["cell_personal"]
    assert one("510212198001010012", WORKS["work_id"])[1] == ["cell_personal"]


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("0", CELLS["vertical_beamwidth_deg"]), ("99999", CELLS["height_m"]),
        ("500", WORKS["depth_m"]), ("1e9", WORKS["diameter_mm"]), ("1e9", ROADS["width_m"]),
    ],
)  # fmt: skip
def test_number_that_nothing_real_has_is_a_flaw(cell: str, column: Column) -> None:
    assert one(cell, column)[1] == ["cell_out_of_range"]


def test_whole_numbers_of_a_workbook_are_keys_without_a_point() -> None:
    cells = pd.Series([1001.0, 1002, "A-3", None], dtype=object)
    assert convert(cells, APPLICATIONS["application_id"]).cells.tolist() == [
        "1001", "1002", "A-3", None,
    ]  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.integers(), st.dates())))
def test_nothing_in_a_cell_breaks_the_reading(cells: list[object]) -> None:
    for column in (DIAMETER, LATEST, FIXED, WORKS["utility"], WORKS["name"]):
        converted = convert(pd.Series(cells, dtype=object), column)
        assert len(converted.cells) == len(cells)
        assert converted.cells.dtype == empty(column, 0).dtype


@given(st.floats(min_value=0, max_value=1e12, allow_subnormal=False))
def test_number_written_out_is_read_back_exactly(value: float) -> None:
    assert one(repr(value), APPLICATIONS["demand"]) == (value, [])


def test_positions_are_plain_numbers() -> None:
    read = numbers(pd.Series(["471000.5", "", "3,242,000", "x", None]))
    assert read[0] == 471000.5
    assert np.isnan(read[[1, 3, 4]]).all()
