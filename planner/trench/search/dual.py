"""The lower bound: prices of starts in each diagram and of crews in each period.

Every diagram solves its own part of the problem; multipliers make the parts agree on when each
work starts (their sum over the copies of a start is what the start costs), and prices of crews
stand for the limits that couple all works. Any multipliers give a bound. Sweeps raise it without
a step size, and stall where no single start can gain; `planner.trench.search.smoothing` goes on
from there.

References
----------
V. Kolmogorov (2006), Convergent tree-reweighted message passing, IEEE PAMI 28 (sequential
averaging of min-marginals).
"""

from __future__ import annotations

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

    Attributes
    ----------
    layers
        Layers of all diagrams that decide a start.
    price
        Price of the start of each layer.
    crew_price
        At least 0, flat over (crew, period).
    last_bound
        What `bound` returned last.
    constant
        As given.
    work_of
        Work of each start.
    free
        Works in no diagram.
    usage
        Which crew and period each start occupies, shape (crews * periods, starts).
    """

    def __init__(self, model: Model, diagrams: Diagrams, *, constant: float) -> None:
        self.model, self.diagrams = model, diagrams
        self.constant = constant
        self._copies = np.diff(diagrams.copy_ptr)
        self.layers = np.flatnonzero(diagrams.label >= 0)
        self._label = diagrams.label[self.layers]
        self.work_of = np.repeat(np.arange(model.span.size), np.diff(model.start_ptr))
        self.free = np.unique(self.work_of[self._copies == 0])
        self.usage = _usage(model, self.work_of)
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
        self.last_bound = self.constant + float(self._value.sum()) + free
        return self.last_bound

    def sweep(self) -> None:
        """Go over all diagrams once forward and once back."""
        for forward in (True, False):
            kernels.sweep(self.diagrams, self.price, self._behind, self._ahead, forward, KEEP)

    def arc_regrets(self, low: Floats, high: Floats) -> None:
        """Fill in what the cheapest path through each arc costs beyond the least, by node.

        Infinite where there is no arc. Call `bound` first.
        """
        kernels.arc_regrets(self.diagrams, self.price, self._behind, self._ahead, low, high)

    def softened(self, heat: float) -> tuple[float, Floats, Floats]:
        """Return the bound with least costs softened, and its slope.

        Parameters
        ----------
        heat
            In thousandths of a yuan; the softened bound lies below the bound, by the less the
            smaller the heat, see `dual_kernels.soft`.

        Returns
        -------
        tuple
            The softened bound; its slope by layer of a start, with the sum of the copies' prices
            kept, shape of `layers`; its slope in the prices of crews, flat over (crew, period).
        """
        kernels.soft(
            self.diagrams, self.price, heat, self._ahead, self._behind, self._value, self._taken
        )
        taken = self._taken[self.layers]
        mean = self._by_label(taken) / np.maximum(self._copies, 1)
        free = self._soft_free(heat, mean) - float(self.crew_price @ self._cap)
        bound = self.constant + float(self._value.sum()) + free
        return bound, taken - mean[self._label], self.use(mean) - self._cap

    def _soft_free(self, heat: float, mean: Floats) -> float:
        """Return what works in no diagram cost, softened; set the shares of their starts."""
        if not self.free.size:
            return 0.0
        label_price, total = self.label_price(), 0.0
        for work in self.free:
            own = slice(*self.model.start_ptr[work : work + 2])
            least = label_price[own].min()
            weight = np.exp((least - label_price[own]) / heat)
            total += float(least - heat * np.log(weight.sum()))
            mean[own] = weight / weight.sum()
        return total

    def shift(self, by_layer: Floats, crew_price: Floats) -> None:
        """Change the prices of starts, as far as copies only trade, and those of crews."""
        mean = self._by_label(by_layer) / np.maximum(self._copies, 1)
        self.price[self.layers] += by_layer - mean[self._label]
        self.set_crew_price(crew_price)

    def label_price(self) -> Floats:
        """Return what each start costs: by itself, and in crews."""
        return self._own + self.use_of(self.crew_price)

    def use_of(self, crew_price: Floats) -> Floats:
        """Return what the crews of each start cost at given prices, flat over (crew, period)."""
        return np.asarray(self.usage.T @ crew_price)

    def set_crew_price(self, crew_price: Floats) -> None:
        """Change the prices of crews, and share the difference among the copies of each start."""
        self._spread(self.use_of(crew_price - self.crew_price))
        self.crew_price = crew_price

    def use(self, mean: Floats) -> Floats:
        """Return how many crews starts occupy, flat over (crew, period)."""
        return np.asarray(self.usage @ mean)

    def regrets(self) -> Floats:
        """Return by how much each start raises the bound, by label, in thousandths of a yuan.

        A plan with that start costs at least the bound and this. Call `bound` first.
        """
        out = np.zeros(self.price.size)
        kernels.regrets(self.diagrams, self.price, self._behind, self._ahead, out)
        return self._by_label(out[self.layers])

    def _spread(self, by_label: Floats) -> None:
        """Add to the price of each start, in even parts to its copies."""
        self.price[self.layers] += (by_label / np.maximum(self._copies, 1))[self._label]

    def _by_label(self, by_layer: Floats) -> Floats:
        """Add up what layers hold over the copies of each label."""
        return np.bincount(self._label, by_layer, self._copies.size).astype(np.float64)

    def free_milli(self, crew_price: Floats) -> float:
        """Return what the works in no diagram cost at least, whole thousandths of each start."""
        price = np.floor(self._own) + self.use_of(crew_price)
        return sum(
            float(price[self.model.start_ptr[work] : self.model.start_ptr[work + 1]].min())
            for work in self.free
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
