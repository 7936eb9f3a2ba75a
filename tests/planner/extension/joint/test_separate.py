"""What is separated holds for every plan and is broken by the fractional one."""

from __future__ import annotations

from itertools import product

import numpy as np

from planner.extension.joint.cover_kernels import cover
from planner.extension.joint.cut_kernels import flow_of
from planner.extension.joint.cuts import Cut, arcs_into
from planner.extension.joint.model import Model
from planner.extension.joint.network import Net, joined, net_of
from planner.extension.joint.rows import columns_of, entries
from planner.extension.joint.separate import broken_cuts

Tinies = dict[int, tuple[Model, float]]


def star(capacities: list[int], demand: int) -> Net:
    """Return sources around a terminal, and one node behind each."""
    count = len(capacities)
    hub, leaves = np.zeros(count, dtype=np.int64), np.arange(1, count + 1)
    balance = np.array([[-demand, *capacities, *[0] * count]])
    return joined(
        np.concatenate([hub, leaves]),
        np.concatenate([leaves, leaves + count]),
        np.ones(2 * count, dtype=np.int64),
        np.ones((1, 2 * count), dtype=np.int64),
        balance,
        np.zeros_like(balance),
        np.zeros(2 * count + 1, dtype=np.bool_),
    )


def test_covers_hold_for_whatever_suffices() -> None:
    rng = np.random.default_rng(1)
    stepped = 0
    for _ in range(300):
        capacities = rng.integers(1, 9, 5)
        demand = int(rng.integers(1, capacities.sum() + 1))
        chosen = np.zeros(5, dtype=np.bool_)
        step, _ = cover(capacities, rng.random(5), demand, 0.0, chosen)
        net = star(capacities.tolist(), demand)
        nodes = np.arange(6)
        cut = Cut(0, nodes, 1 + np.flatnonzero(chosen), leaves=False, step=step, broken=0.0)
        at = columns_of(net)
        columns, factors, least = entries(net, at, cut)
        stepped += least > 1
        for use in product((0, 1), repeat=5):
            if capacities @ use >= demand:
                point = np.zeros(at.count)
                point[at.w(0, 1 + np.flatnonzero(use))] = 1.0
                assert factors @ point[columns] >= least
    assert stepped >= 50


def test_three_sources_of_which_two_are_needed_are_not_used_by_halves() -> None:
    net = star([3, 3, 3], 5)
    at, y, w = columns_of(net), np.zeros(12), np.zeros(7)
    w[1:4], y[[1, 3, 5]] = 0.5, 0.5
    cuts = list(broken_cuts(net, flow_of(net), 0, y, w, np.random.default_rng(0)))
    point = np.zeros(at.count)
    point[at.y(0, np.arange(12))], point[at.w(0, np.arange(7))] = y, w
    leasts = []
    for cut in cuts:
        columns, factors, least = entries(net, at, cut)
        assert factors @ point[columns] < least
        leasts.append(least)
    assert 2 in leasts


def test_arcs_into_a_set_are_those_with_one_end_outside(tinies: Tinies) -> None:
    for seed, (model, _) in list(tinies.items())[:10]:
        net = net_of(model)
        inside = np.flatnonzero(np.random.default_rng(seed).random(model.nodes) < 0.5)
        within = np.isin(np.arange(model.nodes), inside)
        forward, back = ~within[net.u] & within[net.v], within[net.u] & ~within[net.v]
        wanted = [*(2 * np.flatnonzero(forward)), *(2 * np.flatnonzero(back) + 1)]
        if inside.size:
            assert arcs_into(net, inside).tolist() == sorted(wanted)
