"""How much of a plan stands when works take longer, or an owner drops out (稳健性).

Each scenario is looked at twice. **Kept**: the plan's dates stay as they are, and what breaks is
counted. **Replanned**: the changed problem is solved again from the plan, by whatever solver the
caller hands in. An opening survives where the works that are left of it still share one opening
of its segment.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.plan import Opening, cost_yuan, openings, starts_yuan
from planner.trench.problem import Problem, Task, Work

Replan = Callable[[Problem, Mapping[int, int]], Mapping[int, int]]
"""Solve a changed problem anew: its works' starts in the old plan in, starts out.

The old starts may break the rules of the changed problem; a work without a start is left out.
"""

Mode = Literal["kept", "replanned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is assumed to happen.

    Parameters
    ----------
    kind
        ``duration`` or ``owner``.
    problem
        The changed problem.
    owner
        Who drops out; empty where durations grow.
    works
        Position in the changed problem to that in the old one.
    """

    kind: Literal["duration", "owner"]
    problem: Problem
    works: tuple[int, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a scenario leaves of a plan.

    Parameters
    ----------
    scenario, mode
        What happened, and whether the plan's dates were kept.
    openings, joint
        Openings of the plan with works left in the scenario; those with two works or more.
    survive, joint_survive
        How many of them still are one opening.
    same_dates
        How many of them also keep the very start of each work and break no rule.
    violations
        Rule to the number of times that it is broken (`planner.trench.deciding.violations`).
    unplaced
        Works of the changed problem without a start.
    cost_yuan
        Openings, lateness and moved dates together.
    broken
        Openings of the plan that do not survive.
    starts
        Start of each placed work, by its position in the old problem.
    """

    scenario: str
    owner: str
    mode: Mode
    openings: int
    survive: int
    same_dates: int
    joint: int
    joint_survive: int
    violations: Mapping[str, int]
    unplaced: int
    cost_yuan: float
    broken: tuple[Opening, ...]
    starts: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """The outcomes, kept and replanned, scenario by scenario.

    `owners` counts those who could drop out, `tested` those who did; `replanned` is False where
    the time was up, or no solver given, before every scenario was solved again.
    """

    outcomes: tuple[Outcome, ...]
    owners: int
    tested: int
    replanned: bool


def robustness(
    problem: Problem,
    starts: Mapping[int, int],
    *,
    replan: Replan | None = None,
    seconds: float | None = None,
) -> Robustness:
    """Try a plan with longer durations, and without each of the largest owners in turn.

    Parameters
    ----------
    problem, starts
        What was asked, and the plan.
    replan
        Solves the changed problems anew; None keeps the plan's dates only.
    seconds
        No scenario is solved anew once so much time is spent since the call; None has no limit,
        and the same outcome on every machine.

    Notes
    -----
    Durations grow by ``trench.robust_duration``; at most ``trench.robust_most_owners`` owners are
    tried, those with most works in the plan first.
    """
    began = perf_counter()
    owners = ranked_owners(problem, starts)
    chosen = owners[: problem.settings.count("trench.robust_most_owners")]
    scenarios = (longer(problem), *(without(problem, owner) for owner in chosen))
    found: list[Outcome] = []
    complete = replan is not None
    for scenario in scenarios:
        fresh = Prices(scenario.problem)
        old = {new: starts[was] for new, was in enumerate(scenario.works) if was in starts}
        found.append(_outcome(problem, starts, scenario, fresh, old, "kept"))
        if replan is not None and (seconds is None or perf_counter() - began < seconds):
            new = replan(scenario.problem, old)
            found.append(_outcome(problem, starts, scenario, fresh, new, "replanned"))
        else:
            complete = False
    return Robustness(
        outcomes=tuple(found), owners=len(owners), tested=len(chosen), replanned=complete
    )


def is_replanned(problem: Problem, starts: Collection[int]) -> bool:
    """Return whether a plan has few enough works for its scenarios to be solved anew."""
    return len(starts) <= problem.settings.count("trench.robust_most_works")


def ranked_owners(problem: Problem, starts: Iterable[int]) -> list[str]:
    """Return the owners of the works of a plan, those with most works first, then by name."""
    count = Counter(problem.works[work].owner for work in starts)
    return sorted((owner for owner in count if owner), key=lambda owner: (-count[owner], owner))


def longer(problem: Problem) -> Scenario:
    """Return the scenario in which every work takes longer by ``trench.robust_duration``.

    Last finishes stay where they are, so that the last start moves forward. The horizon grows by
    what an approved work then needs beyond its end.
    """
    factor = 1.0 + problem.settings.number("trench.robust_duration")
    works = tuple(_stretched(work, factor, problem.periods) for work in problem.works)
    ends = [work.wanted + work.span for work in works if work.fixed]
    periods = max([problem.periods, *ends])
    return Scenario(
        kind="duration",
        problem=replace(problem, works=works, periods=periods),
        works=tuple(range(len(works))),
    )


def _stretched(work: Work, factor: float, periods: int) -> Work:
    tasks = tuple(_stretched_task(task, factor) for task in work.tasks)
    span = max(task.lag + task.duration for task in tasks)
    finish = min(work.latest + work.span, periods)
    latest = work.latest if work.fixed else finish - span
    return replace(work, tasks=tasks, latest=latest)


def _stretched_task(task: Task, factor: float) -> Task:
    """Return a task with its begin and end further from the work's start; what met still meets."""
    lag = math.floor(task.lag * factor + 1e-9)
    end = max(lag + 1, math.ceil((task.lag + task.duration) * factor - 1e-9))
    return replace(task, lag=lag, duration=end - lag)


def without(problem: Problem, owner: str) -> Scenario:
    """Return the scenario in which an owner's works are not carried out."""
    left = tuple(place for place, work in enumerate(problem.works) if work.owner != owner)
    works = tuple(problem.works[place] for place in left)
    return Scenario(kind="owner", problem=replace(problem, works=works), works=left, owner=owner)


def _outcome(
    problem: Problem,
    before: Mapping[int, int],
    scenario: Scenario,
    prices: Prices,
    after: Mapping[int, int],
    mode: Mode,
) -> Outcome:
    changed, old = scenario.problem, scenario.works
    faults = violations(changed, after)
    now = openings(changed, after)
    starts = {old[work]: start for work, start in sorted(after.items())}
    faulty = {old[work] for fault in faults for work in fault.works}
    steady = {work for work, start in starts.items() if before.get(work) == start} - faulty
    remaining = _remaining(openings(problem, before), frozenset(old))
    place_of = {(old[w], run.segment): place for place, run in enumerate(now) for w in run.works}
    whole = {run: works for run, works in remaining.items() if _one(run, works, place_of)}
    return Outcome(
        scenario=scenario.kind,
        owner=scenario.owner,
        mode=mode,
        openings=len(remaining),
        survive=len(whole),
        same_dates=sum(steady.issuperset(works) for works in whole.values()),
        joint=sum(len(works) > 1 for works in remaining.values()),
        joint_survive=sum(len(works) > 1 for works in whole.values()),
        violations=Counter(fault.rule for fault in faults),
        unplaced=len(changed.works) - len(after),
        cost_yuan=cost_yuan(prices, now) + starts_yuan(changed, after),
        broken=tuple(run for run in remaining if run not in whole),
        starts=starts,
    )


def _remaining(found: Iterable[Opening], left: frozenset[int]) -> dict[Opening, tuple[int, ...]]:
    """Return the openings with the works in them that are left, without those with none."""
    works = {opening: tuple(work for work in opening.works if work in left) for opening in found}
    return {opening: here for opening, here in works.items() if here}


def _one(opening: Opening, works: Iterable[int], place_of: Mapping[tuple[int, int], int]) -> bool:
    """Whether all of these works are placed, in one opening of the segment."""
    places = {place_of.get((work, opening.segment), -1) for work in works}
    return len(places) == 1 and -1 not in places
