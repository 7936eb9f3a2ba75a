"""Why a segment is opened twice: the smallest set of rules, and the change of date that would help.

For each pair of neighbouring openings of one segment the question is put to all their works at
once: is there a choice of starts that makes ONE opening of them, every other work staying where
it is? Their own dates always hold; to these the other rules are added, none, then one by one,
then two by two, until the answer is no (`planner.trench.reasons.meeting` answers exactly). Where
all rules together leave a way, it is priced, and the reason is the price.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

from planner.trench.plan import Opening
from planner.trench.problem import CLOSED_RULES, Problem
from planner.trench.reasons.allowance import shut, window
from planner.trench.reasons.board import Board
from planner.trench.reasons.chain import SearchLimitError
from planner.trench.reasons.change import Change, cheapest_change
from planner.trench.reasons.joining import (
    ALL_RULES,
    LEAST_GAIN_YUAN,
    Fits,
    best_join,
    fits_always,
    most_steps,
)
from planner.trench.reasons.meeting import Meeting
from planner.trench.reasons.wording import (
    Facts,
    approved_dates,
    closures_facts,
    crew_limits,
    detour_ids,
    pack,
    sentence,
    unpack,
    window_text,
    windows,
)
from planner.trench.schedule import Schedule

__all__ = [
    "FORBIDDING",
    "RULES",
    "Facts",
    "Reopening",
    "closures_facts",
    "pack",
    "reopenings",
    "sentence",
    "unpack",
    "window_text",
]

FORBIDDING = ("windows", "fixed", "moratorium", "no_dig", "detour", "crews", "width")
"""Rules that can forbid joining, in the order of telling; of sets of one size the first counts."""

RULES = (*FORBIDDING, "cost", "plan")
"""Reasons for a re-opening: a rule that forbids, the price, or that the search was given up."""


@dataclass(frozen=True, slots=True)
class Reopening:
    """Two openings of one segment, one after the other, and why they are not one.

    Parameters
    ----------
    first, second
        The openings.
    rule
        The rule that decides: the last of `rules`; ``cost`` where joining is possible but not
        cheaper; ``plan`` where the search for an answer was given up.
    rules
        The smallest set of rules, of `FORBIDDING`, that leaves no way to join; empty otherwise.
        Where the search left smaller sets undecided the fact ``smallest`` is false.
    facts
        What fills the sentence.
    change
        The cheapest change of date that would join them, where one is known.
    """

    first: Opening
    second: Opening
    rule: str
    facts: Facts
    rules: tuple[str, ...] = ()
    change: Change | None = None

    @property
    def explained(self) -> bool:
        """Whether a rule or a price forbids joining, rather than the search's own limits."""
        return self.rule != "plan"


def reopenings(schedule: Schedule, *, fits: Fits = fits_always) -> tuple[Reopening, ...]:
    """Return every re-opening with its reason, by segment and time; the schedule is unchanged.

    Parameters
    ----------
    schedule
        A plan in which no joining is left that saves money, see
        `planner.trench.reasons.joining.improve_joins`; one that is left is told as ``plan``.
    fits
        See `planner.trench.reasons.joining.Fits`.
    """
    board = Board(schedule.problem, schedule.starts)
    return tuple(
        _explain(schedule, board, one, other, fits)
        for segment in range(len(schedule.problem.segments))
        for one, other in pairwise(schedule.openings(segment))
    )


def _explain(
    schedule: Schedule, board: Board, first: Opening, second: Opening, fits: Fits
) -> Reopening:
    problem, works = schedule.problem, (*first.works, *second.works)
    facts = _subject(problem, first, second)
    meeting = Meeting(board, first.segment, works, most_steps=most_steps(schedule))
    try:
        forbidden = forbidding(meeting, wide=not fits(first.segment, frozenset(works)))
    except SearchLimitError:
        forbidden = None
    if forbidden is None:
        way = best_join(schedule, board, first, second, fits=fits)
        if way is None or way.added_yuan <= -LEAST_GAIN_YUAN:
            return Reopening(first, second, "plan", {**facts, "works": len(works)})
        moves = _named(problem, way.starts)
        priced = {**facts, "yuan": round(way.added_yuan), "moves": moves}
        return Reopening(first, second, "cost", priced)
    rules = forbidden.rules
    change = None if "width" in rules else cheapest_change(schedule, board, first, second)
    facts = {
        **facts,
        **_details(meeting, rules),
        "rules": ",".join(rules),
        "smallest": forbidden.smallest,
        "change": change_facts(problem, change),
    }
    return Reopening(first, second, rules[-1], facts, rules, change)


class Forbidden(NamedTuple):
    """Rules that forbid joining; `smallest` unless a smaller set was left undecided."""

    rules: tuple[str, ...]
    smallest: bool


def forbidding(meeting: Meeting, *, wide: bool = False) -> Forbidden | None:
    """Return the smallest set of rules under which works cannot meet, None where they can.

    Parameters
    ----------
    meeting
        The works.
    wide
        Whether the section that they need together is too wide for the road.

    Returns
    -------
    Forbidden or None
        Always with ``windows``, in the order of `FORBIDDING`; of several smallest sets the first
        in that order.

    Raises
    ------
    SearchLimitError
        If no set is found to forbid, but one could not be decided.
    """
    with suppress(SearchLimitError):
        if not wide and meeting.choice(ALL_RULES) is not None:
            return None
    decided = True
    rules = _concerned(meeting, wide=wide)
    for size in range(len(rules) + 1):
        for some in combinations(rules, size):
            try:
                if "width" in some or meeting.choice(frozenset(some)) is None:
                    return Forbidden(("windows", *some), smallest=decided)
            except SearchLimitError:
                decided = False
    raise SearchLimitError


def _concerned(meeting: Meeting, *, wide: bool) -> tuple[str, ...]:
    """Return the rules, but the dates, that take anything away from these works."""
    problem, board = meeting.board.problem, meeting.board
    works = [problem.works[work] for work in meeting.works]
    concerned = {
        "fixed": any(work.fixed for work in works),
        "detour": any(task.segment in board.beside for work in works for task in work.tasks),
        "crews": any(work.crew in problem.crews for work in works),
        "width": wide,
    }
    for rule in CLOSED_RULES:
        inside = (shut(problem, work, rule) & window(problem, work) for work in works)
        concerned[rule] = any(inside)
    return tuple(rule for rule in FORBIDDING[1:] if concerned[rule])


def _subject(problem: Problem, first: Opening, second: Opening) -> Facts:
    one, other = ([problem.works[work] for work in run.works] for run in (first, second))
    return {"first": windows(problem, one), "second": windows(problem, other)}


def _details(meeting: Meeting, rules: tuple[str, ...]) -> Facts:
    problem, works = meeting.board.problem, meeting.works
    chosen = [problem.works[work] for work in works]
    closed = [rule for rule in CLOSED_RULES if rule in rules]
    return {
        "approved": approved_dates(problem, chosen),
        **closures_facts(problem, works, closed),
        "detours": detour_ids(problem, chosen),
        "crews": crew_limits(problem, meeting.scarce_crews()),
    }


def change_facts(problem: Problem, change: Change | None) -> Mapping[str, object] | None:
    """Return a change of date for a table's facts: ids, days, yuan and every new start."""
    if change is None:
        return None
    return {
        "works": [problem.works[work].id for work in change.works],
        "days": change.days,
        "yuan": round(change.added_yuan, 2),
        "moves": _named(problem, change.starts),
    }


def _named(problem: Problem, starts: Mapping[int, int]) -> Mapping[str, int]:
    return {problem.works[work].id: start for work, start in sorted(starts.items())}
