"""Roads of the valleys: cheapest ways over the terrain, traced into lines that share junctions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from layers.sample.curves import smooth
from layers.sample.grid import Floats, Ints, spread
from layers.sample.terrain import Ground
from layers.sample.water import river_width_m

_GRADE = 0.065
"""Grade at which a metre of road is felt as two: above the 8 % that a valley road may climb."""

_BRIDGE = 9.0
_OUTSIDE = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """A road from junction to junction; `rank` 0 is the trunk road, higher is lesser."""

    rank: int
    line: LineString


def valley_ways(
    ground: Ground,
    gates: Floats,
    ranks: tuple[tuple[Floats, ...], ...],
    rng: np.random.Generator,
) -> tuple[Way, ...]:
    """Return roads that lead from every target to the county seat.

    Parameters
    ----------
    ground
        Terrain and river.
    gates
        Junctions of the seat's streets, at any of which a road may end, shape (n, 2).
    ranks
        Targets of each rank, those of a later rank join roads of earlier ones. A target is one
        point or several, shape (m, 2), of which the cheapest is reached and all belong to it.
    rng
        Source of randomness; it lets roads wander a little.
    """
    moves = ground.lattice.moves()
    cost = _cost(ground, moves, rng)
    gate_cells = ground.lattice.cell(gates)
    exact = dict(zip(gate_cells.tolist(), gates, strict=True))
    rank_of: dict[tuple[int, int], int] = {}
    used = set(gate_cells.tolist())
    for rank, targets in enumerate(ranks):
        if not targets:
            continue
        total, back = spread(ground.lattice, cost, np.array(sorted(used)), moves=moves)
        for target in targets:
            cells = ground.lattice.cell(target)
            cheapest = int(cells[np.argmin(total[cells])])
            used.update(_follow(back, cheapest, rank, rank_of))
            used.update(cells.tolist())
            for cell, xy in zip(cells.tolist(), target, strict=True):
                exact.setdefault(cell, xy)
    return tuple(_lines(ground, rank_of, exact))


def _cost(ground: Ground, moves: tuple[Ints, Ints, Floats], rng: np.random.Generator) -> Floats:
    first, second, metres = moves
    height = ground.height_m.ravel()
    grade = np.abs(height[first] - height[second]) / metres
    side = np.minimum(ground.slope().ravel(), 1.2)
    felt = 1.0 + (grade / _GRADE) ** 2 + 1.5 * (0.5 * (side[first] + side[second])) ** 2
    dear = np.ones(height.size)
    points = np.asarray(shapely.points(ground.lattice.xy(np.arange(height.size))), dtype=object)
    shapely.prepare(ground.boundary)
    dear[~shapely.contains(ground.boundary, points)] = _OUTSIDE
    dear[_water(ground, points)] = _BRIDGE
    wander = np.exp(0.12 * rng.standard_normal(len(first)))
    total: Floats = metres * felt * np.maximum(dear[first], dear[second]) * wander
    return total


def _water(ground: Ground, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    bed = ground.river.buffer(river_width_m(ground) / 2.0 + 12.0)
    shapely.prepare(bed)
    wet: NDArray[np.bool_] = shapely.contains(bed, points)
    return wet


def _follow(back: Ints, cell: int, rank: int, rank_of: dict[tuple[int, int], int]) -> list[int]:
    path = [cell]
    while (following := int(back[path[-1]])) >= 0:
        edge = (min(path[-1], following), max(path[-1], following))
        rank_of.setdefault(edge, rank)
        path.append(following)
    return path


def _lines(
    ground: Ground, rank_of: dict[tuple[int, int], int], exact: dict[int, Floats]
) -> list[Way]:
    """Cut the traced cells at junctions, ends and changes of rank, and smooth each piece."""
    around: dict[int, list[int]] = defaultdict(list)
    for u, v in rank_of:
        around[u].append(v)
        around[v].append(u)
    stops = {
        cell
        for cell, others in around.items()
        if len(others) != 2
        or cell in exact
        or len({rank_of[min(cell, o), max(cell, o)] for o in others}) > 1
    }
    ways = []
    for start in sorted(stops):
        for following in sorted(around[start]):
            chain = _chain(around, stops, start, following)
            if (chain[0], chain[1]) > (chain[-1], chain[-2]):
                continue
            points = ground.lattice.xy(np.array(chain))
            for end in (0, -1):
                points[end] = exact.get(chain[end], points[end])
            eased = smooth(points, step_m=18.0, sigma_m=1.7 * ground.lattice.cell_m)
            line = shapely.simplify(LineString(np.round(eased, 2)), 0.8)
            ways.append(Way(rank_of[min(chain[:2]), max(chain[:2])], line))
    return ways


def _chain(around: dict[int, list[int]], stops: set[int], start: int, following: int) -> list[int]:
    chain = [start, following]
    while chain[-1] not in stops:
        first, second = around[chain[-1]]
        chain.append(second if first == chain[-2] else first)
    return chain
