"""Applications as people file them: several operators in a cell, and rows that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from layers import schemas
from layers.tables import APPLICATIONS, CELLS, Column
from layers.values import convert

if TYPE_CHECKING:
    from tests.layers.conftest import Study

OPERATOR = APPLICATIONS["operator"]


def _one(cell: object, column: Column) -> tuple[object, list[str]]:
    read = convert(pd.Series([cell], dtype=object), column)
    return read.cells.iloc[0], [flaw.code for flaw in read.flaws]


@pytest.mark.parametrize(
    ("cell", "operators"),
    [
        ("移动", "cmcc"),
        ("移动、电信", "cmcc,ctcc"),
        ("移动，联通", "cmcc,cucc"),
        ("中国移动/中国联通；电信", "cmcc,cucc,ctcc"),
        ("cmcc,ctcc", "cmcc,ctcc"),
        ("移动 移动", "cmcc"),
    ],
)
def test_several_operators_may_be_ticked_in_one_application(cell: str, operators: str) -> None:
    assert _one(cell, OPERATOR) == (operators, [])


def test_one_unknown_operator_among_several_sets_the_row_aside() -> None:
    assert _one("移动、铁通", OPERATOR)[1] == ["cell_unknown_code"]


def test_a_cell_of_the_network_has_one_operator() -> None:
    assert _one("移动、电信", CELLS["operator"])[1] == ["cell_unknown_code"]


def test_a_study_keeps_an_application_to_several_operators(study: Study) -> None:
    asked = study["applications"].assign(运营商=["移动、电信", "", "联通"])
    county = study.with_layer("applications", asked).county()
    assert county.quarantine.empty
    assert county["applications"]["operator"].tolist() == ["cmcc,ctcc", None, "cucc"]
    schemas.validate(county["applications"], APPLICATIONS)


@pytest.mark.parametrize(
    ("column", "cell", "code", "zh", "en"),
    [
        ("报装容量", "-80", "cell_out_of_range", "-80", "0 … ∞ kVA"),
        ("管线种类", "蒸汽", "cell_unknown_code", "给水 water", "蒸汽"),
        ("管线种类", "", "cell_empty", "管线种类", "管线种类"),
        ("地块编号", "P9", "reference_missing", "P9", "correct the key"),
        ("地块编号", "", "cell_empty", "地块编号", "地块编号"),
    ],
)
def test_an_application_that_cannot_be_a_demand_is_set_aside_with_its_reason(
    study: Study, column: str, cell: str, code: str, zh: str, en: str
) -> None:
    county = study.spoil("applications", 0, column, cell).county()
    (record,) = county.quarantine.to_dict("records")
    assert (record["layer"], record["code"]) == ("applications", code)
    assert "A1" in record["row"]
    assert zh in record["reason_zh"]
    assert en in record["reason_en"]
    assert county["applications"]["application_id"].tolist() == ["A2", "A3"]


def test_levels_and_kinds_of_drains_are_read(study: Study) -> None:
    asked = study["applications"].assign(
        管线种类="排水", 管线小类=["污水", "雨水", ""], 出口管底标高=["212.35", "", "-1.2"]
    )
    county = study.with_layer("applications", asked).county()
    read = county["applications"]
    assert county.quarantine.empty
    assert read["subtype"].tolist() == ["sewage", "rain", None]
    assert read["outlet_m"].dropna().tolist() == [212.35, -1.2]
