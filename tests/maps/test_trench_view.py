"""The joint plan's data as the page reads it."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo.messages import message
from maps import deciding_view, drawings, trench_view
from planner.trench.plan import openings

if TYPE_CHECKING:
    from town.factory import Made


@pytest.fixture(scope="module")
def made(factory: ModuleType) -> Made:
    return factory.result()


@pytest.fixture(scope="module")
def block(made: Made) -> dict[str, Any]:
    return trench_view.block(made, drawings.drawings(made, "zh"), "zh")


def test_every_opening_points_to_its_drawing_and_each_is_stored_once(made: Made) -> None:
    drawn = drawings.drawings(made, "zh")
    assert len(drawn.number) == len(made.trench.openings)
    assert set(drawn.number) == set(range(len(drawn.shown)))
    assert len(set(zip(drawn.shown, drawn.said, strict=True))) == len(drawn.shown)
    assert len(drawn.shown) < len(drawn.number)


def test_the_drawing_shows_the_strip_with_most_lines(made: Made) -> None:
    problem, starts = made.trench.problem, made.trench.plan.starts
    for opening in openings(problem, starts):
        strip = drawings.fullest(problem, opening)
        assert strip is not None
        sides = [problem.works[w].task_on(opening.segment).stretches[0] for w in opening.works]
        most = max(
            sum(s.side == one.side and s.from_m <= one.from_m for s in sides) for one in sides
        )
        assert len(strip.works) == most


def test_an_opening_that_lays_nothing_has_no_drawing(made: Made) -> None:
    problem = made.trench.problem
    bare = replace(problem, works=tuple(replace(work, line=None) for work in problem.works))
    [*_, last] = openings(bare, made.trench.plan.starts)
    assert drawings.fullest(bare, last) is None


def test_drawings_carry_no_style_that_the_policy_forbids(made: Made) -> None:
    for shown in drawings.drawings(made, "en").shown:
        assert shown.startswith("<svg")
        assert "style=" not in shown
        assert "<script" not in shown


def test_shares_of_an_opening_add_up_to_its_cost(block: dict[str, Any]) -> None:
    given = block["participants"]
    for name in ("share_yuan", "share_shapley_yuan"):
        sums = np.zeros(len(block["openings"]["id"]))
        np.add.at(sums, given["opening"], given[name])
        assert sums == pytest.approx(block["openings"]["cost_yuan"], abs=0.1)


def test_a_reason_comes_in_parts(block: dict[str, Any]) -> None:
    again = block["reopenings"]
    assert set(again["rules"]) == {"windows"}
    assert set(again["change_days"]) == {-12.0}
    assert all("提前 12 天" in text for text in again["change"])
    assert not any("提前" in text for text in again["reason"])
    [unplaced] = block["unplaced"]["rules"]
    assert unplaced == "window,moratorium"


def test_a_split_too_large_to_test_says_so_in_the_readers_language(factory: ModuleType) -> None:
    made = factory.result()
    made.trench.openings["excess_yuan"] = np.nan
    drawn = drawings.drawings(made, "en")
    shown = trench_view.block(made, drawn, "en")["openings"]
    told = message("sharing_untested", "en", parties=8, works=9)
    assert set(shown["group"]) == {told}
    assert set(shown["excess_yuan"]) == {None}


def test_decisions_point_to_their_openings(made: Made, block: dict[str, Any]) -> None:
    table, shown = made.trench.lists["decisions"], block["decisions"]
    ids = block["openings"]["id"]
    assert [ids[at] for at in shown["one"]] == list(table["opening_id"])
    assert [ids[at] for at in shown["other"]] == list(table["other_opening_id"])
    assert set(shown["kind"]) == {"conflict", "opportunity", "junction"}
    assert shown["settled"].count(True) == 1


def test_works_that_look_split_point_to_the_openings_that_hold_them(
    made: Made, block: dict[str, Any]
) -> None:
    [works], [found] = block["splits"]["works"], block["splits"]["openings"]
    table = made.trench.participants
    expected = set(table.loc[table["work_id"].isin(works.split(",")), "opening_id"])
    assert {block["openings"]["id"][at] for at in found} == expected


def test_only_the_dearest_weeks_of_a_crew_are_shown(block: dict[str, Any]) -> None:
    assert block["crews"]["yuan"] == [2300.0, 1600.0, 900.0]
    assert len(block["crews"]["yuan"]) == deciding_view.WEEKS_SHOWN


def test_only_segments_with_a_gap_are_shown(block: dict[str, Any]) -> None:
    assert block["gaps"]["gap_yuan"] == [9000.0, 5000.0]
    assert min(block["gaps"]["segment"]) >= 0


def test_english_lists_hold_english_sentences(made: Made) -> None:
    shown = deciding_view.block(made, "en")
    assert all("one opening would save about" in text for text in shown["decisions"]["advice"][:1])
    assert shown["splits"]["reason"][0].endswith("for one application if they are one project")
    assert shown["robustness"]["reason"][0].startswith("every work takes 20 % longer")
