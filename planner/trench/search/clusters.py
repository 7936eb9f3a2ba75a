"""Which groups and detours are priced together: sets of works small enough to be solved exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from planner.trench.search.model import Model

MOST_ITEMS = 8
MOST_WORKS = 64


class Part(NamedTuple):
    """One group of segments, or one pair of works that a detour keeps apart, in a cluster.

    Parameters
    ----------
    group
        Row in the model, -1 for a pair.
    shifts
        For each work what is added to its start to give the time at which its task begins there.
    durations
        Periods of each work's task.
    share
        Thousandths of the group's price that this part carries; below 1000, or where not all
        works of the group take part, gaps between openings count as what others can fill.
    filled
        Whether they do.
    """

    group: int
    shifts: Mapping[int, int]
    durations: Mapping[int, int]
    share: int = 1000
    filled: bool = False


class Cluster(NamedTuple):
    """Parts that are solved together; `shifts` gives each work's time in the diagram."""

    parts: tuple[Part, ...]
    shifts: Mapping[int, int]
    priced: bool = False

    @property
    def works(self) -> tuple[int, ...]:
        """Works of all parts, ascending."""
        return tuple(sorted(self.shifts))


def parts_of(model: Model) -> Iterator[Part]:
    """Yield a part for every group and every pair that a detour keeps apart."""
    for group in range(model.setup_yuan.size):
        entries = range(model.group_ptr[group], model.group_ptr[group + 1])
        works = [int(model.member[entry]) for entry in entries]
        yield Part(
            group,
            {work: int(model.lag[entry]) for work, entry in zip(works, entries, strict=True)},
            {work: int(model.duration[entry]) for work, entry in zip(works, entries, strict=True)},
        )
    for work in range(model.span.size):
        for i in range(model.near_ptr[work], model.near_ptr[work + 1]):
            other = int(model.near[i])
            if work < other:
                yield _pair(work, other, int(model.near_low[i]), int(model.near_high[i]))


def _pair(work: int, other: int, low: int, high: int) -> Part:
    """Return two works that must not have ``low < start of other - start of work < high``.

    As intervals: the work's begins at its start and lasts `high`, the other's lasts `-low`; where
    one of them would be empty the other work's is moved.
    """
    shift = 1 - high if high < 1 else min(0, -low - 1)
    return Part(-1, {work: 0, other: shift}, {work: high + shift, other: -low - shift})


def clusters(model: Model) -> list[Cluster]:
    """Gather parts into clusters: each joins the smallest set of works that holds its own.

    A part may join where its works keep the same differences of time as in the cluster, so that
    one order of starts serves both. Groups with packs stay alone: their state is large already.
    """
    parts = sorted(parts_of(model), key=lambda part: -len(part.shifts))
    open_ones: list[list[Part]] = []
    shifts: list[dict[int, int]] = []
    alone: list[Cluster] = []
    by_work: dict[int, list[int]] = defaultdict(list)
    for part in parts:
        if _is_priced(model, part):
            alone.append(Cluster((part,), part.shifts, priced=True))
            continue
        home = _home(part, open_ones, shifts, by_work)
        if home < 0:
            home = len(open_ones)
            open_ones.append([])
            shifts.append(dict(part.shifts))
            for work in part.shifts:
                by_work[work].append(home)
        open_ones[home].append(part)
    made = [Cluster(tuple(found), shift) for found, shift in zip(open_ones, shifts, strict=True)]
    return [*made, *alone]


def _is_priced(model: Model, part: Part) -> bool:
    """Return whether sets of a part's works have prices of their own, all of them known."""
    group = part.group
    has_packs = group >= 0 and model.pack_ptr[group] < model.pack_ptr[group + 1]
    return bool(has_packs and model.complete[group])


def _home(
    part: Part,
    open_ones: list[list[Part]],
    shifts: list[dict[int, int]],
    by_work: Mapping[int, list[int]],
) -> int:
    rarest = min(part.shifts, key=lambda work: len(by_work[work]) if work in by_work else 0)
    fitting = [
        place
        for place in by_work.get(rarest, ())
        if len(open_ones[place]) < MOST_ITEMS and fits(part, shifts[place])
    ]
    return min(fitting, key=lambda place: len(shifts[place]), default=-1)


def fits(part: Part, shifts: Mapping[int, int]) -> bool:
    """Return whether a part's works are in a cluster with the same differences of time."""
    if not part.shifts.keys() <= shifts.keys():
        return False
    return len({shifts[work] - shift for work, shift in part.shifts.items()}) == 1


def halves(cluster: Cluster) -> tuple[Cluster, ...]:
    """Return weaker clusters in the place of one that is too large.

    Several parts are shared out to two clusters. One part with packs is priced without them, one
    without is carried by two sets of its works, each with half the price. A pair is given up.
    """
    parts = cluster.parts
    if len(parts) > 1:
        middle = len(parts) // 2
        return tuple(_with(cluster, some) for some in (parts[:middle], parts[middle:]))
    if cluster.priced:
        return (cluster._replace(priced=False),)
    part = parts[0]
    if part.group < 0:
        return ()
    works = sorted(part.shifts)
    less = part.share // 2
    sets = ((works[::2], part.share - less), (works[1::2], less))
    return tuple(
        _with(cluster, (_some(part, chosen)._replace(share=share, filled=True),))
        for chosen, share in sets
    )


def _with(cluster: Cluster, parts: tuple[Part, ...]) -> Cluster:
    works = {work for part in parts for work in part.shifts}
    return cluster._replace(parts=parts, shifts={work: cluster.shifts[work] for work in works})


def _some(part: Part, works: Iterable[int]) -> Part:
    chosen = tuple(works)
    return part._replace(
        shifts={work: part.shifts[work] for work in chosen},
        durations={work: part.durations[work] for work in chosen},
    )
