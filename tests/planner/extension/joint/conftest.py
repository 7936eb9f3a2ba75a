"""Tiny instances of joint routing, and their optimum by trying everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.extension.joint.model import Model, Points


def tiny(seed: int) -> Model:
    """Draw a connected graph of five to seven nodes with one to three utilities."""
    rng = np.random.default_rng(seed)
    nodes, utilities = int(rng.integers(5, 8)), int(rng.integers(1, 4))
    tree = [(int(rng.integers(node)), node) for node in range(1, nodes)]
    more = [tuple(rng.choice(nodes, 2, replace=False).tolist()) for _ in range(12 - nodes)]
    ends = np.array(tree + more)[: 11 - utilities]
    length = rng.integers(1, 20, len(ends)).astype(float)
    per_m = rng.integers(0, 9, utilities).astype(float)
    line = per_m[:, None] * length
    if seed % 3 == 0:
        line[rng.random(line.shape) < 0.1] = np.inf
    kinds = [rng.permutation(nodes) for _ in range(utilities)]
    return Model(
        nodes=nodes,
        u=ends[:, 0],
        v=ends[:, 1],
        trench_yuan=length * rng.choice([0.0, 8.0, 12.0, 20.0], len(ends)),
        line_yuan=line,
        names=tuple(f"utility {k}" for k in range(utilities)),
        sources=tuple(_points(kind[:3], rng.integers(2, 6, 3)) for kind in kinds),
        terminals=tuple(_points(kind[2:5], rng.integers(0, 5, 3)) for kind in kinds),
    )


def with_ends(model: Model, most: int | None = None) -> Model:
    """Let the terminals of a drawn instance that give nothing be ends, all or the first ones."""
    wanting = np.unique(np.concatenate([one.node for one in model.terminals]))
    giving = np.concatenate([one.node for one in model.sources])
    return replace(model, ends=np.setdiff1d(wanting, giving)[:most])


def lone(seed: int) -> Model:
    """Draw an instance whose terminals draw from one source each; some share a node."""
    model, rng = tiny(seed), np.random.default_rng(1000 + seed)
    kinds = [rng.permutation(model.nodes) for _ in model.names]
    wanting = [np.append(kind[3:], kind[3]) if rng.random() < 0.3 else kind[3:] for kind in kinds]
    drawn = replace(
        model,
        sources=tuple(_points(kind[:3], np.array([2, 2, 9])) for kind in kinds),
        terminals=tuple(_points(one, rng.choice([1, 3], one.size)) for one in wanting),
        unsplit=np.ones(len(kinds), dtype=np.bool_),
    )
    several = np.concatenate([one[:1] for one in wanting])
    own = np.setdiff1d(with_ends(drawn).ends, several)
    return replace(drawn, ends=own) if seed % 2 else drawn


def optimum_yuan(model: Model) -> float:
    """Return the least cost of all plans by trying every set of edges; infinite if there is none.

    Written apart from the planner: demands and capacities are whole numbers here.
    """
    subsets = np.array(list(product((False, True), repeat=model.edges)))
    trench = subsets @ model.trench_yuan
    costs = [_lines(model, k, subsets) for k in range(len(model.names))]
    # the trenches of a plan are the union of what its utilities use: cheapest lines inside each
    best = np.inf
    weight = 1 << np.arange(model.edges)
    inside = [_cheapest_inside(cost, model.edges, subsets @ weight) for cost in costs]
    for number, price in zip(subsets @ weight, trench, strict=True):
        best = min(best, price + sum(table[number] for table in inside))
    return float(best)


def _lines(model: Model, k: int, subsets: np.ndarray) -> np.ndarray:
    """Return what a utility's lines cost along each set of edges, infinite where that lacks."""
    return np.array(
        [model.line_yuan[k, row].sum() if _enough(model, k, row) else np.inf for row in subsets]
    )


