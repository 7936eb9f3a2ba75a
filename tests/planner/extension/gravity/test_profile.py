import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog

from planner.extension.gravity.limits import Limits, limits
from planner.extension.gravity.profile import Ground, Profile, profile
from planner.section.line import Line
from planner.settings import defaults

DN300 = limits(Line(utility="drain", diameter_mm=300.0), defaults())
NAN = math.nan


def _ground(heights: list[float], *, step_m: float = 25.0, every: int = 3) -> Ground:
    """Return samples at equal steps, a manhole at every third and at the end."""
    last = len(heights) - 1
    return Ground(
        along_m=step_m * np.arange(len(heights)),
        ground_m=np.array(heights, dtype=float),
        manholes=np.unique([*range(0, last + 1, every), last]),
    )


def _slope(start: float, fall: float, count: int = 13) -> list[float]:
    """Return a plane that falls by a share of its length, samples 25 m apart."""
    return [start - fall * 25.0 * place for place in range(count)]


def _laid(found: Profile, ground: Ground, asked: Limits) -> None:
    """Assert that every pipe by gravity keeps slope, cover and depth at every sample."""
    assert set(ground.manholes) <= set(found.manholes)
    for place, (first, last) in enumerate(pairwise(found.manholes)):
        if found.pumped_on[place]:
            continue
        over = slice(first, last + 1)
        length_m = ground.along_m[last] - ground.along_m[first]
        share = (ground.along_m[over] - ground.along_m[first]) / length_m
        fall_m = found.leaves_m[place] - found.arrives_m[place + 1]
        depth_m = ground.ground_m[over] - (found.leaves_m[place] - share * fall_m)
        assert asked.least_slope - 1e-9 <= fall_m / length_m <= asked.most_slope + 1e-9
        assert depth_m.min() >= asked.roof_m - 1e-9
        assert depth_m.max() <= asked.deepest_m + 1e-9
    lifted = np.flatnonzero(found.leaves_m > found.arrives_m + 1e-9)
    assert set(lifted) <= {found.pump}


def _highest_by_programme(
    ground: Ground, asked: Limits, outlet_m: float, *, everywhere: bool
) -> float:
    """Return the highest arrival at the tie-in that any levels allow, -inf where none do."""
    pipes = list(pairwise(range(len(ground.along_m)) if everywhere else ground.manholes))
    rows, bounds = [], []

    def add(terms: dict[int, float], bound: float) -> None:
        row = np.zeros(2 * len(pipes))
        for place, factor in terms.items():
            row[place] += factor
        rows.append(row)
        bounds.append(bound)

    for place, (first, last) in enumerate(pipes):
        leaves, arrives = 2 * place, 2 * place + 1
        length_m = ground.along_m[last] - ground.along_m[first]
        add({arrives: 1.0, leaves: -1.0}, -asked.least_slope * length_m)
        add({arrives: -1.0, leaves: 1.0}, asked.most_slope * length_m)
        add(
            {leaves: 1.0, arrives - 2: -1.0} if place else {leaves: 1.0}, 0.0 if place else outlet_m
        )
        for sample in range(first, last + 1):
            share = (ground.along_m[sample] - ground.along_m[first]) / length_m
            level = {leaves: 1.0 - share, arrives: share}
            add(level, ground.ground_m[sample] - asked.roof_m)
            add({k: -v for k, v in level.items()}, asked.deepest_m - ground.ground_m[sample])
    goal = np.zeros(2 * len(pipes))
    goal[-1] = -1.0
    found = linprog(goal, np.array(rows), np.array(bounds), bounds=(None, None), method="highs")
    return -float(found.fun) if found.success else -math.inf


def test_below_falling_ground_the_pipe_lies_at_its_least_cover() -> None:
    ground = _ground(_slope(100.0, 0.01))
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=90.0)
    assert found.pump == -1
    assert found.depth_m == pytest.approx(np.full(5, DN300.roof_m))
    assert found.spare_m == pytest.approx(100.0 - 3.0 - DN300.roof_m - 90.0)
    assert found.drop_m.max() == pytest.approx(0.0)
    _laid(found, ground, DN300)


def test_below_flat_ground_the_pipe_deepens_by_the_least_slope() -> None:
    ground = _ground([50.0] * 13)
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=40.0)
    assert found.pump == -1
    assert found.arrives_m[-1] == pytest.approx(50.0 - DN300.roof_m - 0.003 * 300.0)
    assert found.depth_m[-2] > found.depth_m[0]
    _laid(found, ground, DN300)


def test_a_wider_pipe_needs_less_slope() -> None:
    wide = limits(Line(utility="drain", diameter_mm=600.0), defaults())
    assert (wide.least_slope, DN300.least_slope) == (0.001, 0.003)
    assert "5.2.10" in wide.clause
    assert wide.roof_m > DN300.roof_m


def test_a_known_outlet_below_the_least_cover_counts() -> None:
    ground = _ground(_slope(100.0, 0.0))
    found = profile(ground, DN300, outlet_m=97.0, tie_in_m=90.0)
    assert found.arrives_m[0] == 97.0
    assert found.arrives_m[-1] == pytest.approx(97.0 - 0.9)


def test_an_outlet_above_the_least_cover_drops_at_its_first_manhole() -> None:
    ground = _ground(_slope(100.0, 0.01))
    found = profile(ground, DN300, outlet_m=99.9, tie_in_m=90.0)
    assert found.pump == -1
    assert found.drop_m[0] == pytest.approx(99.9 - (100.0 - DN300.roof_m))


