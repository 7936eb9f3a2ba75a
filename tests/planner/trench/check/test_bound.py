"""The bound that a certificate proves lies below every plan, and false certificates are found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from planner.checking import Checks
from planner.section.layout import Line
from planner.settings import defaults
from planner.trench.certificate import Certificate, Cluster
from planner.trench.check.bound import bound_milli, check_bound
from planner.trench.check.ground import trench_floor_yuan
from planner.trench.cost import Prices
from planner.trench.domains import starts
from planner.trench.plan import openings
from planner.trench.problem import Closed, Problem, Segment, Stretch, Task, Work

Numbers = NDArray[np.int64]


def outline(
    segments: tuple[int, ...], works: Sequence[int], *, priced: bool, share: int | None = None
) -> Cluster:
    """Return a cluster without multipliers yet; one that others fill has a share."""
    return Cluster(
        segments=segments, works=tuple(works), prices=(), priced=priced,
        filled=share is not None, share=1000 if share is None else share,
    )  # fmt: skip


class Draw(Random):
    """A seeded source of tiny cases."""

    def chance(self, share: float) -> bool:
        return self.random() < share


def tiny_problem(seed: int) -> Problem:
    """Draw 1 to 4 works on 1 to 3 segments in 6 to 12 periods, few starts each."""
    draw = Draw(seed)
    periods = draw.randint(6, 12)
    segments = tuple(
        Segment(
            id=f"S{n}",
            length_m=100.0,
            opening_yuan=draw.choice([0.0, 900.0, 20000.0, 12345.678]),
            open_period_yuan=draw.choice([0.0, 300.0, 3000.55, 9000.0]),
            closed=(Closed(2, 2, "no_dig", "x"),) if draw.chance(0.2) else (),
        )
        for n in range(draw.randint(1, 3))
    )
    works = tuple(_tiny_work(draw, n, len(segments), periods) for n in range(draw.randint(1, 4)))
    return Problem(
        start=date(2026, 1, 1),
        period_days=1,
        periods=periods,
        segments=segments,
        works=works,
        crews={"one": draw.randint(1, 2), "two": 2},
        conflicts=tuple(pair for pair in combinations(range(len(segments)), 2) if draw.chance(0.3)),
        settings=defaults(),
    )


def _tiny_work(draw: Draw, number: int, segments: int, periods: int) -> Work:
    tasks: list[Task] = []
    lag = 0
    for segment in draw.sample(range(segments), draw.randint(1, segments)):
        from_m = draw.choice([0.0, 25.0, 50.0])
        piece = Stretch(from_m, from_m + draw.choice([25.0, 50.0]), draw.choice(["left", "right"]))
        duration = draw.randint(1, 3)
        tasks.append(Task(segment, (piece,) if draw.chance(0.8) else (), lag, duration))
        lag += draw.randint(0, duration) if draw.chance(0.7) else 0
    span = max(task.lag + task.duration for task in tasks)
    earliest = draw.randint(0, max(0, periods - span))
    latest = max(earliest, min(periods - span, earliest + draw.randint(0, 5)))
    utility = draw.choice(["water", "gas", "power", "heat"])
    held = draw.chance(0.2)
    return Work(
        id=f"W{number}",
        utility=utility,
        owner="one",
        line=Line(utility) if draw.chance(0.9) else None,
        tasks=tuple(tasks),
        earliest=earliest,
        wanted=draw.randint(earliest, latest),
        latest=latest,
        crew=draw.choice(["one", "two", ""]),
        fixed=draw.chance(0.2),
        emergency=draw.chance(0.2),
        late_period_yuan=draw.choice([0.0, 100.125]),
        held=earliest if held else None,
        move_period_yuan=500.0 if held else 0.0,
    )


def _split(draw: Draw, total: int, parts: int) -> list[int]:
    """Draw whole numbers that add up to `total`; all but one of them may have either sign."""
    free = [draw.choice([0, draw.randint(-20_000_000, 20_000_000)]) for _ in range(parts - 1)]
    found = [*free, total - sum(free)]
    draw.shuffle(found)
    return found


def tiny_certificate(problem: Problem, works: Sequence[int], seed: int) -> Certificate:
    """Draw a certificate that keeps the rules: clusters, prices of crews, multipliers."""
    draw = Draw(seed)
    outlines, pairs = [], []
    for group, members, priced, shares in _groups(draw, problem, works):
        for share in shares or (None,):
            some = members
            if share is not None:
                some = sorted(draw.sample(members, draw.randint(1, len(members))))
            segments = tuple(s for s in group if _users(problem, some, s))
            outlines.append(outline(segments, some, priced=priced, share=share))
            found = [p for p in _apart(problem, some) if draw.chance(0.7)]
            pairs.append(tuple(found))
    crews = {
        crew: np.array(
            [draw.choice([0, 0, draw.randint(0, 9_000_000)]) for _ in range(problem.periods)]
        )
        for crew in problem.crews
        if draw.chance(0.7)
    }
    given = {work: [c for c in range(len(outlines)) if work in outlines[c].works] for work in works}
    prices: dict[tuple[int, int], list[int]] = {}
    for work, holders in given.items():
        item = problem.works[work]
        for start in starts(problem, item).tolist():
            limit = int(1000 * item.start_yuan(start) // 1)
            if item.crew in crews:
                limit += int(crews[item.crew][start : start + item.span].sum())
            for holder, part in zip(holders, _split(draw, limit, len(holders)), strict=False):
                prices.setdefault((holder, work), []).append(part)
    clusters = tuple(
        replace(c, prices=tuple(np.array(prices[n, work], dtype=np.int64) for work in c.works))
        for n, c in enumerate(outlines)
    )
    return Certificate(
        works=tuple(works), clusters=clusters, crew_prices=crews, detours=tuple(pairs)
    )


def _users(problem: Problem, works: Sequence[int], segment: int) -> list[int]:
    return [w for w in works if any(t.segment == segment for t in problem.works[w].tasks)]


def _groups(
    draw: Draw, problem: Problem, works: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], list[int], bool, tuple[int, ...]]]:
    """Part the segments into groups; some are counted whole, some in shares, some not at all."""
    left = [s for s in range(len(problem.segments)) if _users(problem, works, s)]
    draw.shuffle(left)
    while left:
        size = draw.randint(1, len(left))
        segments, left = tuple(left[:size]), left[size:]
        members = {w for s in segments for w in _users(problem, works, s)}
        members |= {w for w in works if draw.chance(0.2)}
        kind = draw.choice(["whole", "priced", "priced", "shares", "none"])
        if kind == "shares":
            part = draw.randint(0, 1000)
            yield (
                segments,
                sorted(members),
                False,
                draw.choice([(part,), (part, 1000 - part), (1000,)]),
            )
        elif kind != "none":
            yield segments, sorted(members), kind == "priced", ()


def _apart(problem: Problem, works: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of works that detours keep apart, by their places in the list."""
    both = {(a, b) for pair in problem.conflicts for a, b in (pair, pair[::-1])}
    return [
        (i, j)
        for i, j in combinations(range(len(works)), 2)
        for one, other in [(problem.works[works[i]], problem.works[works[j]])]
        if not (one.fixed and other.fixed)
        and any((a.segment, b.segment) in both for a in one.tasks for b in other.tasks)
    ]


