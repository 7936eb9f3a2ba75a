from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planner.coverage.siting import bound_kernels as kernels
from planner.coverage.siting.bound_kernels import Data, Point
from planner.coverage.siting.problem import Problem


def plain(reach: np.ndarray, data: Data, at: Point, steps: int, ratio: float) -> Point:
    """Return the mean of the points passed, by matrices."""
    x, cover, price = at.x.copy(), at.cover.copy(), float(at.price[0])
    passed = []
    for _ in range(steps):
        slope = reach @ cover - data.charge - price * data.size
        moved = np.clip(x + ratio * slope / (reach.sum(axis=1) + 1), 0.0, 1.0)
        ahead, x = 2.0 * moved - x, moved
        price += (data.size @ ahead - data.budget) / (ratio * data.size.sum())
        price = max(0.0, price)
        sites = np.maximum(1, reach.sum(axis=0))
        cover = np.clip(cover + (1.0 - ahead @ reach) / (ratio * sites), 0.0, data.weight)
        passed.append((x, cover, np.array([price])))
    return Point(*(np.mean(part, axis=0) for part in zip(*passed, strict=True)))


@pytest.mark.parametrize("ratio", [0.02, 0.5])
def test_steps_are_those_of_the_matrices(drawn: Callable[..., Problem], ratio: float) -> None:
    problem = drawn(6, candidates=12, points=40, sites=3, sized=True, charged=True)
    reach = np.stack([problem.reached([site]) for site in range(12)]).astype(float)
    data = Data(problem.weight / 1e3, problem.charge / 1e3, problem.size / 50.0, 3.0)
    begin = Point(np.full(12, 0.2), data.weight * 0.4, np.array([0.1]))
    wanted = plain(reach, data, begin, 9, ratio)
    at = Point(*(part.copy() for part in begin))
    found = kernels.run(problem.sight, data, at, 9, ratio)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
