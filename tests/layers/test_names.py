from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from layers.names import Headings, is_personal, match
from layers.source import Source
from layers.tables import BY_NAME, CELLS, SITES, WORKS, Table


def headings(
    names: Sequence[str], table: Table = WORKS, *, cut: bool = False, **source: object
) -> Headings:
    made = Source(layer=table.name, path="a.csv", **source)
    return match(names, table, made, positions=True, cut=cut)


def codes(found: Headings) -> list[str]:
    return [fault.code for fault in found.faults]


NEEDED = ["管线种类", "权属单位", "最早开工", "最迟完工"]


@pytest.mark.parametrize("spell", [str.upper, str.lower, lambda name: f" {name} *"])
def test_heading_is_known_by_name_label_or_alias_whatever_its_case(
    spell: Callable[[str], str],
) -> None:
    for column in WORKS:
        for name in (column.name, column.zh, *column.aliases):
            assert headings([spell(name)]).found.get(column.name) == spell(name)


def test_canonical_name_goes_before_label_and_alias() -> None:
    assert headings(["DN", "管径", "diameter_mm"]).found["diameter_mm"] == "diameter_mm"
    assert headings(["DN", "管径"]).found["diameter_mm"] == "管径"


def test_mapping_of_the_study_goes_before_every_alias() -> None:
    found = headings(["管径", "外径"], columns={"diameter_mm": "外径"})
    assert found.found["diameter_mm"] == "外径"


def test_no_heading_serves_two_columns() -> None:
    for table in BY_NAME.values():
        spellings = [name for column in table for name in (column.name, column.zh)]
        found = headings(spellings, table).found
        assert len(set(found.values())) == len(found)


def test_unit_in_a_heading_gives_the_factor() -> None:
    found = headings(["管径（cm）", "埋深/mm", "电压(V)"])
    assert found.factors == {"diameter_mm": 10.0, "depth_m": 0.001, "voltage_kv": 0.001}


def test_unit_of_another_kind_is_a_fault() -> None:
    assert "heading_unit" in codes(headings([*NEEDED, "管径(kV)"]))


def test_brackets_without_a_unit_are_a_remark() -> None:
    found = headings(["站号（E-NODEB ID）", "方向角(0-360)"], CELLS)
    assert found.found == {"site_id": "站号（E-NODEB ID）", "azimuth_deg": "方向角(0-360)"}
    assert found.factors == {}


def test_scale_of_the_study_goes_before_the_unit_of_the_heading() -> None:
    assert headings(["管径(cm)"], scale={"diameter_mm": 1.0}).factors == {"diameter_mm": 1.0}


def test_a_road_s_cross_section_is_known_by_its_chinese_headings() -> None:
    for carriageway, trees in (("车行道宽", "行道树距中线"), ("cxdk", "SJZX")):
        found = headings([carriageway, trees], BY_NAME["roads"]).found
        assert found == {"carriageway_m": carriageway, "tree_offset_m": trees}


def test_heading_cut_to_ten_bytes_is_known_in_both_encodings() -> None:
    assert headings(["diameter_m"], cut=True).found == {"diameter_mm": "diameter_m"}
    roads = BY_NAME["roads"]
    for name in ("道路红线宽", "道路红"):
        assert headings([name], roads, cut=True).found == {"width_m": name}
        assert "width_m" not in headings([name], roads).found


def test_every_required_column_is_asked_for() -> None:
    assert codes(headings(["名称"])).count("column_missing") == 4
    assert codes(headings(NEEDED)) == []


def test_constant_stands_for_a_column() -> None:
    assert codes(headings(NEEDED[1:], values={"utility": "gas"})) == []


def test_names_that_do_not_exist_are_faults() -> None:
    found = headings(NEEDED, columns={"colour": "颜色", "depth_m": "深"}, values={"speed": 1})
    assert codes(found) == [
        "column_unknown",
        "column_unknown",
        "heading_missing",
        "heading_missing",
    ]


def test_positions_are_known_by_their_chinese_headings() -> None:
    assert headings(["经度", "纬度"], SITES).found == {"lon": "经度", "lat": "纬度"}
    assert headings(["东坐标", "北坐标"], SITES).found == {"x": "东坐标", "y": "北坐标"}


@pytest.mark.parametrize(
    "heading",
    ["户名", "法人代表", "身份证号", "固定电话", "移动电话", "手机", "经办人", "证件名称",
     "证件号码", "受理人", "联系人", "申请人", "申请人姓名",
     "Phone", "contact:mobile", "TEL", "E-mail", "IMSI", "MSISDN"],
)  # fmt: skip
def test_heading_of_personal_data_is_recognised(heading: str) -> None:
    assert is_personal(heading)


def test_no_column_of_any_table_counts_as_personal() -> None:
    for table in BY_NAME.values():
        for column in table:
            for name in (column.name, column.zh, *column.aliases):
                assert not is_personal(name), (table.name, name)
    assert not is_personal("申请人类别")


def test_messages_do_not_show_personal_headings() -> None:
    found = headings(["户名", "项目名称"])
    assert found.personal == 1
    assert not any("户名" in fault.text("zh") for fault in found.faults)
