from collections.abc import Callable

from planner.trench.build import Built
from planner.trench.plan import closure_days, openings, runs

MakeCase = Callable[..., Built]


def test_intervals_that_touch_are_one_opening_and_a_day_between_makes_two() -> None:
    found = runs(3, [(10, 12, 2), (0, 3, 0), (3, 5, 1), (13, 14, 3)])
    assert [(run.first, run.end, run.works) for run in found] == [
        (0, 5, (0, 1)),
        (10, 12, (2,)),
        (13, 14, (3,)),
    ]


def test_a_short_interval_inside_a_long_one_does_not_end_the_opening() -> None:
    (run,) = runs(0, [(0, 9, 0), (2, 3, 1), (9, 10, 2)])
    assert (run.first, run.end) == (0, 10)


def test_openings_follow_the_lag_of_each_task(make_case: MakeCase) -> None:
    built = make_case(
        [{"duration_days": 4.0, "on": [(0, 0.0, 100.0, "left"), (1, 0.0, 100.0, "left")]}],
        segments=2,
    )
    found = openings(built.problem, {0: 40})
    assert [(run.segment, run.first, run.end) for run in found] == [(0, 40, 42), (1, 42, 44)]
    assert closure_days(built.problem, found) == 4
