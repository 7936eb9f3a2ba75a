from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from planner.rules.profile import load
from planner.settings import Scalar, defaults
from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.deciding.splitting import (
    SplitWorks,
    Threshold,
    contract_yuan,
    split_works,
    thresholds,
)

MakeCase = Callable[..., Built]
On = Sequence[tuple[int, float, float, str]]

NO_COST: Mapping[str, Scalar] = {"trench.split_permit_yuan": 0.0, "trench.split_tender_yuan": 0.0}


def power(on: On, **changes: object) -> dict[str, Any]:
    row = {"utility": "power", "subtype": "direct", "owner": "供电公司", "voltage_kv": 10.0}
    return {**row, "wanted": "2026-03-01", "on": on, **changes}


def found(
    make_case: MakeCase, rows: Sequence[Mapping[str, Any]], profile: str = "feicheng-2018",
    settings: Mapping[str, Scalar] = NO_COST,
) -> tuple[SplitWorks, ...]:  # fmt: skip
    built = make_case(rows, segments=4, settings=settings)
    known = thresholds(load(profile), built.problem.settings)
    return split_works(built.problem, Prices(built.problem), built.segments, known)


LONG = [(0, 0.0, 100.0, "right")]
ONE = power(LONG)
NEXT = power([(1, 0.0, 80.0, "right")])


def test_two_short_lines_end_to_end_that_reach_150_m_together_look_split(
    make_case: MakeCase,
) -> None:
    (split,) = found(make_case, [ONE, NEXT])
    assert (split.works, split.amounts, split.together) == ((0, 1), (100.0, 80.0), 180.0)
    assert (split.threshold.code, split.threshold.limit) == ("planning", 150.0)
    assert "附件5 三(三)2" in split.threshold.clause.zh


def test_three_lines_in_a_row_are_one_split(make_case: MakeCase) -> None:
    third = power([(1, 85.0, 100.0, "left"), (2, 0.0, 30.0, "left")])
    (split,) = found(make_case, [ONE, NEXT, third])
    assert split.works == (0, 1, 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (power([*LONG, (1, 0.0, 50.0, "right")]), power([(1, 50.0, 60.0, "right")])),
        (power([(0, 0.0, 60.0, "right")]), power([(0, 60.0, 100.0, "right")])),
        (ONE, power([(1, 11.0, 90.0, "right")])),
        (ONE, power([(2, 0.0, 80.0, "right")])),
        (ONE, power([(1, 0.0, 80.0, "right")], owner="园区")),
        (ONE, {**NEXT, "utility": "water"}),
        (ONE, power([(1, 0.0, 80.0, "right")], emergency=True)),
        (ONE, power([(1, 0.0, 80.0, "right")], wanted="2026-06-10")),
        (power([(0, 0.0, 100.0, "right")], owner=""), power([(1, 0.0, 80.0, "right")], owner="")),
    ],
    ids=[
        "already above", "together below", "a gap", "another road", "another owner",
        "another utility", "an emergency", "months later", "owner unknown",
    ],
)  # fmt: skip
def test_there_is_no_false_alarm(
    make_case: MakeCase, first: Mapping[str, Any], second: Mapping[str, Any]
) -> None:
    assert found(make_case, [first, second]) == ()


def test_lines_side_by_side_are_not_split_even_where_they_turn_a_corner_together(
    make_case: MakeCase,
) -> None:
    beside = power([(0, 0.0, 100.0, "left"), (1, 0.0, 40.0, "left")])
    along = power([(0, 0.0, 100.0, "right"), (1, 0.0, 40.0, "right")])
    assert found(make_case, [beside, along]) == ()


def test_a_gap_of_a_few_metres_and_dates_three_months_apart_still_look_split(
    make_case: MakeCase,
) -> None:
    later = power([(1, 10.0, 90.0, "right")], wanted="2026-06-09")
    assert len(found(make_case, [ONE, later])) == 1


def test_other_counties_take_the_length_as_an_assumption_for_power_only(
    make_case: MakeCase,
) -> None:
    (split,) = found(make_case, [ONE, NEXT], "wulong-2018")
    assert "假设" in split.threshold.clause.zh
    water = {"utility": "water", "wanted": "2026-03-01"}
    rows = [{**ONE, **water}, {**NEXT, **water}]
    assert found(make_case, rows, "wulong-2018") == ()
    everyone = {**NO_COST, "trench.split_length_utilities": "power, water"}
    assert len(found(make_case, rows, "wulong-2018", everyone)) == 1


def test_contracts_that_reach_the_limit_together_look_split_by_cost(make_case: MakeCase) -> None:
    rows = [{"wanted": "2026-03-01", "on": [(n, 0.0, 100.0, "right")]} for n in range(3)]
    built = make_case(rows, segments=4)
    prices = Prices(built.problem)
    amounts = [contract_yuan(built.problem, prices, work) for work in range(3)]
    segment = built.problem.segments[0]
    alone = prices.alone_yuan(0, 0) - 10 * segment.open_period_yuan
    assert amounts[0] == alone > segment.opening_yuan
    limit = sum(amounts) - 1.0
    settings = {"trench.split_permit_yuan": limit, "trench.split_tender_yuan": 0.0}
    (split,) = found(make_case, rows, settings=settings)
    assert (split.threshold.measure, split.threshold.code) == ("cost", "permit")
    assert split.together == pytest.approx(sum(amounts))
    above = {**settings, "trench.split_permit_yuan": sum(amounts) + 1.0}
    assert found(make_case, rows, settings=above) == ()


def test_the_split_furthest_above_its_threshold_comes_first(make_case: MakeCase) -> None:
    other = {"owner": "供电二公司"}
    rows = [
        {**ONE, **other},
        {**NEXT, **other},
        power([(2, 0.0, 100.0, "right")]),
        power([(3, 0.0, 100.0, "right")]),
    ]
    assert [split.together for split in found(make_case, rows)] == [200.0, 180.0]


def test_the_thresholds_say_where_they_stand_and_can_be_switched_off() -> None:
    known = thresholds(load("wulong-2018"), defaults())
    assert [(item.code, item.limit) for item in known] == [
        ("planning", 150.0),
        ("permit", 300000.0),
        ("tender", 4000000.0),
    ]
    assert all(item.clause.zh and item.clause.en for item in known)
    off = {**NO_COST, "trench.split_length_m": 0.0}
    assert thresholds(load("wulong-2018"), defaults().with_user(off, source="test")) == ()


def test_a_line_of_exactly_the_limit_is_not_below_it() -> None:
    (length, *_) = thresholds(load("feicheng-2018"), defaults())
    assert isinstance(length, Threshold)
    assert length.utilities == frozenset({"power"})
