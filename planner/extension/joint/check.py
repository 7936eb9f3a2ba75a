"""Check a joint design by its problem and its certificate alone.

Nothing of the solver is used: prices and balances are rounded here anew, the reduction is verified
step by step, and the bound is added up from the multipliers in whole thousandths of a yuan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from planner.checking import Checks, Failure
from planner.extension.joint.certificate import Certificate
from planner.extension.joint.check_bound import Replayed, bound_milli, replay, structure
from planner.extension.joint.model import Flags, Model
from planner.extension.joint.unserved import Unserved

FEN = 0.01
"""Yuan by which sums in floating point may differ."""

Verdicts = Iterator[tuple[bool, Failure]]


class Design(Protocol):
    """What is checked; `planner.extension.joint.solve.Joint` is one."""

    @property
    def used(self) -> Flags:
        """Edges by utility."""

    @property
    def status(self) -> str:
        """What is claimed."""

    @property
    def cost_yuan(self) -> float:
        """What the plan is said to cost."""

    @property
    def bound_yuan(self) -> float:
        """What every plan is said to cost at least."""

    @property
    def certified_yuan(self) -> float:
        """What the certificate is said to prove."""

    @property
    def certificate(self) -> Certificate:
        """The multipliers."""

    @property
    def unserved(self) -> tuple[Unserved, ...]:
        """Who is said to be left out."""


def check(model: Model, design: Design) -> Checks:
    """Check a plan, its cost, who is left out, and its bound."""
    return Checks.of(_tests(model, design))


def _tests(model: Model, design: Design) -> Verdicts:
    shape = (len(model.names), model.edges)
    held = design.used.shape == shape
    yield _verdict("edges", "plan", f"shape {design.used.shape}, not {shape}", held=held)
    if not held:
        return
    yield from _plan(model, design)
    yield from _sums(model, design)
    yield from _proof(model, design)


def _plan(model: Model, design: Design) -> Verdicts:
    """Yield tests that allowed edges are used, that ends are no passages, that nobody lacks."""
    left_out = {(one.utility, node) for one in design.unserved for node in one.nodes}
    for k, name in enumerate(model.names):
        chosen = np.flatnonzero(design.used[k])
        forbidden = chosen[np.isinf(model.line_yuan[k, chosen])]
        detail = f"edges {forbidden[:3].tolist()} are forbidden"
        yield _verdict("forbidden", name, detail, held=forbidden.size == 0)
        at_ends = np.bincount(np.concatenate([model.u[chosen], model.v[chosen]]))
        passed = [end for end in model.ends.tolist() if end < at_ends.size and at_ends[end] > 1]
        detail = f"lines pass through the ends {passed[:3]}"
        yield _verdict("ends", name, detail, held=not passed)
        for node, short in _short_pieces(model, k, chosen.tolist(), left_out):
            detail = f"the piece at node {node} lacks {short:g}"
            yield _verdict("capacity", name, detail, held=short <= 0)


def _short_pieces(
    model: Model, k: int, chosen: list[int], left_out: set[tuple[str, int]]
) -> Iterator[tuple[int, float]]:
    """Yield each piece's first terminal and by how much it lacks capacity."""
    above: dict[int, int] = {}

    def top(node: int) -> int:
        while above.setdefault(node, node) != node:
            node = above[node]
        return node

    for edge in chosen:
        one, other = top(int(model.u[edge])), top(int(model.v[edge]))
        if one != other:
            above[max(one, other)] = min(one, other)
    short: dict[int, int] = {}
    first: dict[int, int] = {}
    terminals, sources = model.terminals[k], model.sources[k]
    for node, amount in zip(terminals.node.tolist(), terminals.amount.tolist(), strict=True):
        if (model.names[k], node) not in left_out:
            root = top(node)
            first.setdefault(root, node)
            short[root] = short.get(root, 0) + round(1000 * amount)
    for node, amount in zip(sources.node.tolist(), sources.amount.tolist(), strict=True):
        if (root := top(node)) in short:
            short[root] -= round(1000 * amount)
    for root, lacking in short.items():
        yield first[root], lacking / 1000


def _sums(model: Model, design: Design) -> Verdicts:
    """Yield tests of what the plan costs and of who is left out."""
    lines = sum(float(model.line_yuan[k, row].sum()) for k, row in enumerate(design.used))
    trenches = float(model.trench_yuan[design.used.any(axis=0)].sum())
    detail = f"stated {design.cost_yuan:.2f}, added up {lines + trenches:.2f}"
    held = abs(design.cost_yuan - lines - trenches) <= FEN
    yield _verdict("cost", "cost_yuan", detail, held=held)
    detail = f"bound {design.bound_yuan:.2f} above cost {design.cost_yuan:.2f}"
    yield _verdict("bound", "bound_yuan", detail, held=design.bound_yuan <= design.cost_yuan + FEN)
    detail = f"status {design.status} with {len(design.unserved)} left out"
    held = (design.status == "infeasible") == bool(design.unserved)
    yield _verdict("status", "unserved", detail, held=held)
    closed = design.cost_yuan - design.bound_yuan <= FEN
    detail = f"status {design.status} with bound {design.bound_yuan:.2f}"
    yield _verdict("status", "status", detail, held=closed or design.status != "optimal")
    for one in design.unserved:
        held = _cannot(model, one)
        yield _verdict("unserved", one.utility, f"nodes {one.nodes[:3]} can be served", held=held)


def _cannot(model: Model, one: Unserved) -> bool:
    """Return whether the part of the graph around the nodes really lacks capacity."""
    k = model.names.index(one.utility)
    usable = np.isfinite(model.line_yuan[k])
    reached = np.zeros(model.nodes, dtype=np.bool_)
    reached[list(one.nodes)] = True
    while True:
        onward = usable & (reached[model.u] | reached[model.v])
        before = int(reached.sum())
        reached[model.u[onward]] = reached[model.v[onward]] = True
        if int(reached.sum()) == before:
            break
    sources, terminals = model.sources[k], model.terminals[k]
    capacity = float(sources.amount[reached[sources.node]].sum())
    return capacity < float(terminals.amount[reached[terminals.node]].sum())


def _proof(model: Model, design: Design) -> Verdicts:
    """Yield tests that the certificate proves what it is said to prove."""
    certificate = design.certificate
    faults = list(structure(model, certificate))
    replayed: Replayed | None = None
    if not faults:
        left_out = {(one.utility, node) for one in design.unserved for node in one.nodes}
        replayed, faults = replay(model, certificate, left_out)
    yield _verdict("certificate", "trace", "; ".join(faults[:3]), held=not faults)
    if replayed is None or faults:
        return
    proven, wrong = bound_milli(replayed, certificate)
    yield _verdict("certificate", "rows", "; ".join(wrong[:3]), held=not wrong)
    if wrong:
        return
    stated = design.certified_yuan
    detail = f"stated {stated:.2f}, proven {proven / 1000:.2f}"
    yield _verdict("bound", "certified_yuan", detail, held=stated <= proven / 1000 + FEN)
    detail = f"bound {design.bound_yuan:.2f} below what is certified, {stated:.2f}"
    yield _verdict("bound", "bound_yuan", detail, held=design.bound_yuan >= stated - FEN)


def _verdict(rule: str, subject: str, detail: str, *, held: bool) -> tuple[bool, Failure]:
    return held, Failure("extension", rule, subject, detail)
