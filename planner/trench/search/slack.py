"""Where the gap lies: the part of each segment in the bound, at the plan's own starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.trench.certificate import Certificate, Cluster
from planner.trench.cost import Prices
from planner.trench.domains import starts as domain
from planner.trench.plan import Opening, openings
from planner.trench.problem import Problem
from planner.trench.search.model import MILLI
from planner.trench.search.packs import floor_yuan


def segment_bounds(
    problem: Problem,
    prices: Prices,
    certificate: Certificate,
    values_milli: Sequence[int],
    starts: Mapping[int, int],
) -> dict[int, float]:
    """Share out the bound among segments.

    A cluster's value contains the prices of its works' starts. Without the prices that the plan's
    starts pay, what remains is a bound on its segments at those starts, and is shared among them
    as the plan's cost is. Trenches that the cluster does not price count at their least.

    Parameters
    ----------
    problem, prices
        What was asked.
    certificate, values_milli
        The proof, and the value of each of its clusters in thousandths of a yuan.
    starts
        The plan.

    Returns
    -------
    dict of int to float
        Yuan by position of the segment; a single one may lie above what the segment costs.
    """
    runs: dict[int, list[Opening]] = {}
    for opening in openings(problem, starts):
        runs.setdefault(opening.segment, []).append(opening)
    bounds: dict[int, float] = {}
    for cluster, value in zip(certificate.clusters, values_milli, strict=True):
        net_yuan = (value - _paid_milli(problem, cluster, starts)) / MILLI
        if cluster.priced:
            net_yuan += _apart_yuan(prices, cluster, runs)
        cost = {s: _cost_yuan(problem, prices, runs[s], cluster) for s in cluster.segments}
        whole = sum(cost.values())
        for segment, yuan in cost.items():
            part = yuan / whole if whole else 1 / len(cost)
            bounds[segment] = bounds.get(segment, 0.0) + net_yuan * part
    dug = {s for cluster in certificate.clusters if cluster.priced for s in cluster.segments}
    for segment, found in runs.items():
        works = tuple(sorted(work for opening in found for work in opening.works))
        if segment not in bounds:
            place = problem.segments[segment]
            longest = max(problem.works[work].task_on(segment).duration for work in works)
            bounds[segment] = place.opening_yuan + place.open_period_yuan * longest
        if segment not in dug:
            bounds[segment] += floor_yuan(problem, prices, segment, works)
    return bounds


def _paid_milli(problem: Problem, cluster: Cluster, starts: Mapping[int, int]) -> int:
    """Return the prices of the plan's starts in a cluster."""
    return sum(
        int(price[domain(problem, problem.works[work]).searchsorted(starts[work])])
        for work, price in zip(cluster.works, cluster.prices, strict=True)
    )


def _apart_yuan(prices: Prices, cluster: Cluster, runs: Mapping[int, Sequence[Opening]]) -> float:
    """Return the trenches of a priced cluster one by one: its value holds what sharing changes."""
    return sum(
        prices.trench_yuan(segment, frozenset((work,)))
        for segment in cluster.segments
        for opening in runs[segment]
        for work in opening.works
    )


def _cost_yuan(
    problem: Problem, prices: Prices, found: Sequence[Opening], cluster: Cluster
) -> float:
    """Return what the plan pays for what a cluster prices on a segment."""
    place = problem.segments[found[0].segment]
    dug = (prices.trench_yuan(one.segment, frozenset(one.works)) for one in found)
    timed = sum(place.opening_yuan + place.open_period_yuan * one.periods for one in found)
    return timed + (sum(dug) if cluster.priced else 0.0)
