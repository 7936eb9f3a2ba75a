"""Instances of the joint schedule with hot-spots, each with a planted plan that breaks no rule.

Usage: ``python -m benchmarks.hotspots --works N --seed S [--family F] --out FILE.json``. They
follow the statistics of the instances that the exchange format was tried on: 52 weeks of which six
are blocked, five utilities, works of two to nine streets in a row, windows of 6 to 26 weeks:

- ``loose``: many hot-spots; 15 % more crews than the planted plan needs;
- ``tight``: as loose, but the planted plan is levelled first, so that crews bind;
- ``dense``: few hot-spots, up to some twenty works on a segment;
- ``all``: tight and dense, with long works and windows of 12 weeks.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.streets import Streets, draw

PERIODS = 52
BLOCKED = (4, 5, 6, 22, 23, 39)
"""Weeks without digging: spring festival, examinations, national day."""
UTILITIES = ("water", "power", "gas", "heat", "telecom")
SPARE_CREWS = 1.15
LAST_EARLIEST = 35
FEWEST_STREETS, MOST_STREETS = 2, 9
JUNCTIONS_PER_WORK = 4
FEWEST_SPOTS = 3
MOST_WORKS = 19
"""Works that a segment takes; others are drawn elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What sets a family of instances apart.

    Parameters
    ----------
    works_per_spot, hops
        Average works of a hot-spot, and how far from its centre they begin, in junctions.
    durations, windows
        Drawn from, in periods; a value that stands twice is twice as likely.
    levelled
        Whether crews are counted on a levelled plan.
    conflict_share
        Pairs of detours tried, as a share of the segments.
    """

    works_per_spot: float
    hops: int
    durations: tuple[int, ...] = (1, 2, 2, 3, 4)
    windows: tuple[int, ...] = (6, 10, 16, 26)
    levelled: bool = False
    conflict_share: float = 0.12


FAMILIES: Mapping[str, Family] = {
    "loose": Family(works_per_spot=12.0, hops=3),
    "tight": Family(works_per_spot=12.0, hops=3, levelled=True),
    "dense": Family(works_per_spot=80.0, hops=4, conflict_share=0.06),
    "all": Family(
        works_per_spot=80.0,
        hops=4,
        durations=(1, 2, 3, 4, 6, 8),
        windows=(12,),
        levelled=True,
        conflict_share=0.06,
    ),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """An instance in the exchange format, and a plan of it that breaks no rule."""

    instance: Mapping[str, Any]
    starts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Dig:
    streets: tuple[int, ...]
    crew: int
    lasts: int
    allowed: NDArray[np.int64]


def plant(works: int, seed: int, family: str = "loose") -> Planted:
    """Draw an instance; the same arguments give the same instance.

    Parameters
    ----------
    works
        How many, at least 1.
    seed
        From 0 up.
    family
        Key of `FAMILIES`.
    """
    kind = FAMILIES[family]
    rng = np.random.default_rng([seed, works, list(FAMILIES).index(family)])
    streets = draw(JUNCTIONS_PER_WORK * works + 40, rng)
    digs = [_dig(path, kind, rng) for path in _paths(streets, works, kind, rng)]
    planted, busy = _level(digs) if kind.levelled else _scatter(digs, rng)
    used = list(dict.fromkeys(street for dig in digs for street in dig.streets))
    instance = {
        "format": "trench-1",
        "periods": PERIODS,
        "segments": list(_segments(streets.length_m[used], rng)),
        "works": _works(digs, {street: f"s{place}" for place, street in enumerate(used)}),
        "crews": _crews(busy),
        "conflicts": _conflicts(digs, planted, used, kind, rng),
    }
    return Planted(instance, {f"w{work}": start for work, start in enumerate(planted)})


def _paths(
    streets: Streets, works: int, kind: Family, rng: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    """Yield the streets of each work, in a row, from a junction near its hot-spot."""
    spots = max(round(works / kind.works_per_spot), FEWEST_SPOTS)
    centres = rng.choice(len(streets.around), size=2 * spots, replace=False)
    # hot-spots are where streets are many: the better half of twice as many places
    near = sorted((streets.within(int(centre), kind.hops) for centre in centres), key=len)[spots:]
    weight = rng.lognormal(0.0, 0.4, spots)
    taken: Counter[int] = Counter()
    for _ in range(works):
        while True:
            spot = rng.choice(spots, p=weight / weight.sum())
            length = int(rng.integers(FEWEST_STREETS, MOST_STREETS + 1))
            path = _walk(streets, int(rng.choice(near[spot])), length, rng)
            if all(taken[street] < MOST_WORKS for street in path):
                break
        taken.update(path)
        yield path


def _walk(
    streets: Streets, junction: int, length: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """Return up to so many streets in a row that meet no junction twice."""
    path: list[int] = []
    seen = {junction}
    while len(path) < length:
        onward = [
            street
            for street in streets.around[junction]
            if streets.other_end(street, junction) not in seen
        ]
        if not onward:
            break
        street = int(rng.choice(onward))
        junction = streets.other_end(street, junction)
        path.append(street)
        seen.add(junction)
    return tuple(path)


def _dig(path: tuple[int, ...], kind: Family, rng: np.random.Generator) -> _Dig:
    free = np.ones(PERIODS, dtype=np.bool_)
    free[list(BLOCKED)] = False
    while True:
        lasts = int(rng.choice(kind.durations))
        earliest = int(rng.integers(LAST_EARLIEST + 1))
        latest = earliest + int(rng.choice(kind.windows))
        window = np.arange(earliest, min(latest, PERIODS - lasts) + 1)
        allowed = window[[bool(free[start : start + lasts].all()) for start in window]]
        if allowed.size:
            return _Dig(path, int(rng.integers(len(UTILITIES))), lasts, allowed)


def _scatter(digs: list[_Dig], rng: np.random.Generator) -> tuple[list[int], NDArray[np.int64]]:
    """Start every work anywhere in its window; also return the crews busy in each period."""
    busy = np.zeros((len(UTILITIES), PERIODS), dtype=np.int64)
    starts = [int(rng.choice(dig.allowed)) for dig in digs]
    for dig, start in zip(digs, starts, strict=True):
        busy[dig.crew, start : start + dig.lasts] += 1
    return starts, busy


def _level(digs: list[_Dig]) -> tuple[list[int], NDArray[np.int64]]:
    """Start every work where its crew has least to do, works with little choice first."""
    busy = np.zeros((len(UTILITIES), PERIODS), dtype=np.int64)
    starts = [0] * len(digs)
    for work in sorted(range(len(digs)), key=lambda work: digs[work].allowed.size):
        dig = digs[work]
        covered = dig.allowed[:, None] + np.arange(dig.lasts)
        load = busy[dig.crew][covered]
        best = np.lexsort((load.sum(axis=1), load.max(axis=1)))[0]
        starts[work] = int(dig.allowed[best])
        busy[dig.crew, starts[work] : starts[work] + dig.lasts] += 1
    return starts, busy


def _segments(length_m: NDArray[np.float64], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield segments: set-up grows with length and width, traffic with length and class."""
    width = rng.integers(2, 7, length_m.size)
    traffic = rng.integers(1, 5, length_m.size)
    for place in range(length_m.size):
        yield {
            "id": f"s{place}",
            "opening_yuan": round(3000 + length_m[place] * int(width[place])),
            "open_period_yuan": round(100 + length_m[place] * int(traffic[place])),
            "blocked": list(BLOCKED),
        }


