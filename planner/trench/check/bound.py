"""Recompute the lower bound of a plan from the problem and the certificate alone.

Bound = what no choice of starts changes, and for each cluster the least value that it can have,
less what the crews come to. It holds because every plan pays for each cluster at least its least
value, and `check_multipliers` keeps the multipliers from counting a cost that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from planner.trench.certificate import Certificate, Cluster
from planner.trench.check.certificate import (
    check_multipliers,
    check_structure,
    crews_milli,
    milli,
    own_costs,
    paired,
    priced_segments,
    users_of,
)
from planner.trench.check.cluster import Game, Shape, Tariff, clashes_of, least_milli
from planner.trench.check.ground import dig, tasks_on, trench_floor_yuan
from planner.trench.check.plan import Verdicts, active, allowed_starts, verdict
from planner.trench.problem import Problem, Work

FEN = 10
"""Milli-yuan by which a bound may be stated too high: it is written in yuan and fen. For each
cluster it may be as much too low, where prices were rounded down more often than here."""


def check_bound(
    problem: Problem,
    certificate: Certificate,
    *,
    placed: Collection[int],
    cost_yuan: float,
    bound_yuan: float,
) -> Verdicts:
    """Yield tests that a bound is what its certificate proves, and no more than the plan costs.

    Parameters
    ----------
    problem, certificate
        What was asked, and what is said to prove the bound.
    placed
        Positions of the works that the plan holds: the bound has to speak of these.
    cost_yuan, bound_yuan
        Cost and bound as stated.
    """
    missing = sorted(set(placed) ^ set(certificate.works))
    detail = f"works {missing[:3]} are not both planned and certified"
    yield verdict("certificate", "works", detail, held=not missing)
    faults = 0
    for held, failure in check_structure(problem, certificate):
        faults += not held
        yield held, failure
    if faults:
        return
    yield from check_multipliers(problem, certificate)
    detail, stated = f"stated {bound_yuan:.2f}", 1000 * bound_yuan
    try:
        proven = bound_milli(problem, certificate)
    except OverflowError:
        yield verdict("bound", "bound_yuan", f"{detail}, sums leave 64 bits", held=False)
        return
    if proven is None:
        yield verdict("bound", "bound_yuan", f"{detail}, no starts go together", held=False)
        return
    detail = f"{detail}, proven {proven / 1000:.2f}"
    low = proven - _rounding_milli(certificate)
    yield verdict("bound", "bound_yuan", detail, held=low <= stated <= proven + FEN)
    detail = f"bound {bound_yuan:.2f} above cost {cost_yuan:.2f}"
    yield verdict("bound", "cost_yuan", detail, held=stated <= 1000 * cost_yuan + FEN)


def _rounding_milli(certificate: Certificate) -> float:
    """Return by how much a bound may be stated lower than it is proven.

    Prices are rounded down piece by piece. Where clusters fill gaps, or keep works apart, what is
    stated may leave out more than rounding: it is a bound all the same.
    """
    if any(one.filled for one in certificate.clusters) or any(certificate.detours):
        return inf
    return FEN * (1 + sum(1 + len(one.segments) for one in certificate.clusters))


def bound_milli(problem: Problem, certificate: Certificate) -> int | None:
    """Return the bound that a certificate of sound structure proves, in milli-yuan.

    None where the starts of a cluster cannot go together, so that there is no plan at all.
    """
    values = [
        least_milli(game_of(problem, cluster, pairs)) for cluster, pairs in paired(certificate)
    ]
    held = {work for cluster in certificate.clusters for work in cluster.works}
    free = sum(
        min(own_costs(problem, certificate, work).values())
        for work in certificate.works
        if work not in held
    )
    fixed = _constants(problem, certificate) + free - crews_milli(problem, certificate)
    known = [value for value in values if value is not None]
    return fixed + sum(known) if len(known) == len(values) else None


def _constants(problem: Problem, certificate: Certificate) -> int:
    """Return what is paid whatever the starts: single openings, and the cheapest trenches."""
    counted = priced_segments(certificate.clusters)
    dug = priced_segments(cluster for cluster in certificate.clusters if cluster.priced)
    total = 0
    for segment, users in users_of(problem, certificate.works).items():
        if segment not in counted:
            place = problem.segments[segment]
            longest = max(problem.works[work].task_on(segment).duration for work in users)
            total += milli(place.opening_yuan) + milli(place.open_period_yuan) * longest
        if segment not in dug:
            total += milli(trench_floor_yuan(problem, segment, users))
    return total


def game_of(problem: Problem, cluster: Cluster, pairs: Collection[tuple[int, int]]) -> Game:
    """Return a cluster with its works and segments numbered from 0."""
    works = [problem.works[work] for work in cluster.works]
    starts = [allowed_starts(problem, work) for work in works]
    return Game(
        prices=[
            dict(zip(begins, prices.tolist(), strict=True))
            for begins, prices in zip(starts, cluster.prices, strict=True)
        ],
        shapes=[_shapes(cluster, number, work) for number, work in enumerate(works)],
        tariffs=[_tariff(problem, cluster, segment) for segment in cluster.segments],
        clashes=clashes_of(starts, pairs, lambda i, s, j, t: _meet(problem, works, i, s, j, t)),
    )


def _shapes(cluster: Cluster, number: int, work: Work) -> Mapping[int, Shape]:
    places = {segment: place for place, segment in enumerate(cluster.segments)}
    bit = 1 << number if cluster.priced else 0
    return {
        places[task.segment]: (task.lag, task.duration, bit)
        for task in work.tasks
        if task.segment in places
    }


def _tariff(problem: Problem, cluster: Cluster, segment: int) -> Tariff:
    place = problem.segments[segment]
    opening, period = milli(place.opening_yuan), milli(place.open_period_yuan)
    if cluster.filled:
        share = cluster.share
        return Tariff(share * opening // 1000, share * period // 1000, filled=True)
    if not cluster.priced:
        return Tariff(opening, period)
    known: dict[int, int] = {}

    def trench(bits: int) -> int:
        if bits not in known:
            members = [work for n, work in enumerate(cluster.works) if bits >> n & 1]
            known[bits] = milli(
                dig(problem, segment, tasks_on(problem, segment, members)).trench_yuan
            )
        return known[bits]

    return Tariff(opening, period, trench=trench)


def _meet(problem: Problem, works: list[Work], one: int, start: int, other: int, then: int) -> bool:
    """Return whether two works open a road and its detour in the same period."""
    apart = {frozenset(pair) for pair in problem.conflicts}
    return any(
        frozenset((here.segment, there.segment)) in apart
        and set(active(here, start)) & set(active(there, then))
        for here in works[one].tasks
        for there in works[other].tasks
    )