def plans(problem: Problem, works: Sequence[int]) -> Iterator[dict[int, int]]:
    """Yield every choice of starts that keeps all rules."""
    domains = [starts(problem, problem.works[work]).tolist() for work in works]
    for chosen in product(*domains):
        plan = dict(zip(works, chosen, strict=True))
        if _crews_suffice(problem, plan) and not _detour_open(problem, plan):
            yield plan


def _crews_suffice(problem: Problem, plan: Mapping[int, int]) -> bool:
    for crew, limit in problem.crews.items():
        for now in range(problem.periods):
            busy = [
                problem.works[work].fixed
                for work, start in plan.items()
                if problem.works[work].crew == crew
                and start <= now < start + problem.works[work].span
            ]
            if len(busy) > max(limit, sum(busy)):
                return False
    return True


def _detour_open(problem: Problem, plan: Mapping[int, int]) -> bool:
    for one, other in problem.conflicts:
        for a, b in product(plan, plan):
            if a != b and not (problem.works[a].fixed and problem.works[b].fixed):
                for here, there in product(problem.works[a].tasks, problem.works[b].tasks):
                    if (here.segment, there.segment) == (one, other):
                        first, then = plan[a] + here.lag, plan[b] + there.lag
                        if first < then + there.duration and then < first + here.duration:
                            return True
    return False


