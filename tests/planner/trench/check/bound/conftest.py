"""Tiny problems of every kind, and certificates of theirs that keep the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

from planner.section.layout import Line
from planner.settings import defaults
from planner.trench.certificate import Certificate, Cluster
from planner.trench.domains import starts
from planner.trench.problem import Closed, Problem, Segment, Stretch, Task, Work


class Draw(Random):
    """A seeded source of tiny cases."""

    def chance(self, share: float) -> bool:
        return self.random() < share


def outline(
    segments: tuple[int, ...], works: Sequence[int], *, priced: bool, share: int | None = None
) -> Cluster:
    """Return a cluster without multipliers yet; one that others fill has a share."""
    return Cluster(
        segments=segments, works=tuple(works), prices=(), priced=priced,
        filled=share is not None, share=1000 if share is None else share,
    )  # fmt: skip


def problem(seed: int) -> Problem:
    """Draw 1 to 4 works on 1 to 3 segments in 6 to 12 periods, few starts each."""
    draw = Draw(seed)
    periods = draw.randint(6, 12)
    segments = tuple(
        Segment(
            id=f"S{n}",
            length_m=100.0,
            opening_yuan=draw.choice([0.0, 900.0, 20000.0, 12345.678]),
            open_period_yuan=draw.choice([0.0, 300.0, 3000.55, 9000.0]),
            closed=(Closed(2, 2, "no_dig", "x"),) if draw.chance(0.2) else (),
        )
        for n in range(draw.randint(1, 3))
    )
    works = tuple(_work(draw, n, len(segments), periods) for n in range(draw.randint(1, 4)))
    return Problem(
        start=date(2026, 1, 1),
        period_days=1,
        periods=periods,
        segments=segments,
        works=works,
        crews={"one": draw.randint(1, 2), "two": 2},
        conflicts=tuple(pair for pair in combinations(range(len(segments)), 2) if draw.chance(0.3)),
        settings=defaults(),
    )


def _work(draw: Draw, number: int, segments: int, periods: int) -> Work:
    tasks: list[Task] = []
    lag = 0
    for segment in draw.sample(range(segments), draw.randint(1, segments)):
        from_m = draw.choice([0.0, 25.0, 50.0])
        piece = Stretch(from_m, from_m + draw.choice([25.0, 50.0]), draw.choice(["left", "right"]))
        duration = draw.randint(1, 3)
        tasks.append(Task(segment, (piece,) if draw.chance(0.8) else (), lag, duration))
        lag += draw.randint(0, duration) if draw.chance(0.7) else 0
    span = max(task.lag + task.duration for task in tasks)
    earliest = draw.randint(0, max(0, periods - span))
    latest = max(earliest, min(periods - span, earliest + draw.randint(0, 5)))
    utility = draw.choice(["water", "gas", "power", "heat"])
    held = draw.chance(0.2)
    return Work(
        id=f"W{number}",
        utility=utility,
        owner="one",
        line=Line(utility) if draw.chance(0.9) else None,
        tasks=tuple(tasks),
        earliest=earliest,
        wanted=draw.randint(earliest, latest),
        latest=latest,
        crew=draw.choice(["one", "two", ""]),
        fixed=draw.chance(0.2),
        emergency=draw.chance(0.2),
        late_period_yuan=draw.choice([0.0, 100.125]),
        held=earliest if held else None,
        move_period_yuan=500.0 if held else 0.0,
    )


def placeable(asked: Problem) -> list[int]:
    """Return the works that have a start at all."""
    return [n for n, work in enumerate(asked.works) if starts(asked, work).size]


def certificate(asked: Problem, works: Sequence[int], seed: int) -> Certificate:
    """Draw a certificate that keeps the rules: clusters, prices of crews, multipliers."""
    draw = Draw(seed)
    outlines, pairs = [], []
    for group, members, priced, shares in _groups(draw, asked, works):
        for share in shares or (None,):
            some = members
            if share is not None:
                some = sorted(draw.sample(members, draw.randint(1, len(members))))
            segments = tuple(s for s in group if users(asked, some, s))
            outlines.append(outline(segments, some, priced=priced, share=share))
            found = [p for p in apart(asked, some) if draw.chance(0.7)]
            pairs.append(tuple(found))
    crews = {
        crew: np.array(
            [draw.choice([0, 0, draw.randint(0, 9_000_000)]) for _ in range(asked.periods)]
        )
        for crew in asked.crews
        if draw.chance(0.7)
    }
    given = {work: [c for c in range(len(outlines)) if work in outlines[c].works] for work in works}
    prices: dict[tuple[int, int], list[int]] = {}
    for work, holders in given.items():
        item = asked.works[work]
        for start in starts(asked, item).tolist():
            limit = int(1000 * item.start_yuan(start) // 1)
            if item.crew in crews:
                limit += int(crews[item.crew][start : start + item.span].sum())
            for holder, part in zip(holders, _split(draw, limit, len(holders)), strict=False):
                prices.setdefault((holder, work), []).append(part)
    clusters = tuple(
        replace(c, prices=tuple(np.array(prices[n, work], dtype=np.int64) for work in c.works))
        for n, c in enumerate(outlines)
    )
    return Certificate(
        works=tuple(works), clusters=clusters, crew_prices=crews, detours=tuple(pairs)
    )


def _split(draw: Draw, total: int, parts: int) -> list[int]:
    """Draw whole numbers that add up to `total`; all but one of them may have either sign."""
    free = [draw.choice([0, draw.randint(-20_000_000, 20_000_000)]) for _ in range(parts - 1)]
    found = [*free, total - sum(free)]
    draw.shuffle(found)
    return found


def _groups(
    draw: Draw, asked: Problem, works: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], list[int], bool, tuple[int, ...]]]:
    """Part the segments into groups; some are counted whole, some in shares, some not at all."""
    left = [s for s in range(len(asked.segments)) if users(asked, works, s)]
    draw.shuffle(left)
    while left:
        size = draw.randint(1, len(left))
        segments, left = tuple(left[:size]), left[size:]
        members = {w for s in segments for w in users(asked, works, s)}
        members |= {w for w in works if draw.chance(0.2)}
        kind = draw.choice(["whole", "priced", "priced", "shares", "none"])
        if kind == "shares":
            part = draw.randint(0, 1000)
            yield (
                segments,
                sorted(members),
                False,
                draw.choice([(part,), (part, 1000 - part), (1000,)]),
            )
        elif kind != "none":
            yield segments, sorted(members), kind == "priced", ()


def users(asked: Problem, works: Sequence[int], segment: int) -> list[int]:
    """Return those of works that dig a segment."""
    return [w for w in works if any(t.segment == segment for t in asked.works[w].tasks)]


def apart(asked: Problem, works: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of works that detours keep apart, by their places in the list."""
    both = {(a, b) for pair in asked.conflicts for a, b in (pair, pair[::-1])}
    return [
        (i, j)
        for i, j in combinations(range(len(works)), 2)
        for one, other in [(asked.works[works[i]], asked.works[works[j]])]
        if not (one.fixed and other.fixed)
        and any((a.segment, b.segment) in both for a in one.tasks for b in other.tasks)
    ]


@pytest.fixture(scope="session")
def tiny() -> SimpleNamespace:
    """Return the builders above, for tests that cannot import this file."""
    builders = (Draw, outline, problem, placeable, certificate, users, apart)
    return SimpleNamespace(**{builder.__name__: builder for builder in builders})
