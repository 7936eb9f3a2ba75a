"""The least value of one cluster of a certificate, by a dynamic programme over time.

A state is which works have started and, for each segment, the openings that a later work could
still change. States are columns of numbers: what a number stands for, and every step from one to
the next, is found once and remembered (`Ledger`, `Gate`). Money is integer thousandths of a yuan,
so that sums are exact.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Run = tuple[int, int, int]
"""First period and first period after it, both counted from now, and the works in it as bits."""
Book = tuple[Run, ...]
Shape = tuple[int, int, int]
"""Lag and duration of a task, and the bit of its work, 0 where the set has no price."""
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a segment costs in a cluster, in milli-yuan.

    Parameters
    ----------
    opening, period
        For each opening, and for each period that is open.
    filled
        Whether other works may fill a gap between two openings, if that is cheaper.
    trench
        Price of what the works of one opening dig, by their bits; None where it is not counted.
    """

    opening: int
    period: int
    filled: bool = False
    trench: Callable[[int], int] | None = None

    def total(self, book: Book) -> int:
        """Return what the openings of a book cost together."""
        open_periods = self.period * sum(end - first for first, end, _ in book)
        if self.filled:
            return open_periods + self._filled(book)
        dug = sum(self.trench(works) for _, _, works in book) if self.trench else 0
        return open_periods + self.opening * len(book) + dug

    def _filled(self, book: Book) -> int:
        if not book:
            return 0
        gaps = [after[0] - before[1] for before, after in pairwise(book)]
        return self.opening + sum(min(self.opening, self.period * gap) for gap in gaps)


@dataclass(slots=True)
class Ledger:
    """The books of one segment, numbered."""

    tariff: Tariff
    books: list[Book] = field(default_factory=lambda: [()])
    _numbers: dict[Book, int] = field(default_factory=lambda: {(): 0})

    def add(self, number: int, *, first: int, end: int, works: int) -> tuple[int, int]:
        """Open the segment from `first` to before `end`; return the new book and what that adds."""
        before = self.books[number]
        after = _joined(before, (first, end, works))
        return self._number(after), self.tariff.total(after) - self.tariff.total(before)

    def keep(self, number: int, *, passed: int, reach: int | None) -> tuple[int]:
        """Let periods pass, and forget what no task can change that begins in `reach` or later.

        `reach` is counted from after they have passed; None: there is no such task.
        """
        return (self._number(() if reach is None else self._cropped(number, passed, reach)),)

    def _cropped(self, number: int, passed: int, reach: int) -> Book:
        book = [(first - passed, end - passed, works) for first, end, works in self.books[number]]
        live = tuple((max(first, reach), end, w) for first, end, w in book if end >= reach)
        past = [end for _, end, _ in book if end < reach]
        return (*self._fillable(past, reach), *live) if self.tariff.filled else live

    def _fillable(self, past: Sequence[int], reach: int) -> Book:
        """Return the last end from which filling is still cheaper than opening again."""
        near = past and self.tariff.period * (reach - past[-1]) < self.tariff.opening
        return ((past[-1], past[-1], 0),) if near else ()

    def _number(self, book: Book) -> int:
        if book not in self._numbers:
            self._numbers[book] = len(self.books)
            self.books.append(book)
        return self._numbers[book]


