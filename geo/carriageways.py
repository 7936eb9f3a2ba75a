"""Find the carriageways that belong to one road (双幅路).

Two segments are carriageways of one road where they run side by side within a given distance
over at least half of one of them, and are not the legs of a hairpin bend. Each segment joins the
one that it accompanies longest, so that a boulevard becomes as many groups as it has stretches
between junctions, and not one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.lines import Floats, Ints, Lines, directions
from geo.parallel import Edges, beside
from geo.pieces import pieces

_STEP_M = 10.0
_LEAST_SHARE = 0.5
_HAIRPIN_DEG = 60.0


def groups(lines: Lines, road: Ints, *, dual_m: float, dual_angle_deg: float) -> Ints:
    """Return for each line the position of the first line of its group, itself if it is alone.

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
    pairs = _accompanied(
        lines[candidate], road[candidate], dual_m=dual_m, dual_angle_deg=dual_angle_deg
    )
    best = pairs.sort_values(["line", "length_m", "other"], ascending=[True, False, True])
    best = best.drop_duplicates("line")
    ends = (candidate[best["line"]], candidate[best["other"]])
    links = coo_array((np.ones(len(best), np.int8), ends), shape=(len(lines), len(lines)))
    _, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label], dtype=np.int64)


def _accompanied(lines: Lines, road: Ints, *, dual_m: float, dual_angle_deg: float) -> pd.DataFrame:
    """Return pairs of lines, both ways round, and the length over which they go together."""
    cut = pieces(lines, step_m=_STEP_M)
    edges = Edges.of(lines)
    near = beside(
        (cut.start + cut.end) / 2, cut.heading, edges,
        max_offset_m=dual_m, max_angle_deg=dual_angle_deg,
    )  # fmt: skip
    line, other = cut.line[near.point], edges.line[near.edge]
    level = (near.along_m >= 0) & (near.along_m <= edges.length_m[near.edge])
    keep = level & (line != other) & (road[line] == road[other])
    frame = pd.DataFrame({"line": line, "other": other, "piece": near.point})[keep]
    frame = frame.drop_duplicates(["other", "piece"])
    frame["length_m"] = (cut.to_m - cut.from_m)[frame["piece"]]
    pairs = frame.groupby(["line", "other"], as_index=False)["length_m"].sum()
    pairs["share"] = pairs["length_m"] / shapely.length(lines)[pairs["line"]]
    back = pairs.rename(columns={"line": "other", "other": "line"})
    both = pairs.merge(back, on=["line", "other"], how="outer", suffixes=("", "_back")).fillna(0.0)
    both["length_m"] += both["length_m_back"]
    together = np.maximum(both["share"], both["share_back"]) >= _LEAST_SHARE
    bend = _hairpin(lines, both["line"].to_numpy(np.int64), both["other"].to_numpy(np.int64))
    return pd.DataFrame(both[together & ~bend])


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
