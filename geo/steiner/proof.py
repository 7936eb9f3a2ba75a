"""What proves a lower bound: steps that anybody can repeat on the given graph.

Nodes and edges are those of the given graph. Costs and values are whole numbers of units,
``floor(cost * scale)`` with `scale` a power of two, so that nothing is rounded on the way.

Between steps the graph is settled: what hangs on no terminal goes, dead ends and loops go, links
that are shut both ways go, and the two links at a node of degree 2 that is no terminal become one
**link**. A link is named by any given edge in it, an arc by a link and the node that it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.steiner.csr import Ints, Small


@dataclass(frozen=True, slots=True, eq=False)
class Detours:
    """Links that some best tree does without.

    Each is dropped in turn, for there is a walk between its ends, along links that still exist,
    whose stretches between terminals cost at most as much as the link.

    Parameters
    ----------
    edge
        The dropped links in order.
    first, walk
        Links of each one's walk, ``walk[first[i]:first[i + 1]]``, from one of its ends on.
    """

    edge: Small
    first: Ints
    walk: Small


@dataclass(frozen=True, slots=True, eq=False)
class Raised:
    """A dual solution, and the arcs that it shows to be too dear.

    The values of the cuts that an arc enters sum to at most its cost. The sum of all values is a
    lower bound of the cost of every tree. A tree that uses an arc costs at least that sum plus the
    reduced costs of a path from the root over the arc to a terminal: where this exceeds `limit`,
    the arc is shut.

    Parameters
    ----------
    nodes, begin, end
        Cut k holds the nodes ``nodes[begin[k]:end[k]]`` (and what lies on links between them), a
        terminal among them and not the root.
    value
        Its value in units.
    limit
        Trees up to this cost in units are kept.
    shut, tail
        The arcs that are shut, each by its link and the node that it leaves.
    """

    nodes: Small
    begin: Ints
    end: Ints
    value: Ints
    limit: int
    shut: Small
    tail: Small

    @property
    def bound(self) -> int:
        """Sum of all values, in units."""
        return int(self.value.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """Some terminal is cut off from the root: no tree costs up to the limits of the steps before.

    Parameters
    ----------
    nodes
        Nodes of the side without the root, as in `Raised`; every arc into it is shut.
    """

    nodes: Small


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Two cases, each with its own proof: a tree uses a node, or it does not.

    Parameters
    ----------
    node
        The node: a terminal in the one case, taken out with its links in the other.
    used, unused
        Steps of both cases.
    """

    node: int
    used: tuple[Step, ...]
    unused: tuple[Step, ...]


Step = Detours | Raised | Closed | Split


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """The steps that prove a lower bound.

    Parameters
    ----------
    scale
        Units in one unit of the given cost, a power of two.
    root
        The terminal that trees are seen from.
    steps
        The steps in order.
    """

    scale: float
    root: int
    steps: tuple[Step, ...]


def nothing(root: int = -1) -> Proof:
    """Return a proof that needs no step."""
    return Proof(scale=1.0, root=root, steps=())
