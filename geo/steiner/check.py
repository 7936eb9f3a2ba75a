"""Check a tree and the proof of its bound in plain Python; shares no code with the solver."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from geo.steiner.proof import Closed, Detours, Proof, Raised, Split, Step


class WrongProofError(ValueError):
    """A step of a proof, or a tree, does not hold."""


def tree_cost(
    edge_u: Sequence[int],
    edge_v: Sequence[int],
    edge_cost: Sequence[float],
    terminals: Iterable[int],
    edges: Iterable[int],
) -> float:
    """Return the cost of a tree after checking that it connects the terminals without a cycle.

    Raises
    ------
    WrongProofError
        If there is a cycle, or terminals are not connected.
    """
    above: dict[int, int] = {}

    def top(node: int) -> int:
        while node in above:
            node = above[node]
        return node

    costs = []
    for edge in edges:
        one, other = top(int(edge_u[edge])), top(int(edge_v[edge]))
        _hold(one != other, f"edge {edge} closes a cycle")
        above[one] = other
        costs.append(float(edge_cost[edge]))
    _hold(len({top(int(t)) for t in terminals}) <= 1, "the tree does not connect all terminals")
    return math.fsum(costs)


def proven_bound(
    edge_u: Sequence[int],
    edge_v: Sequence[int],
    edge_cost: Sequence[float],
    terminals: Iterable[int],
    proof: Proof,
) -> float:
    """Return the lower bound that a proof proves, in the unit of the costs.

    Parameters
    ----------
    edge_u, edge_v, edge_cost
        The given graph.
    terminals
        The given terminals, two or more different ones.
    proof
        What is to be checked.

    Raises
    ------
    WrongProofError
        If a step does not hold.
    """
    wanted = {int(t) for t in terminals}
    _hold(proof.root in wanted, "the root is no terminal")
    scale = Fraction(proof.scale)
    units = [math.floor(Fraction(float(cost)) * scale) for cost in edge_cost]
    network = _Network(wanted)
    for edge, (u, v, cost) in enumerate(zip(edge_u, edge_v, units, strict=True)):
        network.add(edge, int(u), int(v), cost)
    return float(Fraction(_bound(network, proof.root, proof.steps, None)) / scale)


def _hold(claim: bool, words: str) -> None:
    if not claim:
        raise WrongProofError(words)


class _Network:
    """Links by number, each with its ends, cost, and the ends from which it is shut."""

    def __init__(self, terminals: set[int]) -> None:
        self.terminals = terminals
        self.ends: dict[int, tuple[int, int]] = {}
        self.cost: dict[int, int] = {}
        self.shut: dict[int, set[int]] = {}
        self.at: dict[int, set[int]] = {}
        self.part_of: dict[int, int] = {}

    def copy(self) -> _Network:
        twin = _Network(set(self.terminals))
        twin.ends, twin.cost = dict(self.ends), dict(self.cost)
        twin.shut = {link: set(tails) for link, tails in self.shut.items()}
        twin.at = {node: set(links) for node, links in self.at.items()}
        twin.part_of = dict(self.part_of)
        return twin

    def add(self, link: int, u: int, v: int, cost: int) -> None:
        self.ends[link], self.cost[link], self.shut[link] = (u, v), cost, set()
        self.at.setdefault(u, set()).add(link)
        self.at.setdefault(v, set()).add(link)

    def link(self, edge: int) -> int:
        """Return the link that holds a given edge."""
        while edge in self.part_of:
            edge = self.part_of[edge]
        _hold(edge in self.ends, f"edge {edge} is no longer there")
        return edge

    def other(self, link: int, node: int) -> int:
        u, v = self.ends[link]
        return v if node == u else u

    def drop(self, link: int) -> set[int]:
        ends = set(self.ends.pop(link))
        for node in ends:
            self.at[node].discard(link)
        return ends

    def settle(self, root: int) -> None:
        """Take out what no tree needs, and make one link of two at a node of degree 2."""
        before = -1
        while before != len(self.ends):
            before = len(self.ends)
            near = self.reached(root)
            for link, (u, _) in list(self.ends.items()):
                if u not in near or self._is_useless(link):
                    self.drop(link)
            waiting = set(self.at)
            while waiting:
                node = waiting.pop()
                links = self.at[node]
                if node not in self.terminals and len(links) == 1:
                    waiting |= self.drop(next(iter(links)))
                elif node not in self.terminals and len(links) == 2:
                    waiting |= self._joined(node, *sorted(links))

    def _is_useless(self, link: int) -> bool:
        return self.ends[link][0] == self.ends[link][1] or len(self.shut[link]) == 2

    def _joined(self, node: int, kept: int, gone: int) -> set[int]:
        a, b = self.other(kept, node), self.other(gone, node)
        cost = self.cost[kept] + self.cost[gone]
        from_a = a in self.shut[kept] or node in self.shut[gone]
        from_b = b in self.shut[gone] or node in self.shut[kept]
        self.drop(kept)
        self.drop(gone)
        self.part_of[gone] = kept
        if a == b or (from_a and from_b):
            return {a, b}
        self.add(kept, a, b, cost)
        self.shut[kept] = {end for end, is_shut in ((a, from_a), (b, from_b)) if is_shut}
        return {a, b}

    def reached(self, root: int) -> set[int]:
        seen, stack = {root}, [root]
        while stack:
            node = stack.pop()
            for link in self.at.get(node, ()):
                if (other := self.other(link, node)) not in seen:
                    seen.add(other)
                    stack.append(other)
        return seen


def _bound(network: _Network, root: int, steps: tuple[Step, ...], floor: int | None) -> int:
    """Return what the steps prove; no tree below `floor` was lost before, None for none lost."""
    best = 0
    for step in steps:
        network.settle(root)
        if isinstance(step, Detours):
            _check_detours(network, step)
        elif isinstance(step, Raised):
            bound = _check_raised(network, root, step)
            best = max(best, bound if floor is None else min(bound, floor))
            if len(step.shut):
                floor = step.limit + 1 if floor is None else min(floor, step.limit + 1)
        elif isinstance(step, Closed):
            _check_closed(network, root, step)
            _hold(floor is not None, "terminals are cut off although nothing was shut")
            best = max(best, floor or 0)
        else:
            best = max(best, _check_split(network, root, step, floor))
    return best


def _check_split(network: _Network, root: int, step: Split, floor: int | None) -> int:
    used, unused = network.copy(), network.copy()
    used.terminals.add(step.node)
    _hold(step.node not in network.terminals, "a terminal is always used")
    for link in list(unused.at.get(step.node, ())):
        unused.drop(link)
    return min(_bound(used, root, step.used, floor), _bound(unused, root, step.unused, floor))


def _check_detours(network: _Network, step: Detours) -> None:
    for place, edge in enumerate(step.edge.tolist()):
        link = network.link(edge)
        walk = [
            network.link(f) for f in step.walk[step.first[place] : step.first[place + 1]].tolist()
        ]
        _hold(link not in walk, f"the walk around edge {edge} uses it")
        node, goal = network.ends[link]
        if walk and node not in network.ends[walk[0]]:
            node, goal = goal, node
        stretch = 0
        for f in walk:
            _hold(node in network.ends[f], f"the walk around edge {edge} is broken")
            stretch += network.cost[f]
            node = network.other(f, node)
            _hold(stretch <= network.cost[link], f"the walk around edge {edge} is too long")
            if node in network.terminals:
                stretch = 0
        _hold(node == goal, f"the walk around edge {edge} does not arrive")
        network.drop(link)


def _check_raised(network: _Network, root: int, step: Raised) -> int:
    """Return the sum of the values, after checking them and shutting the arcs."""
    left = {
        (link, tail): network.cost[link]
        for link, ends in network.ends.items()
        for tail in ends
        if tail not in network.shut[link]
    }
    for begin, end, value in zip(step.begin, step.end, step.value, strict=True):
        cut = set(step.nodes[begin:end].tolist())
        _hold(root not in cut and bool(cut & network.terminals), "a cut separates no terminal")
        _hold(int(value) >= 0, "a cut has a negative value")
        for link, tail in _entering(network, cut):
            if (link, tail) in left:
                left[link, tail] -= int(value)
    _hold(all(cost >= 0 for cost in left.values()), "an arc pays more than its cost")
    bound = int(step.value.sum())
    _check_shut(network, root, step, bound, left)
    return bound


def _entering(network: _Network, cut: set[int]) -> Iterable[tuple[int, int]]:
    """Yield the arcs into a cut, as link and tail."""
    for node in cut:
        for link in network.at.get(node, ()):
            if (tail := network.other(link, node)) not in cut:
                yield link, tail


def _check_closed(network: _Network, root: int, step: Closed) -> None:
    cut = set(step.nodes.tolist())
    _hold(root not in cut and bool(cut & network.terminals), "a cut separates no terminal")
    for link, tail in _entering(network, cut):
        _hold(tail in network.shut[link], "an arc into the cut is open")


def _check_shut(
    network: _Network, root: int, step: Raised, bound: int, left: dict[tuple[int, int], int]
) -> None:
    if not len(step.shut):
        return
    ahead = _distances(network, {root}, left, forward=True)
    back = _distances(network, network.terminals - {root}, left, forward=False)
    links = [network.link(edge) for edge in step.shut.tolist()]
    for link, tail in zip(links, step.tail.tolist(), strict=True):
        _hold(tail in network.ends[link], "an arc leaves a node that is not its link's")
        head = network.other(link, tail)
        if head != root and (link, tail) in left and tail in ahead and head in back:
            least = bound + ahead[tail] + left[link, tail] + back[head]
            _hold(least > step.limit, f"the arc from {tail} to {head} is not too dear")
        network.shut[link].add(tail)


def _distances(
    network: _Network, sources: set[int], left: dict[tuple[int, int], int], *, forward: bool
) -> dict[int, int]:
    dist: dict[int, int] = {}
    heap = [(0, node) for node in sources]
    heapq.heapify(heap)
    while heap:
        here, node = heapq.heappop(heap)
        if node in dist:
            continue
        dist[node] = here
        for link in network.at.get(node, ()):
            other = network.other(link, node)
            arc = (link, node if forward else other)
            if other not in dist and arc in left:
                heapq.heappush(heap, (here + left[arc], other))
    return dist
