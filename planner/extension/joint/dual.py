"""Bounds by dual ascent: all utilities at once, then with trench prices split better and better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.extension.joint.ascent_kernels import Ascent, ascend, release
from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Flags, Ints
from planner.extension.joint.network import Net, arc_prices, thresholds

ROOM = 1 << 26
"""First length of the log of charges, of which pages are used as it fills; it doubles until they
fit."""

PASSES = 4
"""Most times that trench prices nobody needs are given back and charged again."""

STALLED = 1e-5
"""Relative gain below which that ends."""


@dataclass(frozen=True, slots=True)
class Charges:
    """Charged sets and the bound that they prove.

    Parameters
    ----------
    share
        Trench price given to each utility, shape (utilities, edges).
    log
        Every charge: utility, amount, least amount that counts, count of nodes, nodes.
    left
        Price of each arc that is left, shape (utilities, 2 edges).
    bound_milli
        In thousandths of a yuan.
    """

    share: Ints
    log: Ints
    left: Ints
    bound_milli: int

    def cuts(self) -> Iterator[tuple[Cut, int]]:
        """Yield each charged set with its amount."""
        nothing, at = np.zeros(0, dtype=np.int64), 0
        while at < self.log.size:
            k, amount, least, count = self.log[at : at + 4].tolist()
            nodes = np.sort(self.log[at + 4 : at + 4 + count])
            yield Cut(k, nodes, nothing, leaves=False, step=0, broken=1.0, least=least), amount
            at += 4 + count


def charge_all(net: Net) -> Charges:
    """Charge short sets until every terminal's has capacity enough."""
    room = ROOM
    while True:
        ascent = _ascent(net, room)
        utility, node = (part.astype(np.int64) for part in np.nonzero(net.balance < 0))
        least = _thresholds(net, utility, node)
        alone = least > 0
        before = -1
        for _ in range(PASSES):
            ascend(net, ascent, utility, node, np.zeros_like(least))
            ascend(net, ascent, utility[alone], node[alone], least[alone])
            value = int(ascent.value.sum())
            if value - before <= STALLED * value:
                break
            before = value
            for k in range(net.line.shape[0]):
                release(net, ascent, k)
        if ascent.logged[1] == ascent.logged[0]:
            break
        room = 2 * int(ascent.logged[1])
    log = ascent.log[: ascent.logged[0]]
    return Charges(ascent.given, log, ascent.left, int(ascent.value.sum()))


def _thresholds(net: Net, utility: Ints, node: Ints) -> Ints:
    """Return for each terminal the largest threshold up to its demand, 0 if there is none."""
    least = np.zeros_like(node)
    for k in np.unique(utility).tolist():
        steps = np.concatenate([[0], thresholds(net, k)])
        own = utility == k
        least[own] = steps[np.searchsorted(steps, net.grain[k, node[own]], side="right") - 1]
    return least


def _ascent(net: Net, room: int) -> Ascent:
    utilities, edges = net.line.shape
    nodes = net.ptr.size - 1
    waits: Flags = np.zeros((utilities, nodes), dtype=np.bool_)
    return Ascent(
        left=arc_prices(net),
        trench=net.trench.copy(),
        given=np.zeros((utilities, edges), dtype=np.int64),
        value=np.zeros(utilities, dtype=np.int64),
        waits=waits,
        inside=np.zeros(nodes, dtype=np.int64),
        stamp=np.zeros(2, dtype=np.int64),
        nodes=np.zeros(nodes, dtype=np.int64),
        cut=np.zeros(2 * edges, dtype=np.int64),
        keys=np.zeros(utilities * nodes + 1, dtype=np.int64),
        heap=np.zeros(utilities * nodes + 1, dtype=np.int64),
        log=np.zeros(room, dtype=np.int64),
        logged=np.zeros(2, dtype=np.int64),
    )
