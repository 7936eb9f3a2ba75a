"""The ground that the topics share: the segments, and where works lie on them."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import overlap, segments
from geo.crossings import crossings
from layers.county import County
from planner.buried import streets
from planner.carriageways import carriageways, place_on_roads, roads
from planner.settings import Settings
from planner.trench import build as trench

Opened = dict[str, list[tuple[float, float, str]]]


def segments_of(county: County, settings: Settings) -> gpd.GeoDataFrame:
    """Cut the county's roads into segments (路段), each with the town it lies in.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `layers.tables.SEGMENTS`, one row a segment, in the county's CRS. The town is
        that of the nearest place that names one; empty where no place does.
    """
    made = segments.make(
        county["roads"],
        snap_m=settings.number("ground.snap_m"),
        dual_m=settings.number("ground.dual_m"),
        dual_angle_deg=settings.number("ground.dual_angle_deg"),
    )
    places = county["places"].dropna(subset="town")
    if places.empty or made.empty:
        return made
    middle = gpd.GeoDataFrame(geometry=made.geometry.interpolate(0.5, normalized=True))
    nearest = gpd.sjoin_nearest(middle, places[["town", "geometry"]], how="left")
    town = nearest["town"][~nearest.index.duplicated()]
    return made.assign(town=town.reindex(made.index))


def place(lines: gpd.GeoDataFrame, onto: gpd.GeoDataFrame, settings: Settings) -> pd.DataFrame:
    """Place works or pipes onto segments by linear reference.

    A line that runs along no segment opens those that it crosses or ends on (a connection from
    the main straight across the road).

    Parameters
    ----------
    lines
        Lines in the segments' CRS, in metres; only the geometry is read.
    onto
        Segments as `segments_of` returns them.
    settings
        Values of ``ground.*``.

    Returns
    -------
    pandas.DataFrame
        Columns as `geo.overlap.place` returns them (positions of line and segment, from_m and
        to_m along the segment), by line, then along it.
    """
    along = overlap.place(
        lines.geometry,
        onto,
        max_offset_m=settings.number("ground.max_offset_m"),
        max_angle_deg=settings.number("ground.max_angle_deg"),
        min_overlap_m=settings.number("ground.min_overlap_m"),
    )
    elsewhere = np.setdiff1d(np.arange(len(lines)), along["line"])
    across = crossings(
        lines.geometry.iloc[elsewhere],
        onto,
        reach_m=settings.number("ground.snap_m"),
        width_m=settings.number("ground.crossing_m"),
    )
    across["line"] = elsewhere[across["line"]]
    return pd.concat([along, across], ignore_index=True).sort_values(
        ["line", "line_from_m", "segment"], kind="stable", ignore_index=True
    )


def opened_by(works: gpd.GeoDataFrame, placed: pd.DataFrame, onto: gpd.GeoDataFrame) -> Opened:
    """Return where planned works open the ground, whether or not they find a place in time.

    A trenchless work opens only its pits, so that nobody else can use its way.

    Parameters
    ----------
    works
        Columns of `layers.tables.WORKS`.
    placed
        The works on the segments, as `place` returns them.
    onto
        Segments as `segments_of` returns them.

    Returns
    -------
    dict
        Segment id to stretches (from_m, to_m, side) in metres along the segment, ``left`` or
        ``right`` of it; they may overlap.
    """
    open_cut = works["method"].ne("trenchless").to_numpy()
    used = placed[open_cut[placed["line"].to_numpy(dtype=int)]]
    segment_ids = onto["segment_id"].to_numpy(dtype=object)
    return {
        str(segment_ids[segment]): list(
            zip(group["from_m"], group["to_m"], group["side"], strict=True)
        )
        for segment, group in used.groupby("segment")
    }


def trench_problem(
    county: County,
    onto: gpd.GeoDataFrame,
    extensions: gpd.GeoDataFrame,
    settings: Settings,
    *,
    start: dt.date,
    days: int,
) -> trench.Built:
    """Build the joint-trench problem of the county's works and the routed extensions.

    Both are placed on the segments in the same way; the extensions are numbered after the
    county's own works. The carriageways of a dual road are one 路段 here, that of the segment
    which leads its group, see `planner.carriageways`.

    Parameters
    ----------
    county
        Gives works, crews, no-dig periods and approved dates.
    onto
        Segments as `segments_of` returns them.
    extensions
        Routed connections as works, columns of `layers.tables.WORKS`.
    settings
        Values of ``ground.*``, ``trench.*`` and ``section.*``.
    start, days
        First day and length of the planning horizon in calendar days.

    Raises
    ------
    InputError
        See `planner.trench.build.build`.
    """
    works = county["works"]
    lines = pd.concat([works.geometry, extensions.geometry], ignore_index=True)
    placed = place(gpd.GeoDataFrame(geometry=lines, crs=county.crs), onto, settings)
    ways = carriageways(onto)
    return trench.build(
        roads(onto, ways, dual_m=settings.number("ground.dual_m")),
        works,
        place_on_roads(placed, ways),
        county["crews"],
        county["events"],
        settings,
        start=start,
        days=days,
        extensions=extensions,
        approved=county["approved"],
        streets=streets(county, onto, ways, settings),
    )
