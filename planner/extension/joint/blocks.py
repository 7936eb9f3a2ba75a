"""Which parts of a network are improved one after another: neighbours around each place in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from time import perf_counter

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from planner.extension.joint.ledger import Ledger
from planner.extension.joint.model import Flags
from planner.extension.joint.network import FORBIDDEN, Net

PLACES, MIDDLE = 8, 4
"""Places with a terminal in a block, and how many of them need not be in another one of a pass."""

AROUND = 1.2
"""How far a block reaches beyond its places, in parts of the distance to the farthest of them."""

ROUNDS = 12
"""Most linear programmes of one block."""


def improve_all(
    ledger: Ledger, cost_milli: Callable[[], int], *, until: float, most: int, seed: int
) -> None:
    """Improve blocks all over a network, again and again, until the bound meets the cost.

    Parameters
    ----------
    cost_milli
        Returns the cost of the best plan known by now.
    until
        Clock time of `time.perf_counter` at which to end; infinite to count blocks.
    most
        Most blocks.
    seed
        Draws the order of the blocks.
    """
    if not (ledger.net.balance < 0).any():
        return
    rng = np.random.default_rng(seed)
    passes = iter(lambda: blocks(ledger.net, rng), None)
    for inside in islice(chain.from_iterable(passes), most):
        if perf_counter() >= until or ledger.bound_milli >= cost_milli():
            return
        ledger.improve(inside, until=until, rounds=ROUNDS, stop=lambda bound: bound >= cost_milli())


def blocks(net: Net, rng: np.random.Generator) -> Iterator[Flags]:
    """Yield blocks of nodes until every place with a terminal was in the middle of one."""
    lines = np.where(net.line < FORBIDDEN, net.line, 0).sum(axis=0)
    nodes = net.ptr.size - 1
    lengths = coo_array((net.trench + lines + 1.0, (net.u, net.v)), shape=(nodes, nodes)).tocsr()
    places = np.flatnonzero((net.balance < 0).any(axis=0))
    waiting = dict.fromkeys(rng.permutation(places).tolist())
    while waiting:
        away = dijkstra(lengths, directed=False, indices=next(iter(waiting)))
        near = places[np.argsort(away[places], kind="stable")]
        for place in near[:MIDDLE].tolist():
            waiting.pop(place, None)
        yield away <= AROUND * away[near[:PLACES][-1]]
