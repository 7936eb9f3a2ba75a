"""Sites and cells (工参) of the operators, thin enough in the valleys to leave gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from geo.terrain import Terrain
from layers.sample.frames import Record
from layers.sample.grid import Floats

_DENSE_HOUSES = 26
_TOWN_SPACING_M = 270.0
_RURAL_SPACING_M = 1_350.0
_VILLAGE_SHARE = 0.65
_KM2_PER_SUMMIT = 60.0
_KM2_PER_BLANK = 300.0
_BLANK_REACH_M = 2_300.0


@dataclass(frozen=True, slots=True)
class Carrier:
    """One operator's LTE carrier and the antenna that goes with its band."""

    operator: str
    band: str
    frequency_mhz: float
    earfcn: int
    bandwidth_mhz: float
    rs_power_dbm: float
    gain_dbi: float
    vertical_beamwidth_deg: float


_TOWN = (
    Carrier("cmcc", "B3", 1815.0, 1300, 20.0, 15.2, 17.5, 7.0),
    Carrier("ctcc", "B3", 1870.0, 1850, 20.0, 15.2, 17.5, 7.0),
    Carrier("cucc", "B3", 1850.0, 1650, 20.0, 15.2, 17.5, 7.0),
)
_RURAL = (
    Carrier("cmcc", "B8", 939.0, 3590, 10.0, 18.2, 15.0, 12.0),
    Carrier("ctcc", "B5", 874.0, 2450, 10.0, 18.2, 15.0, 13.0),
    Carrier("cucc", "B8", 954.5, 3745, 10.0, 18.2, 15.0, 12.0),
)
_NR = Carrier("cbn", "n28", 763.0, 152_600, 30.0, 15.2, 15.0, 14.0)
"""Frequencies lie in the bands assigned in China; RS power at 20 W a port with 3 dB boosting."""

_PRESENT = {"cmcc": (0.95, 0.85), "ctcc": (0.85, 0.65), "cucc": (0.8, 0.42)}
"""Share of sites in town and in the country on which an operator is present: the sample's own."""

_KINDS = {"town": ("楼顶", 6.0), "village": ("单管塔", 35.0), "summit": ("角钢塔", 45.0)}


def sites(
    terrain: Terrain | None,
    places: gpd.GeoDataFrame,
    houses: gpd.GeoSeries,
    real: gpd.GeoSeries,
    rng: np.random.Generator,
) -> list[Record]:
    """Return sites: roofs in town, towers near most villages, a few on summits.

    Parameters
    ----------
    terrain
        Heights in the CRS of the places; without it no summit is used.
    places
        Columns of `layers.tables.PLACES`.
    houses
        Footprints; where many stand close together is town.
    real
        Sites that stand already; new ones keep their distance.
    rng
        Source of randomness.
    """
    committees = _xy(places[places["kind"].isin(["committee", "settlement"])].geometry)
    dark = _blank(committees, _town(houses), rng)
    lived_in = committees[(rng.random(len(committees)) < _VILLAGE_SHARE) & ~dark(committees)]
    summits = _summits(terrain, committees)
    candidates = [
        ("town", _town(houses), _TOWN_SPACING_M),
        ("village", lived_in + rng.uniform(-120.0, 120.0, lived_in.shape), _RURAL_SPACING_M),
        ("summit", summits[~dark(summits)], 1.6 * _RURAL_SPACING_M),
    ]
    taken: list[Floats] = list(_xy(real))
    rows: list[Record] = []
    for kind, xy, apart in candidates:
        label, height = _KINDS[kind]
        for point in xy[rng.permutation(len(xy))] if kind != "summit" else xy:
            if all(np.hypot(*(point - other)) > apart for other in taken):
                taken.append(point)
                rows.append(_site(kind, label, height, point, len(rows) + 1, rng))
    return rows


def _xy(points: gpd.GeoSeries) -> Floats:
    xy: Floats = shapely.get_coordinates(shapely.centroid(np.asarray(points.array, dtype=object)))
    return xy


def _town(houses: gpd.GeoSeries) -> Floats:
    if houses.empty:
        return np.empty((0, 2))
    xy = _xy(houses)
    crowd = cKDTree(xy).query_ball_point(xy, 180.0, return_length=True)
    dense: Floats = xy[crowd >= _DENSE_HOUSES]
    return dense


def _blank(
    lived_in: Floats, town: Floats, rng: np.random.Generator
) -> Callable[[Floats], NDArray[np.bool_]]:
    """Return what tells whether points lie in a valley that no operator has reached yet.

    Such valleys surround places away from town, one for every 300 km² and at least one.
    """
    away = lived_in
    if len(town) and len(lived_in):
        far, _ = cKDTree(town).query(lived_in)
        away = lived_in[far > _BLANK_REACH_M + 300.0]
    if not len(away):
        return lambda xy: np.zeros(len(xy), dtype=np.bool_)
    count = 1 + int(np.prod(np.ptp(lived_in, axis=0)) / 1e6 / _KM2_PER_BLANK)
    tree = cKDTree(away[rng.permutation(len(away))[:count]])
    return lambda xy: tree.query(xy)[0] < _BLANK_REACH_M if len(xy) else np.zeros(0, dtype=np.bool_)