def _joined(book: Book, new: Run) -> Book:
    """Return the book with one more run, merged with those that it overlaps or touches."""
    first, end, works = new
    apart = []
    for run in book:
        if run[1] < new[0] or run[0] > new[1]:
            apart.append(run)
        else:
            first, end, works = min(first, run[0]), max(end, run[1]), works | run[2]
    return tuple(sorted([*apart, (first, end, works)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """A cluster as the programme plays it: works 0 to n-1 on segments 0 to m-1.

    Parameters
    ----------
    prices
        For each work, its starts, each with the multiplier in milli-yuan.
    shapes
        For each work, its tasks by segment.
    tariffs
        For each segment, what it costs.
    clashes
        By work and start, for each other work the starts that it then may not take.
    """

    prices: Sequence[Mapping[int, int]]
    shapes: Sequence[Mapping[int, Shape]]
    tariffs: Sequence[Tariff]
    clashes: Mapping[tuple[int, int], Mapping[int, frozenset[int]]]


class Gate:
    """Sets of starts that shut other works out, numbered; 0 is the empty one."""

    def __init__(self, clashes: Mapping[tuple[int, int], Mapping[int, frozenset[int]]]) -> None:
        self.clashes = clashes
        self._sets: list[tuple[tuple[int, int], ...]] = [()]
        self._numbers: dict[tuple[tuple[int, int], ...], int] = {(): 0}

    def shuts(self, number: int, work: int, now: int) -> bool:
        """Return whether a work may not start now."""
        return any(now in self.clashes[key].get(work, ()) for key in self._sets[number])

    def add(self, number: int, work: int, now: int) -> int:
        """Return the set after a work has started now and shuts others out."""
        return self._number((*self._sets[number], (work, now)))

    def keep(self, number: int, started: int, now: int) -> int:
        """Return the set without the starts that shut nobody out any more."""
        return self._number(
            tuple(key for key in self._sets[number] if self._still_shuts(key, started, now))
        )

    def _still_shuts(self, key: tuple[int, int], started: int, now: int) -> bool:
        return any(
            not started >> other & 1 and max(starts) >= now
            for other, starts in self.clashes[key].items()
        )

    def _number(self, keys: tuple[tuple[int, int], ...]) -> int:
        if keys not in self._numbers:
            self._numbers[keys] = len(self._sets)
            self._sets.append(keys)
        return self._numbers[keys]


class States(NamedTuple):
    """States of the programme, one a column.

    Parameters
    ----------
    cost
        Least cost of reaching it, in milli-yuan.
    started
        Works that have started, as bits.
    shut
        Number of the starts that still shut others out, see `Gate`.
    books
        Number of the book of each segment, shape (segments, states), see `Ledger`.
    """

    cost: Ints
    started: Bits
    shut: Ints
    books: Ints

    def some(self, chosen: NDArray[Any]) -> States:
        """Return the states chosen by a mask or by their places."""
        return States(
            self.cost[chosen], self.started[chosen], self.shut[chosen], self.books[:, chosen]
        )


def least_milli(game: Game) -> int | None:
    """Return the least sum of segment costs and multipliers, None if no starts go together.

    Raises
    ------
    OverflowError
        If there are more than 64 works, or sums could leave 64 bits.
    """
    play = _Play(game)
    zero = np.zeros(1, dtype=np.int64)
    states = States(zero, zero.view(np.uint64), zero, np.zeros((len(game.tariffs), 1), np.int64))
    before = 0
    for now in sorted({start for starts in play.starts for start in starts}):
        states = play.forget(states, now, passed=now - before)
        before = now
        for work, prices in enumerate(game.prices):
            if now in prices:
                states = play.offer(states, work, now)
    if play.largest_milli() >= 2**63:
        raise OverflowError
    return int(states.cost.min()) if states.cost.size else None


class _Steps:
    """Steps from one numbered book to the next, each worked out once.

    Parameters
    ----------
    of
        What a book's number leads to: some whole numbers.
    width
        How many.
    """

    def __init__(self, of: Callable[[int], tuple[int, ...]], width: int) -> None:
        self._of = of
        self._known = np.zeros((width, 0), dtype=np.int64)
        self._is_known = np.zeros(0, dtype=np.bool_)

    def __call__(self, numbers: Ints) -> Ints:
        """Return what the numbers lead to, shape (width, numbers)."""
        more = int(numbers.max(initial=0)) + 1 - self._is_known.size
        if more > 0:
            more += self._is_known.size
            self._known = np.pad(self._known, ((0, 0), (0, more)))
            self._is_known = np.pad(self._is_known, (0, more))
        for number in set(numbers[~self._is_known[numbers]].tolist()):
            self._known[:, number] = self._of(number)
            self._is_known[number] = True
        return self._known[:, numbers]

    def largest(self) -> int:
        """Return the largest number, whatever its sign."""
        return max((abs(number) for number in self._known.ravel().tolist()), default=0)


class _Play:
    """A game under way, with the steps that it has taken."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.gate = Gate(game.clashes)
        self.starts = [sorted(prices) for prices in game.prices]
        self.ledgers = [Ledger(tariff) for tariff in game.tariffs]
        self.adds = [
            {
                place: _Steps(
                    partial(self.ledgers[place].add, first=lag, end=lag + duration, works=dug), 2
                )
                for place, (lag, duration, dug) in shapes.items()
            }
            for shapes in game.shapes
        ]
        self.keeps: dict[tuple[int, int, int], _Steps] = {}
        lags = [lag for shapes in game.shapes for lag, _, _ in shapes.values()]
        last = max((start for starts in self.starts for start in starts), default=0)
        self.never = last + max(lags, default=0) + 1

    def largest_milli(self) -> int:
        """Return a sum that no cost on the way can have passed, however large the prices."""
        multipliers = sum(max(map(abs, prices.values())) for prices in self.game.prices)
        return multipliers + sum(step.largest() for steps in self.adds for step in steps.values())

    def offer(self, states: States, work: int, now: int) -> States:
        """Let a work start now from every state that lacks it; on its last day it has to."""
        bit = np.uint64(1 << work)
        waits = states.started & bit == 0
        left = states.some(~waits) if now == self.starts[work][-1] else states
        early = states.some(waits)
        if early.shut.any():
            shut_out = [self.gate.shuts(number, work, now) for number in early.shut.tolist()]
            early = early.some(~np.array(shut_out))
        cost, books, shut = early.cost + self.game.prices[work][now], early.books.copy(), early.shut
        for place, steps in self.adds[work].items():
            books[place], added = steps(early.books[place])
            cost += added
        if (work, now) in self.game.clashes:
            shut = _ints(self.gate.add(number, work, now) for number in shut.tolist())
        late = States(cost, early.started | bit, shut, books)
        return States(*(np.concatenate(both, axis=-1) for both in zip(left, late, strict=True)))

    def forget(self, states: States, now: int, *, passed: int) -> States:
        """Let periods pass until now, and merge states that differ in what no longer matters."""
        books, shut = states.books.copy(), states.shut
        for place in range(len(self.ledgers)):
            reaches = self._reaches(states.started, place, now)
            for reach in np.flatnonzero(np.bincount(reaches)).tolist():
                some = reaches == reach
                books[place, some] = self._keep(place, passed, reach)(books[place, some])
        if shut.any():
            pairs = zip(shut.tolist(), states.started.tolist(), strict=True)
            shut = _ints(self.gate.keep(number, started, now) for number, started in pairs)
        return _merged(States(states.cost, states.started, shut, books))

    def _keep(self, place: int, passed: int, reach: int) -> _Steps:
        key = place, passed, reach
        if key not in self.keeps:
            before = None if reach == self.never else reach
            keep = partial(self.ledgers[place].keep, passed=passed, reach=before)
            self.keeps[key] = _Steps(keep, 1)
        return self.keeps[key]

    def _reaches(self, started: Bits, place: int, now: int) -> Ints:
        """Return in how many periods a work not yet started may open a segment; else `never`."""
        reaches = np.full(started.size, self.never, dtype=np.int64)
        for work, (starts, shapes) in enumerate(zip(self.starts, self.game.shapes, strict=True)):
            later = bisect_left(starts, now)
            if place in shapes and later < len(starts):
                opens = starts[later] - now + shapes[place][0]
                waits = started & np.uint64(1 << work) == 0
                np.minimum(reaches, opens, out=reaches, where=waits)
        return reaches


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _merged(states: States) -> States:
    """Return every state once, at its least cost."""
    columns = [states.started, states.shut, *states.books]
    order = np.lexsort([column for column in columns if (column != column[:1]).any()] or columns)
    found = states.some(order)
    marks = np.vstack([found.started.view(np.int64), found.shut, found.books])
    new = np.append(True, (marks[:, 1:] != marks[:, :-1]).any(axis=0))[: order.size]
    firsts = np.flatnonzero(new)
    return found.some(firsts)._replace(cost=np.minimum.reduceat(found.cost, firsts))


def clashes_of(
    starts: Sequence[Iterable[int]], pairs: Iterable[tuple[int, int]], meet: Callable[..., bool]
) -> dict[tuple[int, int], dict[int, frozenset[int]]]:
    """Return the table `Game.clashes` of pairs of works.

    Parameters
    ----------
    starts
        Starts of each work.
    pairs
        Works that may not meet.
    meet
        Told both works with their starts: whether they then meet.
    """
    found: dict[tuple[int, int], dict[int, frozenset[int]]] = {}
    for one, other in [*pairs, *((j, i) for i, j in pairs)]:
        for start in starts[one]:
            shut = frozenset(then for then in starts[other] if meet(one, start, other, then))
            if shut:
                found.setdefault((one, start), {})[other] = shut
    return found