def least_yuan(problem: Problem, works: Sequence[int]) -> float | None:
    """Return the least cost of all plans, by trying each."""
    prices = Prices(problem)
    costs = [
        sum(
            prices.opening_yuan(opening.segment, opening.periods, frozenset(opening.works))
            for opening in openings(problem, plan)
        )
        + sum(problem.works[work].start_yuan(start) for work, start in plan.items())
        for plan in plans(problem, works)
    ]
    return min(costs, default=None)


def placeable(problem: Problem) -> list[int]:
    return [n for n, work in enumerate(problem.works) if starts(problem, work).size]


@settings(deadline=None, max_examples=200)
@given(one=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_the_bound_lies_below_every_plan(one: int, other: int) -> None:
    problem = tiny_problem(one)
    works = placeable(problem)
    certificate = tiny_certificate(problem, works, other)
    found = check_bound(problem, certificate, placed=works, cost_yuan=np.inf, bound_yuan=-1e9)
    assert {failure.rule for held, failure in found if not held} <= {"bound"}
    least, bound = least_yuan(problem, works), bound_milli(problem, certificate)
    if least is not None:
        assert bound is not None
        assert bound <= 1000 * least + 1e-6


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 10**9))
def test_one_cluster_over_everything_proves_the_best_plan(seed: int) -> None:
    """Without crews nothing is relaxed: what is left is less than a thousandth for each price."""
    problem = replace(tiny_problem(seed), crews={})
    works = placeable(problem)
    segments = tuple(s for s in range(len(problem.segments)) if _users(problem, works, s))
    own = tuple(
        np.array([int(1000 * item.start_yuan(start)) for start in starts(problem, item).tolist()])
        for item in (problem.works[work] for work in works)
    )
    whole = replace(outline(segments, works, priced=True), prices=own)
    pairs = tuple(_apart(problem, works))
    certificate = Certificate(works=tuple(works), clusters=(whole,), detours=(pairs,))
    least, bound = least_yuan(problem, works), bound_milli(problem, certificate)
    if least is None:
        assert bound is None
    else:
        assert bound is not None
        assert 1000 * least - 30 < bound <= 1000 * least + 1e-6


