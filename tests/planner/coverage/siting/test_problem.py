from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from planner.coverage.siting import problem as problems
from planner.coverage.siting.problem import LARGEST

REACH = scipy.sparse.csr_array(np.array([[1, 1, 0], [0, 1, 1]]))
ONES = np.ones(2, dtype=np.int64)


def test_a_point_that_two_sites_reach_counts_once() -> None:
    asked = problems.of(REACH, np.array([5, 1, 7]), size=ONES, budget=2, charge=ONES)
    assert asked.value([0, 1]) == 13 - 2
    assert asked.value([]) == 0


def test_most_sites_are_those_of_the_smallest_sizes() -> None:
    asked = problems.of(REACH, np.ones(3), size=np.array([30, 20]), budget=49, charge=ONES)
    assert asked.most_sites == 1


@pytest.mark.parametrize(
    "change",
    [{"weight": np.ones(2)}, {"size": np.ones(3)}, {"charge": np.ones(1)},
     {"weight": np.array([1, -1, 1])}, {"size": np.zeros(2)}, {"charge": -ONES}, {"budget": -1},
     {"budget": LARGEST + 1}],
)  # fmt: skip
def test_numbers_out_of_range_and_shapes_that_do_not_fit_are_refused(
    change: dict[str, object],
) -> None:
    parts = {"weight": np.ones(3), "size": ONES, "budget": 1, "charge": ONES} | change
    weight = parts.pop("weight")
    with pytest.raises(ValueError, match=r"at least 0|entries|exceed"):
        problems.of(REACH, weight, **parts)
