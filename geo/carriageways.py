"""Find the carriageways that belong to one road (双幅路).

A segment follows another where it runs beside it within a given distance over at least half of
its length, and the two are not the legs of a hairpin bend. The longest segment leads and those
beside it follow, so that a boulevard becomes as many groups as it has stretches between
junctions, and not one, and every member of a group lies along its leader.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines, directions
from geo.parallel import Edges, beside
from geo.pieces import pieces

_STEP_M = 10.0
_LEAST_SHARE = 0.5
_HAIRPIN_DEG = 60.0
_LEVEL_DIGITS = 1


def groups(lines: Lines, road: Ints, *, dual_m: float, dual_angle_deg: float) -> Ints:
    """Return for each line the position of the leader of its group, itself if it has none.

    The leader is the longest of its group; of lines that are equally long, to 0.1 m, the first.

    Parameters
    ----------
    lines
        LineStrings in a projected CRS in metres, shape (n,).
    road
        Number of the road that each line belongs to, shape (n,); only lines of one road are
        grouped, those of -1 never.
    dual_m
        Greatest distance between the axes of two carriageways in metres.
    dual_angle_deg
        Greatest angle between them in degrees.
    """
    candidate = np.flatnonzero(road >= 0)
    chosen = lines[candidate]
    pairs = _following(chosen, road[candidate], dual_m=dual_m, dual_angle_deg=dual_angle_deg)
    leader = np.arange(len(lines), dtype=np.int64)
    leader[candidate] = candidate[_led(pairs, shapely.length(chosen))]
    return leader


def _led(pairs: pd.DataFrame, length_m: Floats) -> Ints:
    """Return the leader of each line: the longest that is left takes those that may follow it."""
    followers = pairs.groupby("leader")["line"].apply(np.asarray).to_dict()
    leader = np.arange(len(length_m), dtype=np.int64)
    free = np.ones(len(length_m), dtype=bool)
    for line in np.argsort(-np.round(length_m, _LEVEL_DIGITS), kind="stable"):
        if free[line]:
            free[line] = False
            mine = followers.get(line, leader[:0])
            mine = mine[free[mine]]
            leader[mine], free[mine] = line, False
    return leader


def _following(lines: Lines, road: Ints, *, dual_m: float, dual_angle_deg: float) -> pd.DataFrame:
    """Return pairs of a line and another of its road that it may follow."""
    cut = pieces(lines, step_m=_STEP_M)
    edges = Edges.of(lines)
    near = beside(
        (cut.start + cut.end) / 2, cut.heading, edges,
        max_offset_m=dual_m, max_angle_deg=dual_angle_deg,
    )  # fmt: skip
    line, leader = cut.line[near.point], edges.line[near.edge]
    level = (near.along_m >= 0) & (near.along_m <= edges.length_m[near.edge])
    keep = level & (line != leader) & (road[line] == road[leader])
    frame = pd.DataFrame({"line": line, "leader": leader, "piece": near.point})[keep]
    frame = frame.drop_duplicates(["leader", "piece"])
    frame["length_m"] = (cut.to_m - cut.from_m)[frame["piece"]]
    pairs = frame.groupby(["line", "leader"], as_index=False)["length_m"].sum()
    pairs = pairs[pairs["length_m"] >= _LEAST_SHARE * shapely.length(lines)[pairs["line"]]]
    ends = (pairs[name].to_numpy(np.int64) for name in ("line", "leader"))
    return pd.DataFrame(pairs[~_hairpin(lines, *ends)])


def _hairpin(lines: Lines, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Say which pairs meet at an end from which they do not set out alike."""
    result = np.zeros(len(a), dtype=bool)
    leaving = [_leaving(lines, at_end=at_end) for at_end in (False, True)]
    for xy_a, ahead_a in leaving:
        for xy_b, ahead_b in leaving:
            meet = (xy_a[a] == xy_b[b]).all(axis=1)
            cosine = (ahead_a[a] * ahead_b[b]).sum(axis=1)
            result |= meet & (cosine < np.cos(np.radians(_HAIRPIN_DEG)))
    return result


def _leaving(lines: Lines, *, at_end: bool) -> tuple[Floats, Floats]:
    """Return the first or last vertex of lines and the direction in which they leave it."""
    out = shapely.reverse(lines) if at_end else lines
    return shapely.get_coordinates(shapely.get_point(out, 0)), directions(out, 0.0, reach_m=_STEP_M)
