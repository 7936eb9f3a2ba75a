"""How lines run beside segments: their offset as it changes along the way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines, from_vertices, locate, measures, offset, points, vertices
from geo.pieces import pieces

COLUMNS = ("line", "segment", "side", "reversed", "from_m", "to_m", "first_m", "last_m")

_STATION_M = 10.0
"""Greatest distance of the stations at which an offset is taken."""
_INSET_M = 0.1
"""Distance of the first and the last station from the ends, which may lie at a bend."""
_AT_VERTEX_M = 1e-3


def tracks(
    runs: pd.DataFrame, lines: gpd.GeoSeries | Lines, segments: gpd.GeoDataFrame, *, step_m: float
) -> pd.DataFrame:
    """Return how lines run beside segments, as pieces straight in measure and offset.

    Parameters
    ----------
    runs
        As `geo.overlap.place` returns them for `lines` and `segments`, index 0..n-1.
    lines
        LineStrings or MultiLineStrings, CRS of the segments, in metres.
    segments
        Only the geometry is read.
    step_m
        How far an offset may be from that of the line, in metres.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: of each run its line, segment, side and direction, measures on the
        segment, and the offset of the line at either, positive to the left; by run, then along
        the segment. The pieces of a run follow one another without a gap.
    """
    stations = _stations(runs, np.asarray(lines, dtype=object), segments)
    mean_m = np.where(runs["side"] == "left", 1.0, -1.0) * runs["offset_m"].to_numpy()
    known = pd.concat([_ends(stations, runs, mean_m), stations])
    known = known.sort_values(["run", "at_m"], kind="stable")
    drawn = from_vertices(known[["at_m", "offset_m"]].to_numpy(), known["run"].to_numpy(np.int64))
    xy, run = vertices(shapely.simplify(drawn, step_m, preserve_topology=False))
    piece = np.flatnonzero((run[1:] == run[:-1]) & (xy[1:, 0] > xy[:-1, 0]))
    of_run = runs[["line", "segment", "side", "reversed"]].iloc[run[piece]].reset_index(drop=True)
    return of_run.assign(
        from_m=xy[piece, 0], to_m=xy[piece + 1, 0], first_m=xy[piece, 1], last_m=xy[piece + 1, 1]
    )


def _stations(runs: pd.DataFrame, lines: Lines, segments: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return measure and offset at the vertices of the line along each run, and at steps between.

    Around a bend of the segment the nearest place on it is the bend itself, and the distance to
    it is not the offset of a parallel line: such points are left out.
    """
    run, places = _places(runs, lines)
    roads = np.asarray(segments.geometry.array, dtype=object)
    segment = runs["segment"].to_numpy(np.int64)[run]
    found = pd.DataFrame(
        {
            "run": run,
            "at_m": locate(roads[segment], places),
            "offset_m": offset(roads[segment], places),
        }
    )
    within = found["at_m"].between(
        runs["from_m"].to_numpy()[run], runs["to_m"].to_numpy()[run], inclusive="neither"
    )
    return found[within & ~_at_vertex(roads, segment, found["at_m"].to_numpy())]


def _places(runs: pd.DataFrame, lines: Lines) -> tuple[Ints, Lines]:
    """Return points of the line inside each run and just before its ends, and whose they are."""
    used, line = np.unique(runs["line"], return_inverse=True)
    cut, length_m = pieces(lines[used], step_m=_STATION_M), shapely.length(lines[used])
    base = np.cumsum(length_m + 1.0) - length_m
    inset_m = np.minimum(_INSET_M, (runs["line_to_m"] - runs["line_from_m"]).to_numpy() / 4)
    first_m = runs["line_from_m"].to_numpy() + inset_m
    last_m = runs["line_to_m"].to_numpy() - inset_m
    known = base[cut.line] + cut.from_m
    low, high = (np.searchsorted(known, base[line] + end_m) for end_m in (first_m, last_m))
    count, every = high - low, np.arange(len(runs))
    run = np.repeat(every, count)
    inner = np.arange(len(run)) + np.repeat(high - np.cumsum(count), count)
    track = lines[used][line]
    ends = [shapely.line_interpolate_point(track, end_m) for end_m in (first_m, last_m)]
    return (
        np.concatenate([run, every, every]),
        np.concatenate([points(cut.start[inner]), *ends]),
    )


def _at_vertex(lines: Lines, line: Ints, at_m: Floats) -> NDArray[np.bool_]:
    """Return whether a measure is that of one of its line's vertices."""
    xy, owner = vertices(lines)
    base = np.cumsum(shapely.length(lines) + 1.0) - shapely.length(lines)
    known, sought = base[owner] + measures(xy, owner), base[line] + at_m
    after = np.clip(np.searchsorted(known, sought), 1, len(known) - 1)
    near_m = np.minimum(np.abs(known[after] - sought), np.abs(known[after - 1] - sought))
    return np.asarray(near_m < _AT_VERTEX_M)


def _ends(stations: pd.DataFrame, runs: pd.DataFrame, mean_m: Floats) -> pd.DataFrame:
    """Return both ends of each run with the offset of the station next to them.

    A run without a station has its mean offset throughout.
    """
    ordered = stations.sort_values(["run", "at_m"], kind="stable").groupby("run")["offset_m"]
    mean = pd.Series(mean_m)
    ends = [
        pd.DataFrame({"at_m": runs[name].to_numpy(), "offset_m": near.reindex(mean.index)})
        for name, near in (("from_m", ordered.first()), ("to_m", ordered.last()))
    ]
    return pd.concat(
        [end.fillna({"offset_m": mean}).reset_index(names="run") for end in ends],
        ignore_index=True,
    )
