"""From the multipliers of a search to a certificate in whole thousandths, and what it proves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np

from planner.trench.certificate import Certificate, Cluster, Pair
from planner.trench.cost import Prices
from planner.trench.problem import Problem
from planner.trench.search import dual_kernels as kernels
from planner.trench.search.diagrams import Diagram, Diagrams
from planner.trench.search.dual import Dual
from planner.trench.search.model import MILLI, Floats, Ints, Modelled, milli
from planner.trench.search.packs import floor_yuan


def constant_milli(
    problem: Problem, prices: Prices, modelled: Modelled, diagrams: Sequence[Diagram]
) -> int:
    """Return what every plan pays beside the clusters, in thousandths of a yuan.

    A segment with a single work costs what it pays alone. Of the others the trenches: of each
    work alone where the cluster prices what sharing changes, the least possible ones elsewhere.
    """
    model, total = modelled.model, 0
    parts = [(part.group, one.cluster.priced) for one in diagrams for part in one.cluster.parts]
    priced = {group for group, is_priced in parts if is_priced}
    for group in set(range(len(modelled.segments))) - {group for group, _ in parts}:
        entries = slice(model.group_ptr[group], model.group_ptr[group + 1])
        longest = int(model.duration[entries].max())
        within = slice(*model.segment_ptr[group : group + 2])
        total += int(model.segment_setup_milli[within].sum())
        total += int(model.segment_period_milli[within].sum()) * longest
    for group, segments in enumerate(modelled.segments):
        works = _works_of(modelled, group)
        for segment in segments:
            if group in priced:
                alone = (prices.trench_yuan(segment, frozenset((work,))) for work in works)
                total += sum(milli(yuan) for yuan in alone)
            else:
                total += milli(floor_yuan(problem, prices, segment, works))
    for segment, work in modelled.single.items():
        place, task = problem.segments[segment], problem.works[work].task_on(segment)
        total += milli(place.opening_yuan) + milli(place.open_period_yuan) * task.duration
        total += milli(floor_yuan(problem, prices, segment, (work,)))
    return total


def _works_of(modelled: Modelled, group: int) -> tuple[int, ...]:
    model = modelled.model
    rows = model.member[model.group_ptr[group] : model.group_ptr[group + 1]]
    return tuple(modelled.works[row] for row in sorted(rows.tolist()))


def whole_prices(dual: Dual) -> tuple[Floats, Ints]:
    """Round multipliers down so that no start is given more than it costs.

    Returns
    -------
    tuple
        Price of each layer and of each crew and period, whole thousandths.
    """
    model, diagrams = dual.model, dual.diagrams
    crew = np.floor(np.maximum(dual.crew_price, 0.0))
    allowed = np.floor(model.start_yuan * MILLI) + dual.use_of(crew)
    price = np.floor(dual.price)
    layers = np.flatnonzero(diagrams.label >= 0)
    label = diagrams.label[layers]
    given = np.bincount(label, price[layers], allowed.size)
    first = diagrams.copy[diagrams.copy_ptr[:-1][np.diff(diagrams.copy_ptr) > 0]]
    owned = diagrams.label[first]
    price[first] -= given[owned] - allowed[owned]
    return price, crew.astype(np.int64)


def certificate(
    modelled: Modelled, found: Sequence[Diagram], diagrams: Diagrams, price: Floats, crew: Ints
) -> Certificate:
    """Return the certificate of whole prices, see `whole_prices`."""
    clusters = [
        _cluster(modelled, one, price[first:].astype(np.int64)[: one.label.size])
        for one, first in zip(found, diagrams.first_layer, strict=False)
    ]
    by_crew = crew.reshape(len(modelled.crews), modelled.model.periods)
    return Certificate(
        works=modelled.works,
        clusters=tuple(clusters),
        crew_prices=MappingProxyType(dict(zip(modelled.crews, by_crew, strict=True))),
        detours=tuple(tuple(sorted(set(_pairs(one)))) for one in found),
    )


def _cluster(modelled: Modelled, diagram: Diagram, price: Ints) -> Cluster:
    model, cluster = modelled.model, diagram.cluster
    by_label = dict(zip(diagram.label.tolist(), price.tolist(), strict=True))
    part = cluster.parts[0]
    groups = [each.group for each in cluster.parts if each.group >= 0]
    return Cluster(
        segments=tuple(sorted(s for group in groups for s in modelled.segments[group])),
        works=tuple(modelled.works[row] for row in cluster.works),
        prices=tuple(
            np.array([by_label[label] for label in range(*model.start_ptr[row : row + 2])])
            for row in cluster.works
        ),
        priced=cluster.priced,
        filled=part.filled,
        share=part.share,
    )


def _pairs(diagram: Diagram) -> Iterator[Pair]:
    works = diagram.cluster.works
    for part in diagram.cluster.parts:
        if part.group < 0:
            one, other = sorted(works.index(row) for row in part.shifts)
            yield one, other


def values_milli(dual: Dual, price: Floats) -> tuple[int, ...]:
    """Return the value of each diagram at whole prices; all sums are exact below 2**53."""
    value = np.zeros(dual.diagrams.first_layer.size - 1)
    kernels.values(dual.diagrams, price, np.zeros(dual.diagrams.low.size), value)
    return tuple(int(each) for each in value)


def proven_milli(dual: Dual, constant: int, values: Sequence[int], crew: Ints) -> int:
    """Return the bound that whole prices prove."""
    free = dual.free_milli(crew.astype(np.float64))
    return constant + sum(values) + int(free) - int(crew @ dual.model.cap.ravel())
