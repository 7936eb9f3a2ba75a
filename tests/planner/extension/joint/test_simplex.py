"""A programme that grows and shrinks has the optimum that linprog finds from the beginning."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array

from planner.extension.joint.simplex import Simplex


def optimum(price: np.ndarray, table: np.ndarray, least: np.ndarray) -> float:
    return float(linprog(price, A_ub=-table, b_ub=-least, bounds=(0, 1)).fun)


@pytest.mark.parametrize("seed", range(5))
def test_rows_and_columns_may_be_added_and_idle_rows_dropped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    price, table, least = rng.random(30) + 0.1, rng.random((20, 30)), rng.random(20) * 4
    programme = Simplex()
    programme.add_columns(price[:20], csc_array((0, 20)))
    programme.add_rows(least[:10], csr_array(table[:10, :20]))
    first = programme.solve(9.0)
    assert first is not None
    assert first.value == pytest.approx(optimum(price[:20], table[:10, :20], least[:10]))
    programme.add_columns(price[20:], csc_array(table[:10, 20:]))
    programme.add_rows(least[10:], csr_array(table[10:]))
    second = programme.solve(9.0)
    assert second is not None
    assert second.value == pytest.approx(optimum(price, table, least))
    assert (table @ second.point >= least - 1e-6).all()
    kept = programme.binding()
    assert not kept.all()
    assert (second.dual[~kept] == 0).all()
    programme.keep_rows(kept)
    third = programme.solve(9.0)
    assert third is not None
    assert third.value == pytest.approx(second.value)
    assert third.dual.size == kept.sum()


def test_no_answer_is_given_where_nothing_meets_the_rows() -> None:
    programme = Simplex()
    programme.add_columns(np.ones(1), csc_array((0, 1)))
    programme.add_rows(np.array([2.0]), csr_array(np.ones((1, 1))))
    assert programme.solve(9.0) is None
