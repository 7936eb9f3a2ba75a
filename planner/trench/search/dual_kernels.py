"""Shortest paths in all diagrams, and sweeps that agree on the price of every start.

The kernels run without numba's reference counts, see `planner.trench.search.anneal_kernels`.
"""

from __future__ import annotations

from math import exp, inf, log1p

from numba import njit

from planner.trench.search.diagrams import Diagrams
from planner.trench.search.model import Floats

FAR = 1e17

MOST_APART = 40.0
"""Difference of two costs, in parts of the heat, beyond which the dearer one does not count."""

LEAST_FLOW = 1e-14
"""Share of paths through a node below which the node does not count."""


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _back(d: Diagrams, price: Floats, ahead: Floats, layer: int) -> None:
    for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
        least = FAR
        if d.low[n] >= 0:
            least = ahead[d.low[n]]
        if d.high[n] >= 0:
            start = d.pay[n] + price[layer] + ahead[d.high[n]]
            least = min(least, start)
        ahead[n] = least


@njit(cache=True, nogil=True, _nrt=False)
def values(d: Diagrams, price: Floats, ahead: Floats, value: Floats) -> None:
    """Fill `ahead` with the least cost from every node to its end, `value` with each diagram's.

    `d` is `planner.trench.search.diagrams.Diagrams`, `price` what a start costs in each layer.
    """
    for c in range(d.first_layer.size - 1):
        end = d.first_layer[c + 1] - 1
        ahead[d.layer_ptr[end]] = 0.0
        for layer in range(end - 1, d.first_layer[c] - 1, -1):
            _back(d, price, ahead, layer)
        value[c] = ahead[d.layer_ptr[d.first_layer[c]]]


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _advantage(d: Diagrams, price: Floats, behind: Floats, ahead: Floats, layer: int) -> float:
    """Return the least cost with the start of a layer, less that without it."""
    without = FAR
    start = FAR
    for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
        if d.low[n] >= 0:
            without = min(without, behind[n] + ahead[d.low[n]])
        if d.high[n] >= 0:
            start = min(start, behind[n] + d.pay[n] + ahead[d.high[n]])
    if start >= FAR / 2 or without >= FAR / 2:
        return FAR
    return float(start + price[layer] - without)


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _share(d: Diagrams, price: Floats, layer: int, advantage: float, keep: float) -> None:
    """Hand a start's advantage in one diagram on to the others that decide it."""
    label = d.label[layer]
    first, end = d.copy_ptr[label], d.copy_ptr[label + 1]
    count = end - first
    if count < 2 or advantage >= FAR:
        return
    given = advantage * (1.0 - keep / count)
    price[layer] -= given
    for i in range(first, end):
        if d.copy[i] != layer:
            price[d.copy[i]] += given / (count - 1)


@njit(cache=True, nogil=True, _nrt=False)
def sweep(
    d: Diagrams, price: Floats, behind: Floats, ahead: Floats, forward: bool, keep: float
) -> None:
    """Let every diagram in turn share the advantages of its starts; the bound never falls.

    Parameters
    ----------
    d
        The diagrams.
    price
        Price of each layer's start; changes, its sum over the copies of a label does not.
    behind, ahead
        Room for one number a node.
    forward
        Whether diagrams and their layers are taken in order of time, or against it.
    keep
        What a diagram keeps of an advantage, in parts of an even share.
    """
    count = d.first_layer.size - 1
    for step in range(count):
        c = step if forward else count - 1 - step
        first, end = d.first_layer[c], d.first_layer[c + 1] - 1
        ahead[d.layer_ptr[end]] = 0.0
        for n in range(d.layer_ptr[first], d.layer_ptr[end + 1]):
            behind[n] = FAR
        behind[d.layer_ptr[first]] = 0.0
        if forward:
            for layer in range(end - 1, first - 1, -1):
                _back(d, price, ahead, layer)
            for layer in range(first, end):
                _share(d, price, layer, _advantage(d, price, behind, ahead, layer), keep)
                _forth(d, price, behind, layer)
        else:
            for layer in range(first, end):
                _forth(d, price, behind, layer)
            for layer in range(end - 1, first - 1, -1):
                _share(d, price, layer, _advantage(d, price, behind, ahead, layer), keep)
                _back(d, price, ahead, layer)


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _forth(d: Diagrams, price: Floats, behind: Floats, layer: int) -> None:
    for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
        here = behind[n]
        if d.low[n] >= 0:
            behind[d.low[n]] = min(behind[d.low[n]], here)
        if d.high[n] >= 0:
            behind[d.high[n]] = min(behind[d.high[n]], here + d.pay[n] + price[layer])


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _soft_back(d: Diagrams, price: Floats, ahead: Floats, layer: int, heat: float) -> None:
    for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
        without = ahead[d.low[n]] if d.low[n] >= 0 else FAR
        start = d.pay[n] + price[layer] + ahead[d.high[n]] if d.high[n] >= 0 else FAR
        apart = abs(start - without) / heat
        ahead[n] = min(start, without)
        if apart < MOST_APART:
            ahead[n] -= heat * log1p(exp(-apart))


