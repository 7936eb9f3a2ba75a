"""Which starts a set of rules leaves to works that are looked at together, the others staying.

The rules add up: more rules never allow more. An approved work may always keep its date; without
the rule ``fixed`` it may besides start wherever another work could.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from planner.trench.problem import CLOSED_RULES, ClosedRule, Problem, Work
from planner.trench.reasons import masks
from planner.trench.reasons.board import Board

ALONE = ("fixed", "moratorium", "no_dig")
AMONG = ("detour", "crews")
RULES = (*ALONE, *AMONG)
"""Rules that take starts away from a work, beside its own dates, in the order of telling."""


def window(problem: Problem, work: Work) -> int:
    """Return the starts that a work's dates allow within the horizon."""
    return masks.span(work.earliest, min(work.latest, problem.periods - work.span) + 1)


def shut(problem: Problem, work: Work, rule: ClosedRule) -> int:
    """Return the starts at which a work would dig while a rule closes one of its segments."""
    if work.emergency:
        return 0
    found = 0
    for task in work.tasks:
        closed = 0
        for each in problem.segments[task.segment].closed:
            if each.rule == rule:
                closed |= masks.span(each.first, each.last + 1)
        found |= masks.meeting(closed, task.duration, task.lag)
    return found


def dated(problem: Problem, work: Work) -> int:
    """Return the starts that dates, approval and closures leave to a work."""
    if work.fixed:
        return _approved(work)
    free = window(problem, work)
    for rule in CLOSED_RULES:
        free &= ~shut(problem, work, rule)
    return free


def _approved(work: Work) -> int:
    return 1 << work.wanted if work.wanted >= 0 else 0


class Allowance:
    """Starts of works that are taken out of a plan together.

    Parameters
    ----------
    board
        The plan.
    works
        Positions of the works taken out; the others stay.
    freed
        Those of them whose approved date does not hold.
    """

    def __init__(self, board: Board, works: Iterable[int], *, freed: Collection[int] = ()) -> None:
        self.board = board
        self.works = frozenset(works)
        fixed = (work for work in self.works if board.problem.works[work].fixed)
        self._fixed = frozenset(fixed) - frozenset(freed)
        self._taken: dict[tuple[int, str, bool], int] = {}

    def starts(self, work: int, rules: frozenset[str]) -> int:
        """Return the starts that a work's dates and these rules leave, one of `works`."""
        problem = self.board.problem
        wanted = problem.works[work]
        if work in self._fixed and "fixed" in rules:
            return _approved(wanted)
        free = window(problem, wanted)
        for rule in CLOSED_RULES:
            if rule in rules:
                free &= ~shut(problem, wanted, rule)
        free &= ~self.taken(work, rules)
        return free | _approved(wanted) if wanted.fixed else free

    def taken(self, work: int, rules: frozenset[str]) -> int:
        """Return the starts that crews and detours take, as far as they are among the rules."""
        found = 0
        for rule in AMONG:
            if rule in rules:
                key = work, rule, "fixed" in rules
                if key not in self._taken:
                    out = self.out(held=key[2]) | {work}
                    by = self._by_detours if rule == "detour" else self._by_crews
                    self._taken[key] = by(self.board.problem.works[work], out)
                found |= self._taken[key]
        return found

    def anywhere(self, work: int, rules: frozenset[str]) -> int:
        """Return the starts within the horizon that crews and detours leave, whatever the date."""
        problem = self.board.problem
        whole = masks.span(0, problem.periods - problem.works[work].span + 1)
        return whole & ~self.taken(work, rules)

    def out(self, *, held: bool) -> frozenset[int]:
        """Return the works that are really out: approved ones stay where their date is held."""
        return self.works - self._fixed if held else self.works

    def _by_detours(self, work: Work, out: frozenset[int]) -> int:
        found = 0
        for task in work.tasks:
            for other in self.board.beside.get(task.segment, ()):
                busy = self.board.open_in(other, out)
                found |= masks.meeting(busy, task.duration, task.lag)
        return found

    def _by_crews(self, work: Work, out: frozenset[int]) -> int:
        if work.crew not in self.board.problem.crews:
            return 0
        (room,) = self.board.room(work.crew, out, 1)
        return masks.meeting(masks.span(0, self.board.problem.periods) & ~room, work.span)
