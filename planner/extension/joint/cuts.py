"""Inequalities that every plan keeps: sets that something enters, or that a source's flow leaves.

For utility k, y is 1 for an arc along which something flows and w for a source that gives. Let a
set S lack D > 0 even if its sources outside U give all they have. Then something enters S or U
gives D; rounded up in steps of h, with c the capacity of a source::

    r(D) y(arcs into S) + sum of r(min(c, D)) w over U >= r(D)     where r(x) = ceil(x / h)

With h >= D that says: an arc enters S, or a source of U gives. And what a source gives has to
leave every set around it that has no terminal::

    y(arcs out of Q) >= w(s)                                       where s in Q, no terminal in Q

With U empty, the first alone describes every plan in which terminals may draw from several sources.

Where each draws from one, a terminal that asks for m or more is served by a source that has m or
more. So the first holds too if none but these count in D and U. What they draw may flow against
what all draw together, which alone decides y: then y counts on the edges to S in both directions,
except on those from ends, where nothing comes from::

    r(D) y(edges between S and nodes that are no ends) + sum of r(min(c, D)) w over U >= r(D)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.extension.joint.model import Ints
from planner.extension.joint.network import Net


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A set that something has to enter, or that a source's flow has to leave.

    Parameters
    ----------
    utility
        Its place.
    inside
        Nodes of the set, ascending.
    sources
        U of a set to be entered, ascending; the one source of a set to be left.
    leaves
        Whether the set is to be left.
    step
        In which amounts are rounded up, in thousandths of a unit; 0 for all that is lacking.
    broken
        By what part of what it asks for the fractional plan breaks it.
    least
        What a node has to ask for or to give at once to count, in thousandths of a unit.
    """

    utility: int
    inside: Ints
    sources: Ints
    leaves: bool
    step: int
    broken: float
    least: int = 0

    @property
    def key(self) -> tuple[int, bool, int, int, bytes, bytes]:
        """What distinguishes it from others."""
        nodes, sources = self.inside.tobytes(), self.sources.tobytes()
        return self.utility, self.leaves, self.step, self.least, nodes, sources

    def renumbered(self, inside: Ints, sources: Ints) -> Cut:
        """Return the same with other numbers of its nodes, in the same order."""
        return replace(self, inside=inside, sources=sources)


def arcs_into(net: Net, inside: Ints) -> Ints:
    """Return the arcs that enter a set of nodes, which are ascending."""
    count = net.ptr[inside + 1] - net.ptr[inside]
    first = np.repeat(net.ptr[inside] - np.cumsum(count) + count, count)
    place = first + np.arange(first.size)
    tail = net.nbr[place]
    at = np.minimum(np.searchsorted(inside, tail), inside.size - 1)
    return np.sort(net.arc[place[inside[at] != tail]] ^ 1)


def edges_into(net: Net, inside: Ints) -> Ints:
    """Return the arcs, both of each edge, between a set of nodes and nodes that are no ends."""
    arcs = arcs_into(net, inside)
    tail = np.where(arcs & 1, net.v[arcs >> 1], net.u[arcs >> 1])
    arcs = arcs[~net.end[tail]]
    return np.sort(np.concatenate([arcs, arcs ^ 1]))
