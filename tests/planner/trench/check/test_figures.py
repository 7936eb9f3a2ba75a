"""Figures are counted by ways of their own, and agree with the solver's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.settings import defaults
from planner.trench.assumed import price_keys
from planner.trench.check.figures import PRICES, least_excess_yuan
from planner.trench.check.shares import Bill
from planner.trench.sharing import stability
from planner.trench.sharing.coalitions import Game, Party

Group = tuple[str, ...]


def bill_of(names: Sequence[str], values: Mapping[Group, float], cost_yuan: float) -> Bill:
    return Bill(dict.fromkeys(names, ()), values, cost_yuan, whole=True)


@given(count=st.integers(2, 5), data=st.data())
def test_weights_on_groups_prove_the_least_excess_that_a_split_attains(
    count: int, data: st.DataObject
) -> None:
    """The dual in the check and the primal of the plan meet, whatever the groups would pay."""
    names = "ABCDE"[:count]
    yuan = st.integers(0, 100_000).map(float)
    values = {
        group: data.draw(yuan) for size in range(1, count) for group in combinations(names, size)
    }
    cost_yuan = data.draw(yuan)
    by_bits = np.zeros(1 << count)
    for group, value in values.items():
        by_bits[sum(1 << names.index(name) for name in group)] = value
    game = Game(tuple(Party(name, ()) for name in names), by_bits, cost_yuan)
    found = least_excess_yuan(bill_of(names, values, cost_yuan))
    assert max(0.0, found) == pytest.approx(stability.least_excess_yuan(game), abs=1e-4)


def test_two_parties_who_pay_more_than_alone_share_the_excess() -> None:
    """Alone they pay 30 and 50; of a cost of 100 each overpays 10 at the least."""
    assert least_excess_yuan(bill_of("AB", {("A",): 30.0, ("B",): 50.0}, 100.0)) == pytest.approx(
        10
    )


def test_prices_are_known_by_their_names_as_by_their_units() -> None:
    named = {value.name for value in defaults() if PRICES.fullmatch(value.name)}
    assert named == set(price_keys())
