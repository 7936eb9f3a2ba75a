"""A diagram holds every choice of starts of its works, each at its price."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.cost import Prices
from planner.trench.plan import Opening, runs
from planner.trench.problem import Problem
from planner.trench.search import diagrams as made_by
from planner.trench.search import dual_kernels
from planner.trench.search.clusters import MOST_WORKS, Cluster, Part, clusters, halves
from planner.trench.search.diagrams import Diagram, diagrams, joined
from planner.trench.search.model import Floats, Model, Modelled, milli
from planner.trench.search.packs import floor_yuan

MakeProblem = Callable[..., Problem]
ModelFrom = Callable[[Problem], Modelled]
SEEDS = st.integers(0, 10**9)
Labels = frozenset[int]


def pieces_of(model: Model) -> list[Cluster]:
    """Return the clusters of a model, and what each is taken apart into."""
    found, waiting = [], list(clusters(model))
    while waiting:
        cluster = waiting.pop()
        found.append(cluster)
        if len(cluster.shifts) > 1:
            waiting += halves(cluster)
    return found


def diagram_of(model: Model, cluster: Cluster) -> Diagram:
    diagram = made_by._diagram(model, cluster, 100_000)
    assert diagram is not None
    return diagram


def paths(diagram: Diagram) -> dict[Labels, int]:
    """Return every path from the root to the end: the starts it takes and what it pays."""
    end = diagram.low.size - 1
    layer_of = np.repeat(np.arange(diagram.label.size + 1), np.diff(diagram.layer_ptr))
    found: dict[Labels, int] = {}
    waiting: list[tuple[int, tuple[int, ...], int]] = [(0, (), 0)]
    while waiting:
        node, labels, paid = waiting.pop()
        if node == end:
            assert frozenset(labels) not in found
            found[frozenset(labels)] = paid
        if diagram.low[node] >= 0:
            waiting.append((int(diagram.low[node]), labels, paid))
        if diagram.high[node] >= 0:
            label = int(diagram.label[layer_of[node]])
            added = paid + int(diagram.pay[node])
            waiting.append((int(diagram.high[node]), (*labels, label), added))
    return found


def choices(model: Model, cluster: Cluster) -> Iterator[dict[int, int]]:
    """Yield a label for each work of a cluster, in every way."""
    domains = [range(*model.start_ptr[work : work + 2]) for work in cluster.works]
    for labels in product(*domains):
        yield dict(zip(cluster.works, labels, strict=True))


def cost_milli(
    problem: Problem, modelled: Modelled, cluster: Cluster, starts: Mapping[int, int]
) -> int | None:
    """Return what a cluster's works pay at these starts, by their tasks; None if they may not."""
    total = 0
    for part in cluster.parts:
        if part.group < 0:
            (first, length), (then, its) = (
                (starts[work] + part.shifts[work], part.durations[work])
                for work in sorted(part.shifts)
            )
            if first < then + its and then < first + length:
                return None
        else:
            for segment in modelled.segments[part.group]:
                total += _segment_milli(problem, modelled, part, segment, starts)
            if cluster.priced:
                total += _packs_milli(problem, modelled, part, starts)
    return total


def _opened(
    problem: Problem, modelled: Modelled, part: Part, segment: int, starts: Mapping[int, int]
) -> Sequence[Opening]:
    times = []
    for work in part.shifts:
        task = problem.works[modelled.works[work]].task_on(segment)
        begin = starts[work] + task.lag
        times.append((begin, begin + task.duration, work))
    return runs(segment, times)


def _segment_milli(
    problem: Problem, modelled: Modelled, part: Part, segment: int, starts: Mapping[int, int]
) -> int:
    opened = _opened(problem, modelled, part, segment, starts)
    place = problem.segments[segment]
    setup = milli(place.opening_yuan) * part.share // 1000
    period = milli(place.open_period_yuan) * part.share // 1000
    timed = period * sum(one.periods for one in opened)
    if not part.filled:
        return timed + setup * len(opened)
    gaps = [after.first - one.end for one, after in pairwise(opened)]
    return timed + setup + sum(min(setup, period * gap) for gap in gaps)


def _packs_milli(
    problem: Problem, modelled: Modelled, part: Part, starts: Mapping[int, int]
) -> int:
    model, total = modelled.model, 0
    first = modelled.model.group_ptr[part.group]
    opened = _opened(problem, modelled, part, modelled.segments[part.group][0], starts)
    for pack in range(*model.pack_ptr[part.group : part.group + 2]):
        places = model.entry[model.entry_ptr[pack] : model.entry_ptr[pack + 1]]
        works = model.member[first + places].tolist()
        for one in opened:
            bits = sum(1 << n for n, work in enumerate(works) if work in one.works)
            total += int(model.price_milli[model.price_ptr[pack] + bits])
    return total


