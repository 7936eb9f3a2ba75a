"""The checker refuses trees and proofs that do not hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.steiner import solve
from geo.steiner.check import WrongProofError, proven_bound, tree_cost
from geo.steiner.proof import Closed, Detours, Proof, Raised, Split, Step

U, V, COST = [0, 1, 2, 0], [3, 3, 3, 1], [2.0, 2.0, 2.0, 3.0]
TERMINALS = [0, 1, 2]


def dual(value: list[int], **changes: NDArray[np.int32]) -> Raised:
    """Cuts around the terminals 1 and 2, seen from 0."""
    step = Raised(
        nodes=np.array([1, 2], np.int32),
        begin=np.array([0, 1]),
        end=np.array([1, 2]),
        value=np.array(value),
        limit=6,
        shut=np.empty(0, np.int32),
        tail=np.empty(0, np.int32),
    )
    return replace(step, **changes)


def detour(edge: int, walk: list[int]) -> Detours:
    return Detours(np.array([edge], np.int32), np.array([0, len(walk)]), np.array(walk, np.int32))


def bound(*steps: Step, root: int = 0) -> float:
    return proven_bound(U, V, COST, TERMINALS, Proof(1.0, root, steps))


def test_raised_cuts_prove_their_sum() -> None:
    assert bound(dual([2, 2])) == 4.0


def test_no_step_proves_nothing() -> None:
    assert bound() == 0.0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (dual([3, 2]), "pays more"),
        (dual([-1, 2]), "negative"),
        (dual([2, 2], nodes=np.array([0, 2], np.int32)), "separates no terminal"),
        (dual([2, 2], nodes=np.array([3, 2], np.int32)), "separates no terminal"),
        (dual([2, 2], shut=np.array([0], np.int32), tail=np.array([0], np.int32)), "too dear"),
        (dual([2, 2], shut=np.array([0], np.int32), tail=np.array([2], np.int32)), "not its link"),
        (detour(0, [3]), "broken|too long|arrive"),
        (detour(3, [0, 1]), "too long"),
        (detour(0, [0]), "uses it"),
        (detour(0, []), "arrive"),
        (Closed(np.array([1], np.int32)), "open"),
        (Split(0, (), ()), "always used"),
    ],
)
def test_a_wrong_step_is_refused(step: Step, words: str) -> None:
    with pytest.raises(WrongProofError, match=words):
        bound(step)


def test_a_root_must_be_a_terminal() -> None:
    with pytest.raises(WrongProofError, match="root"):
        bound(root=3)


def test_a_case_that_proves_nothing_makes_the_split_prove_nothing() -> None:
    assert bound(Split(3, (dual([2, 2]),), ())) == 0.0


def test_a_proof_that_is_tampered_with_is_refused() -> None:
    rng = np.random.default_rng(4)
    u, v, cost = rng.integers(0, 30, 120), rng.integers(0, 30, 120), rng.integers(1, 9, 120)
    tree = solve(30, u, v, cost, range(8))
    graph = u.tolist(), v.tolist(), cost.tolist(), list(range(8))
    assert proven_bound(*graph, tree.proof) > tree.cost - 1
    place = next(i for i, step in enumerate(tree.proof.steps) if isinstance(step, Raised))
    steps = list(tree.proof.steps)
    raised = steps[place]
    assert isinstance(raised, Raised)
    steps[place] = replace(raised, value=raised.value * 2)
    with pytest.raises(WrongProofError, match="pays more"):
        proven_bound(*graph, replace(tree.proof, steps=tuple(steps)))


def test_a_tree_must_connect_and_have_no_cycle() -> None:
    assert tree_cost(U, V, COST, TERMINALS, [0, 1, 2]) == 6.0
    with pytest.raises(WrongProofError, match="connect"):
        tree_cost(U, V, COST, TERMINALS, [0, 1])
    with pytest.raises(WrongProofError, match="cycle"):
        tree_cost(U, V, COST, TERMINALS, [0, 1, 2, 3])
