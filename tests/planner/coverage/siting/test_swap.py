from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from planner.coverage.siting import greedy, swap
from planner.coverage.siting import swap_kernels as kernels
from planner.coverage.siting.problem import Problem

Draw = Callable[..., Problem]


def neighbours(problem: Problem, chosen: Sequence[int]) -> Iterator[list[int]]:
    """Yield every choice that one addition, removal or exchange away fits the budget."""
    others = [site for site in range(problem.candidates) if site not in chosen]
    shorter = [[site for site in chosen if site != old] for old in chosen]
    longer = [[*kept, new] for kept in (list(chosen), *shorter) for new in others]
    for choice in (*shorter, *longer):
        if problem.size[choice].sum() <= problem.budget:
            yield choice


@pytest.mark.parametrize("steps", [0, 60])
@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_no_single_change_betters_an_improved_choice(
    drawn: Draw, seed: int, sized: bool, steps: int
) -> None:
    problem = drawn(seed, candidates=18, points=60, sites=5, charged=True, sized=sized)
    first = greedy.choose(problem)
    chosen = swap.improve(problem, first, steps=steps)
    assert problem.size[list(chosen)].sum() <= problem.budget
    assert problem.value(chosen) >= problem.value(first)
    assert all(problem.value(choice) <= problem.value(chosen) for choice in
               neighbours(problem, chosen))  # fmt: skip


def plain_gains(problem: Problem, state: kernels.State) -> tuple[np.ndarray, ...]:
    """Return gain, loss and both, computed anew from what each chosen site reaches."""
    chosen = [int(site) for site in state.holder]
    count = sum((problem.reached([site]).astype(int) for site in chosen if site >= 0),
                start=np.zeros(len(problem.weight), dtype=int))  # fmt: skip
    gain = [problem.weight[problem.reached([k]) & (count == 0)].sum()
            for k in range(problem.candidates)]  # fmt: skip
    alone = [problem.reached([site]) & (count == 1) if site >= 0 else count < 0 for site in chosen]
    both = [[problem.weight[own & problem.reached([k])].sum() for k in range(problem.candidates)]
            for own in alone]  # fmt: skip
    return np.array(gain), np.array([problem.weight[own].sum() for own in alone]), np.array(both)


def test_gains_stay_exact_through_many_changes(drawn: Draw) -> None:
    problem = drawn(4, candidates=14, points=50, sites=4, density=0.4, charged=True)
    known = (problem.sight, problem.weight, problem.charge, problem.size)
    state = kernels.empty_state(problem.sight, problem.weight, 4)
    chance = np.random.default_rng(1)
    for _ in range(60):
        slot = int(chance.integers(4))
        if state.holder[slot] >= 0:
            kernels.take(*known, state, slot)
        else:
            free = np.flatnonzero(state.slot < 0)
            kernels.put(*known, state, int(chance.choice(free)), slot)
        for kept, plain in zip(
            (state.gain, state.loss, state.both), plain_gains(problem, state), strict=True
        ):
            np.testing.assert_array_equal(kept, plain)
        chosen = [site for site in state.holder if site >= 0]
        assert state.value[0] == problem.value(chosen)
        assert state.used[0] == problem.size[chosen].sum()


def test_steps_that_do_not_improve_lead_out_of_a_dead_end(
    drawn: Draw, brute: Callable[[Problem], int]
) -> None:
    stuck = freed = 0
    for seed in range(40):
        problem = drawn(seed, candidates=12, points=40, sites=4, density=0.3)
        first, best = greedy.choose(problem), brute(problem)
        stuck += problem.value(swap.improve(problem, first, steps=0)) < best
        freed += problem.value(swap.improve(problem, first, steps=40)) < best
    assert freed < stuck


def test_an_empty_choice_is_filled(drawn: Draw) -> None:
    problem = drawn(2, candidates=15, points=60, sites=4)
    assert len(swap.improve(problem, (), steps=0)) == 4
