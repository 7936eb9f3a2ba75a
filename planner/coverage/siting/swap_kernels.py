"""Exchange of sites, compiled, with exact gains kept up to date.

Of each point the search knows how many chosen sites reach it, and the sum of their slots: where
the number is 1, the sum is the slot of the only one. From this follow, without a pass over points,

- ``gain[k]``: weight that nobody chosen reaches and candidate k would;
- ``loss[s]``: weight that the site of slot s alone reaches;
- ``both[s, k]``: the part of ``loss[s]`` that candidate k reaches too.

An exchange of slot s for k changes the covered weight by gain[k] - loss[s] + both[s, k].

References
----------
Resende and Werneck (2007), A fast swap-based local search procedure for location problems: gain,
loss and the correction of pairs. Glover (1989), Tabu search, part I.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from planner.coverage.siting.problem import Ints, Places, Sight

NONE = -1
DROP = -1
"""In place of a candidate: a slot is only emptied."""
LEAST = -(2**62)
"""Below every difference of value."""
KEEPS, STAYS = 6, 3
"""Steps during which a site that left does not return, and a new one does not leave; each varies
by the step's number modulo `SPREAD`."""
SPREAD = 5


class State(NamedTuple):
    """A choice with its gains; all arrays are changed in place.

    `slot` holds a candidate's slot or -1, `holder` a slot's candidate or -1; `times` says how many
    chosen sites reach a point and `owner` the sum of their slots; `used` holds the sizes of the
    chosen and `value` the choice's value, each as one number in an array.
    """

    slot: Places
    holder: Places
    times: Places
    owner: Ints
    gain: Ints
    loss: Ints
    both: np.ndarray
    used: Ints
    value: Ints


@njit(cache=True, nogil=True, error_model="numpy")
def empty_state(sight: Sight, weight: Ints, slots: int) -> State:
    """Return the state in which nothing is chosen."""
    candidates, points = len(sight.row) - 1, len(weight)
    gain = np.zeros(candidates, dtype=np.int64)
    for site in range(candidates):
        for place in range(sight.row[site], sight.row[site + 1]):
            gain[site] += weight[sight.points[place]]
    return State(
        np.full(candidates, NONE, dtype=np.int32), np.full(slots, NONE, dtype=np.int32),
        np.zeros(points, dtype=np.int32), np.zeros(points, dtype=np.int64),
        gain, np.zeros(slots, dtype=np.int64), np.zeros((slots, candidates), dtype=np.int64),
        np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _owned(sight: Sight, state: State, point: int, slot: int, amount: int) -> None:
    """Count a point to what one slot alone reaches, or with a negative amount no longer."""
    state.loss[slot] += amount
    for place in range(sight.column[point], sight.column[point + 1]):
        state.both[slot, sight.sites[place]] += amount


@njit(cache=True, nogil=True, error_model="numpy")
def _open(sight: Sight, state: State, point: int, amount: int) -> None:
    """Count a point to what candidates would gain, or with a negative amount no longer."""
    for place in range(sight.column[point], sight.column[point + 1]):
        state.gain[sight.sites[place]] += amount


@njit(cache=True, nogil=True, error_model="numpy")
def put(
    sight: Sight, weight: Ints, charge: Ints, size: Ints, state: State, site: int, slot: int
) -> None:
    """Choose a candidate into an empty slot."""
    state.value[0] += state.gain[site] - charge[site]
    state.used[0] += size[site]
    state.slot[site], state.holder[slot] = slot, site
    for place in range(sight.row[site], sight.row[site + 1]):
        point = sight.points[place]
        if state.times[point] == 0:
            _open(sight, state, point, -weight[point])
            _owned(sight, state, point, slot, weight[point])
        elif state.times[point] == 1:
            _owned(sight, state, point, state.owner[point], -weight[point])
        state.times[point] += 1
        state.owner[point] += slot


@njit(cache=True, nogil=True, error_model="numpy")
def take(sight: Sight, weight: Ints, charge: Ints, size: Ints, state: State, slot: int) -> None:
    """Empty a slot."""
    site = state.holder[slot]
    state.value[0] -= state.loss[slot] - charge[site]
    state.used[0] -= size[site]
    state.slot[site], state.holder[slot] = NONE, NONE
    for place in range(sight.row[site], sight.row[site + 1]):
        point = sight.points[place]
        state.times[point] -= 1
        state.owner[point] -= slot
        if state.times[point] == 0:
            _owned(sight, state, point, slot, -weight[point])
            _open(sight, state, point, weight[point])
        elif state.times[point] == 1:
            _owned(sight, state, point, state.owner[point], weight[point])


@njit(cache=True, nogil=True, error_model="numpy")
def best_move(
    charge: Ints, size: Ints, budget: int, state: State, until: Ints, step: int, wanted: int
) -> tuple[int, int, int]:
    """Return the best change as (difference of value, slot, candidate); slot -1 if there is none.

    Parameters
    ----------
    until
        Step up to which each candidate may neither come nor go.
    step
        Present step.
    wanted
        Difference above which a change is taken although it is forbidden for a while.

    Notes
    -----
    Candidate `DROP` only empties the slot; an empty slot is filled. Of equals the first counts.
    """
    top, top_slot, top_site = LEAST, NONE, DROP
    filled = False
    for slot in range(len(state.holder)):
        old = state.holder[slot]
        if old == NONE and filled:
            continue
        filled = filled or old == NONE
        room, back, forbidden = budget - state.used[0], 0, False
        if old != NONE:
            room += size[old]
            back = charge[old] - state.loss[slot]
            forbidden = until[old] > step
            if back > top and (not forbidden or back > wanted):
                top, top_slot, top_site = back, slot, DROP
        for site in range(len(size)):
            delta = back + state.gain[site] + state.both[slot, site] - charge[site]
            if delta <= top or state.slot[site] != NONE or size[site] > room:
                continue
            if (forbidden or until[site] > step) and delta <= wanted:
                continue
            top, top_slot, top_site = delta, slot, site
    return top, top_slot, top_site


@njit(cache=True, nogil=True, error_model="numpy")
def search(
    sight: Sight, weight: Ints, charge: Ints, size: Ints, budget: int, state: State, steps: int
) -> Places:
    """Change the choice step by step and return the best one met, as `State.holder`.

    Improving changes are always taken; `steps` counts those that are made although they do not
    improve, so 0 ends at the first choice that no single change improves.
    """
    until = np.zeros(len(size), dtype=np.int64)
    best, kept = state.value[0], state.holder.copy()
    step, worse = 0, 0
    while True:
        step += 1
        delta, slot, site = best_move(
            charge, size, budget, state, until, step, best - state.value[0]
        )
        if slot == NONE or (delta <= 0 and worse >= steps):
            return kept
        worse += delta <= 0
        old = state.holder[slot]
        if old != NONE:
            take(sight, weight, charge, size, state, slot)
            until[old] = step + KEEPS + step % SPREAD
        if site != DROP:
            put(sight, weight, charge, size, state, site, slot)
            until[site] = step + STAYS + step % SPREAD
        if state.value[0] > best:
            best = state.value[0]
            kept[:] = state.holder
