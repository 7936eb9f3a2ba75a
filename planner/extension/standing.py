"""What stands of a plan beside one of its routes, and what each edge costs who comes on top."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.problem import Plan, Problem, Route, left_over


class Standing:
    """A plan seen from its edges, while single routes are thought away or replaced.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.routes = list(plan.routes)
        self.left: Floats = left_over(problem, plan)
        self._on: Ints = np.zeros(problem.line_yuan.shape, dtype=np.int64)
        for route in plan.routes:
            self._on[problem.commodity[route.demand], route.edges] += 1
        self._lines: Ints = (self._on > 0).sum(axis=0)
        self._price: dict[int, Floats] = {}

    def of_demand(self, demand: int) -> Iterable[Route]:
        """Return the routes of one demand."""
        return (route for route in self.routes if route.demand == demand)

    def laid(self, route: Route) -> tuple[Bools, Bools]:
        """Return where another route's trench is open, and where its line of the kind lies, (m,).

        The route given counts as not there.
        """
        kind = int(self.problem.commodity[route.demand])
        line = self._on[kind] > 0
        alone = route.edges[self._on[kind, route.edges] == 1]
        trench = self._lines > 0
        trench[alone] = self._lines[alone] > 1
        line[alone] = False
        return trench, line

    def price(self, route: Route) -> Floats:
        """Return what each edge costs the demand of a route, were that route not there, (m,)."""
        kind = int(self.problem.commodity[route.demand])
        if kind not in self._price:
            self._price[kind] = self._on_top(kind, slice(None), self._on[kind], self._lines)
        price: Floats = self._price[kind].copy()
        edges = route.edges
        others = self._on[kind, edges] - 1
        price[edges] = self._on_top(kind, edges, others, self._lines[edges] - (others == 0))
        return price

    def _on_top(self, kind: int, edges: Ints | slice, own: Ints, lines: Ints) -> Floats:
        """Return the price of some edges where `own` routes of the kind and `lines` lie."""
        trench = np.where(lines > 0, 0.0, self.problem.trench_yuan[edges])
        found: Floats = np.where(own > 0, 0.0, self.problem.line_yuan[kind, edges] + trench)
        return found

    def replace(self, number: int, route: Route) -> None:
        """Lay another route of the same demand in place of one of the plan's."""
        for gone, step in ((self.routes[number], -1), (route, 1)):
            kind = int(self.problem.commodity[gone.demand])
            self._on[kind, gone.edges] += step
            self.left[gone.tie_in] -= step * self.problem.quantity[gone.demand]
        self._lines = (self._on > 0).sum(axis=0)
        self._price.clear()
        self.routes[number] = route