def two_works(**changes: object) -> Problem:
    """Return two works of 2 and 3 weeks on one segment: 1,000 an opening, 10 a week."""
    plain: dict[str, object] = {
        "utility": "water", "owner": "one", "line": None, "wanted": 0, "crew": "one",
    }  # fmt: skip
    first = Work(id="A", tasks=(Task(0, (), 0, 2),), earliest=0, latest=1, **plain)  # type: ignore[arg-type]
    second = Work(id="B", tasks=(Task(0, (), 0, 3),), earliest=3, latest=8, **plain)  # type: ignore[arg-type]
    road = Segment(id="S", length_m=100.0, opening_yuan=1000.0, open_period_yuan=10.0)
    found = Problem(
        start=date(2026, 1, 1), period_days=7, periods=12, segments=(road,), works=(first, second),
        crews={"one": 1}, settings=defaults(),
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def certified(
    first: Sequence[int], second: Sequence[int], crew: Sequence[int] = (), **changes: object
) -> Certificate:
    """Return the certificate of `two_works` with these multipliers and crew prices."""
    prices = (np.array(first, dtype=np.int64), np.array(second, dtype=np.int64))
    cluster = replace(outline((0,), (0, 1), priced=False), prices=prices, **changes)  # type: ignore[arg-type]
    crews = {"one": np.array(crew, dtype=np.int64)} if crew else {}
    return Certificate(works=(0, 1), clusters=(cluster,), crew_prices=crews)


def test_two_works_that_touch_pay_one_opening() -> None:
    assert bound_milli(two_works(), certified([0] * 2, [0] * 6)) == 1000_000 + 5 * 10_000


def test_a_multiplier_on_the_touching_starts_costs_the_second_opening() -> None:
    """B in 3 would join A; dearer by 5,000 there, it opens again."""
    assert bound_milli(two_works(), certified([0] * 2, [5000_000] + [0] * 5)) == 2050_000


def test_crew_prices_are_paid_for_the_weeks_worked_less_the_crews_there_are() -> None:
    """One crew at 7 yuan in week 1: A is there in both its starts, so that nothing is gained."""
    crew = [0, 7000, *[0] * 10]
    assert bound_milli(two_works(), certified([7000] * 2, [0] * 6, crew)) == 1050_000
    assert bound_milli(two_works(), certified([0] * 2, [0] * 6, crew)) == 1050_000 - 7000


def test_a_gap_that_others_may_fill_costs_the_cheaper_of_filling_and_opening_again() -> None:
    """B from 8 on, A until 3: five weeks cost 50, less than a second opening."""
    late = [10**9] * 5 + [0]
    assert bound_milli(two_works(), certified([0] * 2, late, filled=True)) == 1100_000
    assert bound_milli(two_works(), certified([0] * 2, late, filled=True, share=500)) == 550_000
    assert bound_milli(two_works(), certified([0] * 2, late)) == 2050_000


def test_a_segment_in_no_cluster_pays_one_opening_of_its_longest_task() -> None:
    assert bound_milli(two_works(), Certificate(works=(0, 1), clusters=())) == 1000_000 + 3 * 10_000


def test_a_work_in_no_cluster_pays_its_cheapest_start() -> None:
    works = tuple(replace(work, late_period_yuan=3.5, wanted=0) for work in two_works().works)
    assert (
        bound_milli(two_works(works=works), Certificate(works=(0, 1), clusters=()))
        == 1030_000 + 10_500
    )


def test_more_approved_works_than_crews_are_there_for_themselves() -> None:
    works = tuple(replace(work, fixed=True, wanted=1) for work in two_works().works)
    crew = [0, 7000, *[0] * 10]
    certificate = certified([7000], [7000], crew)
    assert bound_milli(two_works(works=works), certificate) == 1030_000


def test_works_of_a_road_and_its_detour_are_kept_apart() -> None:
    """Both have to be under way in week 1; kept apart there is no plan, nor a bound."""
    tight = two_works()
    a, b = (replace(w, earliest=0, latest=0) for w in tight.works)
    b = replace(b, tasks=(Task(1, (), 0, 3),))
    roads = (*tight.segments, replace(tight.segments[0], id="T"))
    problem = replace(tight, works=(a, b), segments=roads, conflicts=((0, 1),), crews={})
    cluster = outline((0, 1), (0, 1), priced=False)
    cluster = replace(cluster, prices=(np.zeros(1, np.int64),) * 2)
    together = Certificate(works=(0, 1), clusters=(cluster,))
    assert bound_milli(problem, together) == 2050_000
    apart = replace(together, detours=(((0, 1),),))
    assert bound_milli(problem, apart) is None
    found = check_bound(problem, apart, placed=(0, 1), cost_yuan=5000.0, bound_yuan=2050.0)
    assert [failure.rule for held, failure in found if not held] == ["bound"]


def test_a_trench_that_no_cluster_prices_costs_its_cheapest_split() -> None:
    """Gas and power never share a ditch well; the floor is what they cost apart or together."""
    tight = two_works()
    piece = (Stretch(0.0, 40.0, "left"),)
    works = tuple(
        replace(work, line=Line(utility), tasks=(replace(work.tasks[0], stretches=piece),))
        for work, utility in zip(tight.works, ("gas", "power"), strict=True)
    )
    problem = replace(tight, works=works)
    prices = Prices(problem)
    apart = sum(prices.trench_yuan(0, frozenset((work,))) for work in (0, 1))
    least = min(apart, prices.trench_yuan(0, frozenset((0, 1))))
    bound = bound_milli(problem, certified([0] * 2, [0] * 6))
    assert bound is not None
    assert bound == pytest.approx(1050_000 + 1000 * least, abs=2)


def test_the_floor_of_many_lines_is_what_the_dearest_costs_alone() -> None:
    tight = two_works()
    piece = (Stretch(0.0, 40.0, "left"),)
    work = replace(tight.works[0], line=Line("water"), tasks=(Task(0, piece, 0, 2),))
    deep = replace(work, id="deep", line=Line("drain", depth_m=4.0))
    problem = replace(tight, works=(*(replace(work, id=f"W{n}") for n in range(8)), deep))
    everyone = frozenset(range(9))
    floor, whole = (
        trench_floor_yuan(problem, 0, everyone),
        Prices(problem).trench_yuan(0, everyone),
    )
    assert 0 < floor == Prices(problem).trench_yuan(0, frozenset((8,))) < whole


Fault = Callable[[Draw, Problem, Certificate], Certificate | None]


def _some(draw: Draw, certificate: Certificate, *, filled: bool | None = None) -> int | None:
    """Draw a cluster, of one kind if asked."""
    found = [n for n, c in enumerate(certificate.clusters) if filled in (None, c.filled)]
    return draw.choice(found) if found else None


def _changed(certificate: Certificate, number: int, **changes: object) -> Certificate:
    clusters = list(certificate.clusters)
    clusters[number] = replace(clusters[number], **changes)  # type: ignore[arg-type]
    return replace(certificate, clusters=tuple(clusters))


def _prices(
    draw: Draw, certificate: Certificate, change: Callable[[Numbers, int], object]
) -> Certificate | None:
    """Change the multipliers of one work of one cluster at one of its starts."""
    number = _some(draw, certificate)
    if number is None:
        return None
    prices = list(certificate.clusters[number].prices)
    place = draw.randrange(len(prices))
    prices[place] = change(prices[place].copy(), draw.randrange(prices[place].size))  # type: ignore[call-overload]
    return _changed(certificate, number, prices=tuple(prices))


def _raised(prices: Numbers, place: int) -> Numbers:
    prices[place] += 1
    return prices


def multiplier_raised(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, _raised)


def multipliers_lowered(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, lambda prices, _: prices - 20)


def multiplier_missing(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, np.delete)


def multiplier_too_many(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, lambda prices, place: np.insert(prices, place, 0))


def multipliers_in_a_matrix(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, lambda prices, _: prices[None])


def multipliers_not_whole(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _prices(draw, certificate, lambda prices, _: prices + 0.5)


def multipliers_of_a_work_missing(
    draw: Draw, _: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    return _changed(certificate, number, prices=certificate.clusters[number].prices[1:])


def _crew(
    draw: Draw, certificate: Certificate, change: Callable[[Numbers], object]
) -> Certificate | None:
    if not certificate.crew_prices:
        return None
    crew = draw.choice(sorted(certificate.crew_prices))
    prices = {**certificate.crew_prices, crew: change(certificate.crew_prices[crew].copy())}
    return replace(certificate, crew_prices=prices)


def crew_price_negative(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    place = draw.randrange(problem.periods)

    def change(prices: Numbers) -> Numbers:
        prices[place] = -1
        return prices

    return _crew(draw, certificate, change)


def crew_price_lowered(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    """Lower it in a period in which a work of some cluster needs it: that one gives too much."""
    held = {work for cluster in certificate.clusters for work in cluster.works}
    found = [
        (item.crew, now)
        for item in (problem.works[work] for work in sorted(held))
        for start in starts(problem, item).tolist()
        for now in range(start, start + item.span)
        if item.crew in certificate.crew_prices and certificate.crew_prices[item.crew][now] > 0
    ]
    if not found:
        return None
    crew, now = draw.choice(found)
    prices = certificate.crew_prices[crew].copy()
    prices[now] -= 1
    return replace(certificate, crew_prices={**certificate.crew_prices, crew: prices})


def crew_prices_too_few(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _crew(draw, certificate, lambda prices: prices[1:])


def crew_prices_not_whole(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _crew(draw, certificate, lambda prices: prices.astype(np.float64))


def crew_unknown(_: Draw, problem: Problem, certificate: Certificate) -> Certificate:
    strange = {**certificate.crew_prices, "nobody": np.zeros(problem.periods, np.int64)}
    return replace(certificate, crew_prices=strange)


def _doubled(certificate: Certificate, number: int, **changes: object) -> Certificate:
    """Add a cluster again, its multipliers all 0 so that nothing else is wrong."""
    cluster = certificate.clusters[number]
    prices = tuple(np.zeros_like(part) for part in cluster.prices)
    again = replace(cluster, prices=prices, **changes)  # type: ignore[arg-type]
    return replace(
        certificate,
        clusters=(*certificate.clusters, again),
        detours=(*certificate.detours, ()),
    )


def segment_priced_twice(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    number = _some(draw, certificate, filled=False)
    return None if number is None else _doubled(certificate, number)


def segment_priced_twice_in_a_cluster(
    draw: Draw, _: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    segments = certificate.clusters[number].segments
    return _changed(certificate, number, segments=(*segments, segments[0]))


def segment_whole_and_in_shares(
    draw: Draw, _: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate, filled=False)
    if number is None:
        return None
    return _doubled(certificate, number, filled=True, priced=False, share=1)


def shares_above_the_whole(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    number = _some(draw, certificate, filled=True)
    if number is None:
        return None
    return _doubled(certificate, number, share=1001 - certificate.clusters[number].share)


def share_negative(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    number = _some(draw, certificate, filled=True)
    return None if number is None else _changed(certificate, number, share=-1)


def trench_of_a_filled_segment(
    draw: Draw, _: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate, filled=True)
    return None if number is None else _changed(certificate, number, priced=True)


def _without(certificate: Certificate, number: int, work: int) -> Certificate:
    cluster = certificate.clusters[number]
    place = cluster.works.index(work)
    kept = [n for n in range(len(cluster.works)) if n != place]
    found = _changed(
        certificate,
        number,
        works=tuple(cluster.works[n] for n in kept),
        prices=tuple(cluster.prices[n] for n in kept),
    )
    return replace(found, detours=((),) * len(found.detours))


def work_missing_from_its_segment(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate, filled=False)
    if number is None:
        return None
    cluster = certificate.clusters[number]
    digging = {w for s in cluster.segments for w in _users(problem, cluster.works, s)}
    return _without(certificate, number, draw.choice(sorted(digging)))


def work_twice_in_a_cluster(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    cluster = certificate.clusters[number]
    prices = (*cluster.prices, np.zeros_like(cluster.prices[0]))
    return _changed(certificate, number, works=(*cluster.works, cluster.works[0]), prices=prices)


def work_unknown_in_a_cluster(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    cluster = certificate.clusters[number]
    strange = draw.choice([-1, len(problem.works)])
    prices = (*cluster.prices, np.zeros(1, np.int64))
    return _changed(certificate, number, works=(*cluster.works, strange), prices=prices)


def work_certified_twice(draw: Draw, _: Problem, certificate: Certificate) -> Certificate:
    return replace(certificate, works=(*certificate.works, draw.choice(certificate.works)))


def work_not_certified(draw: Draw, _: Problem, certificate: Certificate) -> Certificate:
    left = list(certificate.works)
    left.remove(draw.choice(left))
    return replace(certificate, works=tuple(left))


def work_unknown(draw: Draw, problem: Problem, certificate: Certificate) -> Certificate:
    strange = draw.choice([-1, len(problem.works)])
    return replace(certificate, works=(*certificate.works, strange))


def segment_unknown(draw: Draw, problem: Problem, certificate: Certificate) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    strange = draw.choice([-1, len(problem.segments)])
    segments = (*certificate.clusters[number].segments, strange)
    return _changed(certificate, number, segments=segments)


def segment_that_its_works_do_not_dig(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    counted = {s for cluster in certificate.clusters for s in cluster.segments}
    cluster = certificate.clusters[number]
    other = [
        s
        for s in range(len(problem.segments))
        if s not in counted and not _users(problem, cluster.works, s)
    ]
    if not other:
        return None
    return _changed(certificate, number, segments=(*cluster.segments, draw.choice(other)))


def _paired(draw: Draw, certificate: Certificate, pair: tuple[int, int]) -> Certificate | None:
    number = _some(draw, certificate)
    if number is None:
        return None
    detours = list(certificate.detours)
    detours[number] = (*detours[number], pair)
    return replace(certificate, detours=tuple(detours))


def pair_of_one_work(draw: Draw, _: Problem, certificate: Certificate) -> Certificate | None:
    return _paired(draw, certificate, (0, 0))


def pair_outside_its_cluster(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    return _paired(draw, certificate, (0, len(problem.works)))


def pair_that_may_meet(
    draw: Draw, problem: Problem, certificate: Certificate
) -> Certificate | None:
    """Two works without a road and its detour between them, or two approved ones."""
    number = _some(draw, certificate)
    if number is None:
        return None
    works = certificate.clusters[number].works
    free = set(combinations(range(len(works)), 2)) - set(_apart(problem, works))
    if not free:
        return None
    detours = list(certificate.detours)
    detours[number] = (*detours[number], draw.choice(sorted(free)))
    return replace(certificate, detours=tuple(detours))


def pairs_of_a_cluster_missing(
    _: Draw, __: Problem, certificate: Certificate
) -> Certificate | None:
    if len(certificate.detours) < 2:
        return None
    return replace(certificate, detours=certificate.detours[1:])


FAULTS: Mapping[Fault, str] = {
    multiplier_raised: "multipliers",
    crew_price_lowered: "multipliers",
    multipliers_lowered: "bound",
    multiplier_missing: "certificate",
    multiplier_too_many: "certificate",
    multipliers_in_a_matrix: "certificate",
    multipliers_not_whole: "certificate",
    multipliers_of_a_work_missing: "certificate",
    crew_price_negative: "certificate",
    crew_prices_too_few: "certificate",
    crew_prices_not_whole: "certificate",
    crew_unknown: "certificate",
    segment_priced_twice: "certificate",
    segment_priced_twice_in_a_cluster: "certificate",
    segment_whole_and_in_shares: "certificate",
    shares_above_the_whole: "certificate",
    share_negative: "certificate",
    trench_of_a_filled_segment: "certificate",
    work_missing_from_its_segment: "certificate",
    work_twice_in_a_cluster: "certificate",
    work_unknown_in_a_cluster: "certificate",
    work_certified_twice: "certificate",
    work_not_certified: "certificate",
    work_unknown: "certificate",
    segment_unknown: "certificate",
    segment_that_its_works_do_not_dig: "certificate",
    pair_of_one_work: "certificate",
    pair_outside_its_cluster: "certificate",
    pair_that_may_meet: "certificate",
    pairs_of_a_cluster_missing: "certificate",
}
"""Every fault that is planted into a certificate, and the rule that has to find it."""

CASES = 12


def _cases(fault: Fault) -> Iterator[tuple[Problem, list[int], float, Certificate]]:
    """Yield the first tiny problems with a true bound into whose certificate the fault fits."""
    found, seed = 0, 0
    while found < CASES:
        seed += 1
        problem = tiny_problem(seed)
        works = placeable(problem)
        if works:
            certificate = tiny_certificate(problem, works, seed)
            bound = bound_milli(problem, certificate)
            changed = fault(Draw(seed), problem, certificate)
            if changed is not None and bound is not None:
                found += 1
                yield problem, works, bound / 1000, changed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_planted_into_a_certificate_is_found(fault: Fault) -> None:
    for problem, works, bound, certificate in _cases(fault):
        found = Checks.of(
            check_bound(problem, certificate, placed=works, cost_yuan=np.inf, bound_yuan=bound)
        )
        assert FAULTS[fault] in {failure.rule for failure in found.failures}


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
    found = check_bound(two_works(), certificate, placed=(0, 1), cost_yuan=cost, bound_yuan=stated)
    assert [failure.rule for held, failure in found if not held] == ["bound"] * finds


def test_the_proof_of_a_bound_takes_nothing_from_the_solver() -> None:
    """Reached from check_bound are only the problem, the section and other checks."""
    package = Path(check_bound.__code__.co_filename).parent
    seen, waiting = set(), ["check_bound"]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        tree = ast.parse((package / f"{name}.py").read_text(encoding="utf-8"))
        named = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        found = {m.removeprefix("planner.trench.") for m in named if m.startswith("planner.trench")}
        waiting += sorted(found - seen)
    assert seen == {
        "check_bound", "check_certificate", "check_cluster", "check_ground", "check_plan",
        "certificate", "problem",
    }  # fmt: skip
