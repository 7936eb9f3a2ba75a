"""What every plan costs at least, where a plan is known already."""

from __future__ import annotations

from dataclasses import dataclass

from planner.extension.joint.certificate import Certificate
from planner.extension.joint.certify import certified
from planner.extension.joint.dual import charge_all
from planner.extension.joint.model import PARTS, Model
from planner.extension.joint.network import net_of
from planner.extension.joint.programme import Programme
from planner.extension.joint.raising import raising_of
from planner.extension.joint.reduce import reduced

PROGRAMMES, BLOCKS = 3, 1
"""Linear programmes of the whole, or blocks improved, at full effort."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A lower bound in yuan, and the multipliers that prove it."""

    bound_yuan: float
    certificate: Certificate


def prove(model: Model, *, cost_yuan: float, effort: float = 1.0, seed: int = 0) -> Proof:
    """Prove a lower bound on the cost of every plan, and stop where it meets a known one.

    Parameters
    ----------
    model
        What is asked; somebody can serve everybody.
    cost_yuan
        Of a known plan, which may keep to more rules than the model states.
    effort
        Multiple of the usual number of linear programmes or blocks.
    seed
        Decides everything that is drawn.
    """
    small = reduced(net_of(model))
    raising = raising_of(small.net, charge_all(small.net), seed)
    rounds = PROGRAMMES if isinstance(raising.below, Programme) else BLOCKS
    milli = round(cost_yuan * PARTS)
    raising.go_on(lambda: milli, until=float("inf"), rounds=max(round(effort * rounds), 1))
    found = raising.best()
    return Proof(found.bound_milli / PARTS, certified(small, found))
