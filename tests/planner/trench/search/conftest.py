"""Random small problems with everything that the search knows of, and all plans that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, product
from random import Random

import numpy as np
import pytest

from planner.section.layout import Line
from planner.settings import defaults
from planner.trench.cost import Prices
from planner.trench.deciding.violations import violations
from planner.trench.domains import starts
from planner.trench.plan import plan_yuan
from planner.trench.problem import Closed, Problem, Segment, Stretch, Task, Work
from planner.trench.search import proof
from planner.trench.search.clusters import clusters
from planner.trench.search.diagrams import Diagram, diagrams, joined
from planner.trench.search.dual import Dual
from planner.trench.search.model import Ints, Modelled, model_of

MakeProblem = Callable[..., Problem]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a random problem may hold; `lines` price trenches, `twins` make segments merge."""

    works: int = 4
    roads: int = 3
    starts: int = 5
    periods: int = 14
    longest: int = 3
    lines: bool = True
    lags: bool = True
    twins: bool = True
    fixed: bool = True
    conflicts: bool = True
    crews: int = 2
    whole_yuan: bool = False


class Draw(Random):
    """A seeded source of tiny cases."""

    def chance(self, share: float) -> bool:
        return self.random() < share


def draw_problem(seed: int, kind: Kind) -> Problem:
    """Draw works on a few roads, some of which are used alike, with crews and a detour."""
    draw = Draw(seed)
    roads = draw.randint(1, kind.roads)
    twins = [n for n in range(roads) if kind.twins and draw.chance(0.4)]
    after = [draw.randint(0, 2) if kind.lags else 0 for _ in twins]
    works = [_work(draw, n, roads, kind) for n in range(draw.randint(1, kind.works))]
    for place, (twin, wait) in enumerate(zip(twins, after, strict=True)):
        works = [_on_twin(work, twin, roads + place, wait) for work in works]
    periods = max(kind.periods, *(work.wanted + work.span for work in works))
    segments = tuple(_segment(draw, n, kind) for n in range(roads + len(twins)))
    pairs = [(a, b) for a in range(roads) for b in range(a) if draw.chance(0.4)]
    found = Problem(
        start=date(2026, 1, 1),
        period_days=7,
        periods=periods,
        segments=segments,
        works=tuple(works),
        crews={"one": draw.randint(1, kind.crews), "two": kind.crews, "idle": 1},
        conflicts=tuple(pairs) if kind.conflicts else (),
        settings=defaults(),
    )
    return replace(found, works=tuple(work for work in works if starts(found, work).size))


def _segment(draw: Draw, number: int, kind: Kind) -> Segment:
    cents = 0.0 if kind.whole_yuan else draw.choice([0.0, 0.678, 0.0005])
    return Segment(
        id=f"S{number}",
        length_m=100.0,
        opening_yuan=draw.choice([0.0, 900.0, 12345.0, 20000.0]) + cents,
        open_period_yuan=draw.choice([0.0, 300.0, 3000.0, 9000.0]) + cents,
        closed=(Closed(4, 4, "no_dig", "x"),) if draw.chance(0.2) else (),
    )


def _work(draw: Draw, number: int, roads: int, kind: Kind) -> Work:
    tasks: list[Task] = []
    lag, duration = 0, draw.randint(1, kind.longest)
    for road in draw.sample(range(roads), draw.randint(1, roads)):
        stretches: tuple[Stretch, ...] = ()
        if kind.lines and draw.chance(0.8):
            from_m = draw.choice([0.0, 25.0, 50.0])
            to_m = from_m + draw.choice([25.0, 50.0])
            stretches = (Stretch(from_m, to_m, draw.choice(["left", "right", "right"])),)
        if kind.lags:
            duration = draw.randint(1, kind.longest)
        tasks.append(Task(road, stretches, lag, duration))
        lag += draw.randint(0, duration) if kind.lags and draw.chance(0.6) else 0
    earliest = draw.randint(0, kind.starts)
    latest = earliest + draw.randint(0, kind.starts - 1)
    utility = draw.choice(["water", "gas", "power", "heat", "telecom"])
    held = draw.chance(0.2)
    return Work(
        id=f"W{number}",
        utility=utility,
        owner="one",
        line=Line(utility) if kind.lines and draw.chance(0.9) else None,
        tasks=tuple(tasks),
        earliest=earliest,
        wanted=draw.randint(earliest, latest),
        latest=latest,
        crew=draw.choice(["one", "two", ""]),
        fixed=kind.fixed and draw.chance(0.15),
        emergency=draw.chance(0.1),
        late_period_yuan=0.0 if kind.whole_yuan else draw.choice([0.0, 100.125, 33.3336]),
        held=earliest if held else None,
        move_period_yuan=500.0 if held else 0.0,
    )


def _on_twin(work: Work, road: int, twin: int, wait: int) -> Work:
    """Return the work also on a road's twin, `wait` periods later there."""
    added = [
        replace(task, segment=twin, lag=task.lag + wait)
        for task in work.tasks
        if task.segment == road
    ]
    return replace(work, tasks=(*work.tasks, *added))


def allowed_plans(problem: Problem) -> Iterator[dict[int, int]]:
    """Yield every plan of all works that breaks no rule."""
    domains = [starts(problem, work).tolist() for work in problem.works]
    for chosen in product(*domains):
        plan = dict(enumerate(chosen))
        if not violations(problem, plan):
            yield plan


