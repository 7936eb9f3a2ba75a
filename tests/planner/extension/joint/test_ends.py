"""Bounds and reductions know that no line passes through an end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from geo.errors import InputError
from planner.extension.joint.certificate import Certificate
from planner.extension.joint.check_bound import bound_milli, replay
from planner.extension.joint.dual import charge_all
from planner.extension.joint.finish import finish
from planner.extension.joint.model import Model, Points
from planner.extension.joint.multipliers import reduced_prices
from planner.extension.joint.network import FORBIDDEN, Net, arc_prices, net_of
from planner.extension.joint.programme import Programme, programme_of, tighten
from planner.extension.joint.reduce import reduced
from planner.extension.joint.reduce_kernels import DROPPED
from planner.extension.joint.solve import solve

Tinies = dict[int, tuple[Model, float]]

FEW = 14
"""Instances whose programme is solved."""


def tightened(net: Net) -> Programme:
    """Return a programme over all arcs when nothing is broken any more."""
    programme = programme_of(net, np.ones(net.line.shape, dtype=np.bool_), 0)
    tighten(programme, lambda: FORBIDDEN, until=np.inf, rounds=40)
    return programme


def proven(programme: Programme) -> int:
    """Return the bound in thousandths of a yuan, 0 if nobody needs anything."""
    return programme.best.bound_milli if programme.best else 0


def model_of(net: Net) -> Model:
    """Return a network as a problem in whole yuan again."""
    forbidden = net.line >= FORBIDDEN
    nodes = [np.flatnonzero(row) for row in (net.balance > 0)]
    wanting = [np.flatnonzero(row) for row in (net.balance < 0)]
    pairs = list(zip(net.balance / 1000, nodes, wanting, strict=True))
    return Model(
        nodes=net.ptr.size - 1,
        u=net.u,
        v=net.v,
        trench_yuan=net.trench / 1000,
        line_yuan=np.where(forbidden, np.inf, net.line / 1000),
        names=tuple(f"utility {k}" for k in range(len(pairs))),
        sources=tuple(Points(at, row[at]) for row, at, _ in pairs),
        terminals=tuple(Points(at, -row[at]) for row, _, at in pairs),
        ends=np.flatnonzero(net.end),
    )


def passage(trace: list[int], ends: list[int]) -> tuple[Model, Certificate]:
    """Return a way over an end that costs less than the edge beside it, and one dropped edge."""
    nothing = np.zeros(0, dtype=np.int64)
    model = Model(
        nodes=4,
        u=np.array([0, 1, 0, 2]),
        v=np.array([1, 2, 2, 3]),
        trench_yuan=np.array([1.0, 1.0, 9.0, 1.0]),
        line_yuan=np.array([[1.0, 1.0, 3.0, 1.0]]),
        names=("gas",),
        sources=(Points(np.array([0]), np.array([5.0])),),
        terminals=(Points(np.array([1, 3]), np.array([2.0, 2.0])),),
        ends=np.array(ends, dtype=np.int64),
    )
    certificate = Certificate(
        trace=np.array(trace, dtype=np.int64),
        edges=np.array([0, 1, 3]) if trace else np.arange(4),
        share=np.zeros((1, 3 if trace else 4), dtype=np.int64),
        kind=nothing,
        utility=nothing,
        weight=nothing,
        set_ptr=np.zeros(1, dtype=np.int64),
        set_nodes=nothing,
        source_ptr=np.zeros(1, dtype=np.int64),
        source_nodes=nothing,
        step=nothing,
        least=nothing,
    )
    return model, certificate


def test_enough_instances_are_dearer_for_their_ends(ended: Tinies, free: Tinies) -> None:
    assert len(ended) >= 25
    assert sum(ended[seed][1] > free[seed][1] for seed in ended) >= 8


def test_no_charge_lies_above_the_optimum(ended: Tinies, free: Tinies) -> None:
    higher = 0
    for seed, (model, optimum) in ended.items():
        bound = charge_all(net_of(model)).bound_milli
        assert bound <= 1000 * optimum, seed
        higher += bound > 1000 * free[seed][1]
    assert higher >= 4


def test_ends_raise_the_bound_of_the_programme(ended: Tinies, free: Tinies) -> None:
    met = 0
    for seed, (model, optimum) in list(ended.items())[:FEW]:
        bound, before = (proven(tightened(net_of(one))) for one in (model, free[seed][0]))
        assert before - 1000 <= bound <= 1000 * optimum, seed
        met += bound >= 1000 * optimum - 1000
    assert met >= 0.7 * FEW


def test_no_column_leaves_an_end(ended: Tinies) -> None:
    for model, _ in list(ended.values())[:FEW]:
        net = net_of(model)
        leaving = np.flatnonzero(arc_prices(net)[0] >= FORBIDDEN)
        programme = tightened(net)
        arcs = slice(net.u.size, net.u.size * (1 + 2 * net.line.shape[0]))
        assert not programme.active[arcs].reshape(net.line.shape[0], -1)[0, leaving].any()
        if programme.best:
            left = reduced_prices(net, programme.best)[arcs].reshape(net.line.shape[0], -1)
            assert (left[0, leaving] > 0).all()


def test_branching_passes_through_no_end(ended: Tinies) -> None:
    found = 0
    for seed, (model, optimum) in list(ended.items())[:FEW]:
        net = net_of(model)
        dearer = int(1500 * optimum) + 5000
        done = finish(tightened(net), cost_milli=dearer, until=None, nodes=50)
        assert done.bound_milli <= 1000 * optimum + 1, seed
        if done.plan is not None:
            found += 1
            assert done.plan.cost_milli >= 1000 * optimum - 1, seed
            for row in done.plan.used:
                at_node = np.bincount(np.concatenate([net.u[row], net.v[row]]), minlength=99)
                assert (at_node[model.ends] <= 1).all(), seed
    assert found >= 5


def test_reductions_keep_the_optimum_with_ends(
    ended: Tinies, optimum_of: Callable[[Model], float]
) -> None:
    smaller = 0
    for seed, (model, optimum) in ended.items():
        small = reduced(net_of(model)).net
        smaller += small.u.size < model.edges
        assert optimum_of(model_of(small)) == pytest.approx(optimum), seed
    assert smaller >= 8


def test_a_way_over_an_end_makes_no_edge_needless() -> None:
    way = [DROPPED, 2, 2, 1, 0]
    assert not replay(*passage(way, []), set())[1]
    (fault,) = replay(*passage(way, [1]), set())[1]
    assert "end 1" in fault
    model, _ = passage([], [1])
    assert 2 in reduced(net_of(model)).part
    assert 2 not in reduced(net_of(replace(model, ends=model.ends[:0]))).part


def test_charges_on_arcs_that_leave_an_end_do_not_count() -> None:
    for ends, milli in (([], 2_000), ([1], 10_000)):
        model, certificate = passage([], ends)
        weighed = replace(
            certificate,
            kind=np.zeros(1, dtype=np.int64),
            utility=np.zeros(1, dtype=np.int64),
            weight=np.array([10_000]),
            step=np.zeros(1, dtype=np.int64),
            least=np.zeros(1, dtype=np.int64),
            set_ptr=np.array([0, 2]),
            set_nodes=np.array([2, 3]),
            source_ptr=np.zeros(2, dtype=np.int64),
            share=np.array([[0, 1_000, 9_000, 0]]),
        )
        net, faults = replay(model, weighed, set())
        assert not faults
        assert bound_milli(net, weighed) == (milli, [])


def parted(capacity: float) -> Model:
    """Two parts that meet at an end alone: a source and a terminal each, the end wants much."""
    return Model(
        nodes=5,
        u=np.array([0, 1, 4, 3]),
        v=np.array([1, 2, 2, 4]),
        trench_yuan=np.ones(4),
        line_yuan=np.ones((1, 4)),
        names=("gas",),
        sources=(Points(np.array([0, 3]), np.array([9.0, capacity])),),
        terminals=(Points(np.array([1, 2, 4]), np.array([5.0, 6.0, 3.0])),),
        ends=np.array([2]),
    )


def test_an_end_draws_from_the_part_that_has_enough() -> None:
    joint = solve(parted(9.0), effort=0.1)
    assert joint.status == "optimal"
    assert joint.used.tolist() == [[True, False, True, True]]


def test_parts_of_which_none_has_enough_for_an_end_are_told() -> None:
    with pytest.raises(InputError, match="no plan was found"):
        solve(parted(7.0), effort=0.1)


def test_an_end_of_somebody_else_joins_nothing() -> None:
    model = replace(parted(9.0), terminals=(Points(np.array([1, 4]), np.array([5.0, 3.0])),))
    alone = replace(model, sources=(Points(np.array([0]), np.array([9.0])),))
    assert solve(model, effort=0.1).status == "optimal"
    assert [one.nodes for one in solve(alone, effort=0.1).unserved] == [(4,)]
