"""The decision diagram of each cluster, and all of them as one set of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.trench.search.clusters import MOST_ITEMS, MOST_WORKS, Cluster, Part, halves
from planner.trench.search.diagram_kernels import (
    APART,
    FILLED,
    NEVER,
    PLAIN,
    SLOT_MASK,
    Items,
    Packed,
    grow,
)
from planner.trench.search.model import Ints, Model


class Diagram(NamedTuple):
    """One cluster as a diagram; `label` is the place in `Model.starts` that a layer decides."""

    cluster: Cluster
    label: Ints
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    pay: Ints
    layer_ptr: Ints


class Diagrams(NamedTuple):
    """All diagrams end to end; nodes and layers are counted through.

    Parameters
    ----------
    low, high, pay
        As `diagram_kernels.grow`, children as rows of these arrays.
    layer_ptr
        Nodes of each layer; a diagram's end node is a layer of its own.
    first_layer
        First layer of each diagram; the next one's, less one, is the layer of its end node.
    label
        Place in `Model.starts` of each layer, -1 for an end.
    copy_ptr, copy
        Layers that decide each label.
    """

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    pay: NDArray[np.float64]
    layer_ptr: Ints
    first_layer: Ints
    label: Ints
    copy_ptr: Ints
    copy: Ints


def diagrams(
    model: Model, wanted: Sequence[Cluster], *, most_nodes: int, stop: Callable[[], bool]
) -> list[Diagram]:
    """Return the diagrams of clusters; those too large are taken apart until they fit.

    Parameters
    ----------
    model
        Of the whole problem.
    wanted
        From `planner.trench.search.clusters.clusters`.
    most_nodes
        Nodes that one diagram may have.
    stop
        Asked between diagrams; once it says so only what is left small is built.
    """
    waiting, made = list(reversed(wanted)), []
    while waiting:
        cluster = waiting.pop()
        diagram = None
        if len(cluster.shifts) <= MOST_WORKS:
            diagram = _diagram(model, cluster, min(most_nodes, 2000) if stop() else most_nodes)
        if diagram is not None:
            made.append(diagram)
        elif len(cluster.shifts) > 1:
            waiting += reversed(halves(cluster))
    return made


def _diagram(model: Model, cluster: Cluster, most_nodes: int) -> Diagram | None:
    works = cluster.works
    number = {work: place for place, work in enumerate(works)}
    layers = sorted(
        (int(model.starts[label]) + cluster.shifts[work], number[work], label)
        for work in works
        for label in range(model.start_ptr[work], model.start_ptr[work + 1])
    )
    times = np.array([layer[0] for layer in layers], dtype=np.int64)
    who = np.array([layer[1] for layer in layers], dtype=np.int64)
    items = _items(model, cluster.parts, number)
    longest = items.duration.max(axis=1) + items.gap + 1
    if len(cluster.parts) > MOST_ITEMS or longest.max() > SLOT_MASK:
        return None
    packs = _packs(model, cluster, number)
    next_start = _next_start(times, who, len(works))
    low, high, pay, layer_ptr = grow(times, who, next_start, items, packs, most_nodes)
    if not low.size:
        return None
    label = np.array([layer[2] for layer in layers], dtype=np.int64)
    return Diagram(cluster, label, low, high, pay, layer_ptr)


def _next_start(times: Ints, who: Ints, works: int) -> Ints:
    after = np.full((times.size + 1, works), NEVER, dtype=np.int64)
    for layer in range(times.size - 1, -1, -1):
        after[layer] = after[layer + 1]
        after[layer, who[layer]] = times[layer]
    return after


def prices_of(model: Model, part: Part) -> tuple[Ints, Ints]:
    """Return set-up and open period of a part's segments, thousandths; none for a pair."""
    if part.group < 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    within = slice(*model.segment_ptr[part.group : part.group + 2])
    setup, period = model.segment_setup_milli[within], model.segment_period_milli[within]
    return setup * part.share // 1000, period * part.share // 1000