def _summits(terrain: Terrain | None, lived_in: Floats) -> Floats:
    """Return summits among the places, highest first, one for every 60 km² and one more."""
    if terrain is None or not len(lived_in):
        return np.empty((0, 2))
    height = np.nan_to_num(terrain.height_m.astype(np.float64), nan=-1e4)
    cell = abs(float(terrain.transform.a))
    peak = height == ndimage.maximum_filter(height, size=max(3, int(1_200.0 / cell)))
    row, column = np.nonzero(peak)
    x, y = terrain.transform @ (column + 0.5, row + 0.5)
    xy = np.column_stack([x, y])
    among = shapely.MultiPoint(lived_in).convex_hull.buffer(500.0)
    keep = np.flatnonzero(shapely.contains_xy(among, xy))
    order = keep[np.argsort(-height[row[keep], column[keep]], kind="stable")]
    west, south, east, north = np.concatenate([lived_in.min(0), lived_in.max(0)])
    return xy[order[: 1 + int((east - west) * (north - south) / 1e6 / _KM2_PER_SUMMIT)]]


def _site(
    kind: str, label: str, height: float, xy: Floats, number: int, rng: np.random.Generator
) -> Record:
    usual = float(height + rng.integers(-1, 4) * (2.0 if kind == "town" else 5.0))
    return {
        "site_id": str(500_000 + number),
        "name": f"{'城区' if kind == 'town' else '乡村'}{label}{number:03d}",
        "site_kind": label,
        "structure_height_m": usual + (18.0 if kind == "town" else 0.0),
        "has_power": kind != "summit" or bool(rng.random() < 0.5),
        "has_fibre": kind == "town" or bool(rng.random() < 0.8),
        "geometry": shapely.Point(np.round(xy, 2)),
    }


def cells(sites_: Sequence[Record], rng: np.random.Generator) -> list[Record]:
    """Return the cells of every site: three sectors for each operator present.

    Some sites carry a 700 MHz NR carrier and some roofs an indoor cell; both are outside 4G
    outdoor coverage and must be left out by what reads them.
    """
    rows: list[Record] = []
    for site in sites_:
        rural = "楼顶" not in str(site.get("site_kind") or "")
        carriers = [
            c
            for c in (_RURAL if rural else _TOWN)
            if rng.random() < _PRESENT[c.operator][int(rural)]
        ]
        carriers = carriers or [(_RURAL if rural else _TOWN)[0]]
        if rng.random() < 0.2:
            carriers.append(_NR)
        for carrier in carriers:
            rows += list(_sectors(site, carrier, rng, rural=rural))
        if not rural and rng.random() < 0.25:
            rows.append(_indoor(site))
    return rows


def _height_m(site: Record) -> float:
    height = site.get("structure_height_m")
    return float(height) - 2.0 if pd.notna(height) and height > 3.0 else 30.0


def _sectors(
    site: Record, carrier: Carrier, rng: np.random.Generator, *, rural: bool
) -> Iterator[Record]:
    bearing = float(rng.integers(0, 12)) * 10.0
    height = _height_m(site)
    for sector in range(3):
        yield {
            "cell_id": f"{site['site_id']}-{carrier.operator}-{carrier.band}-{sector + 1}",
            "site_id": site["site_id"],
            "operator": carrier.operator,
            "azimuth_deg": (bearing + 120.0 * sector + float(rng.integers(-2, 3)) * 5.0) % 360.0,
            "height_m": height,
            "tilt_deg": float(rng.integers(0, 4 if rural else 7)),
            "electrical_tilt_deg": 3.0 if rural else 6.0,
            "band": carrier.band,
            "frequency_mhz": carrier.frequency_mhz,
            "earfcn": carrier.earfcn,
            "bandwidth_mhz": carrier.bandwidth_mhz,
            "rs_power_dbm": carrier.rs_power_dbm,
            "gain_dbi": carrier.gain_dbi,
            "feeder_loss_db": 0.5,
            "beamwidth_deg": 65.0,
            "vertical_beamwidth_deg": carrier.vertical_beamwidth_deg,
            "indoor": False,
            "state": "开通",
        }


def _indoor(site: Record) -> Record:
    return {
        "cell_id": f"{site['site_id']}-cmcc-B40-9",
        "site_id": site["site_id"],
        "operator": "cmcc",
        "height_m": 3.0,
        "band": "B40",
        "frequency_mhz": 2350.0,
        "earfcn": 39_150,
        "bandwidth_mhz": 20.0,
        "rs_power_dbm": 0.0,
        "gain_dbi": 2.0,
        "feeder_loss_db": 0.0,
        "indoor": True,
        "state": "开通",
    }
