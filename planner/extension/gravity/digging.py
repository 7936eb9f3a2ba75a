"""What is dug for a drain along its profile, and what its depth adds to the price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.extension.gravity.limits import Limits
from planner.extension.gravity.profile import Profile
from planner.section.layout import lay
from planner.section.line import Line
from planner.settings import Settings

SURFACE = "asphalt"
"""Surface above the drain; the price of the depth hardly depends on it."""
_STEP_M = 0.1


@dataclass(frozen=True, slots=True)
class Digging:
    """Volume of the drain's own trench, and the price of its depth beyond the least cover."""

    volume_m3: float
    excess_yuan: float


def digging(levels: Profile, line: Line, asked: Limits, settings: Settings) -> Digging:
    """Measure the trench of a drain as if it lay alone.

    Parameters
    ----------
    levels
        Its profile; pipe by pipe the mean depth counts, in steps of a decimetre.
    line, asked
        The line and its limits.
    settings
        Names ``section.*``.
    """
    least_yuan = lay((line,), settings, surface=SURFACE).cost_yuan_per_m
    volume_m3 = excess_yuan = 0.0
    for length_m, cover_m in _pieces(levels, asked):
        found = lay((replace(line, depth_m=cover_m),), settings, surface=SURFACE)
        volume_m3 += length_m * found.volume_m3_per_m
        excess_yuan += length_m * (found.cost_yuan_per_m - least_yuan)
    return Digging(volume_m3, max(excess_yuan, 0.0))


def excess_yuan_m2(line: Line, asked: Limits, settings: Settings) -> float:
    """Return the price of one metre of trench for one more metre of depth."""
    least, deeper = (
        lay((replace(line, depth_m=cover_m),), settings, surface=SURFACE).cost_yuan_per_m
        for cover_m in (asked.cover_m, asked.cover_m + 1.0)
    )
    return max(deeper - least, 0.0)


def _pieces(levels: Profile, asked: Limits) -> Iterator[tuple[float, float]]:
    """Yield length and mean cover of each pipe."""
    upper_m = levels.ground_m[:-1] - levels.leaves_m[:-1]
    lower_m = levels.ground_m[1:] - levels.arrives_m[1:]
    extra_m = (upper_m + lower_m) / 2 - asked.roof_m
    steps = np.maximum(np.rint(extra_m / _STEP_M), 0.0)
    for length_m, step in zip(np.diff(levels.along_m), steps, strict=True):
        yield float(length_m), round(asked.cover_m + float(step) * _STEP_M, 3)
