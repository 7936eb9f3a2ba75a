from __future__ import annotations

from types import ModuleType

import pytest

from maps import figures


def test_each_view_has_five_figures_each_with_its_comparison(factory: ModuleType) -> None:
    made = factory.result()
    for shown in (
        figures.trench(made.trench.figures, "zh"),
        figures.coverage(made.coverage.figures, "en"),
        figures.extension(made.extension.figures, "zh"),
    ):
        assert len(shown) == 5
        assert all(figure.value and figure.label and figure.note for figure in shown)


def test_openings_stand_beside_those_of_separate_digging(factory: ModuleType) -> None:
    given = {**factory.result().trench.figures, "openings": 1214, "openings_separate": 2391}
    given |= {"reopenings": 7, "reopenings_explained": 7}
    first = figures.trench(given, "zh")[0]
    assert (first.value, first.unit, first.note) == ("1,214", "次", "分别 2,391 次，重复开挖 7 处")


def test_applications_that_need_no_line_are_counted_apart(factory: ModuleType) -> None:
    given = {**factory.result().extension.figures, "applications": 733, "no_line": 2}
    assert figures.extension(given, "zh")[0].note == "共 733 项申请，2 项无需新管线"


def test_yuan_are_marked_as_assumed(factory: ModuleType) -> None:
    assert "假设单价" in figures.trench(factory.result().trench.figures, "zh")[-1].label


def test_prices_that_the_user_gave_are_not_called_assumed(factory: ModuleType) -> None:
    given = {**factory.result().trench.figures, "prices_assumed": []}
    assert figures.trench(given, "zh")[-1].label == "节约"


@pytest.mark.parametrize(
    ("gap", "status", "value", "note"),
    [
        (None, "feasible", "–", "尚未计算下界"),
        (0.0142, "feasible", "≤ 1.5", "不可能低于 98.6 万元"),
        (0.0, "optimal", "0", "已证明"),
    ],
)
def test_the_distance_to_the_best_is_rounded_up_or_said_to_be_unknown(
    factory: ModuleType, gap: float | None, status: str, value: str, note: str
) -> None:
    changed = {"gap": gap, "status": status, "cost_yuan": 1e6, "bound_yuan": 985_800.0}
    given = {**factory.result().trench.figures, **changed}
    shown = figures.trench(given, "zh")[3]
    assert shown.value == value
    assert note in shown.note
    assert gap is None or "trench_bound.npz" in shown.hint


def test_unexplained_reopenings_are_a_warning(factory: ModuleType) -> None:
    given = {**factory.result().trench.figures, "reopenings": 4, "reopenings_explained": 3}
    first = figures.trench(given, "zh")[0]
    assert (first.tone, first.note) == ("warning", "重复开挖 4 处，1 处原因不明")
    assert figures.trench({**given, "reopenings_explained": 4}, "zh")[0].tone == ""


@pytest.mark.parametrize(
    ("saved", "value", "unit"),
    [
        (12_345.0, "1.2", "万元"),
        (19_300_000.0, "1,930", "万元"),
        (2.5e8, "2.5", "亿元"),
        (0.0, "0", "元"),
    ],
)
def test_money_is_given_in_the_unit_that_reads_best(
    factory: ModuleType, saved: float, value: str, unit: str
) -> None:
    given = {**factory.result().trench.figures, "cost_yuan": 0.0, "cost_separate_yuan": saved}
    last = figures.trench(given, "zh")[-1]
    assert (last.value, last.unit) == (value, unit)


@pytest.mark.parametrize(
    ("status", "note"),
    [("calibrated", "补点后 410 人；经路测校准"), ("compared", "补点后 410 人；未经路测校准"),
     ("no_measurements", "补点后 410 人；未经路测校准")],
)  # fmt: skip
def test_the_people_in_gaps_say_whether_measurements_calibrated_the_model(
    factory: ModuleType, status: str, note: str
) -> None:
    given = factory.result().coverage.figures
    given = {**given, "calibration": {**given["calibration"], "status": status}}
    shown = figures.coverage(given, "zh")
    assert shown[2].note == note
    assert ("经 860 个实测像元校准" in shown[2].hint) == (status == "calibrated")
    assert "室内 87.1 %" in shown[2].hint
    assert "-105: 91.3 %, -110: 95.1 %, -115: – %" in shown[0].hint


def test_each_operator_has_its_own_figures_of_coverage(factory: ModuleType) -> None:
    given = factory.result().coverage.figures
    own = {"covered_share": 0.5, "covered_share_after": 0.75, "gap_km2": 3.0, "gap_km2_after": 1.2}
    infill = {**given["infill"], "sites": 2, "people_gained": 44, "gap": 0.0}
    given = {
        **given,
        "operators": {**given["operators"], "ctcc": {**given["operators"]["ctcc"], **own}},
        "infill": {**given["infill"], "operators": {"ctcc": infill}},
    }
    shown = figures.networks(given, "zh")
    assert list(shown) == list(given["operators"])
    covered, gaps, _, _, sites = shown["ctcc"]
    assert (covered.value, gaps.note) == ("50.0", "合计 3.0 km²，补点后 1.2 km²")
    assert "补点后\u00a075.0\u00a0%" in covered.note
    assert (sites.value, sites.note) == ("2", "新增覆盖 44 人，已证明在候选中最优")
    assert shown["any"][4].value == "3"
