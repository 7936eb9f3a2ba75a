"""How pieces are mended: what lacks capacity is joined to more, what has too much gives some up."""

from __future__ import annotations

from planner.extension.joint.chance import below
from planner.extension.joint.kernel import kernel
from planner.extension.joint.network import Net
from planner.extension.joint.piece_kernels import gather, lay, prune
from planner.extension.joint.reach_kernels import Taste, reach
from planner.extension.joint.walk import COST, FAR, Walk

SMALL = 60
"""Nodes up to which more capacity is sought from everywhere in a piece."""

CORNER, TRIES, SETTLED = 12, 60, 300
"""Nodes of a larger piece from which it is sought, draws to find a source there, and nodes that
the search may settle."""

DRAWN = 6
"""Sources of a piece with capacity to spare that are drawn, to be given up."""

KEPT = 0.98
"""Share of what was paid for capacity earlier in what it is taken to cost."""


@kernel
def _outpost(w: Walk, k: int, label: int, need: int, taste: Taste) -> int:
    """Return a source of a piece near which there is cheap capacity, -1 if none was met."""
    found, least = -1, float(FAR)
    for _ in range(TRIES if w.holds[k] > 0 else 0):
        source = w.held[k, below(w.random, w.holds[k])]
        if w.label[k, source] != label:
            continue
        for place in range(w.kin.shape[2]):
            other = w.kin[k, source, place]
            if other < 0 or w.label[k, other] == label:
                continue
            lack = max(need - w.balance[k, other], 0)
            price = w.kin_price[k, source, place] + taste.capacity * w.rate[k] * lack
            if price < least:
                found, least = source, price
    return found


@kernel
def _next_to(net: Net, w: Walk, k: int, start: int, need: int, taste: Taste) -> int:
    """Return what the piece at a node had best be joined to, -1 if there is nothing."""
    label, nodes = w.label[k, start], w.piece.size
    source = _outpost(w, k, label, need, taste) if label > 0 and w.size[label] > SMALL else -1
    if source >= 0:
        count = gather(net, w, k, source, CORNER)
        found = reach(net, w, k, count, need, taste, False, SETTLED)
        if found >= 0:
            return int(found)
    count, bare = gather(net, w, k, start, nodes), True
    for place in range(count):
        bare = bare and w.balance[k, w.piece[place]] <= 0
    found = reach(net, w, k, count, need, taste, bare, nodes)
    if found < 0 and not bare:
        found = reach(net, w, k, count, need, taste, True, nodes)
    return int(found)


@kernel
def supply(net: Net, w: Walk, k: int, start: int, taste: Taste) -> bool:
    """Join the piece at a node to others until its balance is no longer below 0.

    Returns
    -------
    bool
        Whether that succeeded; what was changed is in the log either way.
    """
    while True:
        label = w.label[k, start]
        need = -w.total[label] if label > 0 else -w.balance[k, start]
        if need <= 0:
            return True
        found = _next_to(net, w, k, start, need, taste)
        if found < 0:
            return False
        before, alone = w.tally[COST], w.label[k, found] == 0
        lay(net, w, k, found)
        if label > 0 and alone:
            gained = w.total[w.label[k, start]] + need
            paid = (w.tally[COST] - before) / max(gained, 1)
            w.rate[k] = KEPT * w.rate[k] + (1.0 - KEPT) * paid


@kernel
def shrink(net: Net, w: Walk, k: int, node: int) -> None:
    """Give up sources at the tips of the piece at a node as far as it can spare them."""
    label = w.label[k, node]
    for _ in range(DRAWN if label > 0 else 0):
        if w.total[label] <= 0:
            return
        source = w.held[k, below(w.random, w.holds[k])]
        spare = w.label[k, source] == label and w.balance[k, source] <= w.total[label]
        if spare and w.degree[k, source] == 1:
            prune(net, w, k, source)
