from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.deciding.encounters import Encounter, encounters, explained_yuan
from planner.trench.plan import Opening, openings
from planner.trench.reasons.explain import Reopening

MakeCase = Callable[..., Built]

GAS = {"utility": "gas", "owner": "燃气公司", "diameter_mm": 110.0}
POWER = {"utility": "power", "owner": "供电公司", "diameter_mm": 100.0}
MARCH = {"earliest": "2026-01-01", "wanted": "2026-03-01"}
APRIL = {"earliest": "2026-01-01", "wanted": "2026-04-01"}


def met(
    built: Built,
    starts: Mapping[int, int],
    added_yuan: Mapping[tuple[Opening, Opening], float] | None = None,
) -> tuple[Encounter, ...]:
    problem = built.problem
    found = openings(problem, starts)
    return encounters(
        problem, starts, found, Prices(problem), built.segments, added_yuan=added_yuan
    )


def test_dates_that_collide_and_are_joined_are_a_settled_conflict(make_case: MakeCase) -> None:
    built = make_case([MARCH, {**GAS, **MARCH, "wanted": "2026-03-06"}])
    (row,) = met(built, {0: 59, 1: 59})
    assert (row.kind, row.rule, row.settled) == ("conflict", "wanted", True)
    assert (row.one.works, row.other.works, row.days, row.days_between) == ((0,), (1,), 5, 0)
    prices = Prices(built.problem)
    joint = prices.opening_yuan(0, 10, frozenset((0, 1)))
    assert row.saving_yuan == prices.alone_yuan(0, 0) + prices.alone_yuan(1, 0) - joint


def test_dates_that_only_touch_or_belong_to_one_owner_are_no_conflict(make_case: MakeCase) -> None:
    touching = make_case([MARCH, {**GAS, **MARCH, "wanted": "2026-03-11"}])
    assert met(touching, {0: 59, 1: 59}) == ()
    assert met(make_case([MARCH, MARCH]), {0: 59, 1: 59}) == ()


def test_only_those_of_an_opening_whose_wishes_collide_are_in_conflict(make_case: MakeCase) -> None:
    built = make_case([APRIL, {**GAS, **MARCH}, {**POWER, **MARCH}])
    (row,) = met(built, {0: 59, 1: 59, 2: 59})
    assert (row.one.works, row.other.works) == ((1,), (2,))


def test_an_opening_too_wide_for_its_road_is_an_open_conflict(make_case: MakeCase) -> None:
    built = make_case([MARCH, {**GAS, **MARCH}, POWER])
    problem, starts = built.problem, {0: 60, 1: 59, 2: 59}
    found, prices = openings(problem, starts), Prices(problem)

    def fits(_segment: int, works: frozenset[int]) -> bool:
        return len(works) < 3

    (row,) = encounters(problem, starts, found, prices, built.segments, fits=fits)
    assert (row.kind, row.rule, row.settled, row.days) == ("conflict", "width", False, 11)
    assert (row.one.works, row.other.works) == ((1,), (2, 0))
    alone = sum(prices.alone_yuan(work, 0) for work in starts)
    assert row.saving_yuan == alone - prices.opening_yuan(0, 11, frozenset(starts))


def test_a_line_too_wide_for_its_road_by_itself_is_no_conflict_with_others(
    make_case: MakeCase,
) -> None:
    built = make_case([MARCH, {**GAS, **APRIL}])
    problem, starts = built.problem, {0: 59, 1: 59}
    found = openings(problem, starts)
    assert not encounters(
        problem, starts, found, Prices(problem), built.segments,
        fits=lambda _segment, works: works == {0},
    )  # fmt: skip


def test_two_openings_of_a_segment_are_one_opportunity_with_the_days_between(
    make_case: MakeCase,
) -> None:
    built = make_case([{}, GAS])
    (row,) = met(built, {0: 59, 1: 100})
    assert (row.kind, row.rule, row.settled) == ("opportunity", "saves", False)
    assert (row.one.works, row.other.works, row.days_between) == ((0,), (1,), 31)
    prices = Prices(built.problem)
    apart = prices.alone_yuan(0, 0) + prices.alone_yuan(1, 0)
    assert row.saving_yuan == apart - prices.opening_yuan(0, 20, frozenset((0, 1)))


def test_the_price_of_joining_is_taken_from_the_reason_where_there_is_one(
    make_case: MakeCase,
) -> None:
    built = make_case([{}, GAS])
    first, second = openings(built.problem, {0: 59, 1: 100})
    reasons = [
        Reopening(first, second, "cost", {"yuan": 700}),
        Reopening(second, first, "windows", {"change": {"yuan": -300}}),
        Reopening(first, first, "windows", {"change": None}),
    ]
    known = explained_yuan(reasons)
    assert known == {(first, second): 700.0, (second, first): -300.0}
    (row,) = met(built, {0: 59, 1: 100}, known)
    assert (row.rule, row.saving_yuan, row.explained) == ("costs", -700.0, True)


def test_what_plainly_does_not_pay_is_left_to_the_table_of_reopenings(
    make_case: MakeCase,
) -> None:
    built = make_case([{}, GAS])
    first, second = openings(built.problem, {0: 59, 1: 100})
    assert len(met(built, {0: 59, 1: 100}, {(first, second): 20000.0})) == 1
    assert met(built, {0: 59, 1: 100}, {(first, second): 20001.0}) == ()