@njit(cache=True, nogil=True, _nrt=False)
def soft(
    d: Diagrams,
    price: Floats,
    heat: float,
    ahead: Floats,
    flow: Floats,
    value: Floats,
    taken: Floats,
) -> None:
    """Fill `value` with each diagram's softened least cost, `taken` with its slope in the prices.

    The softened least of costs c is ``-heat * log(sum(exp(-c / heat)))``; its slope is the share
    of each layer's start in all paths, a path counting the less the more it costs. `ahead` and
    `flow` are room for one number a node: the softened costs to the end, and the shares of paths.
    """
    for c in range(d.first_layer.size - 1):
        first, end = d.first_layer[c], d.first_layer[c + 1] - 1
        ahead[d.layer_ptr[end]] = 0.0
        for layer in range(end - 1, first - 1, -1):
            _soft_back(d, price, ahead, layer, heat)
        value[c] = ahead[d.layer_ptr[first]]
        for n in range(d.layer_ptr[first], d.layer_ptr[end + 1]):
            flow[n] = 0.0
        flow[d.layer_ptr[first]] = 1.0
        for layer in range(first, end):
            taken[layer] = _soft_forth(d, price, ahead, flow, layer, heat)


@njit(cache=True, nogil=True, _nrt=False, inline="always")
def _soft_forth(
    d: Diagrams, price: Floats, ahead: Floats, flow: Floats, layer: int, heat: float
) -> float:
    """Hand the shares of a layer's nodes on to their children; return what starts there."""
    total = 0.0
    for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
        share = flow[n]
        if share < LEAST_FLOW:
            continue
        if d.high[n] >= 0:
            dearer = (d.pay[n] + price[layer] + ahead[d.high[n]] - ahead[n]) / heat
            start = share * min(1.0, exp(-dearer))
            flow[d.high[n]] += start
            total += start
            share -= start
        if d.low[n] >= 0:
            flow[d.low[n]] += share
    return total


@njit(cache=True, nogil=True, _nrt=False)
def regrets(d: Diagrams, price: Floats, behind: Floats, ahead: Floats, regret: Floats) -> None:
    """Fill `regret` with what each layer's start costs its diagram beyond the least path.

    `values` must have filled `ahead` for the same prices.
    """
    for c in range(d.first_layer.size - 1):
        first, end = d.first_layer[c], d.first_layer[c + 1] - 1
        for n in range(d.layer_ptr[first], d.layer_ptr[end + 1]):
            behind[n] = FAR
        behind[d.layer_ptr[first]] = 0.0
        least = ahead[d.layer_ptr[first]]
        for layer in range(first, end):
            start = FAR
            for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
                if d.high[n] >= 0:
                    start = min(start, behind[n] + d.pay[n] + ahead[d.high[n]])
            regret[layer] = start + price[layer] - least
            _forth(d, price, behind, layer)


@njit(cache=True, nogil=True, _nrt=False)
def arc_regrets(
    d: Diagrams, price: Floats, behind: Floats, ahead: Floats, low: Floats, high: Floats
) -> None:
    """Fill in what the least path through each node's arcs costs its diagram beyond the least.

    Infinite where there is no arc. `values` must have filled `ahead` for the same prices.
    """
    for c in range(d.first_layer.size - 1):
        first, end = d.first_layer[c], d.first_layer[c + 1] - 1
        for n in range(d.layer_ptr[first], d.layer_ptr[end + 1]):
            behind[n] = FAR
            low[n] = inf
            high[n] = inf
        behind[d.layer_ptr[first]] = 0.0
        least = ahead[d.layer_ptr[first]]
        for layer in range(first, end):
            for n in range(d.layer_ptr[layer], d.layer_ptr[layer + 1]):
                if d.low[n] >= 0:
                    low[n] = behind[n] + ahead[d.low[n]] - least
                if d.high[n] >= 0:
                    high[n] = behind[n] + d.pay[n] + price[layer] + ahead[d.high[n]] - least
            _forth(d, price, behind, layer)
