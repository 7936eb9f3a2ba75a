"""What a road holds already, as a section on a stretch of it finds it."""

from __future__ import annotations

from math import isnan, nan

from hypothesis import given
from hypothesis import strategies as st

from planner.section.corridor import Corridor, Existing
from planner.section.line import Line
from planner.section.street import Buried, Reach, Street
from planner.settings import Scalar, defaults

WATER, GAS = Line("water", diameter_mm=200.0), Line("gas", diameter_mm=110.0)
STEP_M = 0.05


def corridor(street: Street, reach: Reach, width_m: float = 20.0, **values: Scalar) -> Corridor:
    settings = defaults().with_user(
        {f"section.{name}": value for name, value in values.items()}, source="test"
    )
    return street.corridor(reach, width_m=width_m, side="right", settings=settings)


def test_a_line_lies_beside_a_section_only_where_it_runs_along_its_stretch() -> None:
    street = Street(buried=(Buried(WATER, 0.0, 50.0, (3.0, 3.0)),))
    assert corridor(street, (10.0, 20.0)).existing == (Existing(WATER, 3.0),)
    assert corridor(street, (40.0, 90.0)).existing == (Existing(WATER, 3.0),)
    assert corridor(street, (50.0, 90.0)).existing == ()


def test_a_slanting_line_takes_up_all_the_ground_over_which_it_strays() -> None:
    street = Street(buried=(Buried(WATER, 0.0, 100.0, (-2.0, 4.0)),))
    assert corridor(street, (0.0, 100.0)).existing == (Existing(WATER, 1.0, 3.0),)
    assert corridor(street, (50.0, 75.0)).existing == (Existing(WATER, 1.75, 0.75),)


def test_a_line_mapped_from_well_to_well_is_one_line() -> None:
    pieces = [
        Buried(WATER, 20.0 * n, 20.0 * (n + 1), (3.0 + 0.1 * n, 3.1 + 0.1 * n)) for n in range(5)
    ]
    found = corridor(Street(buried=tuple(pieces)), (0.0, 100.0)).existing
    assert found == (Existing(WATER, 3.25, 0.25),)


def test_lines_beside_one_another_stay_two_lines() -> None:
    pair = (Buried(WATER, 0.0, 50.0, (3.0, 3.0)), Buried(WATER, 0.0, 50.0, (4.0, 4.0)))
    other = Buried(GAS, 0.0, 50.0, (3.0, 3.0))
    found = corridor(Street(buried=(*pair, other)), (0.0, 50.0)).existing
    assert sorted(one.offset_m for one in found) == [3.0, 3.0, 4.0]


def test_a_falling_line_is_there_where_it_lies_highest_and_deepest() -> None:
    drain = [Line("drain", diameter_mm=400.0, depth_m=depth) for depth in (2.0, 2.4, 2.9, nan)]
    pieces = [Buried(line, 25.0 * n, 25.0 * n + 25.0, (1.0, 1.0)) for n, line in enumerate(drain)]
    found = corridor(Street(buried=tuple(pieces)), (0.0, 100.0)).existing
    assert [(one.line.depth_m, one.offset_m) for one in found] == [(2.0, 1.0), (2.9, 1.0)]
    [alone] = corridor(Street(buried=tuple(pieces[3:])), (75.0, 100.0)).existing
    assert isnan(alone.line.depth_m)


def test_lines_far_beyond_the_red_line_are_not_of_this_road() -> None:
    far = Street(buried=tuple(Buried(WATER, 0.0, 50.0, (x, x)) for x in (-16.0, -14.0, 14.0, 16.0)))
    assert [one.offset_m for one in corridor(far, (0.0, 50.0)).existing] == [-14.0, 14.0]
    near = corridor(far, (0.0, 50.0), existing_beyond_m=3.0)
    assert near.existing == ()


def test_where_the_width_is_not_known_nothing_can_be_placed_and_nothing_is_handed_on() -> None:
    street = Street(kerb_m=4.0, buried=(Buried(WATER, 0.0, 50.0, (3.0, 3.0)),))
    found = corridor(street, (0.0, 50.0), width_m=float("nan"))
    assert (isnan(found.width_m), found.existing) == (True, ())
    assert found == corridor(street, (0.0, 50.0), width_m=float("nan"))


def test_kerbs_and_trees_are_handed_on() -> None:
    found = corridor(Street(kerb_m=6.0, tree_m=6.75), (0.0, 50.0))
    assert (found.kerb_m, found.tree_m) == (6.0, 6.75)


def test_a_tunnel_or_park_counts_where_it_holds_enough_of_the_stretch() -> None:
    street = Street(tunnel=((0.0, 30.0), (60.0, 80.0)), park=((20.0, 100.0),))
    at_first = corridor(street, (0.0, 60.0), tunnel_utilities="power, water")
    assert at_first.tunnel == frozenset({"power", "water"})
    assert corridor(street, (0.0, 39.0)).park is False
    assert corridor(street, (0.0, 41.0)).park is True
    assert corridor(street, (30.0, 90.0)).tunnel is None
    assert corridor(street, (30.0, 90.0), zone_share=0.3).tunnel is not None


@given(
    st.tuples(st.floats(0, 90), st.floats(1, 10), st.floats(-9, 9), st.floats(-9, 9)),
    st.floats(0, 99),
    st.floats(0.5, 50),
    st.floats(0, 1),
)
def test_wherever_a_line_lies_on_the_stretch_it_lies_within_what_is_kept_clear(
    piece: tuple[float, float, float, float], begin_m: float, length_m: float, share: float
) -> None:
    from_m, long_m, first, last = piece
    street = Street(buried=(Buried(WATER, from_m, from_m + long_m, (first, last)),))
    found = corridor(street, (begin_m, begin_m + length_m)).existing
    low, high = max(begin_m, from_m), min(begin_m + length_m, from_m + long_m)
    assert bool(found) is (low < high)
    for one in found:
        at = low + share * (high - low)
        offset_m = first + (last - first) * (at - from_m) / long_m
        assert abs(offset_m - one.offset_m) <= one.wander_m + STEP_M / 2 + 1e-6
        assert one.wander_m <= abs(last - first) / 2 * (high - low) / long_m + STEP_M
