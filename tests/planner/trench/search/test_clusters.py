"""Clusters price every group once and keep every detour; taken apart they still cover the works."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.trench.problem import Problem
from planner.trench.search.clusters import (
    MOST_ITEMS,
    Cluster,
    Part,
    clusters,
    fits,
    halves,
    parts_of,
)
from planner.trench.search.model import Model, Modelled

MakeProblem = Callable[..., Problem]
ModelFrom = Callable[[Problem], Modelled]
SEEDS = st.integers(0, 10**9)


def kept_apart(model: Model, work: int, other: int, apart: int) -> bool:
    """Return whether a detour forbids that `other` starts so much later than `work`."""
    rows = range(model.near_ptr[work], model.near_ptr[work + 1])
    return any(
        model.near[i] == other and model.near_low[i] < apart < model.near_high[i] for i in rows
    )


def overlapping(part: Part, work: int, other: int, apart: int) -> bool:
    """Return whether the intervals of a pair have a period in common."""
    first, then = part.shifts[work], part.shifts[other] + apart
    return first < then + part.durations[other] and then < first + part.durations[work]


def taken_apart(cluster: Cluster) -> Iterator[Cluster]:
    """Yield a cluster and everything that it is halved into, to the last."""
    yield cluster
    if len(cluster.shifts) > 1:
        for half in halves(cluster):
            yield from taken_apart(half)


@settings(deadline=None, max_examples=150)
@given(seed=SEEDS)
def test_a_pair_overlaps_exactly_where_a_detour_forbids(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    model = model_from(make_problem(seed, twins=False)).model
    pairs = [part for part in parts_of(model) if part.group < 0]
    for part in pairs:
        work, other = sorted(part.shifts)
        same = [each for each in pairs if each.shifts.keys() == part.shifts.keys()]
        for apart in range(-30, 31):
            shut = any(overlapping(each, work, other, apart) for each in same)
            assert shut == kept_apart(model, work, other, apart)


@settings(deadline=None, max_examples=150)
@given(seed=SEEDS)
def test_every_part_is_in_one_cluster_that_keeps_its_times(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    model = model_from(make_problem(seed, works=7)).model
    made = clusters(model)
    held = [part for cluster in made for part in cluster.parts]
    assert sorted(map(repr, held)) == sorted(map(repr, parts_of(model)))
    for cluster in made:
        assert all(fits(part, cluster.shifts) for part in cluster.parts)
        assert cluster.priced or len(cluster.parts) <= MOST_ITEMS
        assert set(cluster.works) == {work for part in cluster.parts for work in part.shifts}


@settings(deadline=None, max_examples=150)
@given(seed=SEEDS)
def test_a_cluster_with_trenches_to_share_stays_alone(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    model = model_from(make_problem(seed, works=7)).model
    for cluster in clusters(model):
        with_packs = [
            part
            for part in cluster.parts
            if part.group >= 0 and model.pack_ptr[part.group] < model.pack_ptr[part.group + 1]
        ]
        assert cluster.priced == bool(with_packs)
        assert not cluster.priced or len(cluster.parts) == 1


@settings(deadline=None, max_examples=150)
@given(seed=SEEDS)
def test_halves_cover_the_works_of_the_groups_and_share_no_more_than_the_whole(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    model = model_from(make_problem(seed, works=7)).model
    for whole in clusters(model):
        for cluster in taken_apart(whole):
            parts = [part for half in halves(cluster) for part in half.parts]
            for part in cluster.parts:
                mine = [each for each in parts if each.group == part.group >= 0]
                if part.group >= 0 and len(cluster.shifts) > 1:
                    assert {work for each in mine for work in each.shifts} == part.shifts.keys()
                    assert sum(each.share for each in mine) == part.share


@settings(deadline=None, max_examples=100)
@given(seed=SEEDS)
def test_taking_a_cluster_apart_comes_to_an_end_with_pairs_whole(
    make_problem: MakeProblem, model_from: ModelFrom, seed: int
) -> None:
    """A pair of which only one work is left would forbid nothing."""
    model = model_from(make_problem(seed, works=7)).model
    for whole in clusters(model):
        for cluster in taken_apart(whole):
            assert all(len(part.shifts) == 2 for part in cluster.parts if part.group < 0)
            assert all(half != cluster for half in halves(cluster))
