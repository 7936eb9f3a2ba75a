"""Raise the bound along its smoothing, where sweeps of single starts stall.

The bound is concave in the multipliers but has edges. With least costs softened it has a slope
everywhere, which a quasi-Newton method follows; the cooler, the nearer it comes to the best
bound that the diagrams can prove.

References
----------
Y. Nesterov (2005), Smooth minimization of non-smooth functions, Mathematical Programming 103.
R. Byrd, P. Lu, J. Nocedal, C. Zhu (1995), A limited memory algorithm for bound constrained
optimization, SIAM Journal on Scientific Computing 16.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import Bounds, minimize

from planner.trench.search.dual import Dual
from planner.trench.search.model import Floats

MEMORY = 10
"""Pairs of steps and slopes that the method keeps."""

DEAREST = 1e12
"""Most that a multiplier moves, thousandths of a yuan: where no plan is possible the bound has no
end, and sums have to stay exact."""


def smooth(dual: Dual, heat: float, *, steps: int, stop: Callable[[], bool]) -> float:
    """Move the multipliers towards the highest softened bound; return the bound there.

    Parameters
    ----------
    dual
        The lower side of a search; its prices are changed.
    heat
        How much least costs are softened, thousandths of a yuan, see `Dual.softened`.
    steps
        Most steps.
    stop
        Asked after each step.
    """
    price, crew_price = dual.price.copy(), dual.crew_price.copy()
    first, _, _ = dual.softened(heat)
    copies = dual.layers.size

    def move(x: Floats) -> None:
        dual.price, dual.crew_price = price.copy(), crew_price
        dual.shift(x[:copies] * heat, np.maximum(x[copies:], 0.0) * heat)

    def fall(x: Floats) -> tuple[float, Floats]:
        move(x)
        bound, by_layer, by_crew = dual.softened(heat)
        return (first - bound) / heat, -np.concatenate([by_layer, by_crew])

    def look(_x: Floats) -> None:
        if stop():
            raise StopIteration

    begin = np.concatenate([np.zeros(copies), crew_price / heat])
    least = np.concatenate([np.full(copies, -DEAREST / heat), np.zeros(crew_price.size)])
    found = minimize(
        fall,
        begin,
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(least, DEAREST / heat),
        callback=look,
        options={"maxiter": steps, "maxcor": MEMORY, "ftol": 0.0, "gtol": 0.0},
    )
    move(found.x)
    return dual.bound()
