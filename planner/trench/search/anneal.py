"""Look for a cheaper plan by simulated annealing, in pieces that can be stopped in between."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee

from planner.trench.search import anneal_kernels as kernels
from planner.trench.search.model import Floats, Ints, Model

MOST_REGRET = 20.0
"""Regret beyond which starts are drawn alike, in scales."""


class Annealing:
    """A walk through the starts of a model, with the best allowed plan that it has seen.

    Parameters
    ----------
    model
        What is to be planned.
    starts
        Where the walk begins: an allowed start for each work.
    violation_yuan
        First price of a violation; it adapts.
    """

    def __init__(self, model: Model, starts: Ints, *, violation_yuan: float) -> None:
        self.model = model
        self._walk = _walk(model, starts)
        self._walk.tally[kernels.BEST] = np.inf
        self._walk.tally[kernels.PRICE] = violation_yuan
        self._begin()

    @property
    def best_yuan(self) -> float:
        """Cost of the best allowed plan seen; infinite before any."""
        return float(self._walk.tally[kernels.BEST])

    @property
    def best(self) -> Ints:
        """Starts of the best allowed plan seen; a copy."""
        return self._walk.best.copy()

    @property
    def starts(self) -> Ints:
        """Where the walk stands; a copy."""
        return self._walk.x.copy()

    def walk(self, moves: int, *, hot_yuan: float, cold_yuan: float, seed: int) -> None:
        """Make so many moves while the temperature falls from `hot_yuan` to `cold_yuan`."""
        if self._walk.free.size:
            kernels.walk(self.model, self._walk, moves, hot_yuan, cold_yuan, seed)

    def prefer(self, regret_yuan: Floats, *, scale_yuan: float) -> None:
        """Draw starts with little regret more often; see `planner.trench.search.dual.Dual`."""
        self._walk = self._walk._replace(odds=odds_of(self.model, regret_yuan / scale_yuan))

    def restart(self, starts: Ints) -> None:
        """Let the walk go on from other starts."""
        self._walk.x[:] = starts
        self._begin()

    def _begin(self) -> None:
        cost, violations = kernels.begin(self.model, self._walk)
        tally = self._walk.tally
        tally[kernels.COST], tally[kernels.VIOLATIONS] = cost, violations
        if violations == 0 and cost < tally[kernels.BEST]:
            tally[kernels.BEST] = cost
            self._walk.best[:] = self._walk.x


def odds_of(model: Model, regret: Floats) -> Floats:
    """Return for each work the chances of its starts, added up to 1.

    A start is drawn ``exp(-r)`` times as often as the work's best one, r being what it regrets
    more than that, at most `MOST_REGRET`.
    """
    counts = np.diff(model.start_ptr)
    begins = model.start_ptr[:-1]
    least = np.repeat(np.minimum.reduceat(regret, begins), counts)
    total = np.cumsum(np.exp(-np.minimum(regret - least, MOST_REGRET)))
    before = np.repeat(np.concatenate(([0.0], total))[begins], counts)
    whole = np.repeat(total[model.start_ptr[1:] - 1], counts) - before
    return np.asarray((total - before) / whole)


def _neighbourly(model: Model) -> Ints:
    """Return the works that have a choice, in an order that keeps neighbours together."""
    groups = np.repeat(np.arange(model.setup_yuan.size), np.diff(model.group_ptr))
    shape = (model.span.size, model.setup_yuan.size)
    on = sp.csr_array((np.ones(groups.size, dtype=np.int8), (model.member, groups)), shape=shape)
    order = reverse_cuthill_mckee(sp.csr_array(on @ on.T), symmetric_mode=True)
    free = np.diff(model.start_ptr) > 1
    return np.asarray(order[free[order]], dtype=np.int64)


def _walk(model: Model, starts: Ints) -> kernels.Walk:
    works, groups = model.span.size, model.setup_yuan.size
    largest = int(np.diff(model.group_ptr).max(initial=0))
    order = np.argsort(model.crew, kind="stable")
    crew_works = order[model.crew[order] >= 0]
    crews = np.arange(model.cap.shape[0] + 1)

    def room(size: int) -> Ints:
        return np.zeros(size, dtype=np.int64)

    return kernels.Walk(
        x=starts.copy(),
        best=starts.copy(),
        used=np.zeros_like(model.cap),
        group=np.zeros(groups),
        tally=np.zeros(5),
        at=room(works),
        free=_neighbourly(model),
        odds=odds_of(model, np.zeros(model.starts.size)),
        crew_ptr=np.searchsorted(model.crew[crew_works], crews).astype(np.int64),
        crew_works=crew_works,
        order=room(largest),
        run_of=room(largest),
        seen=room(works),
        stamps=room(groups),
        dirty=room(groups),
        priced=np.zeros(groups),
        moved=room(kernels.MOST_MOVED + 1),
        to=room(kernels.MOST_MOVED + 1),
        old=room(kernels.MOST_MOVED + 1),
    )
