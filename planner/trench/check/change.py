"""Prove a joining or change of date that a reason names: it is possible, at the cost stated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from planner.trench.check.ground import dig
from planner.trench.check.joinable import Rest, Starts, keeps
from planner.trench.check.plan import active, allowed_starts
from planner.trench.problem import Problem, Work

RULES = ("fixed", "moratorium", "no_dig", "detour", "crews")


class Till:
    """Costs of plans, added up from the price of a metre; sections are remembered."""

    def __init__(self, problem: Problem, works: Iterable[Work]) -> None:
        self.problem = problem
        self.by_id = {work.id: work for work in works}
        self._dug: dict[tuple[int, frozenset[str]], float] = {}

    def yuan(self, starts: Starts, segments: Iterable[int], keys: Collection[str]) -> float:
        """Return the cost of all openings of some segments, and of the starts of some works."""
        uses: dict[int, dict[str, range]] = {segment: {} for segment in segments}
        for key, start in starts.items():
            for task in self.by_id[key].tasks:
                if task.segment in uses:
                    uses[task.segment][key] = active(task, start)
        digging = sum(self._segment(segment, found) for segment, found in uses.items())
        return digging + sum(self._start(self.by_id[key], starts[key]) for key in keys)

    def _start(self, work: Work, start: int) -> float:
        late = work.late_period_yuan * max(0, start - work.wanted)
        return late + (0 if work.held is None else abs(work.held - start) * work.move_period_yuan)

    def _segment(self, segment: int, found: Mapping[str, range]) -> float:
        place, total = self.problem.segments[segment], 0.0
        worked = {period for days in found.values() for period in days}
        for begin in sorted(period for period in worked if period - 1 not in worked):
            end = begin
            while end in worked:
                end += 1
            members = frozenset(key for key, days in found.items() if begin <= days.start < end)
            total += place.opening_yuan + place.open_period_yuan * (end - begin)
            total += self._dig(segment, members)
        return total

    def _dig(self, segment: int, members: frozenset[str]) -> float:
        if (segment, members) not in self._dug:
            uses = [
                (self.by_id[key], task)
                for key in sorted(members)
                for task in self.by_id[key].tasks
                if task.segment == segment
            ]
            self._dug[segment, members] = dig(self.problem, segment, uses).trench_yuan
        return self._dug[segment, members]


def added_yuan(till: Till, on: Mapping[int, Sequence[str]], starts: Starts, moves: Starts) -> float:
    """Return what the cost changes by when works start elsewhere, or are put in.

    Parameters
    ----------
    till
        Prices.
    on
        Ids of the works of the plan on each segment.
    starts
        The plan.
    moves
        New starts.
    """
    segments = {task.segment for key in moves for task in till.by_id[key].tasks}
    near = {key for segment in segments for key in on.get(segment, ())}
    before = {key: starts[key] for key in near}
    after = {**before, **moves}
    return till.yuan(after, segments, moves) - till.yuan(
        before, segments, [key for key in moves if key in before]
    )


def one_opening(rest: Rest, segment: int, works: Sequence[Work], moves: Starts) -> bool:
    """Return whether works share one opening of a segment after some of them have moved."""
    keys = {work.id for work in works}
    worked = {period for run in rest.runs(segment, keys) for period in range(*run)}
    begins = []
    for work in works:
        start = moves.get(work.id, rest.starts.get(work.id, 0))
        days = next(active(task, start) for task in work.tasks if task.segment == segment)
        worked |= set(days)
        begins.append(days.start)
    return all(period in worked for period in range(min(begins), max(begins) + 1))


def joining_starts(rest: Rest, segment: int, works: Sequence[Work], mover: Work) -> frozenset[int]:
    """Return the starts at which one of some works makes one opening of them, the others staying.

    Neither its dates nor crews and detours are looked at.
    """
    task = next(task for task in mover.tasks if task.segment == segment)
    worked = {now for run in rest.runs(segment, {mover.id}) for now in range(*run)}
    begins = [
        rest.starts[work.id] + task_.lag
        for work in works
        for task_ in work.tasks
        if work.id != mover.id and task_.segment == segment
    ]
    found = []
    for start in range(rest.problem.periods - mover.span + 1):
        days = active(task, start)
        run = range(min(*begins, days.start), max(*begins, days.start) + 1)
        if all(now in worked or now in days for now in run):
            found.append(start)
    return frozenset(found)


def fault_of_moves(
    rest: Rest, works: Sequence[Work], moves: Starts, changed: Collection[str]
) -> str | None:
    """Return why works cannot move so, None where they can.

    Parameters
    ----------
    rest
        The plan with none of the works taken out.
    works
        Works that move or stay together; what is not among them stays.
    moves
        New starts by id.
    changed
        Ids of those that leave their dates; the others must keep them.
    """
    by_id = {work.id: work for work in works}
    if not set(moves) <= set(by_id) or not set(changed) <= set(moves):
        return "moves works that take no part"
    for key, start in moves.items():
        work = by_id[key]
        dated = own_starts(rest.problem, work)
        if (start in dated) == (key in changed):
            return f"{key} in period {start} is against what is said of its dates"
        if not 0 <= start <= rest.problem.periods - work.span:
            return f"{key} in period {start} leaves the horizon"
    movers = [by_id[key] for key in moves]
    inside = [work.id for work in movers if work.id in rest.starts]
    rest.take(inside)
    kept = keeps(rest, [(work, moves[work.id]) for work in movers], RULES)
    rest.put(inside)
    return None if kept else "breaks a crew limit or a detour"


def own_starts(problem: Problem, work: Work) -> frozenset[int]:
    """Return the starts that dates, approval and closures leave to a work."""
    return frozenset(allowed_starts(problem, work))


def days_away(problem: Problem, work: Work, start: int) -> int:
    """Return the days from the nearest start that dates and closures leave, later as positive."""
    near = min(own_starts(problem, work), key=lambda other: (abs(other - start), other))
    return (start - near) * problem.period_days