def test_the_same_parties_on_two_segments_are_one_row_with_the_sum(make_case: MakeCase) -> None:
    on = [(0, 0.0, 100.0, "right"), (1, 0.0, 100.0, "right")]
    built = make_case([{"on": on}, {**GAS, "on": on}], segments=2)
    (both,) = met(built, {0: 59, 1: 100})
    single = make_case([{}, GAS])
    assert both.places == 2
    assert both.saving_yuan > 1.5 * met(single, {0: 59, 1: 100})[0].saving_yuan


def around(make_case: MakeCase, first: Mapping[str, Any], second: Mapping[str, Any]) -> Built:
    return make_case([first, second], segments=2)


NEAR = {"on": [(0, 60.0, 90.0, "right")]}
BEYOND = {**GAS, "on": [(1, 20.0, 60.0, "left")]}


def test_neighbours_around_a_corner_could_be_one_site(make_case: MakeCase) -> None:
    built = around(make_case, NEAR, BEYOND)
    (at_once,) = met(built, {0: 59, 1: 62})
    assert (at_once.kind, at_once.rule) == ("junction", "junction_overlap")
    assert at_once.saving_yuan == 20000.0
    (after,) = met(built, {0: 80, 1: 62})
    assert (after.rule, after.days_between) == ("junction_follow", 8)
    assert (after.one.works, after.other.works) == ((1,), (0,))


def test_digs_far_from_the_corner_or_weeks_apart_are_no_neighbours(make_case: MakeCase) -> None:
    far = {"on": [(0, 0.0, 65.0, "right")]}
    assert met(around(make_case, far, BEYOND), {0: 59, 1: 62}) == ()
    built = around(make_case, NEAR, BEYOND)
    assert len(met(built, {0: 59, 1: 83})) == 1
    assert met(built, {0: 59, 1: 84}) == ()


def test_neighbours_of_one_owner_or_already_in_one_opening_need_no_row(
    make_case: MakeCase,
) -> None:
    same = around(make_case, NEAR, {"on": BEYOND["on"]})
    assert met(same, {0: 59, 1: 62}) == ()
    through = {"on": [(0, 60.0, 100.0, "right"), (1, 0.0, 60.0, "right")]}
    joined = make_case([through, {**BEYOND, **APRIL}], segments=2)
    assert met(joined, {0: 59, 1: 62}) == ()


def test_a_dig_too_short_to_matter_is_left_out(make_case: MakeCase) -> None:
    crossing = {**GAS, "on": [(0, 50.0, 51.0, "left")]}
    assert met(make_case([{}, crossing]), {0: 59, 1: 100}) == ()
    settings = {"trench.decision_least_m": 1.0}
    assert len(met(make_case([{}, crossing], settings=settings), {0: 59, 1: 100})) == 1


def test_little_money_at_stake_leaves_a_junction_out(make_case: MakeCase) -> None:
    settings = {"trench.setup_yuan": 900.0}
    cheap = make_case([NEAR, BEYOND], segments=2, settings=settings)
    assert met(cheap, {0: 59, 1: 62}) == ()


ROADS = [{"detour_group": "D"}, {"detour_group": "D"}]


def test_approved_dates_that_close_a_road_and_its_detour_are_an_open_conflict(
    make_case: MakeCase,
) -> None:
    approved = {"fixed": True, "wanted": "2026-03-01"}
    built = make_case([approved, {**BEYOND, **approved}], segments=2, roads=ROADS)
    rows = met(built, {0: 59, 1: 59})
    (row,) = [row for row in rows if row.kind == "conflict"]
    assert (row.rule, row.settled, row.days) == ("detour", False, 10)
    assert row.saving_yuan == 10 * 2 * 800.0


def test_wishes_that_would_close_a_road_and_its_detour_are_settled_by_the_plan(
    make_case: MakeCase,
) -> None:
    built = make_case([MARCH, {**BEYOND, **MARCH}], segments=2, roads=ROADS)
    rows = met(built, {0: 59, 1: 69})
    (row,) = [row for row in rows if row.kind == "conflict"]
    assert (row.rule, row.settled, row.days, row.days_between) == ("detour_wanted", True, 10, 0)
    assert [row.kind for row in rows] == ["conflict"], "the same parties have one row"


def test_rows_come_by_money_at_stake_and_then_by_nearness(make_case: MakeCase) -> None:
    long = {"on": [(1, 0.0, 100.0, "right")]}
    built = make_case([{}, GAS, long, {**GAS, **long}, {**POWER, **long}], segments=2)
    rows = met(built, {0: 59, 1: 200, 2: 59, 3: 120, 4: 300})
    yuan = [round(row.saving_yuan, 2) for row in rows]
    assert yuan == sorted(yuan, reverse=True)
    equal = [row.days_between for row in rows if round(row.saving_yuan, 2) == yuan[0]]
    assert equal == sorted(equal)


def test_a_plan_without_works_has_nothing_to_decide(make_case: MakeCase) -> None:
    assert met(make_case([]), {}) == ()


@pytest.mark.parametrize("period_days", [1, 7])
def test_days_are_days_whatever_the_period(make_case: MakeCase, period_days: int) -> None:
    built = make_case([{}, GAS])
    weekly = replace(built, problem=replace(built.problem, period_days=period_days))
    (row,) = met(weekly, {0: 10, 1: 30})
    assert row.days_between == 10 * period_days