def _gap_prices(part: Part, setup: Ints, period: Ints, longest: int) -> Ints:
    """Return what gaps of 0, 1, ... periods cost: filled or opened again, segment by segment.

    The last price holds for all longer gaps; only that of 0 is needed where gaps are not filled.
    """
    most = 0
    if part.filled and period.any():
        most = int(np.max(-(-setup[period > 0] // period[period > 0])))
    gaps = np.arange(max(0, min(most, SLOT_MASK - longest - 2)) + 1)
    return np.asarray(np.minimum(setup, period * gaps[:, None]).sum(axis=1), dtype=np.int64)


def _items(model: Model, parts: Sequence[Part], number: dict[int, int]) -> Items:
    duration = np.ones((len(parts), len(number)), dtype=np.int64)
    kinds, members, prices, gaps = [], [], [], []
    for row, part in enumerate(parts):
        for work, periods in part.durations.items():
            duration[row, number[work]] = periods
        setup, period = prices_of(model, part)
        kinds.append(APART if part.group < 0 else FILLED if part.filled else PLAIN)
        members.append(sum(1 << number[work] for work in part.shifts))
        prices.append((int(setup.sum()), int(period.sum())))
        gaps.append(_gap_prices(part, setup, period, int(duration[row].max())))
    table = np.zeros((len(parts), max(gap.size for gap in gaps)), dtype=np.int64)
    for row, gap in enumerate(gaps):
        table[row, : gap.size] = gap
    return Items(
        kind=np.array(kinds, dtype=np.int64),
        members=np.array(members, dtype=np.uint64),
        duration=duration,
        setup=np.array([price[0] for price in prices], dtype=np.int64),
        period=np.array([price[1] for price in prices], dtype=np.int64),
        gap=np.array([gap.size - 1 for gap in gaps], dtype=np.int64),
        filling=table,
    )


def _packs(model: Model, cluster: Cluster, number: dict[int, int]) -> Packed:
    """Return the packs of a cluster; none where it is not priced."""
    entries: list[list[int]] = []
    prices: list[Ints] = []
    if cluster.priced:
        group = cluster.parts[0].group
        first = int(model.group_ptr[group])
        for pack in range(model.pack_ptr[group], model.pack_ptr[group + 1]):
            places = model.entry[model.entry_ptr[pack] : model.entry_ptr[pack + 1]]
            prices.append(model.price_milli[model.price_ptr[pack] : model.price_ptr[pack + 1]])
            entries.append([number[int(model.member[first + place])] for place in places])
    mates = np.zeros(len(number) if entries else 0, dtype=np.uint64)
    for works in entries:
        bits = np.uint64(sum(1 << work for work in works))
        mates[works] |= bits
    return Packed(
        _ptr(entries),
        np.array([work for works in entries for work in works], dtype=np.int64),
        _ptr(prices),
        np.concatenate([np.zeros(0, dtype=np.int64), *prices]),
        mates,
    )


def joined(model: Model, found: Sequence[Diagram]) -> Diagrams:
    """Put diagrams end to end."""
    nodes = np.cumsum([0, *(diagram.low.size for diagram in found)])
    layer_ptr, labels, first = [np.zeros(1, dtype=np.int64)], [], [0]
    low, high = [], []
    for diagram, offset in zip(found, nodes, strict=False):
        low.append(np.where(diagram.low >= 0, diagram.low + offset, -1))
        high.append(np.where(diagram.high >= 0, diagram.high + offset, -1))
        layer_ptr.append(diagram.layer_ptr[1:] + offset)
        labels.append(np.append(diagram.label, -1))
        first.append(first[-1] + diagram.label.size + 1)
    label = np.concatenate([np.zeros(0, dtype=np.int64), *labels])
    used = np.flatnonzero(label >= 0)
    order = used[np.argsort(label[used], kind="stable")]
    copies = np.bincount(label[used], minlength=model.starts.size)
    return Diagrams(
        low=np.concatenate([np.zeros(0), *low]).astype(np.int32),
        high=np.concatenate([np.zeros(0), *high]).astype(np.int32),
        pay=np.concatenate([np.zeros(0), *(diagram.pay for diagram in found)]),
        layer_ptr=np.concatenate(layer_ptr).astype(np.int64),
        first_layer=np.array(first, dtype=np.int64),
        label=label,
        copy_ptr=np.concatenate(([0], np.cumsum(copies))).astype(np.int64),
        copy=order.astype(np.int64),
    )


def _ptr(parts: Sequence[Sequence[int] | Ints]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)
