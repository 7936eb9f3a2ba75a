"""The profile of a drain from the red line to its tie-in: levels, drops, and a pump if needed.

Manhole by manhole the pipe arrives as high as it can; a drop at a manhole is always possible, so
a higher arrival is never worse further on. Where the ground is too steep for one straight pipe,
or the drop before it too high, manholes stand at every sample. Only where even manholes at every
sample do not lead to the tie-in is the water lifted, at the last manhole that gravity reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.extension.arrays import Bools, Floats, Ints
from planner.extension.gravity.limits import Limits
from planner.extension.gravity.span import TOLERANCE_M, Span, highest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The ground above a drain, from the red line down to the tie-in.

    Parameters
    ----------
    along_m
        Distance of each sample from the red line, increasing from 0, (n,).
    ground_m
        Height of the ground, (n,).
    manholes
        Positions of the manholes among the samples, the first and the last included, (k,).
    """

    along_m: Floats
    ground_m: Floats
    manholes: Ints

    def span(self, first: int, last: int, limits: Limits) -> Span:
        """Return the ground over a pipe between two samples, with the bounds of its invert."""
        over = slice(first, last + 1)
        along_m, ground_m = self.along_m[over], self.ground_m[over]
        length_m = float(along_m[-1] - along_m[0])
        return Span(
            length_m,
            (along_m - along_m[0]) / length_m,
            ground_m - limits.roof_m,
            ground_m - limits.deepest_m,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Levels of a drain's invert at its manholes, (k,), from the red line to the tie-in.

    Parameters
    ----------
    manholes
        Their positions among the samples of the ground.
    arrives_m, leaves_m
        Level of the pipe that arrives and of the one that leaves; at the last manhole the tie-in's.
    pumped_on
        Whether the pipe after a manhole is under pressure.
    pump
        Manhole at which the water is lifted, -1 where it drains by gravity all the way.
    lift_m
        From the pump's arrival to the highest point of what follows under pressure.
    """

    manholes: Ints
    along_m: Floats
    ground_m: Floats
    arrives_m: Floats
    leaves_m: Floats
    pumped_on: Bools
    pump: int
    lift_m: float

    @property
    def spare_m(self) -> float:
        """Height of the arrival above the tie-in's invert; negative before it is lifted."""
        return float(self.arrives_m[-1] - self.leaves_m[-1])

    @property
    def depth_m(self) -> Floats:
        """Depth of the lower invert at each manhole, at the tie-in that of the arrival, (k,)."""
        lower_m = np.minimum(self.arrives_m, self.leaves_m)
        lower_m[-1] = self.arrives_m[-1]
        return self.ground_m - lower_m

    @property
    def drop_m(self) -> Floats:
        """Drop at each manhole before the tie-in, 0 where the water is lifted, (k,)."""
        drop = np.maximum(self.arrives_m - self.leaves_m, 0.0)
        drop[-1] = 0.0
        return drop

    @property
    def pumped_m(self) -> float:
        """Length under pressure."""
        return float(np.diff(self.along_m)[self.pumped_on[:-1]].sum())


@dataclass(frozen=True, slots=True)
class _Run:
    """Pipes by gravity: manholes reached, levels there, and whether the last one was reached."""

    places: list[int]
    arrives_m: list[float]
    leaves_m: list[float]
    complete: bool

    def joins(self, tie_in_m: float) -> bool:
        """Return whether the water reaches the tie-in."""
        return self.complete and self.arrives_m[-1] >= tie_in_m - TOLERANCE_M


def profile(ground: Ground, limits: Limits, *, outlet_m: float, tie_in_m: float) -> Profile:
    """Find the levels of a drain.

    Parameters
    ----------
    ground
        The ground above it.
    limits
        What its diameter asks for.
    outlet_m
        Invert of the parcel's outlet; NaN for an outlet at the least cover.
    tie_in_m
        Invert of the main at the tie-in, below which nothing can arrive.

    Returns
    -------
    Profile
        By gravity wherever that is possible with a manhole at any sample; else lifted once, as
        far down as gravity reaches, and under pressure only until gravity leads on.
    """
    start_m = float(ground.ground_m[0] - limits.roof_m) if np.isnan(outlet_m) else outlet_m
    samples = list(range(len(ground.along_m)))
    first = _run(ground, ground.manholes.tolist(), start_m, limits)
    for found in (first, _run(ground, samples, start_m, limits)):
        if found.joins(tie_in_m):
            leaves = [*found.leaves_m, tie_in_m]
            return _settled(ground, found.places, found.arrives_m, leaves)
    return _lifted(ground, first, tie_in_m, limits)


def _run(ground: Ground, manholes: Sequence[int], start_m: float, limits: Limits) -> _Run:
    """Lay pipes from manhole to manhole, or from sample to sample where one had better not lie."""
    run = _Run([manholes[0]], [start_m], [], complete=True)
    for first, last in pairwise(manholes):
        straight = highest(ground.span(first, last, limits), run.arrives_m[-1], limits)
        if straight is not None and run.arrives_m[-1] - straight[0] > limits.most_drop_m:
            straight = None
        for place in range(first + 1, last + 1) if straight is None else (last,):
            span = ground.span(run.places[-1], place, limits)
            found = straight or highest(span, run.arrives_m[-1], limits)
            if found is None:
                return _Run(run.places, run.arrives_m, run.leaves_m, complete=False)
            run.places.append(place)
            run.leaves_m.append(found[0])
            run.arrives_m.append(found[1])
    return run


def _lifted(ground: Ground, run: _Run, tie_in_m: float, limits: Limits) -> Profile:
    """Lift the water where gravity ends and lead it on under pressure as far as needed."""
    ceiling_m = ground.ground_m - limits.roof_m
    here, pump = run.places[-1], len(run.places) - 1
    if run.complete:
        leaves = [*run.leaves_m, tie_in_m]
        lift_m = tie_in_m - run.arrives_m[-1]
        return _settled(ground, run.places, run.arrives_m, leaves, pump=pump, lift_m=lift_m)
    beyond = [here, *(place for place in ground.manholes.tolist() if place > here)]
    again, until = _resumed(ground, beyond, tie_in_m, limits)
    rising = beyond[:until]
    rising_m = [float(ceiling_m[place]) for place in rising]
    leaves = [*run.leaves_m, *rising_m, *again.leaves_m, tie_in_m]
    top_m = max([*rising_m, again.arrives_m[0]]) if until else again.leaves_m[0]
    return _settled(
        ground,
        [*run.places, *rising[1:], *again.places[0 if until else 1 :]],
        [*run.arrives_m, *rising_m[1:], *again.arrives_m[0 if until else 1 :]],
        leaves,
        pump=pump,
        pressed=until,
        lift_m=top_m - run.arrives_m[-1],
    )


def _resumed(
    ground: Ground, beyond: Sequence[int], tie_in_m: float, limits: Limits
) -> tuple[_Run, int]:
    """Return the gravity run that joins the tie-in, from the first manhole where one begins.

    It begins at the least cover; where none joins, it is the tie-in alone.
    """
    for until, place in enumerate(beyond[:-1]):
        start_m = float(ground.ground_m[place] - limits.roof_m)
        run = _run(ground, beyond[until:], start_m, limits)
        if run.joins(tie_in_m):
            return run, until
    last = beyond[-1]
    level_m = max(tie_in_m, float(ground.ground_m[last] - limits.roof_m))
    return _Run([last], [level_m], [], complete=True), len(beyond) - 1


def _settled(
    ground: Ground,
    places: Sequence[int],
    arrives_m: Sequence[float],
    leaves_m: Sequence[float],
    *,
    pump: int = -1,
    pressed: int = 0,
    lift_m: float = 0.0,
) -> Profile:
    manholes = np.array(places, dtype=np.int64)
    number = np.arange(len(manholes))
    return Profile(
        manholes=manholes,
        along_m=ground.along_m[manholes],
        ground_m=ground.ground_m[manholes],
        arrives_m=np.array(arrives_m, dtype=float),
        leaves_m=np.array(leaves_m, dtype=float),
        pumped_on=(number >= pump) & (number < pump + pressed),
        pump=pump,
        lift_m=lift_m,
    )
