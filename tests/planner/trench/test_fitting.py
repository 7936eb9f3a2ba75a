"""The section of an opening in its road, by what lies there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from planner.section.line import Line
from planner.section.street import Buried, Street
from planner.trench.build import Built
from planner.trench.cost import Strip
from planner.trench.fitting import Sections, crosses, fullest
from planner.trench.plan import Opening
from planner.trench.problem import Problem

MakeCase = Callable[..., Built]
GAS = {"utility": "gas", "diameter_mm": 110.0, "owner": "燃气公司"}
OLD = Line("drain", diameter_mm=500.0, depth_m=1.5)


def on(*stretches: tuple[float, float, str]) -> list[tuple[int, float, float, str]]:
    return [(0, *stretch) for stretch in stretches]


def with_street(problem: Problem, street: Street) -> Problem:
    return replace(problem, segments=(replace(problem.segments[0], street=street),))


def both(problem: Problem) -> Opening:
    return Opening(0, 0, 10, tuple(range(len(problem.works))))


@pytest.fixture
def problem(make_case: MakeCase) -> Problem:
    return make_case(
        [{"on": on((0.0, 60.0, "right"))}, {**GAS, "on": on((20.0, 100.0, "right"))}]
    ).problem


def test_the_fullest_strip_is_drawn_and_of_equally_full_ones_the_longest(problem: Problem) -> None:
    strip = fullest(problem, both(problem))
    assert strip == Strip(20.0, 60.0, "right", (0, 1))
    assert fullest(problem, Opening(0, 0, 10, (1,))) == Strip(20.0, 100.0, "right", (1,))
    bare = replace(problem, works=tuple(replace(work, line=None) for work in problem.works))
    assert fullest(bare, both(bare)) is None


def _edge_m(problem: Problem, strip: Strip) -> float:
    [placed] = Sections(problem).of(0, strip).placed
    return placed.edge_m


def test_a_section_keeps_clear_of_what_lies_on_its_own_stretch(problem: Problem) -> None:
    strip = Strip(20.0, 60.0, "right", (0, 1))
    free_m = _edge_m(problem, strip)
    near = with_street(problem, Street(buried=(Buried(OLD, 50.0, 90.0, (7.0, 7.0)),)))
    past = with_street(problem, Street(buried=(Buried(OLD, 60.0, 90.0, (7.0, 7.0)),)))
    assert free_m == pytest.approx(8.0)
    assert _edge_m(near, strip) < 7.0 - 0.55 / 2
    assert _edge_m(past, strip) == free_m


def test_the_kerb_bounds_a_section_under_the_carriageway(problem: Problem) -> None:
    kerbed = with_street(problem, Street(kerb_m=4.5))
    strip = Strip(20.0, 60.0, "right", (0,))
    assert _edge_m(kerbed, strip) <= 4.5
    said = Sections(kerbed).of(0, strip).text("en")
    assert not any("kerb is not known" in sentence for sentence in said)


def test_what_crosses_the_road_lies_beside_nothing(problem: Problem) -> None:
    blocked = with_street(
        problem,
        Street(kerb_m=4.5, buried=(Buried(OLD, 0.0, 100.0, (2.0, 2.0)),), park=((0.0, 100.0),)),
    )
    short, long = Strip(30.0, 31.0, "right", (0,)), Strip(30.0, 32.0, "right", (0,))
    sections = Sections(blocked)
    assert (crosses(blocked, short), crosses(blocked, long)) == (True, False)
    assert sections.of(0, short).corridor.existing == ()
    assert sections.of(0, short).corridor.kerb_m == 4.5
    assert len(sections.of(0, long).corridor.existing) == 1


def _alternatives(problem: Problem, streets: Sequence[Street], strip: Strip) -> list[str]:
    return [Sections(with_street(problem, one)).of(0, strip).alternative for one in streets]


def test_existing_lines_lead_to_another_side_to_measures_and_into_the_tunnel(
    problem: Problem,
) -> None:
    def rows(*offsets: float) -> tuple[Buried, ...]:
        return tuple(Buried(OLD, 0.0, 100.0, (x, x)) for x in offsets)

    strip = Strip(20.0, 60.0, "right", (0, 1))
    full = rows(-7.0, -6.2, -3.3, -0.3, 2.0, 2.8, 5.1, 7.4)
    streets = [
        Street(buried=rows(6.0)),
        Street(buried=rows(2.2, 5.7)),
        Street(buried=rows(-5.5, -2.1, 2.1, 2.2, 5.5, 5.6)),
        Street(buried=rows(-5.6, -3.2, -0.1, 2.3, 4.8, 6.7)),
        Street(buried=full, tunnel=((0.0, 100.0),)),
    ]
    expected = ["one_side", "other_side", "both_sides", "measure", "tunnel"]
    assert _alternatives(problem, streets, strip) == expected
    found = Sections(with_street(problem, Street(buried=full))).of(0, strip)
    assert not found.fits
    assert "放不下" in found.text("zh")[0]


def test_sections_alike_are_fitted_once(problem: Problem) -> None:
    street = Street(buried=(Buried(OLD, 0.0, 100.0, (6.0, 6.0)),))
    sections = Sections(with_street(problem, street))
    one = sections.of(0, Strip(20.0, 60.0, "right", (0, 1)))
    assert sections.of(0, Strip(30.0, 40.0, "right", (0, 1))) is one
    assert sections.of(0, Strip(30.0, 40.0, "left", (0, 1))) is not one