def least(model: Model, diagram: Diagram, price: Floats) -> float:
    """Return the least path of one diagram at prices by label, by the kernel."""
    whole = joined(model, [diagram])
    by_layer = np.append(price[diagram.label], 0.0)
    value = np.zeros(1)
    dual_kernels.values(whole, by_layer, np.zeros(whole.low.size), value)
    return float(value[0])


@pytest.mark.parametrize("lines", [True, False])
@settings(deadline=None, max_examples=100)
@given(seed=SEEDS)
def test_the_paths_are_all_choices_of_starts_each_at_its_price(
    make_problem: MakeProblem, model_from: ModelFrom, lines: bool, seed: int
) -> None:
    """Of clusters plain and priced, kept apart and filled, on segments of different prices."""
    problem = make_problem(seed, lines=lines, starts=4)
    modelled = model_from(problem)
    model = modelled.model
    for cluster in pieces_of(model):
        expected = {}
        for chosen in choices(model, cluster):
            starts = {work: int(model.starts[label]) for work, label in chosen.items()}
            cost = cost_milli(problem, modelled, cluster, starts)
            if cost is not None:
                expected[frozenset(chosen.values())] = cost
        assert paths(diagram_of(model, cluster)) == expected


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, other=SEEDS)
def test_the_least_path_is_the_least_of_all_choices_at_any_prices(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int, other: int
) -> None:
    problem = make_problem(seed, starts=4)
    modelled = model_from(problem)
    model = modelled.model
    price = np.random.default_rng(other).integers(-(10**7), 10**7, model.starts.size).astype(float)
    for cluster in pieces_of(model):
        costs = [
            cost + price[list(chosen.values())].sum()
            for chosen in choices(model, cluster)
            if (cost := cost_milli(problem, modelled, cluster, _at(model, chosen))) is not None
        ]
        found = least(model, diagram_of(model, cluster), price)
        assert found == min(costs) if costs else found >= dual_kernels.FAR / 2


def _at(model: Model, chosen: Mapping[int, int]) -> dict[int, int]:
    return {work: int(model.starts[label]) for work, label in chosen.items()}


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, shift=st.integers(-50, 50))
def test_the_times_of_a_cluster_may_be_counted_from_anywhere(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int, shift: int
) -> None:
    model = model_from(make_problem(seed, starts=4)).model
    for cluster in clusters(model):
        moved = {work: time + shift for work, time in cluster.shifts.items()}
        there = diagram_of(model, cluster._replace(shifts=moved))
        assert paths(there) == paths(diagram_of(model, cluster))


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS, other=SEEDS)
def test_halves_are_never_worth_more_than_the_whole(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int, other: int
) -> None:
    """However the prices of starts are shared out to them."""
    problem = make_problem(seed, works=5, starts=4)
    modelled = model_from(problem)
    model = modelled.model
    draw = np.random.default_rng(other)
    for cluster in pieces_of(model):
        parts = halves(cluster) if len(cluster.shifts) > 1 else ()
        shares = [_prices(model, part, draw) for part in parts]
        whole = least(model, diagram_of(model, cluster), sum(shares, np.zeros(model.starts.size)))
        value = sum(
            least(model, diagram_of(model, part), price)
            for part, price in zip(parts, shares, strict=True)
        )
        if parts and cluster.priced:
            value += 1000 * _floor_less_apart(problem, modelled, cluster.parts[0].group)
        if parts and whole < dual_kernels.FAR / 2:
            assert value <= whole + 20


def _prices(model: Model, part: Cluster, draw: np.random.Generator) -> Floats:
    price = np.zeros(model.starts.size)
    for work in part.works:
        labels = slice(*model.start_ptr[work : work + 2])
        price[labels] = draw.integers(-(10**7), 10**7, price[labels].size)
    return price


def _floor_less_apart(problem: Problem, modelled: Modelled, group: int) -> float:
    """Return how far the least trenches lie below those dug one by one, at most 0."""
    model = modelled.model
    rows = model.member[slice(*model.group_ptr[group : group + 2])].tolist()
    works = tuple(modelled.works[row] for row in sorted(rows))
    prices = Prices(problem)
    return sum(
        floor_yuan(problem, prices, segment, works) - modelled.apart_yuan[segment]
        for segment in modelled.segments[group]
    )


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS, most_nodes=st.integers(5, 60))
def test_no_diagram_with_a_path_has_more_nodes_than_allowed(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int, most_nodes: int
) -> None:
    model = model_from(make_problem(seed, works=6)).model
    found = diagrams(model, clusters(model), most_nodes=most_nodes, stop=lambda: False)
    for diagram in found:
        assert diagram.low.size <= most_nodes + 1
        assert diagram.low.size <= most_nodes or least(model, diagram, np.zeros(10**4)) > 1e16
        assert set(diagram.cluster.works) == works_of(model, diagram)


