"""Faults planted into certificates: `FAULTS` lists them, each with the rule that finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random
from types import SimpleNamespace
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from planner.trench.certificate import Certificate, Cluster
from planner.trench.check.bound import bound_milli, check_bound
from planner.trench.domains import starts
from planner.trench.problem import Problem

Numbers = NDArray[np.int64]
Some = TypeVar("Some")


class UnfitError(Exception):
    """A certificate has nothing into which the fault could be planted."""


@dataclass(frozen=True)
class Proven:
    """A true certificate, what it proves, and chance to say where the fault goes."""

    draw: Random
    problem: Problem
    certificate: Certificate
    tiny: SimpleNamespace

    def one_of(self, found: Sequence[Some]) -> Some:
        if not found:
            raise UnfitError
        return self.draw.choice(found)

    def cluster(self, *, filled: bool | None = None) -> tuple[int, Cluster]:
        """Draw a cluster with its number, of one kind if asked."""
        found = enumerate(self.certificate.clusters)
        return self.one_of([(n, one) for n, one in found if filled in {None, one.filled}])

    def put(self, number: int, cluster: Cluster) -> Certificate:
        """Return the certificate with another cluster in the place of one."""
        clusters = list(self.certificate.clusters)
        clusters[number] = cluster
        return replace(self.certificate, clusters=tuple(clusters))

    def added(self, cluster: Cluster) -> Certificate:
        """Return the certificate with one more cluster, its multipliers all 0: they are true."""
        again = replace(cluster, prices=tuple(np.zeros_like(part) for part in cluster.prices))
        return replace(
            self.certificate,
            clusters=(*self.certificate.clusters, again),
            detours=(*self.certificate.detours, ()),
        )

    def multipliers(self, change: Callable[[Numbers, int], Numbers]) -> Certificate:
        """Change the multipliers of one work of one cluster at one of its starts."""
        number, cluster = self.cluster()
        prices = list(cluster.prices)
        place = self.draw.randrange(len(prices))
        prices[place] = change(prices[place].copy(), self.draw.randrange(prices[place].size))
        return self.put(number, replace(cluster, prices=tuple(prices)))

    def crew_prices(self, change: Callable[[Numbers], Numbers]) -> Certificate:
        known = self.certificate.crew_prices
        crew = self.one_of(sorted(known))
        return replace(self.certificate, crew_prices={**known, crew: change(known[crew].copy())})

    def paired(self, number: int, pair: tuple[int, int]) -> Certificate:
        """Return the certificate with one more pair of works that a cluster keeps apart."""
        detours = list(self.certificate.detours)
        detours[number] = (*detours[number], pair)
        return replace(self.certificate, detours=tuple(detours))


def _by(prices: Numbers, place: int, amount: int) -> Numbers:
    prices[place] += amount
    return prices


def multiplier_raised(it: Proven) -> Certificate:
    return it.multipliers(lambda prices, place: _by(prices, place, 1))


def multipliers_lowered(it: Proven) -> Certificate:
    return it.multipliers(lambda prices, _: prices - 20)


def multiplier_missing(it: Proven) -> Certificate:
    return it.multipliers(np.delete)


def multiplier_too_many(it: Proven) -> Certificate:
    return it.multipliers(lambda prices, place: np.insert(prices, place, 0))


def multipliers_in_a_matrix(it: Proven) -> Certificate:
    return it.multipliers(lambda prices, _: prices[None])


def multipliers_not_whole(it: Proven) -> Certificate:
    return it.multipliers(lambda prices, _: prices + 0.5)


def multipliers_of_a_work_missing(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    return it.put(number, replace(cluster, prices=cluster.prices[1:]))


def crew_price_negative(it: Proven) -> Certificate:
    place = it.draw.randrange(it.problem.periods)
    return it.crew_prices(lambda prices: _by(prices, place, -1 - prices[place]))


def crew_price_lowered(it: Proven) -> Certificate:
    """Lower it in a period in which a work of some cluster needs it: that one gives too much."""
    known = it.certificate.crew_prices
    held = {work for cluster in it.certificate.clusters for work in cluster.works}
    found = [
        (item.crew, now)
        for item in (it.problem.works[work] for work in sorted(held))
        for start in starts(it.problem, item).tolist()
        for now in range(start, start + item.span)
        if item.crew in known and known[item.crew][now] > 0
    ]
    crew, now = it.one_of(found)
    return replace(it.certificate, crew_prices={**known, crew: _by(known[crew].copy(), now, -1)})


def crew_prices_too_few(it: Proven) -> Certificate:
    return it.crew_prices(lambda prices: prices[1:])


def crew_prices_not_whole(it: Proven) -> Certificate:
    return it.crew_prices(lambda prices: prices.astype(np.float64))


def crew_unknown(it: Proven) -> Certificate:
    strange = {**it.certificate.crew_prices, "nobody": np.zeros(it.problem.periods, np.int64)}
    return replace(it.certificate, crew_prices=strange)


def segment_priced_twice(it: Proven) -> Certificate:
    return it.added(it.cluster(filled=False)[1])


def segment_priced_twice_in_a_cluster(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    return it.put(number, replace(cluster, segments=(*cluster.segments, cluster.segments[0])))


def segment_whole_and_in_shares(it: Proven) -> Certificate:
    _, cluster = it.cluster(filled=False)
    return it.added(replace(cluster, filled=True, priced=False, share=1))


def shares_above_the_whole(it: Proven) -> Certificate:
    _, cluster = it.cluster(filled=True)
    return it.added(replace(cluster, share=1001 - cluster.share))


def share_negative(it: Proven) -> Certificate:
    number, cluster = it.cluster(filled=True)
    return it.put(number, replace(cluster, share=-1))


def trench_of_a_filled_segment(it: Proven) -> Certificate:
    number, cluster = it.cluster(filled=True)
    return it.put(number, replace(cluster, priced=True))


def work_missing_from_its_segment(it: Proven) -> Certificate:
    number, cluster = it.cluster(filled=False)
    digging = {w for s in cluster.segments for w in it.tiny.users(it.problem, cluster.works, s)}
    gone = cluster.works.index(it.draw.choice(sorted(digging)))
    works, prices = (
        tuple(part for n, part in enumerate(parts) if n != gone)
        for parts in (cluster.works, cluster.prices)
    )
    found = it.put(number, replace(cluster, works=works, prices=prices))
    return replace(found, detours=((),) * len(found.detours))


def work_twice_in_a_cluster(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    works = (*cluster.works, cluster.works[0])
    prices = (*cluster.prices, np.zeros_like(cluster.prices[0]))
    return it.put(number, replace(cluster, works=works, prices=prices))


def work_unknown_in_a_cluster(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    works = (*cluster.works, it.draw.choice([-1, len(it.problem.works)]))
    prices = (*cluster.prices, np.zeros(1, np.int64))
    return it.put(number, replace(cluster, works=works, prices=prices))


def work_certified_twice(it: Proven) -> Certificate:
    works = it.certificate.works
    return replace(it.certificate, works=(*works, it.draw.choice(works)))


def work_not_certified(it: Proven) -> Certificate:
    gone = it.draw.choice(it.certificate.works)
    return replace(it.certificate, works=tuple(w for w in it.certificate.works if w != gone))


def work_unknown(it: Proven) -> Certificate:
    strange = it.draw.choice([-1, len(it.problem.works)])
    return replace(it.certificate, works=(*it.certificate.works, strange))


def segment_unknown(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    strange = it.draw.choice([-1, len(it.problem.segments)])
    return it.put(number, replace(cluster, segments=(*cluster.segments, strange)))


def segment_that_its_works_do_not_dig(it: Proven) -> Certificate:
    number, cluster = it.cluster()
    counted = {s for one in it.certificate.clusters for s in one.segments}
    others = [s for s in range(len(it.problem.segments)) if s not in counted]
    free = [s for s in others if not it.tiny.users(it.problem, cluster.works, s)]
    return it.put(number, replace(cluster, segments=(*cluster.segments, it.one_of(free))))


def pair_of_one_work(it: Proven) -> Certificate:
    return it.paired(it.cluster()[0], (0, 0))


def pair_outside_its_cluster(it: Proven) -> Certificate:
    return it.paired(it.cluster()[0], (0, len(it.problem.works)))


def pair_that_may_meet(it: Proven) -> Certificate:
    """Two works without a road and its detour between them, or two approved ones."""
    number, cluster = it.cluster()
    pairs = set(combinations(range(len(cluster.works)), 2))
    free = sorted(pairs - set(it.tiny.apart(it.problem, cluster.works)))
    return it.paired(number, it.one_of(free))


def pairs_of_a_cluster_missing(it: Proven) -> Certificate:
    if len(it.certificate.detours) < 2:
        raise UnfitError
    return replace(it.certificate, detours=it.certificate.detours[1:])


Fault = Callable[[Proven], Certificate]
FAULTS: Mapping[Fault, str] = {
    multiplier_raised: "multipliers", crew_price_lowered: "multipliers",
    multipliers_lowered: "bound",
    **dict.fromkeys((
        multiplier_missing, multiplier_too_many, multipliers_in_a_matrix, multipliers_not_whole,
        multipliers_of_a_work_missing, crew_price_negative, crew_prices_too_few,
        crew_prices_not_whole, crew_unknown, segment_priced_twice,
        segment_priced_twice_in_a_cluster, segment_whole_and_in_shares, shares_above_the_whole,
        share_negative, trench_of_a_filled_segment, work_missing_from_its_segment,
        work_twice_in_a_cluster, work_unknown_in_a_cluster, work_certified_twice,
        work_not_certified, work_unknown, segment_unknown, segment_that_its_works_do_not_dig,
        pair_of_one_work, pair_outside_its_cluster, pair_that_may_meet, pairs_of_a_cluster_missing,
    ), "certificate"),
}  # fmt: skip
"""Every fault that is planted into a certificate, and the rule that has to find it."""

CASES = 12


def _cases(fault: Fault, tiny: SimpleNamespace) -> Iterator[tuple[Proven, float, Certificate]]:
    """Yield the first tiny problems with a true bound into whose certificate the fault fits."""
    found, seed = 0, 0
    while found < CASES:
        seed += 1
        problem = tiny.problem(seed)
        works = tiny.placeable(problem)
        certificate = tiny.certificate(problem, works, seed)
        bound = bound_milli(problem, certificate) if works else None
        if bound is not None:
            it = Proven(tiny.Draw(seed), problem, certificate, tiny)
            with suppress(UnfitError):
                changed = fault(it)
                found += 1
                yield it, bound / 1000, changed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_planted_into_a_certificate_is_found(tiny: SimpleNamespace, fault: Fault) -> None:
    for it, bound, changed in _cases(fault, tiny):
        works = it.certificate.works
        found = check_bound(it.problem, changed, placed=works, cost_yuan=np.inf, bound_yuan=bound)
        assert FAULTS[fault] in {failure.rule for held, failure in found if not held}
