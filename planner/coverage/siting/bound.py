"""The value that no choice exceeds, by the linear relaxation's multipliers.

References
----------
Chambolle and Pock (2011), A first-order primal-dual algorithm for convex problems.
Pock and Chambolle (2011), Diagonal preconditioning for first order primal-dual algorithms.
Applegate, Diaz, Hinder, Lu, Lubin, O'Donoghue and Schudy (2021), Practical large-scale linear
programming using primal-dual hybrid gradient: restarts from the mean, and the ratio of the steps.
Geoffrion (1974), Lagrangean relaxation for integer programming.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planner.coverage.siting import bound_kernels as kernels
from planner.coverage.siting import certificate as proofs
from planner.coverage.siting.bound_kernels import Data, Point
from planner.coverage.siting.certificate import FINE, Certificate
from planner.coverage.siting.problem import Ints, Problem

Floats = npt.NDArray[np.float64]

FIRST, GROWTH = 64, 1.2
"""Steps up to the first restart, and by how much each following part is longer."""
FIRST_RATIO = 0.1
"""Step of a share by that of a multiplier, in means of weight, where nothing is known yet."""
PATIENCE, LEAST_FALL = 4, 1e-6
"""The search ends after so many parts in each of which the bound fell by no larger share."""
SMOOTHED = 0.5
"""Share of the new ratio of steps in its logarithm, at a restart."""


def prove(problem: Problem, chosen: Sequence[int], *, steps: int) -> Certificate:
    """Return multipliers that prove an upper bound on the value of every choice.

    Parameters
    ----------
    chosen
        A good choice, from which the search starts; where its value is met, the search ends, as it
        does where the bound no longer falls.
    steps
        Most steps of the primal-dual method. The bound falls towards that of the linear relaxation,
        and is valid after any number of steps.
    """
    unit = float(problem.weight.sum()) / max(1, int(np.count_nonzero(problem.weight))) or 1.0
    typical = float(problem.size.sum()) / max(1, problem.candidates) or 1.0
    fits = problem.size <= problem.budget
    data = Data(
        weight=problem.weight / unit,
        charge=np.where(fits, problem.charge / unit, np.inf),
        size=problem.size / typical,
        budget=problem.budget / typical,
    )
    return _descended(problem, data, _start(problem, data, chosen), unit, steps, chosen)


def _start(problem: Problem, data: Data, chosen: Sequence[int]) -> Point:
    shares = np.zeros(problem.candidates)
    shares[list(chosen)] = 1.0
    spread = np.where(problem.reached(chosen), 0.5, 1.0)
    return Point(shares, data.weight * spread, np.zeros(1))


def _descended(
    problem: Problem, data: Data, at: Point, unit: float, steps: int, chosen: Sequence[int]
) -> Certificate:
    """Return the best multipliers met; every part begins at the mean of the part before."""
    target = problem.value(chosen)
    best = certified(problem, at.cover * unit)
    lowest = proofs.bound(best)
    ratio, part, done, idle = FIRST_RATIO, FIRST, 0, 0
    while done < steps and lowest > target and idle < PATIENCE:
        before = lowest
        begin = Point(*(values.copy() for values in at))
        mean = kernels.run(problem.sight, data, at, min(part, steps - done), ratio)
        done += part
        for cover in (mean.cover, at.cover):
            found = certified(problem, cover * unit)
            value = proofs.bound(found)
            if value < lowest:
                best, lowest = found, value
        idle = idle + 1 if before - lowest <= LEAST_FALL * before else 0
        ratio, at, part = _next_ratio(ratio, begin, mean), mean, int(part * GROWTH) + 1
    return best


def _next_ratio(ratio: float, begin: Point, end: Point) -> float:
    """Return the ratio of steps nearer to that of the ways that shares and multipliers went."""
    shares = float(np.linalg.norm(end.x - begin.x))
    multipliers = float(
        np.hypot(np.linalg.norm(end.cover - begin.cover), end.price[0] - begin.price[0])
    )
    if shares < 1e-12 or multipliers < 1e-12:
        return ratio
    return float(np.exp(SMOOTHED * np.log(shares / multipliers) + (1 - SMOOTHED) * np.log(ratio)))


def certified(problem: Problem, cover: Floats) -> Certificate:
    """Return multipliers rounded to whole numbers in their range, with the best price for them."""
    whole = np.clip(np.rint(cover), 0, problem.weight).astype(np.int64)
    return Certificate(
        row=problem.sight.row,
        point=problem.sight.points.astype(np.int64),
        weight=problem.weight,
        charge=problem.charge,
        size=problem.size,
        budget=np.array([problem.budget], dtype=np.int64),
        cover=whole,
        price=np.array([_price(problem, whole)], dtype=np.int64),
    )


def _price(problem: Problem, cover: Ints) -> int:
    """Return the profit by unit of size of the first candidate that no longer fits whole."""
    paid = np.concatenate([[0], np.cumsum(cover[problem.sight.points])])
    net = paid[problem.sight.row[1:]] - paid[problem.sight.row[:-1]] - problem.charge
    usable = np.flatnonzero((net > 0) & (problem.size <= problem.budget))
    order = usable[np.argsort(-net[usable] / problem.size[usable], kind="stable")]
    beyond = np.cumsum(problem.size[order]) > problem.budget
    if not beyond.any():
        return 0
    critical = order[int(beyond.argmax())]
    return int(net[critical]) * FINE // int(problem.size[critical])