def works_of(model: Model, diagram: Diagram) -> set[int]:
    return set((np.searchsorted(model.start_ptr, diagram.label, side="right") - 1).tolist())


def test_a_diagram_above_the_limit_is_not_made(plain: MakeProblem, model_from: ModelFrom) -> None:
    model = model_from(plain([{}, {}, {}])).model
    (cluster,) = clusters(model)
    nodes = diagram_of(model, cluster).low.size
    assert made_by._diagram(model, cluster, nodes) is not None
    assert made_by._diagram(model, cluster, nodes - 1) is None


def test_small_diagrams_are_still_made_when_time_is_up(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    model = model_from(plain([{}, {}])).model
    assert len(diagrams(model, clusters(model), most_nodes=10**5, stop=lambda: True)) == 1


def test_more_works_than_a_word_has_bits_are_shared_out(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    model = model_from(plain([{"latest": 1}] * (MOST_WORKS + 6))).model
    found = diagrams(model, clusters(model), most_nodes=10**4, stop=lambda: False)
    assert {work for one in found for work in one.cluster.works} == set(range(MOST_WORKS + 6))
    assert sum(one.cluster.parts[0].share for one in found) == 1000


@pytest.mark.parametrize("longest", [252, 253, 254, 255, 300])
def test_tasks_of_most_of_a_year_are_priced_or_left_out(
    plain: MakeProblem, model_from: ModelFrom, longest: int
) -> None:
    """What a diagram says of them is true: it has no room to count beyond 255 periods."""
    rows = [{"duration": longest, "latest": 2}, {"latest": 360, "earliest": 358}, {"latest": 1}]
    problem = plain(rows, periods=365)
    modelled = model_from(problem)
    model = modelled.model
    found = diagrams(model, clusters(model), most_nodes=10**5, stop=lambda: False)
    for diagram in found:
        expected = {
            frozenset(chosen.values()): cost_milli(
                problem, modelled, diagram.cluster, _at(model, chosen)
            )
            for chosen in choices(model, diagram.cluster)
        }
        assert paths(diagram) == expected


def test_gaps_are_filled_at_the_price_of_each_segment(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    """Of two segments used alike one is cheaper to fill, the other to open again."""
    problem = plain([{"on": (0, 1), "latest": 0}] * 2 + [{"on": (0, 1), "earliest": 8}], segments=2)
    dear = replace(problem.segments[1], open_period_yuan=500.0)
    problem = replace(problem, segments=(problem.segments[0], dear))
    modelled = model_from(problem)
    (cluster,) = clusters(modelled.model)
    part = cluster.parts[0]._replace(filled=True)
    filled = cluster._replace(parts=(part,))
    found = paths(diagram_of(modelled.model, filled)).values()
    gaps = [at - 2 for at in range(8, 11)]
    assert sorted(found) == sorted(
        1000 * (2000 + 4 * 510 + min(1000, 10 * gap) + min(1000, 500 * gap)) for gap in gaps
    )


def test_works_that_cannot_go_together_have_no_path(
    plain: MakeProblem, model_from: ModelFrom
) -> None:
    rows = [{"latest": 0}, {"latest": 0, "on": (1,)}]
    model = model_from(plain(rows, segments=2, conflicts=((0, 1),))).model
    (cluster,) = clusters(model)
    diagram = diagram_of(model, cluster)
    assert least(model, diagram, np.zeros(2)) >= dual_kernels.FAR / 2
    assert joined(model, [diagram, diagram]).layer_ptr[-1] == 2 * diagram.low.size


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_joined_diagrams_keep_their_nodes_and_know_the_copies_of_each_start(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    model = model_from(make_problem(seed, works=6)).model
    found = diagrams(model, clusters(model), most_nodes=40, stop=lambda: False)
    whole = joined(model, found)
    assert whole.low.size == sum(one.low.size for one in found)
    assert whole.first_layer.size == len(found) + 1
    assert whole.layer_ptr[-1] == whole.low.size
    for label in range(model.starts.size):
        copies = whole.copy[whole.copy_ptr[label] : whole.copy_ptr[label + 1]]
        assert (whole.label[copies] == label).all()
        assert copies.size == sum(label in one.label for one in found)
