"""Whether the certificate of a bound is one: whom it speaks of, what it prices, what it gives away.

Money is integer thousandths of a yuan (milli-yuan), counted in Python's own integers, so that
neither rounding nor overflow can hide a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from math import floor

import numpy as np

from planner.checking import Failure
from planner.trench.certificate import Certificate, Cluster, Pair
from planner.trench.check.plan import Verdicts, active, allowed_starts, verdict
from planner.trench.problem import Problem

WHOLE = 1000
"""The shares of a segment among clusters that others may fill add up to no more."""


def milli(yuan: float) -> int:
    """Return whole thousandths of a yuan, rounded down."""
    return floor(1000 * yuan)


def check_structure(problem: Problem, certificate: Certificate) -> Verdicts:
    """Yield tests that a certificate fits its problem; without them it has no value.

    Its works are the problem's, each once and with a start; crew prices have a price for each
    period, none of them negative; a cluster prices segments on which its works dig, its
    multipliers answer to the starts of its works; a segment is priced by one cluster that holds
    all its works, or only by clusters that others may fill, whose shares add up to the whole at
    most.
    """
    yield from _works(problem, certificate)
    yield from _crews(problem, certificate)
    together = len(certificate.detours) in {0, len(certificate.clusters)}
    detail = f"{len(certificate.detours)} for {len(certificate.clusters)} clusters"
    yield verdict("certificate", "detours", detail, held=together)
    for number, (cluster, pairs) in enumerate(paired(certificate) if together else ()):
        name = f"cluster {number}"
        yield from _cluster(problem, certificate, cluster, name)
        yield from _pairs(problem, cluster, pairs, name)
    yield from _shares(problem, certificate)


def paired(certificate: Certificate) -> tuple[tuple[Cluster, tuple[Pair, ...]], ...]:
    """Return each cluster with the pairs of its works that may not meet."""
    pairs = certificate.detours or ((),) * len(certificate.clusters)
    return tuple(zip(certificate.clusters, pairs, strict=True))


def _works(problem: Problem, certificate: Certificate) -> Verdicts:
    known = range(len(problem.works))
    for work, count in Counter(certificate.works).items():
        held = count == 1 and work in known
        yield verdict("certificate", f"work {work}", f"named {count} times", held=held)
        if held:
            item = problem.works[work]
            yield verdict(
                "certificate", item.id, "no start", held=bool(allowed_starts(problem, item))
            )


def _crews(problem: Problem, certificate: Certificate) -> Verdicts:
    for crew, prices in certificate.crew_prices.items():
        yield verdict("certificate", crew, "no such crew", held=crew in problem.crews)
        shape = np.shape(prices) == (problem.periods,)
        yield verdict("certificate", crew, f"prices of shape {np.shape(prices)}", held=shape)
        yield _integers(crew, prices)
        low = min(np.ravel(prices).tolist(), default=0)
        yield verdict("certificate", crew, f"price {low} below 0", held=low >= 0)


def _integers(subject: str, values: object) -> tuple[bool, Failure]:
    whole = isinstance(values, np.ndarray) and values.dtype == np.int64
    return verdict("certificate", subject, "not 64-bit integers", held=whole)


def _cluster(problem: Problem, certificate: Certificate, cluster: Cluster, name: str) -> Verdicts:
    known = set(certificate.works) & set(range(len(problem.works)))
    unique = len(set(cluster.works)) == len(cluster.works) > 0
    yield verdict("certificate", name, "works not each once", held=unique)
    strange = sorted(set(cluster.works) - known)
    yield verdict("certificate", name, f"works {strange[:3]} not certified", held=not strange)
    detail = f"{len(cluster.prices)} multipliers for {len(cluster.works)} works"
    alike = len(cluster.prices) == len(cluster.works)
    yield verdict("certificate", name, detail, held=alike)
    for work, prices in zip(cluster.works, cluster.prices, strict=False):
        if work in known:
            item = problem.works[work]
            count = len(allowed_starts(problem, item))
            detail = f"{np.shape(prices)} multipliers of {item.id} for {count} starts"
            yield verdict("certificate", name, detail, held=np.shape(prices) == (count,))
            yield _integers(name, prices)
    both = cluster.priced and cluster.filled
    yield verdict("certificate", name, "trenches of a segment that others fill", held=not both)
    yield verdict("certificate", name, f"share {cluster.share} below 0", held=cluster.share >= 0)
    for segment in cluster.segments:
        yield from _segment(problem, certificate, cluster, segment, name)


def _segment(
    problem: Problem, certificate: Certificate, cluster: Cluster, segment: int, name: str
) -> Verdicts:
    if segment not in range(len(problem.segments)):
        yield verdict("certificate", name, f"no segment {segment}", held=False)
        return
    place = problem.segments[segment]
    users = set(users_of(problem, certificate.works).get(segment, ()))
    mine = users & set(cluster.works)
    yield verdict("certificate", name, f"digs nothing on {place.id}", held=bool(mine))
    if cluster.filled:
        low = min(place.opening_yuan, place.open_period_yuan)
        yield verdict("certificate", name, f"negative price of {place.id}", held=low >= 0)
        return
    missing = [problem.works[work].id for work in sorted(users - mine)]
    yield verdict("certificate", name, f"{place.id} lacks {missing[:3]}", held=not missing)


def users_of(problem: Problem, works: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
    """Return for each segment the works, of those given, that dig there."""
    found: dict[int, list[int]] = {}
    for work in sorted(set(works) & set(range(len(problem.works)))):
        for task in problem.works[work].tasks:
            found.setdefault(task.segment, []).append(work)
    return {segment: tuple(users) for segment, users in found.items()}


def _pairs(
    problem: Problem, cluster: Cluster, pairs: Iterable[tuple[int, int]], name: str
) -> Verdicts:
    """Each pair is of two works that the problem keeps apart; approved ones are not kept apart."""
    apart = {frozenset(pair) for pair in problem.conflicts}
    for one, other in pairs:
        held = one != other and {one, other} <= set(range(len(cluster.works)))
        held = held and all(w in range(len(problem.works)) for w in cluster.works)
        if held:
            a, b = (problem.works[cluster.works[place]] for place in (one, other))
            held = not (a.fixed and b.fixed) and any(
                frozenset((here.segment, there.segment)) in apart
                for here in a.tasks
                for there in b.tasks
            )
        yield verdict("certificate", name, f"{one} and {other} may meet", held=held)


def _shares(problem: Problem, certificate: Certificate) -> Verdicts:
    """Test that a segment is counted whole, or in shares that come to the whole at most."""
    whole: Counter[int] = Counter()
    parts: Counter[int] = Counter()
    for cluster in certificate.clusters:
        for segment in cluster.segments:
            whole[segment] += not cluster.filled
            parts[segment] += cluster.share if cluster.filled else 0
        filled = [segment for segment in cluster.segments if cluster.filled]
        twice = len(set(filled)) < len(filled)
        yield verdict("certificate", "segments", "twice in a cluster", held=not twice)
    filled_in = {s for cluster in certificate.clusters if cluster.filled for s in cluster.segments}
    for segment in sorted(set(whole) | set(parts)):
        held = whole[segment] + (segment in filled_in) <= 1 and parts[segment] <= WHOLE
        detail = f"counted {whole[segment]} times whole and {parts[segment]} thousandths"
        name = f"segment {segment}"
        if segment in range(len(problem.segments)):
            name = problem.segments[segment].id
        yield verdict("certificate", name, detail, held=held)


def check_multipliers(problem: Problem, certificate: Certificate) -> Verdicts:
    """Yield for each work a test that no start is given more than it costs by itself.

    Its multipliers in all clusters come to no more than its own cost in that start and the crew
    prices of its periods; otherwise the sum of the clusters' values would be no bound.
    """
    given: dict[int, list[list[int]]] = {}
    for cluster in certificate.clusters:
        for work, prices in zip(cluster.works, cluster.prices, strict=True):
            given.setdefault(work, []).append(prices.tolist())
    for work, rows in given.items():
        limits = own_costs(problem, certificate, work)
        over = {
            start: sum(prices) - limit
            for (start, limit), *prices in zip(limits.items(), *rows, strict=True)
            if sum(prices) > limit
        }
        worst = max(over, key=lambda start: over[start], default=0)
        detail = f"{over.get(worst, 0)} too much in period {worst}, {len(over)} start(s)"
        yield verdict("multipliers", problem.works[work].id, detail, held=not over)


def own_costs(problem: Problem, certificate: Certificate, work: int) -> Mapping[int, int]:
    """Return what each start of a work costs by itself and its crew, in milli-yuan."""
    item = problem.works[work]
    crew = certificate.crew_prices.get(item.crew)
    periods = [0] * problem.periods if crew is None else crew.tolist()
    return {
        start: milli(item.start_yuan(start))
        + sum(periods[now] for now in _at_work(problem, work, start))
        for start in allowed_starts(problem, item)
    }


def _at_work(problem: Problem, work: int, start: int) -> range:
    """Return the periods of the horizon in which a work occupies its crew."""
    end = max(active(task, start).stop for task in problem.works[work].tasks)
    return range(max(start, 0), min(end, problem.periods))


def crews_milli(problem: Problem, certificate: Certificate) -> int:
    """Return what the crews there are come to at their prices, in milli-yuan.

    Approved works may occupy more than the limit; what they occupy is there for them.
    """
    approved: Counter[tuple[str, int]] = Counter()
    for work in certificate.works:
        item = problem.works[work]
        if item.fixed:
            approved.update((item.crew, now) for now in _at_work(problem, work, item.wanted))
    return sum(
        price * max(problem.crews[crew], approved[crew, now])
        for crew, prices in certificate.crew_prices.items()
        for now, price in enumerate(prices.tolist())
    )


def priced_segments(clusters: Iterable[Cluster]) -> frozenset[int]:
    """Return the segments whose openings some cluster counts."""
    return frozenset(chain.from_iterable(cluster.segments for cluster in clusters))
