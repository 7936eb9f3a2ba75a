"""The least value of one cluster of a certificate, by a dynamic programme over time.

A state is which works have started and, for each segment, the openings that a later work could
still change. Money is integer thousandths of a yuan, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Run = tuple[int, int, int]
"""First period and first period after it, both counted from now, and the works in it as bits."""
Book = tuple[Run, ...]
Shape = tuple[int, int, int]
"""Lag and duration of a task, and the bit of its work, 0 where the set has no price."""
State = tuple[int, tuple[int, ...], tuple[tuple[int, int], ...]]
"""Started works as bits, the book of each segment by number, starts that still shut others out."""


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
    """The books of one segment, numbered, with every step between them remembered."""

    tariff: Tariff
    books: list[Book] = field(default_factory=lambda: [()])
    _numbers: dict[Book, int] = field(default_factory=lambda: {(): 0})
    _added: dict[tuple[int, int, int, int], tuple[int, int]] = field(default_factory=dict)
    _kept: dict[tuple[int, int, int | None], int] = field(default_factory=dict)

    def add(self, number: int, first: int, end: int, works: int) -> tuple[int, int]:
        """Open the segment from `first` to before `end`; return the new book and what that adds."""
        key = (number, first, end, works)
        if key not in self._added:
            before = self.books[number]
            after = _joined(before, (first, end, works))
            added = self.tariff.total(after) - self.tariff.total(before)
            self._added[key] = self._number(after), added
        return self._added[key]

    def keep(self, number: int, passed: int, reach: int | None) -> int:
        """Let periods pass, and forget what no task can change that begins in `reach` or later.

        `reach` is counted from after they have passed; None: there is no such task.
        """
        key = (number, passed, reach)
        if key not in self._kept:
            live = () if reach is None else self._cropped(number, passed, reach)
            self._kept[key] = self._number(live)
        return self._kept[key]

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


def least_milli(game: Game) -> int | None:
    """Return the least sum of segment costs and multipliers, None if no starts go together."""
    ledgers = [Ledger(tariff) for tariff in game.tariffs]
    states: dict[State, int] = {(0, (0,) * len(ledgers), ()): 0}
    before = 0
    for now in sorted({start for prices in game.prices for start in prices}):
        states = _forget(game, ledgers, states, now, passed=now - before)
        before = now
        for work, prices in enumerate(game.prices):
            if now in prices:
                _offer(game, ledgers, states, work, now)
    return min(states.values(), default=None)


def _offer(
    game: Game, ledgers: Sequence[Ledger], states: dict[State, int], work: int, now: int
) -> None:
    """Let a work start now from every state that lacks it; on its last day it has to."""
    bit, price = 1 << work, game.prices[work][now]
    last = now == max(game.prices[work])
    tasks = [
        (place, lag, lag + duration, dug)
        for place, (lag, duration, dug) in game.shapes[work].items()
    ]
    for state, cost in [entry for entry in states.items() if not entry[0][0] & bit]:
        if last:
            del states[state]
        started, books, shutting = state
        if shutting and any(now in game.clashes[key].get(work, ()) for key in shutting):
            continue
        after, total = list(books), cost + price
        for place, first, end, dug in tasks:
            after[place], added = ledgers[place].add(books[place], first, end, dug)
            total += added
        known = (*shutting, (work, now)) if (work, now) in game.clashes else shutting
        reached = (started | bit, tuple(after), known)
        if total < states.get(reached, total + 1):
            states[reached] = total


def _forget(
    game: Game,
    ledgers: Sequence[Ledger],
    states: Mapping[State, int],
    now: int,
    *,
    passed: int,
) -> dict[State, int]:
    """Let periods pass until now, and merge states that differ in what no longer matters."""
    merged: dict[State, int] = {}
    reaches: dict[int, list[int | None]] = {}
    for (started, books, shutting), cost in states.items():
        if started not in reaches:
            reaches[started] = _reaches(game, started, now)
        kept = tuple(
            ledger.keep(book, passed, reach)
            for ledger, book, reach in zip(ledgers, books, reaches[started], strict=True)
        )
        known = shutting and tuple(key for key in shutting if _still_shuts(game, key, started, now))
        state = (started, kept, known)
        if cost < merged.get(state, cost + 1):
            merged[state] = cost
    return merged


def _reaches(game: Game, started: int, now: int) -> list[int | None]:
    """Return for each segment in how many periods a work not yet started may open it."""
    waiting = [work for work in range(len(game.prices)) if not started >> work & 1]
    found: list[int | None] = [None] * len(game.tariffs)
    for work in waiting:
        begins = min(start for start in game.prices[work] if start >= now) - now
        for place, (lag, _, _) in game.shapes[work].items():
            known = found[place]
            found[place] = begins + lag if known is None else min(known, begins + lag)
    return found


def _still_shuts(game: Game, key: tuple[int, int], started: int, now: int) -> bool:
    return any(
        not started >> other & 1 and max(starts) >= now
        for other, starts in game.clashes[key].items()
    )


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
