"""The exact finish of a search: one path through every diagram at once, as an integer programme.

What the bound leaves open decides what can still matter: a plan cheaper than the best one uses,
in every diagram, only arcs whose cheapest path lies within the gap. Where few arcs remain, HiGHS
finds the best of these plans and proves that there is no better one. Its proof is not a
certificate that can be recomputed by hand; the certificate of the multipliers stays beside it.

References
----------
Q. Huangfu, J. Hall (2018), Parallelizing the dual revised simplex method, Mathematical Programming
Computation 10 (HiGHS).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from planner.trench.search.dual import Dual
from planner.trench.search.model import MILLI, Floats, Ints

SAFETY = 1e-7
"""Part of the cost by which arcs may cost more than the gap and still be kept."""

FEN_MILLI = 10.0
"""Left for the solver's tolerances: bounds are taken lower by so much."""

_OPTIMAL = 0


class Finish(NamedTuple):
    """What the programme gave.

    Parameters
    ----------
    starts
        Start of each work of the model, None where no better plan was found.
    bound_milli
        What every plan costs at least, thousandths of a yuan; minus infinity if nothing is known.
    optimal
        Whether the programme was solved to its end: `starts` is the best plan then, unless the
        diagrams only bound what some segments cost.
    """

    starts: Ints | None
    bound_milli: float
    optimal: bool


class Arcs(NamedTuple):
    """Arcs that can matter: from node to node, what they cost, the start they stand for or -1."""

    tail: Ints
    head: Ints
    milli: Floats
    layer: Ints


def arcs_left(dual: Dual, cost_milli: float, *, most: int) -> Arcs | None:
    """Return the arcs that a plan of at most a given cost may use; None for more than `most`.

    `Dual.bound` must have been called for the multipliers as they are.
    """
    diagrams = dual.diagrams
    low, high = np.zeros(diagrams.low.size), np.zeros(diagrams.low.size)
    dual.arc_regrets(low, high)
    gap = cost_milli * (1 + SAFETY) - dual.last_bound
    without, start = np.flatnonzero(low <= gap), np.flatnonzero(high <= gap)
    if without.size + start.size > most:
        return None
    return Arcs(
        tail=np.concatenate([without, start]),
        head=np.concatenate([diagrams.low[without], diagrams.high[start]]).astype(np.int64),
        milli=np.concatenate([np.zeros(without.size), diagrams.pay[start]]),
        layer=np.concatenate(
            [
                np.full(without.size, -1),
                np.searchsorted(diagrams.layer_ptr, start, side="right") - 1,
            ]
        ),
    )


def finish(
    dual: Dual, cost_milli: float, *, most_arcs: int, seconds: float | None
) -> Finish | None:
    """Solve what is open, if it is small enough.

    Parameters
    ----------
    dual
        The lower side; `Dual.bound` must have been called for the multipliers as they are.
    cost_milli
        Cost of the best plan, thousandths of a yuan.
    most_arcs
        What counts as small.
    seconds
        Wall-clock limit; None for none.

    Returns
    -------
    Finish or None
        None where too much is open.
    """
    arcs = arcs_left(dual, cost_milli, most=most_arcs)
    if arcs is None:
        return None
    return _result(dual, arcs, _solved(dual, arcs, seconds), cost_milli)


def _solved(dual: Dual, arcs: Arcs, seconds: float | None) -> OptimizeResult:
    """Solve the programme: columns are arcs, then starts; the objective is in yuan."""
    flows, labels = arcs.tail.size, dual.model.starts.size
    own = np.floor(dual.model.start_yuan * MILLI)
    still = np.isin(np.arange(labels), dual.diagrams.label[arcs.layer[arcs.layer >= 0]])
    still |= np.isin(dual.work_of, dual.free)
    options: dict[str, float] = {"mip_rel_gap": 0.0}
    if seconds is not None:
        options["time_limit"] = max(seconds, 0.0)
    return milp(
        np.concatenate([arcs.milli, own]) / MILLI,
        constraints=[*_paths(dual, arcs), _one_start(dual, flows), _crews(dual, flows)],
        integrality=np.concatenate([np.zeros(flows), np.ones(labels)]),
        bounds=Bounds(0.0, np.concatenate([np.full(flows, np.inf), still.astype(float)])),
        options=options,
    )


def _paths(dual: Dual, arcs: Arcs) -> tuple[LinearConstraint, LinearConstraint]:
    """One unit leaves each root and is kept at each node; it takes the starts that are chosen."""
    diagrams, labels = dual.diagrams, dual.model.starts.size
    nodes, flows = diagrams.low.size, arcs.tail.size
    ends = diagrams.layer_ptr[diagrams.first_layer[1:] - 1]
    roots = diagrams.layer_ptr[diagrams.first_layer[:-1]]
    kept = np.setdiff1d(np.union1d(np.union1d(arcs.tail, arcs.head), roots), ends)
    supply = np.zeros(nodes)
    supply[roots] = 1.0
    column = np.arange(flows)
    flow = _ones(arcs.tail, column, (nodes, flows)) - _ones(arcs.head, column, (nodes, flows))
    flow = sp.hstack([flow, sp.csr_array((nodes, labels))]).tocsr()[kept]
    start = np.flatnonzero(arcs.layer >= 0)
    layers = diagrams.label.size
    link = sp.hstack(
        [
            _ones(arcs.layer[start], start, (layers, flows)),
            -_ones(dual.layers, diagrams.label[dual.layers], (layers, labels)),
        ]
    ).tocsr()[dual.layers]
    return (
        LinearConstraint(flow, supply[kept], supply[kept]),
        LinearConstraint(link, 0.0, 0.0),
    )


def _one_start(dual: Dual, flows: int) -> LinearConstraint:
    labels, works = dual.work_of.size, dual.model.span.size
    one = _ones(dual.work_of, flows + np.arange(labels), (works, flows + labels))
    return LinearConstraint(one, 1.0, 1.0)


def _crews(dual: Dual, flows: int) -> LinearConstraint:
    use = sp.hstack([sp.csr_array((dual.usage.shape[0], flows)), dual.usage]).tocsr()
    return LinearConstraint(use, -np.inf, dual.model.cap.ravel().astype(np.float64))


def _ones(row: Ints, column: Ints, shape: tuple[int, int]) -> sp.csr_array:
    entries: NDArray[np.float64] = np.ones(row.size)
    return sp.csr_array((entries, (row, column)), shape=shape)


def _result(dual: Dual, arcs: Arcs, solved: OptimizeResult, cost_milli: float) -> Finish:
    """Read the programme's answer; every plan that it left out costs at least `cost_milli`."""
    optimal = solved.status == _OPTIMAL
    starts = None
    if solved.x is not None:
        chosen = solved.x[arcs.tail.size :] > 0.5
        starts = dual.model.starts[chosen]
    least = solved.mip_dual_bound
    bound = -np.inf if least is None else float(least) * MILLI + dual.constant
    return Finish(starts, min(bound - FEN_MILLI, cost_milli), optimal)
