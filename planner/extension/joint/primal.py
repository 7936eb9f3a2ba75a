"""Good plans: annealing that destroys and repairs, from several starts, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.errors import fail
from planner.extension.joint.anneal_kernels import anneal
from planner.extension.joint.chance import seeds
from planner.extension.joint.model import Flags
from planner.extension.joint.network import Net
from planner.extension.joint.start_kernels import (
    Needs,
    mend_all,
    nearest_places,
    place_plan,
    serve_all,
)
from planner.extension.joint.walk import BEST, COST, Walk, walk_of

NEAR = 12
"""Places with a terminal that are near one another."""

HOT, COLD = 1.0, 0.0005
"""First and last temperature, in parts of the mean price of a used edge."""

STEPS = 60
"""Temperatures of one annealing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and what it costs.

    Parameters
    ----------
    used
        Shape (utilities, edges).
    cost_milli
        In thousandths of a yuan.
    """

    used: Flags
    cost_milli: int


def needs_of(net: Net) -> Needs:
    """Return the terminals of a network: nodes that demand more than they give."""
    utility, node = (part.astype(np.int64) for part in np.nonzero(net.balance < 0))
    places, place = np.unique(node, return_inverse=True)
    place_of = np.full(net.ptr.size - 1, -1)
    place_of[places] = np.arange(places.size)
    near = np.full((places.size, NEAR), -1)
    for row, start in zip(near, places, strict=True):
        nearest_places(net, place_of, int(start), row)
    at = np.argsort(place, kind="stable")
    ptr = np.searchsorted(place[at], np.arange(places.size + 1))
    return Needs(
        utility=utility,
        node=node,
        place=place.astype(np.int64),
        ptr=ptr.astype(np.int64),
        at=at.astype(np.int64),
        near=near,
        order=np.zeros(node.size + 1, dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Annealer:
    """One walk through plans over a network.

    Parameters
    ----------
    net, needs
        The network and its terminals.
    walk
        State, changed by every call.
    """

    net: Net
    needs: Needs
    walk: Walk

    def best(self) -> Plan:
        """Return the cheapest plan seen."""
        users = self.walk.best
        used = (users[None, :] >> np.arange(self.net.line.shape[0])[:, None] & 1).astype(np.bool_)
        return Plan(used, int(self.walk.tally[BEST]))

    def go_to(self, plan: Plan) -> None:
        """Continue from a plan."""
        place_plan(self.net, self.walk, plan.used)
        self.note()

    def take(self, plan: Plan) -> None:
        """Go to a plan made at other prices or capacities, mended, without what it can spare.

        What cannot be mended is left aside.
        """
        place_plan(self.net, self.walk, plan.used)
        if mend_all(self.net, self.walk, self.needs):
            self.note()
        else:
            self.go_to(self.best())

    def cool(self, moves: int, *, warm: float, until: float | None = None) -> None:
        """Anneal once, from `warm` times the usual first temperature down to the last one.

        Parameters
        ----------
        moves
            How many; by the clock, how many between two looks at it.
        until
            Clock time of `time.perf_counter` at which to end; None counts moves.
        """
        start, done = perf_counter(), 0
        hot = HOT * warm
        price = self._mean_price()
        while True:
            if until is None:
                part = done / STEPS
            else:
                part = (perf_counter() - start) / max(until - start, 1e-9)
            if part >= 1.0:
                return
            heat = price * hot * (COLD / hot) ** part
            anneal(self.net, self.walk, self.needs, max(moves // STEPS, 1), heat)
            done += 1

    def _mean_price(self) -> float:
        used = int((self.walk.users != 0).sum())
        return float(self.walk.tally[COST]) / max(used, 1)

    def note(self) -> None:
        """Remember where the walk is, if nothing cheaper was seen."""
        if self.walk.tally[COST] < self.walk.tally[BEST]:
            self.walk.tally[BEST] = self.walk.tally[COST]
            self.walk.best[:] = self.walk.users


def annealer(net: Net, needs: Needs, seed: int) -> Annealer:
    """Return a walk that begins with everybody served, in an order that the seed draws.

    Raises
    ------
    InputError
        If no plan is found that serves everybody: ends cut the graph into parts, and none of the
        orders tried finds each of them the part that has enough.
    """
    one = Annealer(
        net,
        needs._replace(order=needs.order.copy()),
        walk_of(net, seeds(seed)),
    )
    if not serve_all(net, one.walk, one.needs):
        raise fail("joint_parted")
    one.note()
    return one