def _works(digs: list[_Dig], key: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"w{work}",
            "utility": UTILITIES[dig.crew],
            "segments": [key[street] for street in dig.streets],
            "duration": dig.lasts,
            "earliest": int(dig.allowed[0]),
            "latest": int(dig.allowed[-1]),
        }
        for work, dig in enumerate(digs)
    ]


def _crews(busy: NDArray[np.int64]) -> dict[str, int]:
    peaks = busy.max(axis=1).tolist()
    return {
        utility: max(int(np.ceil(SPARE_CREWS * peak)), 1)
        for utility, peak in zip(UTILITIES, peaks, strict=True)
    }


def _conflicts(
    digs: list[_Dig], starts: list[int], used: list[int], kind: Family, rng: np.random.Generator
) -> list[list[str]]:
    """Draw pairs of segments that no work shares and the planted plan never opens together."""
    works_on: dict[int, set[int]] = {street: set() for street in used}
    open_in: dict[int, set[int]] = {street: set() for street in used}
    for work, (dig, start) in enumerate(zip(digs, starts, strict=True)):
        for street in dig.streets:
            works_on[street].add(work)
            open_in[street].update(range(start, start + dig.lasts))
    tried = rng.integers(len(used), size=(round(kind.conflict_share * len(used)), 2))
    pairs = {(int(low), int(high)) for low, high in np.sort(tried, axis=1) if low < high}
    return [
        [f"s{one}", f"s{other}"]
        for one, other in sorted(pairs)
        if works_on[used[one]].isdisjoint(works_on[used[other]])
        and open_in[used[one]].isdisjoint(open_in[used[other]])
    ]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--works", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", choices=list(FAMILIES), default="loose")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    planted = plant(options.works, options.seed, options.family)
    options.out.write_text(json.dumps(planted.instance) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
