from __future__ import annotations

import numpy as np

from layers.sample.grid import Floats, Ints
from layers.sample.kernels import gather


def gather_plainly(order: Ints, receiver: Ints, amount: Floats) -> Floats:
    """The plain twin: every cell walks down and leaves its amount wherever it passes."""
    total = np.zeros(len(amount))
    for cell in range(len(amount)):
        at = cell
        while at >= 0:
            total[at] += amount[cell]
            at = receiver[at]
    return total


def test_gather_agrees_with_walking_down_from_every_cell() -> None:
    rng = np.random.default_rng(4)
    count = 200
    receiver = np.array([-1, *(int(rng.integers(0, i)) for i in range(1, count))])
    amount = rng.uniform(0.1, 2.0, count)
    order = np.arange(count - 1, -1, -1)
    np.testing.assert_allclose(
        gather(order, receiver, amount), gather_plainly(order, receiver, amount), rtol=1e-12
    )


def test_gather_leaves_its_input_alone() -> None:
    amount = np.ones(3)
    gather(np.array([2, 1, 0]), np.array([-1, 0, 1]), amount)
    assert amount.tolist() == [1.0, 1.0, 1.0]
