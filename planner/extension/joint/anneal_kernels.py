"""Destroy and repair: moves that route some terminals anew, taken or undone by annealing."""

from __future__ import annotations

from math import exp

from planner.extension.joint.chance import below, share
from planner.extension.joint.kernel import kernel
from planner.extension.joint.mend_kernels import shrink, supply
from planner.extension.joint.network import Net
from planner.extension.joint.piece_kernels import clear, gather, lay, unlink
from planner.extension.joint.reach_kernels import Taste, any_taste, reach
from planner.extension.joint.start_kernels import Needs
from planner.extension.joint.walk import BEST, COST, DUG, LOGGED, Walk, ask, undo

MOST_PLACES = 8
"""Terminal nodes that one move may route anew."""

REROUTED = 0.5
"""Share of moves that route terminals anew; the others cut one edge."""

LARGE = 1000
"""Nodes of a piece above which it is not joined again where it was cut."""


@kernel
def _choose(w: Walk, needs: Needs) -> int:
    """Draw terminals near one another into `needs.order`, shuffled; return how many."""
    first = below(w.random, needs.node.size)
    most = 1 + int(MOST_PLACES * share(w.random) ** 2)
    everybody = below(w.random, 2) == 0
    place, count = needs.place[first], 0
    for i in range(min(most, needs.near.shape[1])):
        other = needs.near[place, i]
        if other < 0:
            break
        for j in range(needs.ptr[other], needs.ptr[other + 1]):
            terminal = needs.at[j]
            if everybody or needs.utility[terminal] == needs.utility[first]:
                needs.order[count] = terminal
                count += 1
    for i in range(count - 1, 0, -1):
        j = below(w.random, i + 1)
        needs.order[i], needs.order[j] = needs.order[j], needs.order[i]
    return count


@kernel
def _serve(net: Net, w: Walk, k: int, node: int, taste: Taste) -> bool:
    """Ask for a terminal's demand again and supply it; return whether that succeeded."""
    ask(w, k, node, net.balance[k, node])
    return bool(supply(net, w, k, node, taste))


@kernel
def _reroute(net: Net, w: Walk, needs: Needs, taste: Taste) -> bool:
    """Take the lines of some terminals away and lay them anew; return whether that succeeded."""
    count = _choose(w, needs)
    for i in range(count):
        k, node = needs.utility[needs.order[i]], needs.node[needs.order[i]]
        ask(w, k, node, 0)
        shrink(net, w, k, clear(net, w, k, node))
    for i in range(count):
        if not _serve(net, w, needs.utility[needs.order[i]], needs.node[needs.order[i]], taste):
            return False
    exact = Taste(1.0, taste.capacity, 0.0, 0, -1)
    for i in range(count):
        k, node = needs.utility[needs.order[i]], needs.node[needs.order[i]]
        if taste.trench < 1.0 and w.degree[k, node] == 1:
            ask(w, k, node, 0)
            clear(net, w, k, node)
            if not _serve(net, w, k, node, exact):
                return False
        shrink(net, w, k, node)
    return True


@kernel
def _join_again(net: Net, w: Walk, k: int, one: int, other: int, taste: Taste) -> None:
    """Join the smaller of two pieces to the nearest piece, if it is not large."""
    start = one if w.size[w.label[k, one]] <= w.size[w.label[k, other]] else other
    if w.label[k, start] > 0 and w.size[w.label[k, start]] <= LARGE:
        count = gather(net, w, k, start, LARGE)
        found = reach(net, w, k, count, 0, taste, True, w.piece.size)
        if found >= 0:
            lay(net, w, k, found)


@kernel
def _mend(net: Net, w: Walk, k: int, taste: Taste) -> bool:
    """Bring the two parts of a piece that was cut to capacity; return whether that succeeded."""
    one, other = w.tips[k, 0], w.tips[k, 1]
    short = min(w.total[w.label[k, one]], w.total[w.label[k, other]]) < 0
    if short and below(w.random, 2) == 0:
        _join_again(net, w, k, one, other, taste)
    for node in (one, other):
        if not supply(net, w, k, node, taste):
            return False
    shrink(net, w, k, one)
    shrink(net, w, k, other)
    return True


@kernel
def _cut(net: Net, w: Walk, taste: Taste) -> bool:
    """Take an edge from one or all of its users and mend their pieces; return success."""
    if w.tally[DUG] == 0:
        return False
    edge = w.dug[below(w.random, w.tally[DUG])]
    if below(w.random, 2) == 0:
        taste = Taste(taste.trench, taste.capacity, taste.noise, taste.salt, edge)
    users, utilities = w.users[edge], w.label.shape[0]
    if below(w.random, 2) == 0:
        only = below(w.random, utilities)
        if users >> only & 1:
            users = 1 << only
    one, other = net.u[edge], net.v[edge]
    for k in range(utilities):
        if users >> k & 1:
            unlink(net, w, k, edge)
            w.tips[k, 0] = clear(net, w, k, one)
            w.tips[k, 1] = clear(net, w, k, other)
    first = below(w.random, utilities)
    for i in range(utilities):
        k = (first + i) % utilities
        if users >> k & 1 and not _mend(net, w, k, taste):
            return False
    return True


@kernel
def anneal(net: Net, w: Walk, needs: Needs, moves: int, heat: float) -> int:
    """Make moves at one temperature and keep the cheapest plan seen; return how many were taken.

    Parameters
    ----------
    heat
        Temperature in thousandths of a yuan.
    """
    taken = 0
    for _ in range(moves):
        before = w.tally[COST]
        w.tally[LOGGED] = 0
        taste = any_taste(w.random)
        if share(w.random) < REROUTED:
            mended = _reroute(net, w, needs, taste)
        else:
            mended = _cut(net, w, taste)
        dearer = w.tally[COST] - before
        if mended and (dearer <= 0 or share(w.random) < exp(-dearer / max(heat, 1e-9))):
            taken += 1
            if w.tally[COST] < w.tally[BEST]:
                w.tally[BEST] = w.tally[COST]
                for edge in range(w.users.size):
                    w.best[edge] = w.users[edge]
        else:
            undo(net, w)
    return taken
