from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers.sample import water
from layers.sample.noise import field
from layers.sample.terrain import CENTRE, Ground, border, shape


@pytest.fixture(scope="module")
def ground() -> Ground:
    return shape(20.0, np.random.default_rng(3))


@pytest.mark.parametrize("area_km2", [20.0, 100.0, 3000.0])
def test_border_has_exactly_the_area_asked(area_km2: float) -> None:
    ring = border(area_km2, np.random.default_rng(1))
    assert ring.area / 1e6 == pytest.approx(area_km2, rel=1e-9)
    assert ring.is_valid
    assert ring.contains(shapely.Point(CENTRE))


def test_noise_is_normed_and_repeatable() -> None:
    first = field((40, 60), 30.0, np.random.default_rng(1), wavelength_m=300.0)
    again = field((40, 60), 30.0, np.random.default_rng(1), wavelength_m=300.0)
    assert first.std() == pytest.approx(1.0)
    assert abs(first.mean()) < 1e-9
    assert (first == again).all()


def test_water_runs_from_every_cell_to_the_river(ground: Ground) -> None:
    below = ground.below
    at = np.arange(len(below))
    for _ in range(len(below)):
        onward = np.where(below[at] >= 0, below[at], at)
        if (onward == at).all():
            break
        at = onward
    reached = ground.lattice.xy(np.unique(at))
    distance = shapely.distance(ground.river, shapely.points(reached))
    assert distance.max() <= 1.5 * ground.lattice.cell_m


def test_drained_area_adds_up_to_the_whole_grid(ground: Ground) -> None:
    outlets = ground.drained_km2.ravel()[ground.below < 0].sum()
    whole = ground.lattice.cells * ground.lattice.cell_m**2 / 1e6
    assert outlets == pytest.approx(whole, rel=1e-9)


def test_mountains_are_steep_and_the_seat_is_flat(ground: Ground) -> None:
    slope = ground.slope()
    assert 0.25 < np.median(slope) < 0.7
    assert ground.height_m.max() - ground.height_m.min() > 400.0
    near = ground.lattice.cell(np.add(CENTRE, [[0.0, 120.0], [60.0, 140.0]]))
    assert slope.ravel()[near].max() < 0.1


def test_streams_run_downhill_and_end_where_others_pass(ground: Ground) -> None:
    for stream in water.streams(ground, drained_km2=1.0):
        height = ground.at(shapely.get_coordinates(stream.line))
        assert height[0] > height[-1] - 5.0
        assert stream.drained_km2 >= 1.0
