"""Tables that a study lacks, derived from its real networks.

A town's networks often come without roads and applications. Streets follow the distribution
mains; the house connections (lines of subtype ``service``) can be taken out of the networks and
put back as applications, one a connection, whose length in the data is kept for comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.errors import Fault, InputError, fail
from layers.county import County

SAME_HOUSE_M = 6.0
"""Ends of connections at most this far apart, in metres, belong to one house."""
HALF_PLOT_M = 4.0
"""Half the side of the square plot around a house's end, in metres."""
AMPLE_CAPACITY = 1e6
"""Capacity left at a derived tie-in, in any unit: enough for every connection of a town."""

MADE = {"roads": ("roads",), "applications": ("parcels", "tie_ins", "applications")}
"""What can be derived, and the tables that each makes; they must be empty before."""


def complete(county: County, names: Collection[str], *, accepted_on: dt.date) -> County:
    """Return the county with the named tables derived from its networks.

    Parameters
    ----------
    county
        Needs pipes; those of subtype ``service`` are the house connections.
    names
        ``roads``: one street a distribution line of the utility with the longest network.
        ``applications``: the house connections leave the networks and come back as parcels (a
        square of 8 m around the house's end), tie-ins (where the connection left its main,
        with capacity for all of them: a main can be tapped anywhere) and applications.
    accepted_on
        Day on which the derived applications count as accepted.

    Raises
    ------
    InputError
        If a name cannot be derived, a table that would be made has rows already, or the networks
        have no lines to derive from.
    """
    faults = [fault for name in names for fault in _faults(county, name)]
    if faults:
        raise InputError(faults)
    if "roads" in names:
        county = _with_roads(county)
    if "applications" in names:
        county = _with_applications(county, accepted_on)
    return county


def _faults(county: County, name: str) -> list[Fault]:
    if name not in MADE:
        return [Fault("derive_unknown", {"known": ", ".join(MADE)}, layer=name)]
    return [
        Fault("derive_given", {"name": name, "rows": len(county[table])}, layer=table)
        for table in MADE[name]
        if len(county[table])
    ]


def _with_roads(county: County) -> County:
    pipes = county["pipes"]
    mains = pipes[(pipes["subtype"] == "distribution") & ~(pipes["voltage_kv"] > 1.0)]
    if mains.empty:
        raise fail("derive_no_lines", layer="pipes", subtype="distribution")
    lengths = mains.geometry.length.groupby(mains["utility"]).sum()
    chosen = mains[mains["utility"] == lengths.idxmax()].reset_index(drop=True)
    roads = _like(
        county["roads"],
        chosen.geometry,
        road_id="road-" + chosen["pipe_id"],
        road_class="lane",
        surface="asphalt",
    )
    return _with(county, roads=roads)


def _with_applications(county: County, accepted_on: dt.date) -> County:
    pipes = county["pipes"]
    services = pipes[pipes["subtype"] == "service"].reset_index(drop=True)
    mains = pipes[pipes["subtype"] != "service"].reset_index(drop=True)
    if services.empty:
        raise fail("derive_no_lines", layer="pipes", subtype="service")
    orphans = sorted(set(services["utility"]) - set(mains["utility"]))
    if orphans:
        raise fail("derive_no_main", layer="pipes", utilities=", ".join(orphans))
    tapped, house = _ends(services, mains)
    parcel_of, centres = _houses(house)
    plots = np.asarray(shapely.box(*(centres - HALF_PLOT_M).T, *(centres + HALF_PLOT_M).T))
    parcel_ids = np.array([f"house-{number + 1}" for number in range(len(centres))])
    outside = shapely.difference(services.geometry.to_numpy(), plots[parcel_of])
    applications = _like(
        county["applications"],
        None,
        application_id="again-" + services["pipe_id"],
        parcel_id=parcel_ids[parcel_of],
        applicant_kind="resident",
        utility=services["utility"],
        business="new",
        existing_m=shapely.length(outside),
        accepted_on=pd.Timestamp(accepted_on),
    )
    parcels = _like(county["parcels"], gpd.GeoSeries(plots, crs=county.crs), parcel_id=parcel_ids)
    return _with(
        county,
        pipes=mains,
        parcels=parcels,
        applications=applications,
        tie_ins=_tie_ins(county, services, tapped),
    )


def _ends(services: gpd.GeoDataFrame, mains: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return where each connection leaves its own utility's main, and where its house is."""
    lines = shapely.line_merge(services.geometry.to_numpy())
    first = shapely.get_point(shapely.get_geometry(lines, 0), 0)
    last = shapely.get_point(shapely.get_geometry(lines, -1), -1)
    to_main = np.full((2, len(lines)), np.inf)
    for utility in services["utility"].unique():
        rows = np.flatnonzero(services["utility"] == utility)
        tree = shapely.STRtree(mains.geometry[mains["utility"] == utility].to_numpy())
        for side, points in enumerate((first, last)):
            _, distance = tree.query_nearest(points[rows], return_distance=True, all_matches=False)
            to_main[side, rows] = distance
    starts_at_main = to_main[0] <= to_main[1]
    return np.where(starts_at_main, first, last), np.where(starts_at_main, last, first)


def _houses(house: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join ends of several utilities that belong to one house; return labels and centres (x, y)."""
    xy = shapely.get_coordinates(house)
    pairs = cKDTree(xy).query_pairs(SAME_HOUSE_M, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    count, labels = connected_components(links, directed=False)
    members = np.bincount(labels, minlength=count)
    centres = np.column_stack(
        [np.bincount(labels, weights=xy[:, axis], minlength=count) / members for axis in (0, 1)]
    )
    return labels, centres


def _tie_ins(county: County, services: gpd.GeoDataFrame, tapped: np.ndarray) -> gpd.GeoDataFrame:
    points = gpd.GeoDataFrame(
        {"utility": services["utility"], "voltage_kv": services["voltage_kv"]},
        geometry=tapped,
        crs=county.crs,
    )
    keys = pd.DataFrame(np.round(shapely.get_coordinates(tapped), 1)).assign(
        utility=points["utility"]
    )
    points = points[~keys.duplicated()].reset_index(drop=True)
    return _like(
        county["tie_ins"],
        points.geometry,
        tie_in_id=[f"tap-{number + 1}" for number in range(len(points))],
        utility=points["utility"],
        voltage_kv=points["voltage_kv"],
        capacity_left=AMPLE_CAPACITY,
    )


def _like(
    template: pd.DataFrame, geometry: gpd.GeoSeries | None, **columns: object
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return rows with the template's columns; those not given stay empty."""
    plain = pd.DataFrame(columns)
    empty = template.drop(columns="geometry", errors="ignore")
    filled = plain.reindex(columns=empty.columns)
    flags = [name for name in empty.columns if empty[name].dtype == bool]
    filled[flags] = filled[flags].eq(True)
    filled = filled.astype(empty.dtypes.to_dict())
    texts = [name for name in empty.columns if empty[name].dtype == object]
    filled[texts] = filled[texts].where(filled[texts].notna(), None)
    if geometry is None:
        return filled
    return gpd.GeoDataFrame(filled, geometry=geometry.to_numpy(), crs=template.crs)


def _with(county: County, **frames: pd.DataFrame) -> County:
    return replace(
        county,
        frames={**county.frames, **frames},
        generated=county.generated | frozenset(frames) - {"pipes"},
    )
