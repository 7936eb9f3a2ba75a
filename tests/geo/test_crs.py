"""Coordinate reference systems: chosen, refused, transformed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo import crs
from geo.errors import InputError

XIAN_WKT = (
    'PROJCS["Xian_1980_3_Degree_GK_CM_108E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",'
    'SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",108.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
CGCS_WKT = (
    XIAN_WKT.replace("D_Xian_1980", "D_China_2000")
    .replace("GCS_Xian_1980", "GCS_China_Geodetic_Coordinate_System_2000")
    .replace('"Xian_1980",6378140.0,298.257', '"CGCS2000",6378137.0,298.257222101')
    .replace("Xian_1980_3", "CGCS2000_3")
)
KRASSOWSKY = "+proj=tmerc +lon_0=108 +x_0=500000 +ellps=krass"
WULONG = (107.70, 29.30)


def _around(lon: float, lat: float) -> crs.Bounds:
    return (lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (105.9, 29.9, 4544),  # west of Chongqing
        (107.7, 29.3, 4545),  # Wulong
        (106.6, 29.0, 4545),  # Qijiang
        (109.9, 31.1, 4546),  # Wushan
        (116.8, 36.2, 4548),  # Feicheng
        (73.5, 39.0, 4534),  # westernmost zone
        (134.9, 48.3, 4554),  # easternmost zone
        (1.52, 42.5, 32631),  # Andorra
        (7.9, 48.46, 32632),  # Schutterwald
        (-70.6, -33.4, 32719),  # Santiago
        (179.8, -17.0, 32760),
    ],
)
def test_the_zone_fits_the_place(lon: float, lat: float, epsg: int) -> None:
    chosen = crs.choose(_around(lon, lat))
    assert chosen.to_epsg() == epsg
    crs.require_metres(chosen)


@given(lon=st.floats(73.6, 134.7), lat=st.floats(18, 53))
@settings(max_examples=60, deadline=None)
def test_in_china_the_central_meridian_is_within_a_degree_and_a_half(
    lon: float, lat: float
) -> None:
    chosen = crs.choose((lon, lat, lon, lat))
    xy = crs.transform_xy(np.array([[lon, lat]]), crs.CGCS2000, chosen)
    meridian = crs.transform_xy(np.array([[500_000.0, xy[0, 1]]]), chosen, crs.CGCS2000)
    assert abs(meridian[0, 0] - lon) <= 1.5 + 1e-6
    assert chosen.coordinate_operation is not None
    assert "zone" not in chosen.name


@pytest.mark.parametrize(
    "bounds",
    [(500_000, 3_240_000, 510_000, 3_250_000), (np.nan,) * 4, (np.inf, np.inf, -np.inf, -np.inf)],
)
def test_no_zone_is_chosen_from_what_is_not_degrees(bounds: crs.Bounds) -> None:
    with pytest.raises(InputError, match="no CRS can be chosen"):
        crs.choose(bounds)


@pytest.mark.parametrize("epsg", [4490, 4326, 2229])
def test_lengths_in_degrees_or_feet_are_refused(epsg: int) -> None:
    with pytest.raises(InputError, match="are not metres"):
        crs.require_metres(CRS.from_epsg(epsg))


@pytest.mark.parametrize("given_crs", ["EPSG:4545", 4490, CRS.from_epsg(31467), CGCS_WKT, 4979])
def test_a_dependable_crs_passes_as_horizontal(given_crs: CRS | str | int) -> None:
    checked = crs.check(given_crs, file="f", layer="roads")
    assert len(checked.axis_info) == 2


@pytest.mark.parametrize(
    ("given_crs", "code"),
    [
        (None, "crs_missing"),
        ("", "crs_missing"),
        ("EPSG:999999", "crs_unreadable"),
        ("no crs", "crs_unreadable"),
        (2343, "crs_old_datum"),
        (2383, "crs_old_datum"),
        (4610, "crs_old_datum"),
        (4214, "crs_old_datum"),
        (2433, "crs_old_datum"),
        (4555, "crs_old_datum"),
        (XIAN_WKT, "crs_old_datum"),
        (KRASSOWSKY, "crs_old_datum"),
        (KRASSOWSKY + " +towgs84=0,0,0,0,0,0,0", "crs_old_datum"),
        ("+proj=utm +zone=50 +ellps=WGS84", "crs_unknown_datum"),
        (4479, "crs_local"),
        ('LOCAL_CS["city",UNIT["metre",1]]', "crs_local"),
    ],
)
def test_a_treacherous_crs_is_refused(given_crs: CRS | str | int | None, code: str) -> None:
    with pytest.raises(InputError) as caught:
        crs.check(given_crs, file="roads.shp", layer="roads")
    fault = caught.value.faults[0]
    assert (fault.code, fault.file, fault.layer) == (code, "roads.shp", "roads")


def test_beijing_1954_with_parameters_is_transformed_by_them() -> None:
    old = crs.check(KRASSOWSKY + " +towgs84=15,-150,-90,0,0,0,0", file="f", layer="l")
    xy = np.array([[470_000.0, 3_240_000.0]])
    new = crs.transform_xy(xy, old, CRS.from_epsg(4545))
    assert 20 < np.hypot(*(new - xy)[0]) < 300


def test_xian_1980_never_comes_back_unchanged() -> None:
    with pytest.raises(InputError, match="no dependable transformation"):
        crs.transform_xy(np.array([[470_000.0, 3.24e6]]), CRS.from_epsg(2381), CRS.from_epsg(4545))


def test_cgcs2000_and_wgs84_are_equal() -> None:
    xy = np.array([WULONG])
    assert (crs.transform_xy(xy, crs.CGCS2000, crs.WGS84) == xy).all()
    projected = [
        crs.transform_xy(xy, base, CRS.from_epsg(4545)) for base in (crs.CGCS2000, crs.WGS84)
    ]
    np.testing.assert_allclose(projected[0], projected[1], atol=1e-9)


def test_x_is_east_whatever_the_authority_says() -> None:
    east, north = crs.transform_xy(np.array([[108.1, 29.3]]), crs.WGS84, CRS.from_epsg(4545))[0]
    assert 509_000 < east < 510_000
    assert 3.24e6 < north < 3.25e6


def test_a_zone_prefix_is_taken_off() -> None:
    xy = crs.transform_xy(
        np.array([[36_470_000.0, 3.24e6]]), CRS.from_epsg(4524), CRS.from_epsg(4545)
    )
    np.testing.assert_allclose(xy, [[470_000.0, 3.24e6]], atol=1e-6)


def test_a_german_zone_reaches_utm_by_its_own_parameters() -> None:
    xy = crs.transform_xy(np.array([[3_418_000.0, 5_368_000.0]]), CRS.from_epsg(31467), crs.WGS84)
    np.testing.assert_allclose(xy, [[7.89, 48.45]], atol=0.02)


@given(lon=st.floats(106.6, 109.4), lat=st.floats(19, 41))
@settings(max_examples=60, deadline=None)
def test_there_and_back_is_where_one_was(lon: float, lat: float) -> None:
    xy = np.array([[lon, lat]])
    there = crs.transform_xy(xy, crs.WGS84, CRS.from_epsg(4545))
    np.testing.assert_allclose(
        crs.transform_xy(there, CRS.from_epsg(4545), crs.WGS84), xy, atol=1e-9
    )


def test_geometries_keep_their_kind_and_their_gaps() -> None:
    geometries = np.array([shapely.box(107.6, 29.2, 107.7, 29.3), None, shapely.Point(107.7, 29.3)])
    moved = crs.transform(geometries, crs.WGS84, CRS.from_epsg(4545))
    assert moved[1] is None
    assert moved[0].geom_type == "Polygon"
    assert 90e6 < moved[0].area < 120e6


def test_a_coordinate_out_of_reach_is_named() -> None:
    with pytest.raises(InputError, match=r"\(1e\+30, 0\)"):
        crs.transform_xy(np.array([[1e30, 0.0]]), CRS.from_epsg(4545), crs.WGS84)


GK, PREFIXED = (460e3, 3230e3, 480e3, 3250e3), (36_460e3, 3230e3, 36_480e3, 3250e3)


@pytest.mark.parametrize(
    ("bounds", "epsg", "code"),
    [
        (_around(*WULONG), 4545, "coordinates_degrees"),
        (GK, 4490, "coordinates_metres"),
        (_around(29.3, 107.7), 4490, "coordinates_swapped"),
        ((3230e3, 460e3, 3250e3, 480e3), 4545, "coordinates_swapped"),
        (PREFIXED, 4545, "coordinates_zone_prefix"),
        ((18_460e3, 3230e3, 18_480e3, 3250e3), 4545, "coordinates_zone_prefix"),
        (GK, 4524, "coordinates_no_zone_prefix"),
        ((460e3, 7230e3, 480e3, 7250e3), 4545, "coordinates_elsewhere"),
    ],
)
def test_coordinates_that_contradict_their_crs_are_found(
    bounds: crs.Bounds, epsg: int, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        crs.refuse_contradiction(bounds, CRS.from_epsg(epsg), file="f", layer="roads")
    assert caught.value.faults[0].code == code
    assert caught.value.text("zh") != caught.value.text("en")


@pytest.mark.parametrize(
    ("bounds", "epsg", "remedy"),
    [
        (PREFIXED, 4545, "EPSG:4524"),
        ((18_460e3, 3230e3, 18_480e3, 3250e3), 4545, "EPSG:4496"),
        (GK, 4524, "EPSG:4545"),
    ],
)
def test_the_remedy_names_the_crs_that_fits(bounds: crs.Bounds, epsg: int, remedy: str) -> None:
    fault = crs.contradiction(bounds, CRS.from_epsg(epsg), file="f", layer="l")
    assert fault is not None
    assert remedy in fault.text("en")
    found = crs.contradiction(bounds, CRS.from_user_input(remedy), file="f", layer="l")
    assert found is None


@pytest.mark.parametrize(
    ("bounds", "crs_given"),
    [
        (_around(*WULONG), 4490),
        (GK, 4545),
        (GK, CGCS_WKT),
        (PREFIXED, 4524),
        ((370e3, 4700e3, 400e3, 4720e3), 32631),
        ((3_418e3, 5_366e3, 3_421e3, 5_370e3), 31467),
        ((np.nan,) * 4, 4545),
    ],
)
def test_coordinates_that_fit_pass(bounds: crs.Bounds, crs_given: int | str) -> None:
    assert crs.contradiction(bounds, CRS.from_user_input(crs_given), file="f", layer="l") is None


def test_swapped_axes_are_found_without_an_area_of_use() -> None:
    custom = CRS.from_user_input("+proj=tmerc +lon_0=107.5 +x_0=500000 +ellps=GRS80 +datum=WGS84")
    assert custom.area_of_use is None
    fault = crs.contradiction((3230e3, 460e3, 3250e3, 480e3), custom, file="f", layer="l")
    assert fault is not None
    assert fault.code == "coordinates_swapped"
