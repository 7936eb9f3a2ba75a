"""Where lines cross segments without running along them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.lines import Lines, locate, offset
from geo.overlap import COLUMNS


def crossings(
    lines: gpd.GeoSeries | Lines,
    segments: gpd.GeoDataFrame,
    *,
    reach_m: float,
    width_m: float,
) -> pd.DataFrame:
    """Return the short stretches of segments that lines cross or end on.

    Meant for lines that run along no segment, such as a house connection from the main across
    the road.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings, CRS of the segments, in metres.
    segments
        As `geo.segments.make` returns them; only the geometry is read.
    reach_m
        Distance in metres up to which a line counts as touching a segment.
    width_m
        Length of the stretch in metres, around the place nearest to the line.

    Returns
    -------
    DataFrame
        Columns as `geo.overlap.place` returns them, one row a line and place: at a junction only
        the nearest segment. The side is that of the line's middle.
    """
    track = np.asarray(lines, dtype=object)
    roads = np.asarray(segments.geometry.array, dtype=object)
    line, segment = shapely.STRtree(roads).query(track, predicate="dwithin", distance=reach_m)
    bridge = shapely.shortest_line(roads[segment], track[line])
    place = shapely.get_point(bridge, 0)
    at_m = locate(roads[segment], place)
    length_m = shapely.length(roads[segment])
    middle = shapely.line_interpolate_point(shapely.line_merge(track[line]), 0.5, normalized=True)
    middle = np.where(shapely.is_missing(middle), shapely.centroid(track[line]), middle)
    found = pd.DataFrame(
        {
            "line": line,
            "segment": segment,
            "from_m": np.clip(at_m - width_m / 2, 0.0, length_m),
            "to_m": np.clip(at_m + width_m / 2, 0.0, length_m),
            "side": np.where(offset(roads[segment], middle) > 0, "left", "right"),
            "offset_m": shapely.length(bridge),
            "reversed": False,
            "line_from_m": 0.0,
            "line_to_m": shapely.length(track[line]),
        }
    )
    spot = pd.DataFrame(np.round(shapely.get_coordinates(place)), columns=["x", "y"])
    ordered = found.join(spot).sort_values(["line", "offset_m", "segment"], kind="stable")
    first = ordered.drop_duplicates(["line", "x", "y"])
    return first[list(COLUMNS)].reset_index(drop=True)
