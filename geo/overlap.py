"""Place lines on segments: which stretch of which segment a line runs along, and on which side.

A line is cut into short pieces, each piece goes to the nearest segment that runs beside it, and
pieces that follow one another on one segment become a run. Runs too short to mean anything give
their pieces to the next nearest segment.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.graph import end_nodes
from geo.lines import Floats, Ints, Lines, points
from geo.parallel import Edges, beside
from geo.pieces import Pieces, pieces

COLUMNS = (
    "line", "segment", "from_m", "to_m", "side", "offset_m", "reversed", "line_from_m", "line_to_m",
)  # fmt: skip

_END_M = 0.05


def place(
    lines: gpd.GeoSeries | Lines,
    segments: gpd.GeoDataFrame,
    *,
    max_offset_m: float,
    max_angle_deg: float,
    min_overlap_m: float,
    step_m: float = 5.0,
    centre_m: float = 0.5,
) -> pd.DataFrame:
    """Return the stretches of segments that lines run along.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings (measured through their parts in order), CRS of the
        segments, in metres.
    segments
        As `geo.segments.make` returns them; only the geometry is read.
    max_offset_m
        Greatest distance between a line and its segment in metres.
    max_angle_deg
        Greatest angle between them in degrees.
    min_overlap_m
        Runs shorter than this are dropped, unless they take up half of the line or of the
        segment.
    step_m
        Length of the pieces in metres.
    centre_m
        Offset in metres within which a line counts as lying on the centre line, where it keeps
        the side that it has before or after; a line that never leaves it lies "right".

    Returns
    -------
    DataFrame
        One row a run, sorted by line, then measure on it: ``line`` and ``segment`` (positions),
        ``from_m`` < ``to_m`` (measures on the segment), ``side`` ("left" or "right" of the
        segment's direction), ``offset_m`` (mean distance), ``reversed`` (the line runs against
        the segment), ``line_from_m`` < ``line_to_m`` (measures on the line).

    Raises
    ------
    ValueError
        If a limit is negative, or the step is not positive.
    """
    if min(max_offset_m, max_angle_deg, min_overlap_m, centre_m) < 0 or step_m <= 0:
        msg = "limits must not be negative and the step must be positive"
        raise ValueError(msg)
    roads = np.asarray(segments.geometry.array, dtype=object)
    track = np.asarray(lines, dtype=object)
    cut = pieces(track, step_m=step_m, beside=_ends(roads), reach_m=max_offset_m)
    found = _candidates(cut, roads, max_offset_m=max_offset_m, max_angle_deg=max_angle_deg)
    found["least_m"] = np.minimum.reduce(
        [
            np.full(len(found), min_overlap_m),
            shapely.length(roads)[found["segment"]] / 2,
            shapely.length(track)[found["line"]] / 2,
        ]
    )
    chosen = _chosen(found, 2 * step_m)
    return _runs(_sided(chosen, centre_m))


def _ends(roads: Lines) -> Lines:
    return points(end_nodes(roads)[0])


def _candidates(
    cut: Pieces, roads: Lines, *, max_offset_m: float, max_angle_deg: float
) -> pd.DataFrame:
    """Return for every piece the segments that run beside it, nearest first."""
    edges = Edges.of(roads)
    near = beside(
        (cut.start + cut.end) / 2, cut.heading, edges,
        max_offset_m=max_offset_m, max_angle_deg=max_angle_deg,
    )  # fmt: skip
    segment = edges.line[near.edge]
    length = shapely.length(roads)[segment]
    at = [
        edges.from_m[near.edge]
        + ((xy[near.point] - edges.start[near.edge]) * edges.heading[near.edge]).sum(axis=1)
        for xy in (cut.start, cut.end)
    ]
    first, last = (_to_ends(measure, length) for measure in at)
    frame = pd.DataFrame(
        {
            "piece": near.point, "segment": segment, "line": cut.line[near.point],
            "line_from_m": cut.from_m[near.point], "line_to_m": cut.to_m[near.point],
            "from_m": np.minimum(first, last), "to_m": np.maximum(first, last),
            "offset_m": near.offset_m, "reversed": near.against,
        }
    )  # fmt: skip
    frame = frame[frame["from_m"] < frame["to_m"]]
    return frame.drop_duplicates(["piece", "segment"]).reset_index(drop=True)


def _to_ends(at_m: Floats, length_m: Floats) -> Floats:
    """Return measures within a segment, those a few centimetres from an end at the end."""
    near_m = np.minimum(_END_M, length_m / 4)
    inside = np.where(at_m < near_m, 0.0, at_m)
    return np.asarray(np.where(inside > length_m - near_m, length_m, inside))


def _chosen(found: pd.DataFrame, gap_m: float) -> pd.DataFrame:
    """Give every piece to its nearest segment, then dissolve runs that are too short.

    In every round the shortest run of each line that is too short gives its pieces to their next
    candidates, until every run is long enough; lines that have come to rest are set aside.
    """
    rested: list[pd.DataFrame] = []
    left = found
    while len(left):
        best = left.drop_duplicates("piece").reset_index(names="row")
        best["run"] = _run_numbers(best, gap_m)
        runs = best.groupby("run").agg(
            line=("line", "first"), least_m=("least_m", "first"),
            from_m=("from_m", "min"), to_m=("to_m", "max"),
        )  # fmt: skip
        runs["length_m"] = runs["to_m"] - runs["from_m"]
        short = runs[runs["length_m"] < runs["least_m"] * (1 - 1e-9)]
        restless = best["line"].isin(short["line"])
        rested.append(best[~restless])
        yields = (
            short.sort_values(["line", "length_m"], kind="stable").drop_duplicates("line").index
        )
        given_up = best.loc[best["run"].isin(yields), "row"]
        left = left[left["line"].isin(short["line"]) & ~left.index.isin(given_up)]
    chosen = pd.concat([found.iloc[:0].assign(run=0), *rested])
    chosen = chosen.sort_values("piece", ignore_index=True)
    return chosen.assign(run=_run_numbers(chosen, gap_m))


def _run_numbers(best: pd.DataFrame, gap_m: float) -> Ints:
    """Return for each piece the number of its run: pieces on one segment without a gap.

    Around a bend a line skips up to its offsets before and after it, which is no gap.
    """
    gap = gap_m + best["offset_m"].abs() + best["offset_m"].shift().abs()
    before = best.shift()
    holds = (
        (best["line"] == before["line"])
        & (best["segment"] == before["segment"])
        & (best["reversed"] == before["reversed"])
        & (best["line_from_m"] - before["line_to_m"] <= gap)
        & (
            np.maximum(best["from_m"], before["from_m"]) - np.minimum(best["to_m"], before["to_m"])
            <= gap
        )
    )
    return np.asarray(np.cumsum(~holds.to_numpy()) - 1, dtype=np.int64)


def _sided(chosen: pd.DataFrame, centre_m: float) -> pd.DataFrame:
    """Add the side of each piece: its own, or on the centre line that of its neighbours."""
    sign = np.sign(chosen["offset_m"]).where(chosen["offset_m"].abs() > centre_m)
    filled = sign.groupby(chosen["run"]).ffill().groupby(chosen["run"]).bfill()
    stretch = ((filled != filled.shift()) | (chosen["run"] != chosen["run"].shift())).cumsum()
    size = (chosen["to_m"] - chosen["from_m"]).groupby(stretch).transform("sum")
    sign = filled.where(size >= chosen["least_m"])
    filled = sign.groupby(chosen["run"]).ffill().groupby(chosen["run"]).bfill()
    return chosen.assign(side=np.where(filled.fillna(-1.0) > 0, "left", "right"))


def _runs(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return one row a run and side."""
    stretch = (
        (chosen["side"] != chosen["side"].shift()) | (chosen["run"] != chosen["run"].shift())
    ).cumsum()
    weight = chosen["line_to_m"] - chosen["line_from_m"]
    parts = chosen.assign(weight=weight, moment=chosen["offset_m"].abs() * weight).groupby(stretch)
    runs = parts.agg(
        line=("line", "first"), segment=("segment", "first"), from_m=("from_m", "min"),
        to_m=("to_m", "max"), side=("side", "first"), moment=("moment", "sum"),
        weight=("weight", "sum"), reversed=("reversed", "first"),
        line_from_m=("line_from_m", "min"), line_to_m=("line_to_m", "max"),
    )  # fmt: skip
    runs["offset_m"] = runs["moment"] / runs["weight"]
    return runs[list(COLUMNS)].reset_index(drop=True)
