"""Walk along the streets of a town, segment by segment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString

from layers.sample.frames import Record
from layers.sample.grid import Floats

_STRAIGHT_DEG = 50.0
_RANK = {"arterial": 3.0, "secondary_road": 2.5, "branch": 1.5}


@dataclass(frozen=True, slots=True)
class Streets:
    """Segments with their neighbours.

    Parameters
    ----------
    rows
        Records of `layers.tables.SEGMENTS`.
    at
        For each junction the segments that end there.
    weight
        Chance of each segment to be where a walk begins: main streets first.
    """

    rows: Sequence[Record]
    at: Mapping[int, Sequence[int]]
    weight: Floats

    @classmethod
    def of(cls, segments: gpd.GeoDataFrame) -> Streets:
        """Return the streets made of the segments given."""
        rows = segments.to_dict("records")
        at: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            for node in (row["from_node"], row["to_node"]):
                at.setdefault(int(node), []).append(i)
        weight = np.array([_RANK.get(row["road_class"], 0.8) for row in rows])
        return cls(rows, at, weight / weight.sum() if rows else weight)

    def run(self, count: int, rng: np.random.Generator) -> list[tuple[int, bool]]:
        """Return up to `count` segments one after another, as straight ahead as they go.

        Each comes with whether it is walked against its own direction.
        """
        first = int(rng.choice(len(self.rows), p=self.weight))
        run = [(first, bool(rng.random() < 0.5))]
        while len(run) < count:
            following = self._ahead(run)
            if following is None:
                break
            run.append(following)
        return run

    def line(self, run: Sequence[tuple[int, bool]]) -> LineString:
        """Return the centre line along a run."""
        parts = [self._walked(i, back=back) for i, back in run]
        return LineString(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))

    def _walked(self, i: int, *, back: bool) -> Floats:
        xy = shapely.get_coordinates(self.rows[i]["geometry"])
        return xy[::-1] if back else xy

    def _ahead(self, run: Sequence[tuple[int, bool]]) -> tuple[int, bool] | None:
        last, back = run[-1]
        node = int(self.rows[last]["from_node" if back else "to_node"])
        used = {i for i, _ in run}
        end = self._walked(last, back=back)[-2:]
        heading = math.atan2(*(end[1] - end[0])[::-1])
        best, least = None, math.radians(_STRAIGHT_DEG)
        for i in self.at[node]:
            against = int(self.rows[i]["to_node"]) == node
            start = self._walked(i, back=against)[:2]
            turn = math.atan2(*(start[1] - start[0])[::-1]) - heading
            turn = abs(math.remainder(turn, 2 * math.pi))
            if i not in used and turn < least:
                best, least = (i, against), turn
        return best
