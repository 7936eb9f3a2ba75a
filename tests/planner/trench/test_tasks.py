from planner.trench.problem import Side, Stretch
from planner.trench.tasks import Placed, in_order, pits, together


def placed(
    segment: int, from_m: float, to_m: float, *, side: Side = "right", against: bool = False
) -> Placed:
    return Placed(segment, from_m, to_m, side, against, 0.0)


def test_tasks_follow_the_line_and_share_the_time_by_length() -> None:
    tasks = in_order([placed(7, 0, 60), placed(2, 0, 20), placed(5, 0, 20)], 10)
    assert [(task.segment, task.lag, task.duration) for task in tasks] == [
        (7, 0, 6),
        (2, 6, 2),
        (5, 8, 2),
    ]


def test_a_period_cut_by_a_boundary_counts_for_both_segments() -> None:
    tasks = in_order([placed(0, 0, 50), placed(1, 0, 50)], 3)
    assert [(task.lag, task.duration) for task in tasks] == [(0, 2), (1, 2)]


def test_every_task_lasts_a_period_though_there_are_more_segments_than_periods() -> None:
    tasks = in_order([placed(n, 0, 10) for n in range(12)], 3)
    assert len(tasks) == 12
    assert all(task.duration >= 1 and task.lag + task.duration <= 3 for task in tasks)


def test_a_segment_met_twice_has_one_task_and_stays_open_in_between() -> None:
    tasks = in_order([placed(0, 0, 30), placed(1, 0, 40), placed(0, 60, 90)], 10)
    assert [(task.segment, task.lag, task.duration) for task in tasks] == [(0, 0, 10), (1, 3, 4)]
    assert tasks[0].stretches == (Stretch(0, 30, "right"), Stretch(60, 90, "right"))


def test_stretches_that_overlap_on_one_side_are_dug_once_and_other_sides_stay_apart() -> None:
    pieces = [placed(0, 0, 30), placed(0, 20, 50), placed(0, 20, 50, side="left")]
    (task,) = together(pieces, 2)
    assert task.stretches == (Stretch(20, 50, "left"), Stretch(0, 50, "right"))
    assert task.dug_m == 80


def test_a_trenchless_work_digs_a_pit_at_each_end_of_its_line() -> None:
    found = pits([placed(0, 0, 100, against=True), placed(1, 0, 100), placed(2, 10, 12)], 5.0)
    assert [(pit.segment, pit.from_m, pit.to_m) for pit in found] == [(0, 95, 100), (2, 10, 12)]


def test_a_trenchless_work_on_one_segment_has_both_pits_there() -> None:
    found = pits([placed(0, 20, 80)], 5.0)
    assert [(pit.from_m, pit.to_m) for pit in found] == [(20, 25), (75, 80)]
