"""One parcel's later lines laid together, with what lies there, what is open and what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.extension import kernel
from planner.extension.arrays import Bools, Floats, Objects
from planner.extension.network import SHORTER_YUAN_PER_M
from planner.extension.pieces import Priced
from planner.extension.problem import Route
from planner.extension.reserve.later import Later


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What lies there before a parcel comes: lines, empty ducts (k, m), capacity left (t,)."""

    lined: Bools
    ducts: Bools
    left: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """One parcel's later lines.

    Parameters
    ----------
    routes, priced
        The lines, and the manner and price of their edges.
    yuan
        What they cost later.
    kept
        Where ducts are kept for them from now on, (k, m).
    kept_yuan
        What these cost now.
    """

    routes: tuple[Route, ...]
    priced: tuple[Priced, ...]
    yuan: float
    kept: Bools
    kept_yuan: float


class Layer:
    """Lays the later lines of parcels over one later problem."""

    def __init__(self, later: Later) -> None:
        graph = later.problem.corridor.graph
        self.later = later
        self._rows = kernel.adjacency(len(graph.node_xy), graph.edge_u, graph.edge_v)
        self._passable = later.problem.corridor.passable
        self._shorter = SHORTER_YUAN_PER_M * graph.edge_length_m

    def lay(
        self,
        demands: Sequence[int],
        world: World,
        *,
        chance: float = 0.0,
        ways: Sequence[Route] = (),
    ) -> Laid | None:
        """Lay a parcel's lines one after another; all share the trenches that they open.

        Parameters
        ----------
        demands
            Positions in the problem, in order.
        world
            What lies there.
        chance
            Present value of a yuan later, probability included; ducts are kept in the plan's
            trenches where that is cheaper by it. 0 keeps none.
        ways
            Routes to take, one for each demand; empty to find the cheapest.

        Returns
        -------
        Laid or None
            None where a demand finds no way.
        """
        opened = np.zeros(len(self.later.trenched), dtype=bool)
        kept, left = np.zeros_like(world.ducts), world.left.copy()
        laid: list[tuple[Route, Priced]] = []
        for place, demand in enumerate(demands):
            kind = int(self.later.problem.commodity[demand])
            price, manner, offered = self._prices(kind, world, opened, chance)
            weight = np.where(offered, self.later.cable_yuan[kind], price)
            now = np.where(offered, self.later.duct_yuan[kind], 0.0)
            if ways:
                route: Route | None = ways[place]
            else:
                more = now / chance if chance > 0 else now
                route = self._cheapest(demand, weight + more, left)
            if route is None:
                return None
            edges = route.edges
            kept[kind, edges] |= offered[edges]
            as_laid = np.where(offered[edges], "in_duct", manner[edges])
            laid.append((route, Priced(edges, as_laid.astype(object), weight[edges])))
            opened[edges[as_laid == "new_trench"]] = True
            left[route.tie_in] -= self.later.problem.quantity[demand]
        return Laid(
            routes=tuple(route for route, _ in laid),
            priced=tuple(priced for _, priced in laid),
            yuan=float(sum(priced.yuan.sum() for _, priced in laid)),
            kept=kept,
            kept_yuan=float(self.later.duct_yuan[kept].sum()),
        )

    def _prices(
        self, kind: int, world: World, opened: Bools, chance: float
    ) -> tuple[Floats, Objects, Bools]:
        """Return the price and manner of each edge, and where keeping a duct is cheaper, (m,)."""
        later = self.later
        trench = np.where(opened, 0.0, later.problem.dug_yuan)
        price = later.problem.line_yuan[kind] + trench
        manner = np.where(opened, "open_trench", "new_trench")
        price = np.where(world.ducts[kind], later.cable_yuan[kind], price)
        manner = np.where(world.ducts[kind], "in_duct", manner)
        price = np.where(world.lined[kind], 0.0, price)
        manner = np.where(world.lined[kind], "own_line", manner)
        if chance == 0:
            return price, manner, np.zeros(len(price), dtype=bool)
        free = later.trenched & ~world.ducts[kind] & ~world.lined[kind]
        with_duct = later.duct_yuan[kind] / chance + later.cable_yuan[kind]
        return price, manner, free & (with_duct < price)

    def _cheapest(self, demand: int, weight: Floats, left: Floats) -> Route | None:
        problem = self.later.problem
        nodes = problem.corridor.tie_in_node
        admitted = problem.admits[demand] & (left >= problem.quantity[demand])
        target = np.zeros(len(self._passable), dtype=bool)
        target[nodes[admitted]] = True
        reached, edges = kernel.route(
            *self._rows, weight + self._shorter, self._passable, int(problem.node[demand]), target
        )
        return None if reached < 0 else Route(demand, False, int(reached - nodes[0]), edges)

    def after(self, world: World, laid: Laid) -> World:
        """Return what lies there once a parcel has come."""
        problem = self.later.problem
        lined, left = world.lined.copy(), world.left.copy()
        for route in laid.routes:
            lined[problem.commodity[route.demand], route.edges] = True
            left[route.tie_in] -= problem.quantity[route.demand]
        return World(lined, world.ducts | laid.kept, left)
