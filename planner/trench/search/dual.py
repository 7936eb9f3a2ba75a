"""The lower bound: prices of starts in each diagram and of crews in each period.

Every diagram solves its own part of the problem; multipliers make the parts agree on when each
work starts (their sum over the copies of a start is what the start costs), and prices of crews
stand for the limits that couple all works. Any multipliers give a bound. Sweeps raise it without
a step size; where crews bind or sweeps stall, the volume algorithm goes on.

References
----------
F. Barahona, R. Anbil (2000), The volume algorithm, Mathematical Programming 87.
J. Kolmogorov (2006), Convergent tree-reweighted message passing, IEEE PAMI 28 (sequential
averaging of min-marginals).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from planner.trench.search import dual_kernels as kernels
from planner.trench.search.diagrams import Diagrams
from planner.trench.search.model import MILLI, Floats, Ints, Model

FAR = kernels.FAR / 2
"""A bound this high tells that the works of a cluster cannot go together."""

KEEP = 1.5
"""What a diagram keeps of an advantage, in even shares; above 1 goes a little beyond averaging."""


class Dual:
    """Multipliers of one model; all money in thousandths of a yuan.

    Parameters
    ----------
    model
        The problem.
    diagrams
        Its clusters.
    constant
        What every plan costs beside the clusters, in thousandths.
    """

    def __init__(self, model: Model, diagrams: Diagrams, *, constant: float) -> None:
        self.model, self.diagrams = model, diagrams
        self._constant = constant
        self._copies = np.diff(diagrams.copy_ptr)
        self._layers = np.flatnonzero(diagrams.label >= 0)
        self._label = diagrams.label[self._layers]
        self._work_of = np.repeat(np.arange(model.span.size), np.diff(model.start_ptr))
        self._free = np.unique(self._work_of[self._copies == 0])
        self._usage = _usage(model, self._work_of)
        self._cap = model.cap.ravel().astype(np.float64)
        self._own = model.start_yuan * MILLI
        self.last_bound = -np.inf
        self.crew_price = np.zeros(self._cap.size)
        self.price = np.zeros(diagrams.label.size)
        self._spread(self._own)
        self._ahead = np.zeros(diagrams.low.size)
        self._behind = np.zeros(diagrams.low.size)
        self._value = np.zeros(diagrams.first_layer.size - 1)
        self._taken = np.zeros(diagrams.label.size)

    def bound(self) -> float:
        """Return the bound that the multipliers prove, up to rounding."""
        kernels.values(self.diagrams, self.price, self._ahead, self._value)
        free = self.free_milli(self.crew_price) - float(self.crew_price @ self._cap)
        self.last_bound = self._constant + float(self._value.sum()) + free
        return self.last_bound

    def sweep(self) -> None:
        """Go over all diagrams once forward and once back."""
        for forward in (True, False):
            kernels.sweep(self.diagrams, self.price, self._behind, self._ahead, forward, KEEP)

    def starts(self) -> tuple[Floats, Floats]:
        """Return the starts that the diagrams choose, by layer, and their mean by label.

        Call `bound` first. Works in no diagram take their cheapest start.
        """
        kernels.chosen(self.diagrams, self.price, self._ahead, self._taken)
        taken = self._taken[self._layers]
        mean = self._by_label(taken) / np.maximum(self._copies, 1)
        label_price = self.label_price()
        for work in self._free:
            low, high = self.model.start_ptr[work : work + 2]
            mean[low + int(np.argmin(label_price[low:high]))] = 1.0
        return taken, mean

    def label_price(self) -> Floats:
        """Return what each start costs: by itself, and in crews."""
        return self._own + self.use_of(self.crew_price)

    def use_of(self, crew_price: Floats) -> Floats:
        """Return what the crews of each start cost at given prices, flat over (crew, period)."""
        return np.asarray(self._usage.T @ crew_price)

    def set_crew_price(self, crew_price: Floats) -> None:
        """Change the prices of crews, and share the difference among the copies of each start."""
        self._spread(self.use_of(crew_price - self.crew_price))
        self.crew_price = crew_price

    def use(self, mean: Floats) -> Floats:
        """Return how many crews starts occupy, flat over (crew, period)."""
        return np.asarray(self._usage @ mean)

    def regrets(self) -> Floats:
        """Return by how much each start raises the bound, by label, in thousandths of a yuan.

        A plan with that start costs at least the bound and this. Call `bound` first.
        """
        out = np.zeros(self.price.size)
        kernels.regrets(self.diagrams, self.price, self._behind, self._ahead, out)
        return self._by_label(out[self._layers])

    def volume(
        self,
        target: Callable[[], float],
        *,
        step: float,
        keep: float,
        stop: Callable[[float], bool],
        shared: bool = True,
    ) -> float:
        """Raise the bound by the volume algorithm; return the best, whose multipliers stay.

        Parameters
        ----------
        target
            Cost of the best plan so far.
        step, keep
            Polyak's factor, and the weight of each new solution in the mean.
        stop
            Asked with the best bound after each step.
        shared
            Whether the multipliers of starts move too, or only the prices of crews.
        """
        best = self.bound()
        price, crew = self.price.copy(), self.crew_price.copy()
        mean_taken, mean = self.starts()
        failures = 0
        while not stop(best) and step > 1e-4:
            by_layer = mean_taken - mean[self._label] if shared else np.zeros(0)
            over = self.use(mean) - self._cap
            over[(crew <= 0.0) & (over < 0.0)] = 0.0
            norm = float(by_layer @ by_layer + over @ over)
            if norm < 1e-9:
                break
            length = step * max(target() - best, 1.0) / norm
            self.price, self.crew_price = price.copy(), crew
            if shared:
                self.price[self._layers] += length * by_layer
            self.set_crew_price(np.maximum(crew + length * over, 0.0))
            bound = self.bound()
            taken, now = self.starts()
            mean_taken = (1 - keep) * mean_taken + keep * taken
            mean = (1 - keep) * mean + keep * now
            if bound > best:
                best, price, crew = bound, self.price.copy(), self.crew_price
                failures = 0
                step *= 1.05
            else:
                failures += 1
                if failures >= 10:
                    step, failures = step * 0.75, 0
        self.price, self.crew_price = price, crew
        self.last_bound = best
        return best

    def _spread(self, by_label: Floats) -> None:
        """Add to the price of each start, in even parts to its copies."""
        self.price[self._layers] += (by_label / np.maximum(self._copies, 1))[self._label]

    def _by_label(self, by_layer: Floats) -> Floats:
        """Add up what layers hold over the copies of each label."""
        return np.bincount(self._label, by_layer, self._copies.size).astype(np.float64)

    def free_milli(self, crew_price: Floats) -> float:
        """Return what the works in no diagram cost at least, whole thousandths of each start."""
        price = np.floor(self._own) + self.use_of(crew_price)
        return sum(
            float(price[self.model.start_ptr[work] : self.model.start_ptr[work + 1]].min())
            for work in self._free
        )


def _usage(model: Model, work_of: Ints) -> sp.csr_array:
    """Return which crew and period each start occupies, shape (crews * periods, starts)."""
    crew = model.crew[work_of]
    span = np.where(crew >= 0, model.span[work_of], 0)
    label = np.repeat(np.arange(work_of.size), span)
    step = np.arange(label.size) - np.repeat(np.cumsum(span) - span, span)
    row = crew[label] * model.periods + model.starts[label] + step
    ones: NDArray[np.float64] = np.ones(label.size)
    shape = (model.cap.size, work_of.size)
    return sp.csr_array((ones, (row, label)), shape=shape)
