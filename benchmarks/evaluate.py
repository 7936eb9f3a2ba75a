"""Cost and violations of a plan, straight from the JSON of instance and answer.

Uses nothing of the planner, so that no plan is judged by the code that made it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Instance = Mapping[str, Any]
"""An object of the format ``trench-1``, as `json.loads` returns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a plan costs and which rules it breaks.

    Parameters
    ----------
    cost_yuan
        Openings and open periods of all segments.
    openings
        Maximal runs of open periods, over all segments.
    broken
        Violations by rule: ``unknown`` and ``unplaced`` count works, ``window`` works that start
        outside their window or end after the horizon, ``blocked`` open segments in a blocked
        period, ``crews`` periods of a utility with too many works, ``conflicts`` pairs of segments
        that are ever open together.
    """

    cost_yuan: float
    openings: int
    broken: Mapping[str, int]

    @property
    def violations(self) -> int:
        """All violations together."""
        return sum(self.broken.values())


def evaluate(instance: Instance, starts: Mapping[str, int]) -> Evaluation:
    """Return the cost and the violations of a plan.

    Parameters
    ----------
    instance
        In the exchange format.
    starts
        Start period of each work by its key.

    Examples
    --------
    >>> instance = {
    ...     "periods": 9, "crews": {"gas": 1}, "conflicts": [],
    ...     "segments": [{"id": "s", "opening_yuan": 10, "open_period_yuan": 1, "blocked": [8]}],
    ...     "works": [{"id": "a", "utility": "gas", "segments": ["s"], "duration": 2, "earliest": 0,
    ...                "latest": 5}]}
    >>> evaluate(instance, {"a": 3})
    Evaluation(cost_yuan=12, openings=1, broken={})
    >>> evaluate(instance, {"a": 7}).broken
    {'window': 1, 'blocked': 1}
    """
    works = {work["id"]: work for work in instance["works"]}
    placed = {key: start for key, start in starts.items() if key in works}
    is_open = _open_periods(works, placed)
    costs = [_segment_cost(row, is_open[row["id"]]) for row in instance["segments"]]
    broken = {
        "unknown": len(starts) - len(placed),
        "unplaced": len(works) - len(placed),
        "window": sum(
            not _in_window(works[key], start, instance["periods"]) for key, start in placed.items()
        ),
        "blocked": sum(
            len(is_open[row["id"]].intersection(row["blocked"])) for row in instance["segments"]
        ),
        "crews": _crowded_periods(works, placed, instance["crews"]),
        "conflicts": sum(
            not is_open[one].isdisjoint(is_open[other]) for one, other in instance["conflicts"]
        ),
    }
    return Evaluation(
        cost_yuan=sum(yuan for yuan, _ in costs),
        openings=sum(runs for _, runs in costs),
        broken={rule: count for rule, count in broken.items() if count},
    )


def alone_yuan(instance: Instance) -> float:
    """Return the cost of everyone alone: each work opens each of its segments for itself."""
    segments = {row["id"]: row for row in instance["segments"]}
    cost_yuan: float = sum(
        segments[key]["opening_yuan"] + segments[key]["open_period_yuan"] * work["duration"]
        for work in instance["works"]
        for key in work["segments"]
    )
    return cost_yuan


def _open_periods(
    works: Mapping[str, Instance], starts: Mapping[str, int]
) -> defaultdict[str, set[int]]:
    is_open: defaultdict[str, set[int]] = defaultdict(set)
    for key, start in starts.items():
        for segment in works[key]["segments"]:
            is_open[segment].update(range(start, start + works[key]["duration"]))
    return is_open


def _segment_cost(segment: Instance, periods: set[int]) -> tuple[float, int]:
    runs = sum(period - 1 not in periods for period in periods)
    yuan: float = segment["opening_yuan"] * runs + segment["open_period_yuan"] * len(periods)
    return yuan, runs


def _in_window(work: Instance, start: int, periods: int) -> bool:
    in_time: bool = 0 <= start <= periods - work["duration"]
    in_window: bool = work["earliest"] <= start <= work["latest"]
    return in_time and in_window


def _crowded_periods(
    works: Mapping[str, Instance], starts: Mapping[str, int], crews: Mapping[str, int]
) -> int:
    busy: Counter[tuple[str, int]] = Counter()
    for key, start in starts.items():
        work = works[key]
        busy.update((work["utility"], start + lag) for lag in range(work["duration"]))
    return sum(crew in crews and count > crews[crew] for (crew, _), count in busy.items())