def test_steeper_ground_than_the_pipe_may_fall_is_taken_by_drops() -> None:
    ground = _ground(_slope(100.0, 0.15))
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=0.0)
    assert found.pump == -1
    assert found.manholes.tolist() == ground.manholes.tolist()
    assert (found.drop_m[:-1] > DN300.drop_m).all()
    assert (found.drop_m < DN300.most_drop_m).all()
    _laid(found, ground, DN300)


def test_a_tie_in_that_lies_too_high_is_lifted_to_by_what_is_missing() -> None:
    ground = _ground([50.0] * 13)
    arrives_m = 50.0 - DN300.roof_m - 0.9
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=arrives_m + 0.4)
    assert (found.pump, found.pumped_m) == (4, 0.0)
    assert found.lift_m == pytest.approx(0.4)
    assert found.leaves_m[-1] == pytest.approx(arrives_m + 0.4)
    assert profile(ground, DN300, outlet_m=NAN, tie_in_m=arrives_m).pump == -1


def test_a_hill_is_crossed_under_pressure_and_gravity_takes_over_behind_it() -> None:
    ground = _ground([50.0] * 4 + [62.0, 64.0, 64.0, 63.0, 58.0] + _slope(52.0, 0.02, 10))
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=40.0)
    assert found.pump == 1
    assert found.pumped_on.tolist() == [False, True, False, False, False, False, False]
    assert found.lift_m == pytest.approx(64.0 - DN300.roof_m - found.arrives_m[1])
    assert found.arrives_m[-1] > 40.0
    _laid(found, ground, DN300)


def test_up_to_a_tie_in_on_a_height_the_pipe_is_under_pressure_to_the_end() -> None:
    ground = _ground(_slope(50.0, -0.1))
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=78.5)
    assert found.pump == 1
    assert found.pumped_m == pytest.approx(275.0)
    assert found.arrives_m[-1] >= 78.5
    assert found.lift_m == pytest.approx(80.0 - (50.0 - 0.003 * 25.0))


def test_where_lifting_in_place_is_enough_nothing_is_under_pressure() -> None:
    long = _ground([50.0] * 61)
    found = profile(long, DN300, outlet_m=46.0, tie_in_m=44.05)
    assert found.pump > 0
    assert found.pumped_m == 0.0
    assert 0.0 < found.lift_m < 50.0 - DN300.roof_m
    _laid(found, long, DN300)


def test_an_outlet_below_the_greatest_depth_is_lifted_at_the_red_line() -> None:
    ground = _ground(_slope(100.0, 0.01))
    found = profile(ground, DN300, outlet_m=100.0 - DN300.deepest_m - 1.0, tie_in_m=90.0)
    assert found.pump == 0
    assert found.arrives_m[0] == 100.0 - DN300.deepest_m - 1.0
    assert found.lift_m == pytest.approx(DN300.deepest_m + 1.0 - DN300.roof_m)


@pytest.mark.parametrize(("tie_in_m", "pump"), [(49.0, 0), (48.0, -1)])
def test_a_parcel_at_the_tie_in_needs_no_pipe(tie_in_m: float, pump: int) -> None:
    ground = Ground(along_m=np.zeros(1), ground_m=np.array([50.0]), manholes=np.zeros(1, int))
    found = profile(ground, DN300, outlet_m=48.5, tie_in_m=tie_in_m)
    assert found.pump == pump
    assert found.lift_m == pytest.approx(max(0.0, tie_in_m - 48.5))


@pytest.mark.parametrize("fall", [0.17, 0.25])
def test_where_one_pipe_is_too_steep_manholes_stand_closer(fall: float) -> None:
    ground = _ground(_slope(100.0, fall))
    found = profile(ground, DN300, outlet_m=NAN, tie_in_m=0.0)
    assert found.pump == -1
    assert len(found.manholes) == 13
    assert found.drop_m[:-1] == pytest.approx(np.full(12, 25.0 * (fall - DN300.most_slope)))
    _laid(found, ground, DN300)


def _random(seed: int) -> tuple[Ground, float]:
    rng = np.random.default_rng(seed)
    steps = rng.normal(-0.15, rng.choice([0.2, 1.0, 3.0]), rng.integers(4, 24))
    ground = _ground([100.0, *(100.0 + np.cumsum(steps))], every=int(rng.integers(1, 5)))
    return ground, float(rng.choice([100.0 - DN300.roof_m, 97.0, 95.0]))


@pytest.mark.parametrize("seed", range(60))
def test_a_drain_is_pumped_exactly_where_a_linear_programme_finds_no_levels(seed: int) -> None:
    ground, outlet_m = _random(seed)
    best_m = _highest_by_programme(ground, DN300, outlet_m, everywhere=True)
    below = profile(ground, DN300, outlet_m=outlet_m, tie_in_m=best_m - 1e-4)
    above = profile(ground, DN300, outlet_m=outlet_m, tie_in_m=max(best_m, 0.0) + 1e-4)
    assert (below.pump == -1) == (best_m > -math.inf)
    assert above.pump >= 0
    assert above.lift_m > 0
    for found in (below, above):
        _laid(found, ground, DN300)


@pytest.mark.parametrize("seed", range(60))
def test_no_levels_at_the_manholes_arrive_higher(seed: int) -> None:
    ground, outlet_m = _random(seed)
    best_m = _highest_by_programme(ground, DN300, outlet_m, everywhere=False)
    found = profile(ground, DN300, outlet_m=outlet_m, tie_in_m=0.0)
    if found.manholes.tolist() == ground.manholes.tolist() and found.pump == -1:
        assert found.arrives_m[-1] == pytest.approx(best_m, abs=1e-7)
    elif best_m > -math.inf:
        assert found.pump == -1
        assert found.arrives_m[-1] >= best_m - 1e-7
