"""Plans that follow a hint: what duals leave of prices, or a fractional plan."""

from __future__ import annotations

import numpy as np

from planner.extension.joint.dual import Charges
from planner.extension.joint.model import Floats, Ints
from planner.extension.joint.network import FORBIDDEN, Net
from planner.extension.joint.primal import Plan, annealer
from planner.extension.joint.start_kernels import Needs

FAITH = 0.6
"""Share of an edge's price that a whole hint takes away."""


def following(net: Net, needs: Needs, line: Floats, trench: Floats, seed: int) -> Plan:
    """Return a plan that prefers what is hinted at.

    Parameters
    ----------
    line, trench
        From 0 to 1, how much each line and trench is hinted at, shapes as in `Net`.
    seed
        Draws the order in which terminals are served.
    """
    dear = net.line >= FORBIDDEN
    hinted = net._replace(
        line=np.where(dear, net.line, _less(net.line, line)), trench=_less(net.trench, trench)
    )
    return annealer(hinted, needs, seed).best()


def hint_of_charges(net: Net, charges: Charges) -> tuple[Floats, Floats]:
    """Return as a hint which part of each price has been charged."""
    price = np.maximum(net.line + charges.share, 1)
    least = charges.left.reshape(*net.line.shape, 2).min(axis=2)
    given = charges.share.sum(axis=0) / np.maximum(net.trench, 1)
    return 1.0 - np.minimum(least / price, 1.0), given


def _less(price: Ints, hint: Floats) -> Ints:
    return np.rint(price * (1.0 - FAITH * np.clip(hint, 0.0, 1.0))).astype(np.int64)
