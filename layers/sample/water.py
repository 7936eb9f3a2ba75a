"""Streams of the sample county, traced down the drainage of its terrain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from layers.sample.curves import smooth
from layers.sample.terrain import Ground


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream from its spring to where it joins another; `drained_km2` at its mouth."""

    line: LineString
    drained_km2: float


def streams(ground: Ground, *, drained_km2: float) -> tuple[Stream, ...]:
    """Return the streams that drain at least the area given, longest first.

    Each runs from its spring down to the river or to the cell where it joins a longer stream.
    """
    area = ground.drained_km2.ravel()
    wet = np.flatnonzero((area >= drained_km2) & (ground.below >= 0))
    fed = np.zeros(area.size, dtype=np.bool_)
    fed[ground.below[wet]] = True
    springs = wet[~fed[wet]]
    runs = sorted((_run(ground.below, int(cell)) for cell in springs), key=len, reverse=True)
    taken: set[int] = set()
    found = []
    for run in runs:
        stop = next((i for i, cell in enumerate(run) if cell in taken), len(run) - 1)
        part = run[: stop + 1]
        taken.update(part)
        if len(part) >= 4:
            points = ground.lattice.xy(np.array(part))
            eased = smooth(points, step_m=20.0, sigma_m=2.0 * ground.lattice.cell_m)
            found.append(Stream(LineString(eased), float(area[part[-2]])))
    return tuple(found)


def _run(below: NDArray[np.int64], cell: int) -> list[int]:
    run = [cell]
    while (cell := int(below[cell])) >= 0:
        run.append(cell)
    return run


def river_width_m(ground: Ground) -> float:
    """Return the width of the main river, which grows with the county."""
    return float(np.clip(52.0 * (ground.boundary.area / 1e8) ** 0.18, 40.0, 110.0))


def surfaces(ground: Ground, brooks: tuple[Stream, ...]) -> list[tuple[str, Polygon]]:
    """Return the water surfaces inside the border: the river, then streams of some size."""
    half = river_width_m(ground) / 2.0
    river = ground.river.buffer(half, cap_style="flat").intersection(ground.boundary)
    found = [("river", part) for part in shapely.get_parts(river) if part.area > 500.0]
    for stream in brooks:
        if stream.drained_km2 < 6.0:
            continue
        width = min(4.0 + 1.4 * np.sqrt(stream.drained_km2), 0.6 * half)
        bed = stream.line.buffer(width / 2.0).difference(river).intersection(ground.boundary)
        found += [("stream", part) for part in shapely.get_parts(bed) if part.area > 2_000.0]
    return found