def _enough(model: Model, k: int, row: np.ndarray) -> bool:
    at_node = np.bincount(np.concatenate([model.u[row], model.v[row]]), minlength=model.nodes)
    if (at_node[model.ends] > 1).any():
        return False
    label = list(range(model.nodes))
    for u, v in zip(model.u[row].tolist(), model.v[row].tolist(), strict=True):
        old, new = label[u], label[v]
        label = [new if one == old else one for one in label]
    left = dict.fromkeys(label, 0.0)
    for node, amount in zip(model.sources[k].node, model.sources[k].amount, strict=True):
        left[label[node]] += amount
    for node, amount in zip(model.terminals[k].node, model.terminals[k].amount, strict=True):
        left[label[node]] -= amount
    lone = model.unsplit.size > 0 and bool(model.unsplit[k])
    return min(left.values()) >= 0 and (not lone or _one_source_each(model, k, label))


def _one_source_each(model: Model, k: int, label: list[int]) -> bool:
    """Return whether every demand can be given a source of its piece, none of them too much."""
    sources, terminals = model.sources[k], model.terminals[k]
    piece = [label[node] for node in sources.node]
    choices = [[i for i, one in enumerate(piece) if one == label[node]] for node in terminals.node]
    return any(
        (np.bincount(np.array(taken), terminals.amount, len(piece)) <= sources.amount).all()
        for taken in product(*choices)
    )


def _cheapest_inside(cost: np.ndarray, edges: int, number: np.ndarray) -> np.ndarray:
    """Return for each set of edges the least cost of its subsets."""
    table = np.empty(1 << edges)
    table[number] = cost
    for edge in range(edges):
        with_it = (np.arange(table.size) >> edge & 1).astype(bool)
        table[with_it] = np.minimum(table[with_it], table[np.flatnonzero(with_it) ^ (1 << edge)])
    return table


def _points(node: np.ndarray, amount: np.ndarray) -> Points:
    return Points(node.astype(np.int64), amount.astype(float))


@pytest.fixture(scope="session")
def optimum_of() -> Callable[[Model], float]:
    """What finds the optimum of a tiny instance by trying everything."""
    return optimum_yuan


@pytest.fixture(scope="session")
def tinies() -> dict[int, tuple[Model, float]]:
    """Instances that can be served, by seed, each with its optimum."""
    drawn = {seed: tiny(seed) for seed in range(60)}
    known = {seed: (model, optimum_yuan(model)) for seed, model in drawn.items()}
    return {seed: pair for seed, pair in known.items() if np.isfinite(pair[1])}


@pytest.fixture(scope="session")
def ended() -> dict[int, tuple[Model, float]]:
    """Instances with ends that can be served, by seed, each with its optimum."""
    drawn = {seed: with_ends(tiny(seed)) for seed in range(400, 450)}
    known = {seed: (one, optimum_yuan(one)) for seed, one in drawn.items() if one.ends.size}
    return {seed: pair for seed, pair in known.items() if np.isfinite(pair[1])}


@pytest.fixture(scope="session")
def free(ended: dict[int, tuple[Model, float]]) -> dict[int, tuple[Model, float]]:
    """The instances with ends, with lines that may pass through them."""
    drawn = {seed: replace(model, ends=model.ends[:0]) for seed, (model, _) in ended.items()}
    return {seed: (model, optimum_yuan(model)) for seed, model in drawn.items()}


@pytest.fixture(scope="session")
def lones() -> dict[int, tuple[Model, float]]:
    """Instances without splitting that can be served, by seed, each with its optimum."""
    drawn = {seed: lone(seed) for seed in range(70)}
    known = {seed: (one, optimum_yuan(one)) for seed, one in drawn.items()}
    return {seed: pair for seed, pair in known.items() if np.isfinite(pair[1])}


@pytest.fixture(scope="session")
def few_ended() -> dict[int, tuple[Model, float]]:
    """Instances with one to three ends that can be served, by seed, each with its optimum."""
    drawn = {seed: with_ends(tiny(seed), 1 + seed % 3) for seed in range(60)}
    known = {seed: (one, optimum_yuan(one)) for seed, one in drawn.items() if one.ends.size}
    return {seed: pair for seed, pair in known.items() if np.isfinite(pair[1])}
