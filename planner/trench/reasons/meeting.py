"""Whether the works of two openings can share one under a set of rules, the other works staying.

First each work is taken by itself: dates, closures, and the crews and detours that the works
outside leave to it. If the tasks on the segment cannot make one run even so, they never can
(`planner.trench.reasons.chain`). Where the works also use the same crew or one another's detours,
starts are then tried in the order of time until all of them fit, or none do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.trench.problem import Work
from planner.trench.reasons import masks
from planner.trench.reasons.allowance import Allowance
from planner.trench.reasons.board import Board
from planner.trench.reasons.chain import (
    Piece,
    SearchLimitError,
    begins,
    chain,
    furthest,
    standing_pieces,
    stretched,
)

Starts = dict[int, int]

SHORT_LOOK_STEPS = 50
"""Choices tried from each first period before any is searched to the end."""


class Meeting:
    """The works of two openings of one segment, taken out of a plan.

    Parameters
    ----------
    board
        The plan.
    segment
        Where they are to meet.
    works
        Positions of the works.
    most_steps
        Choices tried for one question before it counts as undecided.
    freed
        Those of them whose approved date does not hold.
    """

    def __init__(
        self,
        board: Board,
        segment: int,
        works: Sequence[int],
        *,
        most_steps: int,
        freed: Collection[int] = (),
    ) -> None:
        self.board = board
        self.segment = segment
        self.works = tuple(works)
        self.most_steps = most_steps
        self.allowance = Allowance(board, works, freed=freed)
        self.tasks = tuple(board.problem.works[work].task_on(segment) for work in works)
        self.standing = board.standing(segment, frozenset(works))

    def choice(
        self, rules: frozenset[str], relaxed: Mapping[int, int] | None = None
    ) -> Starts | None:
        """Return a start for each work with which they make one opening, or None for none.

        Parameters
        ----------
        rules
            Rules that hold beside the dates, see `planner.trench.reasons.allowance.RULES`.
        relaxed
            Starts of single works that replace what the rules leave to them; crews and detours
            among the works themselves still count.

        Raises
        ------
        SearchLimitError
            If the question is too large to be decided.
        """
        domains = [self.allowance.starts(work, rules) for work in self.works]
        for place, work in enumerate(self.works):
            domains[place] = (relaxed or {}).get(work, domains[place])
        found = self._chain(domains)
        if found is None or not self._entangled(rules):
            return found
        return _Search(self, rules, domains).run()

    def _chain(self, domains: Sequence[int]) -> Starts | None:
        chosen = chain(
            [mask << task.lag for mask, task in zip(domains, self.tasks, strict=True)],
            [task.duration for task in self.tasks],
            self.standing,
            most_steps=self.most_steps,
        )
        if chosen is None:
            return None
        both = zip(self.works, self.tasks, chosen, strict=True)
        return {work: first - task.lag for work, task, first in both}

    def scarce_crews(self, *, held: bool = False) -> frozenset[str]:
        """Return the crew keys that do not have room for all of these works in every period.

        `held` leaves approved works where they are.
        """
        problem, out = self.board.problem, self.allowance.out(held=held)
        crews = [problem.works[work].crew for work in self.works if work in out]
        whole = masks.span(0, problem.periods)
        return frozenset(
            crew
            for crew in set(crews) & set(problem.crews)
            if self.board.room(crew, out, crews.count(crew))[-1] != whole
        )

    def _entangled(self, rules: frozenset[str]) -> bool:
        """Return whether the works can take crews or detours from one another."""
        held = "fixed" in rules
        if "crews" in rules and self.scarce_crews(held=held):
            return True
        out = self.allowance.out(held=held)
        works = [self.board.problem.works[work] for work in self.works if work in out]
        return "detour" in rules and any(
            other.segment in self.board.beside.get(task.segment, ())
            for one in works
            for task in one.tasks
            for two in works
            if two is not one
            for other in two.tasks
        )


@dataclass(frozen=True, slots=True)
class _State:
    """Works placed so far (bits), the end and last start of their run, and what they leave."""

    placed: int
    end: int
    last: int
    room: Mapping[str, tuple[int, ...]]
    movable: Mapping[str, int]
    opened: tuple[tuple[int, int, bool], ...]


class _Search:
    """Place works in the order of their starts on the segment, each start that they may have."""

    def __init__(self, meeting: Meeting, rules: frozenset[str], domains: Sequence[int]) -> None:
        problem = meeting.board.problem
        self.meeting = meeting
        self.rules = rules
        self.domains = domains
        self.works = [problem.works[work] for work in meeting.works]
        self.beside = meeting.board.beside if "detour" in rules else {}
        out = meeting.allowance.out(held="fixed" in rules)
        self.held = [work not in out for work in meeting.works]
        self._alike = [
            (
                w.crew,
                tuple((t.segment, t.lag, t.duration) for t in w.tasks),
                w.fixed and w.wanted,
                mask,
            )
            for w, mask in zip(self.works, domains, strict=True)
        ]
        self.chosen: Starts = {}
        self._left = 0
        here = [mask << task.lag for mask, task in zip(domains, meeting.tasks, strict=True)]
        self._here = here
        self._order = sorted(range(len(here)), key=lambda item: masks.last(here[item]))

    def run(self) -> Starts | None:
        """Return a start for each work, or None where there is no choice.

        Every first period of the run gets a short look before any is searched to the end.
        """
        durations = [task.duration for task in self.meeting.tasks]
        empty = _State(0, 0, 0, self._room(), {}, ())
        first = begins(self._here, durations, self.meeting.standing)
        waiting, total = list(reversed(masks.periods(first))), self.meeting.most_steps
        for most in (SHORT_LOOK_STEPS, total):
            unfinished = []
            for begin in waiting:
                self._left = min(most, total)
                total -= self._left
                try:
                    if self._go(replace(empty, end=begin, last=begin)):
                        return self.chosen
                except SearchLimitError:
                    unfinished.append(begin)
                total += self._left
            waiting = unfinished
        if waiting:
            raise SearchLimitError
        return None

    def _room(self) -> Mapping[str, tuple[int, ...]]:
        if "crews" not in self.rules:
            return {}
        board, out = self.meeting.board, self.meeting.allowance.out(held="fixed" in self.rules)
        crews = [work.crew for work in self.works if work.crew in board.problem.crews]
        return {crew: board.room(crew, out, crews.count(crew)) for crew in set(crews)}

    def _go(self, state: _State) -> bool:
        waiting = [item for item in self._order if not state.placed >> item & 1]
        if not waiting:
            return True
        state = replace(state, end=stretched(self.meeting.standing, state.end))
        free = {item: self._free(state, item) for item in waiting}
        if not all(free.values()) or self._hopeless(state, free):
            return False
        tried = set()
        for item in waiting:
            if self._alike[item] not in tried:
                tried.add(self._alike[item])
                soon = free[item] & masks.span(0, state.end + 1)
                if any(self._place(state, item, at) for at in reversed(masks.periods(soon))):
                    return True
        return False

    def _place(self, state: _State, item: int, first: int) -> bool:
        if not self._left:
            raise SearchLimitError
        self._left -= 1
        task = self.meeting.tasks[item]
        after = self._after(state, item, first - task.lag)
        if after is None:
            return False
        end = max(state.end, first + task.duration)
        after = replace(after, placed=state.placed | 1 << item, end=end, last=first)
        self.chosen[self.meeting.works[item]] = first - task.lag
        return self._go(after)

    def _hopeless(self, state: _State, free: Mapping[int, int]) -> bool:
        tasks = self.meeting.tasks
        pieces = [
            Piece(masks.first(mask), masks.last(mask), tasks[item].duration)
            for item, mask in free.items()
        ]
        pieces += standing_pieces(self.meeting.standing, state.end)
        end = furthest(pieces, state.end)
        return any(masks.first(mask) > end for mask in free.values())

    def _exempt(self, item: int, start: int) -> bool:
        """Return whether an approved work keeps its date, whatever crews and detours say."""
        return self.works[item].fixed and start == self.works[item].wanted

    def _free(self, state: _State, item: int) -> int:
        """Return the first periods on the segment that the works placed leave to another."""
        work, task = self.works[item], self.meeting.tasks[item]
        taken = 0
        room = state.room.get(work.crew)
        if room and not self.held[item]:
            whole = masks.span(0, self.meeting.board.problem.periods)
            taken |= masks.meeting(whole & ~room[0], work.span)
        for segment, busy, _ in state.opened:
            for each in work.tasks:
                if segment in self.beside.get(each.segment, ()):
                    taken |= masks.meeting(busy, each.duration, each.lag)
        if work.fixed:
            taken &= ~(1 << work.wanted)
        return masks.since((self.domains[item] & ~taken) << task.lag, state.last)

    def _after(self, state: _State, item: int, start: int) -> _State | None:
        """Return what is left when a work starts, None where an approved one gets in the way."""
        work, exempt = self.works[item], self._exempt(item, start)
        opened = tuple(
            (task.segment, masks.span(start + task.lag, start + task.lag + task.duration), exempt)
            for task in work.tasks
            if task.segment in self.beside
        )
        if exempt and self._clashes(state, work, start):
            return None
        state = replace(state, opened=state.opened + opened)
        if self.held[item] or work.crew not in state.room:
            return state
        busy = masks.span(start, start + work.span)
        before = state.movable.get(work.crew, 0)
        levels = state.room[work.crew]
        if exempt and busy & before & ~levels[0]:
            return None
        above = (*levels[1:], 0)
        left = tuple(level & ~busy | more & busy for level, more in zip(levels, above, strict=True))
        movable = before if exempt else before | busy
        return replace(
            state,
            room={**state.room, work.crew: left},
            movable={**state.movable, work.crew: movable},
        )

    def _clashes(self, state: _State, work: Work, start: int) -> bool:
        """Return whether a movable work placed before has the approved one's detour open."""
        return any(
            not exempt
            and segment in self.beside.get(task.segment, ())
            and busy & masks.span(start + task.lag, start + task.lag + task.duration)
            for segment, busy, exempt in state.opened
            for task in work.tasks
        )
