"""What a certificate proves of two works, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from planner.section.layout import Line
from planner.settings import defaults
from planner.trench.certificate import Certificate, Cluster
from planner.trench.check.bound import bound_milli, check_bound
from planner.trench.check.ground import trench_floor_yuan
from planner.trench.cost import Prices
from planner.trench.problem import Problem, Segment, Stretch, Task, Work


def work(name: str, *, weeks: int, earliest: int, latest: int) -> Work:
    return Work(
        id=name, utility="water", owner="one", line=None, tasks=(Task(0, (), 0, weeks),),
        earliest=earliest, wanted=0, latest=latest, crew="one",
    )  # fmt: skip


ROAD = Segment(id="S", length_m=100.0, opening_yuan=1000.0, open_period_yuan=10.0)
TWO = Problem(
    start=date(2026, 1, 1), period_days=7, periods=12, segments=(ROAD,),
    works=(work("A", weeks=2, earliest=0, latest=1), work("B", weeks=3, earliest=3, latest=8)),
    crews={"one": 1}, settings=defaults(),
)  # fmt: skip
"""Two works of 2 and 3 weeks on one segment: 1,000 an opening, 10 a week."""
NO_CLUSTER = Certificate(works=(0, 1), clusters=())


def certified(first: Sequence[int], second: Sequence[int], crew: Sequence[int] = ()) -> Certificate:
    """Return a certificate with these multipliers and crew prices, for one cluster over both."""
    prices = (np.array(first, dtype=np.int64), np.array(second, dtype=np.int64))
    cluster = Cluster(segments=(0,), works=(0, 1), prices=prices, priced=False)
    crews = {"one": np.array(crew, dtype=np.int64)} if crew else {}
    return Certificate(works=(0, 1), clusters=(cluster,), crew_prices=crews)


def in_shares(certificate: Certificate, share: int) -> Certificate:
    """Return a certificate that counts so many thousandths of a segment that others fill too."""
    clusters = tuple(replace(one, filled=True, share=share) for one in certificate.clusters)
    return replace(certificate, clusters=clusters)


def test_two_works_that_touch_pay_one_opening() -> None:
    assert bound_milli(TWO, certified([0] * 2, [0] * 6)) == 1000_000 + 5 * 10_000


def test_a_multiplier_on_the_touching_starts_costs_the_second_opening() -> None:
    """B in 3 would join A; dearer by 5,000 there, it opens again."""
    assert bound_milli(TWO, certified([0] * 2, [5000_000] + [0] * 5)) == 2050_000


def test_crew_prices_are_paid_for_the_weeks_worked_less_the_crews_there_are() -> None:
    """One crew at 7 yuan in week 1: A is there in both its starts, so that nothing is gained."""
    crew = [0, 7000, *[0] * 10]
    assert bound_milli(TWO, certified([7000] * 2, [0] * 6, crew)) == 1050_000
    assert bound_milli(TWO, certified([0] * 2, [0] * 6, crew)) == 1050_000 - 7000


def test_a_gap_that_others_may_fill_costs_the_cheaper_of_filling_and_opening_again() -> None:
    """B from 8 on, A until 3: five weeks cost 50, less than a second opening."""
    late = certified([0] * 2, [10**9] * 5 + [0])
    assert bound_milli(TWO, in_shares(late, 1000)) == 1100_000
    assert bound_milli(TWO, in_shares(late, 500)) == 550_000
    assert bound_milli(TWO, late) == 2050_000


def test_a_segment_in_no_cluster_pays_one_opening_of_its_longest_task() -> None:
    assert bound_milli(TWO, NO_CLUSTER) == 1000_000 + 3 * 10_000


def test_a_work_in_no_cluster_pays_its_cheapest_start() -> None:
    works = tuple(replace(work, late_period_yuan=3.5, wanted=0) for work in TWO.works)
    assert bound_milli(replace(TWO, works=works), NO_CLUSTER) == 1030_000 + 10_500


def test_more_approved_works_than_crews_are_there_for_themselves() -> None:
    works = tuple(replace(work, fixed=True, wanted=1) for work in TWO.works)
    certificate = certified([7000], [7000], [0, 7000, *[0] * 10])
    assert bound_milli(replace(TWO, works=works), certificate) == 1030_000


def test_works_of_a_road_and_its_detour_are_kept_apart(tiny: SimpleNamespace) -> None:
    """Both have to be under way in week 1; kept apart there is no plan, nor a bound."""
    a, b = (replace(work, earliest=0, latest=0) for work in TWO.works)
    b = replace(b, tasks=(Task(1, (), 0, 3),))
    roads = (ROAD, replace(ROAD, id="T"))
    problem = replace(TWO, works=(a, b), segments=roads, conflicts=((0, 1),), crews={})
    cluster = tiny.outline((0, 1), (0, 1), priced=False)
    cluster = replace(cluster, prices=(np.zeros(1, np.int64),) * 2)
    together = Certificate(works=(0, 1), clusters=(cluster,))
    assert bound_milli(problem, together) == 2050_000
    apart = replace(together, detours=(((0, 1),),))
    assert bound_milli(problem, apart) is None
    found = check_bound(problem, apart, placed=(0, 1), cost_yuan=5000.0, bound_yuan=2050.0)
    assert [failure.rule for held, failure in found if not held] == ["bound"]


def test_a_trench_that_no_cluster_prices_costs_its_cheapest_split() -> None:
    """Gas and power never share a ditch well; the floor is what they cost apart or together."""
    piece = (Stretch(0.0, 40.0, "left"),)
    works = tuple(
        replace(work, line=Line(utility), tasks=(replace(work.tasks[0], stretches=piece),))
        for work, utility in zip(TWO.works, ("gas", "power"), strict=True)
    )
    problem = replace(TWO, works=works)
    prices = Prices(problem)
    apart = sum(prices.trench_yuan(0, frozenset((work,))) for work in (0, 1))
    least = min(apart, prices.trench_yuan(0, frozenset((0, 1))))
    bound = bound_milli(problem, certified([0] * 2, [0] * 6))
    assert bound is not None
    assert bound == pytest.approx(1050_000 + 1000 * least, abs=2)


def test_the_floor_of_many_lines_is_what_the_dearest_costs_alone() -> None:
    piece = (Stretch(0.0, 40.0, "left"),)
    work = replace(TWO.works[0], line=Line("water"), tasks=(Task(0, piece, 0, 2),))
    deep = replace(work, id="deep", line=Line("drain", depth_m=4.0))
    problem = replace(TWO, works=(*(replace(work, id=f"W{n}") for n in range(8)), deep))
    everyone = frozenset(range(9))
    floor = trench_floor_yuan(problem, 0, everyone)
    whole = Prices(problem).trench_yuan(0, everyone)
    assert 0 < floor == Prices(problem).trench_yuan(0, frozenset((8,))) < whole


@pytest.mark.parametrize(
    ("stated", "cost", "finds"),
    [
        (1050.0, 1050.0, 0),
        (1050.005, 1050.0, 0),
        (1050.02, 2000.0, 1),
        (1049.985, 2000.0, 0),
        (1049.9, 2000.0, 1),
        (1050.0, 1049.98, 1),
        (float("nan"), 2000.0, 2),
        (float("inf"), 2000.0, 2),
    ],
)
def test_a_bound_is_what_is_proven_and_no_more_than_the_cost(
    stated: float, cost: float, finds: int
) -> None:
    certificate = certified([0] * 2, [0] * 6)
    found = check_bound(TWO, certificate, placed=(0, 1), cost_yuan=cost, bound_yuan=stated)
    assert [failure.rule for held, failure in found if not held] == ["bound"] * finds


def test_sums_beyond_64_bits_prove_nothing() -> None:
    """Both multipliers at once leave 64 bits; a bound that wrapped around would be a high one."""
    low = certified([-(2**62) - 1] * 2, [-(2**62)] * 6)
    with pytest.raises(OverflowError):
        bound_milli(TWO, low)
    verdicts = check_bound(TWO, low, placed=(0, 1), cost_yuan=1e9, bound_yuan=1.0)
    rules = [failure.rule for held, failure in verdicts if not held]
    assert rules == ["bound"]