@pytest.fixture(scope="session")
def make_problem() -> MakeProblem:
    """Return a function that draws a problem by its seed; options are those of `Kind`."""

    def make(seed: int, **options: object) -> Problem:
        return draw_problem(seed, Kind(**options))

    return make


@pytest.fixture(scope="session")
def model_from() -> Callable[[Problem], Modelled]:
    """Return the function that models all works of a problem."""
    return lambda problem: model_of(problem, Prices(problem), range(len(problem.works)))


@pytest.fixture(scope="session")
def plans_of() -> Callable[[Problem], Iterator[dict[int, int]]]:
    """Return the function that yields every allowed plan."""
    return allowed_plans


@pytest.fixture(scope="session")
def least_yuan() -> Callable[[Problem], float | None]:
    """Return the function that finds the least cost by trying every plan; None without any."""

    def least(problem: Problem) -> float | None:
        prices = Prices(problem)
        costs = (plan_yuan(problem, prices, plan) for plan in allowed_plans(problem))
        return min(costs, default=None)

    return least


@pytest.fixture(scope="session")
def some_starts() -> Callable[[Modelled, int], Ints]:
    """Return the function that draws a start for each row of a model."""

    def some(modelled: Modelled, seed: int) -> Ints:
        draw = Draw(seed)
        pointers = modelled.model.start_ptr
        chosen = [
            int(modelled.model.starts[draw.randrange(low, high)])
            for low, high in pairwise(pointers)
        ]
        return np.array(chosen, dtype=np.int64)

    return some


@dataclass(frozen=True)
class Drawn:
    """A random problem, its model, and a start for each row of it."""

    problem: Problem
    modelled: Modelled
    starts: Ints

    @property
    def plan(self) -> dict[int, int]:
        """Start of each work of the model."""
        return dict(zip(self.modelled.works, self.starts.tolist(), strict=True))


@pytest.fixture(scope="session")
def drawn(
    make_problem: MakeProblem,
    model_from: Callable[[Problem], Modelled],
    some_starts: Callable[[Modelled, int], Ints],
) -> Callable[..., Drawn]:
    """Return the function that draws all three: a problem by one seed, its starts by another."""

    def draw(seed: int, other: int, **options: object) -> Drawn:
        problem = make_problem(seed, **options)
        modelled = model_from(problem)
        return Drawn(problem, modelled, some_starts(modelled, other))

    return draw


def plain_problem(
    works: Sequence[Mapping[str, object]],
    *,
    periods: int = 12,
    segments: int = 1,
    **changes: object,
) -> Problem:
    """Return works without lines on segments of 1,000 an opening and 10 a period."""
    found = []
    for number, row in enumerate(works):
        on = row.get("on", (0,))
        duration = row.get("duration", 2)
        tasks = tuple(Task(place, (), 0, duration) for place in on)
        rest = {key: value for key, value in row.items() if key not in {"on", "duration"}}
        plain: dict[str, object] = {
            "id": f"W{number}", "utility": "water", "owner": "one", "line": None, "earliest": 0,
            "wanted": 0, "latest": periods - tasks[0].duration,
        }  # fmt: skip
        found.append(Work(tasks=tasks, **(plain | rest)))
    roads = tuple(
        Segment(id=f"S{n}", length_m=100.0, opening_yuan=1000.0, open_period_yuan=10.0)
        for n in range(segments)
    )
    problem = Problem(
        start=date(2026, 1, 1), period_days=7, periods=periods, segments=roads,
        works=tuple(found), settings=defaults(),
    )  # fmt: skip
    return replace(problem, **changes)


@pytest.fixture(scope="session")
def plain() -> MakeProblem:
    """Return `plain_problem`."""
    return plain_problem


@pytest.fixture(scope="session")
def one_strip() -> MakeProblem:
    """Return a function that makes as many works as utilities, all digging the same 50 m."""

    def make(*utilities: str, width_m: float = 60.0) -> Problem:
        problem = plain_problem([{}])
        dig = (Task(0, (Stretch(0.0, 50.0, "right"),), 0, 2),)
        works = tuple(
            replace(problem.works[0], id=f"W{n}", line=Line(utility), tasks=dig)
            for n, utility in enumerate(utilities)
        )
        road = replace(problem.segments[0], width_m=width_m)
        return replace(problem, works=works, segments=(road,))

    return make


@dataclass(frozen=True)
class Below:
    """The lower side of a search: model, diagrams, multipliers, and the constant in thousandths."""

    modelled: Modelled
    built: list[Diagram]
    dual: Dual
    constant: int


@pytest.fixture(scope="session")
def below() -> Callable[..., Below]:
    """Return the function that builds the lower side of a problem; few nodes make many copies."""

    def make(problem: Problem, *, most_nodes: int = 300_000) -> Below:
        prices = Prices(problem)
        modelled = model_of(problem, prices, range(len(problem.works)))
        model = modelled.model
        built = diagrams(model, clusters(model), most_nodes=most_nodes, stop=lambda: False)
        constant = proof.constant_milli(problem, prices, modelled, built)
        dual = Dual(model, joined(model, built), constant=float(constant))
        return Below(modelled, built, dual, constant)

    return make
