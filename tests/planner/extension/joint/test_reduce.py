from __future__ import annotations

import numpy as np
import pytest

from planner.extension.joint.model import Model
from planner.extension.joint.network import net_of
from planner.extension.joint.reduce import reduced
from planner.extension.joint.search import Pace, search

Tinies = dict[int, tuple[Model, float]]


def test_reductions_keep_the_optimum(tinies: Tinies) -> None:
    smaller = 0
    for seed, (model, optimum) in list(tinies.items())[:12]:
        whole = net_of(model)
        small = reduced(whole)
        smaller += small.net.u.size < whole.u.size
        for net in (whole, small.net):
            found = search(net, Pace(None, 0.05, seed))
            assert found.plan.cost_milli == pytest.approx(1000 * optimum), seed
    assert smaller >= 8


def test_sources_that_are_connected_and_terminals_stay(tinies: Tinies) -> None:
    for model, _ in tinies.values():
        net = net_of(model)
        small = reduced(net)
        wanting = np.flatnonzero((net.balance < 0).any(axis=0))
        assert np.isin(wanting, small.node).all()
        assert np.array_equal(small.net.balance, net.balance[:, small.node])


def test_a_plan_goes_back_to_the_edges_it_stands_for(tinies: Tinies) -> None:
    for model, _ in tinies.values():
        net = net_of(model)
        small = reduced(net)
        for edge in range(small.net.u.size):
            used = np.zeros(small.net.line.shape, dtype=bool)
            used[0, edge] = True
            (whole,) = np.nonzero(small.whole(used, net.u.size)[0])
            assert net.trench[whole].sum() == small.net.trench[edge]
