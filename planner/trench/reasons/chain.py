"""Whether intervals with a choice of starts can cover one run of periods without a hole.

Exact. In order of their starts the intervals of a run push its end forward; for the same set of
intervals a later end is never worse. An interval whose last start has come is placed at once, one
that adds nothing to the end waits, and as soon as every interval left may start inside the run,
all of them fit: only intervals needed as a bridge to a later one are tried one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from planner.trench.reasons import masks
from planner.trench.reasons.board import Interval


class SearchLimitError(Exception):
    """A question was not decided within the steps allowed."""


def chain(
    domains: Sequence[int],
    durations: Sequence[int],
    standing: Sequence[Interval] = (),
    *,
    most_steps: int,
) -> tuple[int, ...] | None:
    """Choose a start for each interval so that together they cover one run without a hole.

    Parameters
    ----------
    domains
        Allowed starts of each interval, as `planner.trench.reasons.masks`.
    durations
        Length of each interval, at least 1.
    standing
        Intervals (first, end) that stand where they are, apart from one another, in order of
        time; the run may use them as bridges, but need not.
    most_steps
        Sets of intervals tried, from the first period on and, if that does not decide, from the
        last one back.

    Returns
    -------
    tuple of int or None
        One start for each interval, or None where no choice exists.

    Raises
    ------
    SearchLimitError
        If the steps are used up.

    Examples
    --------
    >>> chain([0b11, 0b110000], [3, 2], most_steps=100)
    (1, 4)
    >>> chain([0b1, 0b110000], [3, 2], most_steps=100) is None
    True
    >>> chain([0b1, 0b110000], [3, 2], [(3, 4)], most_steps=100)
    (0, 4)
    """
    if not all(domains):
        return None
    if not domains:
        return ()
    try:
        return _forwards(domains, durations, standing, most_steps)
    except SearchLimitError:
        return _backwards(domains, durations, standing, most_steps)


def _backwards(
    domains: Sequence[int], durations: Sequence[int], standing: Sequence[Interval], most_steps: int
) -> tuple[int, ...] | None:
    """Do the same with time running the other way, which decides what the one way cannot."""
    pairs = list(zip(domains, durations, strict=True))
    end = max(masks.last(mask) + length for mask, length in pairs)
    end = max([end, *(until for _, until in standing)])
    turned = [
        sum(1 << end - length - start for start in masks.periods(mask)) for mask, length in pairs
    ]
    others = [(end - until, end - first) for first, until in reversed(standing)]
    chosen = _forwards(turned, durations, others, most_steps)
    if chosen is None:
        return None
    return tuple(end - length - start for start, length in zip(chosen, durations, strict=True))


def _forwards(
    domains: Sequence[int], durations: Sequence[int], standing: Sequence[Interval], most_steps: int
) -> tuple[int, ...] | None:
    search = _Chain(domains, durations, standing, most_steps)
    for begin in reversed(masks.periods(begins(domains, durations, standing))):
        if search.from_period(begin):
            return tuple(search.chosen)
    return None


def begins(domains: Sequence[int], durations: Sequence[int], standing: Sequence[Interval]) -> int:
    """Return the periods in which a run of all intervals could begin.

    It begins with one of them or with a standing one, no later than any of them can start, and
    not so early that all of them, end to end, would end before the last can start.
    """
    latest = min(masks.last(mask) for mask in domains)
    length = sum(durations) + sum(end - first for first, end in standing)
    earliest = max(max(masks.first(mask) for mask in domains) - length, 0)
    found = 0
    for mask in domains:
        found |= mask
    for first, _ in standing:
        found |= masks.span(first, first + 1)
    return masks.since(found, earliest) & masks.span(0, latest + 1)


class _Chain:
    """The search from one first period after another; `chosen` is filled where it succeeds."""

    def __init__(
        self,
        domains: Sequence[int],
        durations: Sequence[int],
        standing: Sequence[Interval],
        most_steps: int,
    ) -> None:
        self.domains = domains
        self.durations = durations
        self.standing = standing
        self.chosen = [0] * len(domains)
        self._left = most_steps
        self._last = [masks.last(mask) for mask in domains]
        self._order = sorted(range(len(domains)), key=lambda item: self._last[item])
        self._first: list[int] = []
        self._seen: dict[int, int] = {}

    def from_period(self, begin: int) -> bool:
        self._first = [masks.first(masks.since(mask, begin)) for mask in self.domains]
        self._seen = {}
        return self._go(0, begin)

    def _go(self, placed: int, end: int) -> bool:
        self._left -= 1
        if self._left < 0:
            raise SearchLimitError
        placed, end = self._settle(placed, end)
        waiting = [item for item in self._order if not placed >> item & 1]
        if all(self._first[item] <= end for item in waiting):
            for item in waiting:
                self.chosen[item] = masks.last_until(self.domains[item], end)
            return True
        if self._seen.get(placed, -1) >= end or self._hopeless(waiting, end):
            return False
        self._seen[placed] = end
        return self._bridge(placed, end, waiting)

    def _bridge(self, placed: int, end: int, waiting: list[int]) -> bool:
        tried = set()
        for item in waiting:
            alike = self.domains[item], self.durations[item]
            if self._first[item] > end or alike in tried:
                continue
            tried.add(alike)
            start = masks.last_until(self.domains[item], end)
            after = start + self.durations[item]
            if after > end:
                self.chosen[item] = start
                if self._go(placed | 1 << item, after):
                    return True
        return False

    def _settle(self, placed: int, end: int) -> tuple[int, int]:
        """Place the intervals that cannot wait, until none is left and nothing standing touches."""
        moved = True
        while moved:
            moved = False
            reached = stretched(self.standing, end)
            for item in self._order:
                if not placed >> item & 1 and self._last[item] <= reached:
                    placed |= 1 << item
                    self.chosen[item] = self._last[item]
                    reached = max(reached, self._last[item] + self.durations[item])
                    moved = True
            moved = moved or reached > end
            end = reached
        return placed, end

    def _hopeless(self, waiting: Sequence[int], end: int) -> bool:
        """Return whether the intervals left cannot reach the first period of one of them."""
        pieces = [
            Piece(self._first[item], self._last[item], self.durations[item]) for item in waiting
        ]
        end = furthest([*pieces, *standing_pieces(self.standing, end)], end)
        return any(self._first[item] > end for item in waiting)


def stretched(standing: Sequence[Interval], end: int) -> int:
    """Return the end of a run after standing intervals that it touches."""
    for first, until in standing:
        if first > end:
            break
        end = max(end, until)
    return end


class Piece(NamedTuple):
    """An interval with its first and last start and its length."""

    first: int
    last: int
    length: int


def standing_pieces(standing: Sequence[Interval], end: int) -> list[Piece]:
    """Return the standing intervals that go on after a period, as pieces."""
    return [Piece(first, first, until - first) for first, until in standing if until > end]


def furthest(pieces: Sequence[Piece], end: int) -> int:
    """Return a period beyond which no order of pieces can push the end of a run.

    A piece pushes the end by its length at most, and pieces that must start early do not push it
    beyond the end of the last of them; only pieces that the end has reached count.
    """
    by_last = sorted(pieces, key=lambda piece: piece.last)
    reached = end
    while True:
        bound = cap = end
        for piece in by_last:
            if piece.first <= reached:
                cap = max(cap, piece.last + piece.length)
                bound = min(bound + piece.length, cap)
        if bound == reached:
            return bound
        reached = bound
