"""Route everybody jointly: a plan, what it costs, and what every plan costs at least."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

import numpy as np

from planner.extension.joint.certificate import Certificate
from planner.extension.joint.certify import certified
from planner.extension.joint.model import PARTS, Flags, Floats, Model, cost_yuan
from planner.extension.joint.network import net_of
from planner.extension.joint.pieces import Piece, pieces
from planner.extension.joint.reduce import Reduced, reduced
from planner.extension.joint.search import Pace, search
from planner.extension.joint.unserved import Unserved, unserved, without

LEAST_GAP = 1e-9
"""Relative gap below which a plan counts as the best possible: prices are thousandths of a yuan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A joint design.

    Parameters
    ----------
    status
        ``optimal`` where the bound meets the cost, ``feasible``, or ``infeasible`` where somebody
        cannot be served by any plan; cost and bound then speak of the others.
    used
        Whether a utility uses an edge, shape (utilities, edges).
    pieces
        What is connected: terminals with the sources that supply them.
    cost_yuan, bound_yuan
        Of the plan, and of every plan at least.
    certified_yuan
        What the certificate proves; `bound_yuan` is higher where branching proved more.
    certificate
        Multipliers that prove it.
    unserved
        Who cannot be served, why, and how much capacity is missing.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    used: Flags
    pieces: tuple[Piece, ...]
    cost_yuan: float
    bound_yuan: float
    certified_yuan: float
    certificate: Certificate
    unserved: tuple[Unserved, ...]

    @property
    def gap(self) -> float:
        """Part of the cost that lies above the bound."""
        return max(self.cost_yuan - self.bound_yuan, 0.0) / self.cost_yuan if self.cost_yuan else 0


def solve(
    model: Model,
    *,
    begin: Flags | None = None,
    seconds: float | None = None,
    effort: float = 1.0,
    seed: int = 0,
) -> Joint:
    """Route all utilities to all terminals, sharing trenches and keeping capacities.

    Parameters
    ----------
    model
        What is asked; terminals may draw from several sources of their piece.
    begin
        A plan to begin with, shape (utilities, edges); it need not serve everybody.
    seconds
        How long to search; None counts steps, so that the answer can be repeated.
    effort
        Multiple of the usual number of steps, where they are counted.
    seed
        Decides everything that is drawn.

    Examples
    --------
    >>> from planner.extension.joint.model import Points
    >>> one = Points(np.array([0]), np.array([5.0]))
    >>> two = Points(np.array([2]), np.array([4.0]))
    >>> line = Model(nodes=3, u=np.array([0, 1]), v=np.array([1, 2]),
    ...              trench_yuan=np.array([9.0, 9.0]), line_yuan=np.array([[1.0, 2.0]]),
    ...              names=("gas",), sources=(one,), terminals=(two,))
    >>> joint = solve(line)
    >>> joint.status, joint.cost_yuan, joint.bound_yuan
    ('optimal', 21.0, 21.0)
    """
    until = None if seconds is None else perf_counter() + seconds
    left_out = unserved(model)
    asked = replace(without(model, left_out), unsplit=np.zeros(0, dtype=np.bool_))
    small = reduced(net_of(asked))
    hint = None if begin is None else _hint(small, begin)
    found = search(small.net, Pace(until, effort, seed), hint)
    used = small.whole(found.plan.used, model.edges)
    cost = cost_yuan(asked, used)
    bound = min(found.bound_milli / PARTS, cost)
    closed = cost - bound <= max(LEAST_GAP * cost, model.edges * used.size * 1e-12)
    return Joint(
        status="infeasible" if left_out else "optimal" if closed else "feasible",
        used=used,
        pieces=pieces(asked, used),
        cost_yuan=cost,
        bound_yuan=bound,
        certified_yuan=min(found.multipliers.bound_milli / PARTS, cost),
        certificate=certified(small, found.multipliers),
        unserved=left_out,
    )


def _hint(small: Reduced, begin: Flags) -> tuple[Floats, Floats]:
    """Return how much of each reduced edge a plan uses: lines, and trenches."""
    lengths = np.maximum(np.diff(small.part_ptr), 1)
    owner = np.repeat(np.arange(lengths.size), np.diff(small.part_ptr))
    line = np.stack([np.bincount(owner, row[small.part], lengths.size) / lengths for row in begin])
    return line, line.max(axis=0)
