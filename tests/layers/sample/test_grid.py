from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from layers.sample.grid import Lattice, spread

LATTICE = Lattice((30, 40), Affine(10.0, 0.0, 500.0, 0.0, -10.0, 900.0))


def test_cells_and_centres_are_inverse() -> None:
    cells = np.arange(LATTICE.cells)
    assert (LATTICE.cell(LATTICE.xy(cells)) == cells).all()


def test_every_pair_of_neighbours_comes_once_and_at_its_true_distance() -> None:
    first, second, metres = LATTICE.moves()
    pairs = {tuple(sorted(pair)) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    assert len(pairs) == len(first)
    there, here = LATTICE.xy(second), LATTICE.xy(first)
    np.testing.assert_allclose(np.hypot(*(there - here).T), metres)


def test_cost_of_flat_ground_is_distance_within_three_percent() -> None:
    moves = LATTICE.moves()
    total, back = spread(LATTICE, moves[2], np.array([0]), moves=moves)
    true = np.hypot(*(LATTICE.xy(np.arange(LATTICE.cells)) - LATTICE.xy(np.array([0]))).T)
    assert (total[1:] >= true[1:] - 1e-6).all()
    assert (total[1:] <= 1.03 * true[1:]).all()
    assert back[0] == -1


def test_sources_begin_at_their_own_cost() -> None:
    moves = LATTICE.moves()
    sources = np.array([0, LATTICE.cells - 1])
    total, _ = spread(LATTICE, moves[2], sources, np.array([50.0, 7.0]), moves=moves)
    assert total[sources] == pytest.approx([50.0, 7.0], abs=1e-6)
