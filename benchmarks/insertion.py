"""Opening-aware insertion, the baseline of the exchange format, on plain arrays.

Works come in order of window length (latest - earliest), then the most segments, then their place
in the file; each takes the start with the fewest new violations, then the least added cost, then
the earliest. This order and these ties give the figures that the format's description states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.insertion_kernels import Case, Whole, Yuan, insert

_UNLIMITED = np.iinfo(np.int64).max


def greedy(instance: Mapping[str, Any]) -> dict[str, int]:
    """Return the start period of each work by its key; works without any start are missing.

    Parameters
    ----------
    instance
        In the exchange format ``trench-1``.
    """
    works = instance["works"]
    starts = insert(_case(instance), _order(works)).tolist()
    return {work["id"]: start for work, start in zip(works, starts, strict=True) if start >= 0}


def _case(instance: Mapping[str, Any]) -> Case:
    works, segments = instance["works"], instance["segments"]
    at = {row["id"]: position for position, row in enumerate(segments)}
    first, places = _flat([[at[key] for key in work["segments"]] for work in works])
    first_rival, rivals = _flat(_rivals(instance, at))
    utilities = dict.fromkeys(work["utility"] for work in works)
    crew = {utility: place for place, utility in enumerate(utilities)}
    periods = instance["periods"]
    blocked = np.zeros((len(segments), periods), dtype=np.bool_)
    for position, row in enumerate(segments):
        blocked[position, [period for period in row["blocked"] if period < periods]] = True
    return Case(
        first=first,
        places=places,
        duration=_column(works, "duration"),
        earliest=_column(works, "earliest"),
        latest=_column(works, "latest"),
        crew=_whole([crew[work["utility"]] for work in works]),
        limit=_whole([instance["crews"].get(utility, _UNLIMITED) for utility in crew]),
        blocked=blocked,
        opening_yuan=_yuan(segments, "opening_yuan"),
        open_period_yuan=_yuan(segments, "open_period_yuan"),
        first_rival=first_rival,
        rivals=rivals,
    )


def _order(works: Sequence[Mapping[str, Any]]) -> Whole:
    window = _column(works, "latest") - _column(works, "earliest")
    size = _whole([len(work["segments"]) for work in works])
    return np.lexsort((-size, window)).astype(np.int64)


def _rivals(instance: Mapping[str, Any], at: Mapping[str, int]) -> list[list[int]]:
    rivals: list[list[int]] = [[] for _ in at]
    for one, other in instance["conflicts"]:
        rivals[at[one]].append(at[other])
        rivals[at[other]].append(at[one])
    return rivals


def _flat(lists: Sequence[Sequence[int]]) -> tuple[Whole, Whole]:
    ends = np.cumsum([0, *(len(row) for row in lists)])
    return ends.astype(np.int64), _whole([value for row in lists for value in row])


def _column(works: Sequence[Mapping[str, Any]], name: str) -> Whole:
    return _whole([work[name] for work in works])


def _yuan(segments: Sequence[Mapping[str, Any]], name: str) -> Yuan:
    return np.array([row[name] for row in segments], dtype=np.float64)


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)
