from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS

from geo import terrain
from geo.errors import InputError
from geo.terrain import Terrain

GAUSS = CRS.from_epsg(4545)


def slope(*, rows: int = 20, columns: int = 30, pixel_m: float = 30.0) -> Terrain:
    """Return a plane that rises 1 m a pixel eastwards and 10 m a pixel southwards."""
    row, column = np.mgrid[:rows, :columns].astype(np.float32)
    grid = Affine(pixel_m, 0.0, 470_000.0, 0.0, -pixel_m, 3_240_000.0)
    return Terrain(height_m=column + 10.0 * row, transform=grid, crs=GAUSS)


def write_hgt(folder: Path, name: str, heights: np.ndarray) -> Path:
    path = folder / name
    path.write_bytes(heights.astype(">i2").tobytes())
    return path


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [fault.code for fault in error.value.faults]


def test_heights_between_pixel_centres_are_bilinear() -> None:
    found = slope().at([[470_015.0, 3_239_985.0], [470_030.0, 3_239_970.0]])
    assert found.tolist() == [0.0, 0.5 + 5.0]


def test_the_border_pixels_are_known_to_their_edge_and_nothing_beyond() -> None:
    plane = slope()
    west, south, east, north = plane.bounds
    corners = [[west, north], [east, south]]
    assert plane.at(corners).tolist() == [0.0, 29.0 + 190.0]
    assert not plane.covers([[west - 0.1, north], [east, south - 0.1]]).any()


def test_a_void_spoils_only_points_on_which_it_has_weight() -> None:
    plane = slope()
    plane.height_m[5, 5] = np.nan
    centre = np.array([470_000.0 + 5.5 * 30.0, 3_240_000.0 - 5.5 * 30.0])
    assert plane.covers([centre]).tolist() == [False]
    beside = [centre + np.array([30.0, 0.0]), centre + np.array([29.0, 0.0])]
    assert plane.covers(beside).tolist() == [True, False]


def test_points_in_another_crs_are_known_where_they_lie_on_the_terrain() -> None:
    lonlat = CRS.from_epsg(4326)
    inside, outside = (107.692, 29.276), (107.8, 29.276)
    assert slope().knows([inside, outside], lonlat).tolist() == [True, False]


def test_srtm_voids_become_holes_and_zero_stays_a_height(tmp_path: Path) -> None:
    heights = np.full((1201, 1201), 700)
    heights[10, 10], heights[20, 20] = -32768, 0
    read = terrain.read([write_hgt(tmp_path, "N29E107.hgt", heights)])
    assert np.isnan(read.height_m).sum() == 1
    assert read.height_m[20, 20] == 0.0
    assert read.crs.to_epsg() == 4326


def test_a_zipped_tile_reads_like_the_tile(tmp_path: Path) -> None:
    heights = np.arange(1201 * 1201).reshape(1201, 1201) % 3000
    tile = write_hgt(tmp_path, "N29E107.hgt", heights)
    with zipfile.ZipFile(tmp_path / "tile.zip", "w") as archive:
        archive.write(tile, "N29E107.hgt")
    np.testing.assert_array_equal(
        terrain.read([tmp_path / "tile.zip"]).height_m, terrain.read([tile]).height_m
    )


def test_neighbouring_tiles_merge_on_one_lattice(tmp_path: Path) -> None:
    west = write_hgt(tmp_path, "N29E107.hgt", np.full((1201, 1201), 100))
    east_heights = np.full((1201, 1201), 200)
    east_heights[:, 0] = -32768
    east = write_hgt(tmp_path, "N29E108.hgt", east_heights)
    merged = terrain.read([east, west])
    assert merged.height_m.shape == (1201, 2401)
    assert merged.at([[107.5, 29.5], [108.5, 29.5], [108.0, 29.5]]).tolist() == [100, 200, 100]


def test_a_written_terrain_reads_back_exactly(tmp_path: Path) -> None:
    plane = slope()
    plane.height_m[3, 4] = np.nan
    plane.write(tmp_path / "plane.tif")
    read = terrain.read([tmp_path / "plane.tif"])
    np.testing.assert_array_equal(read.height_m, plane.height_m)
    assert (read.transform, read.crs) == (plane.transform, plane.crs)


def test_reprojected_heights_agree_with_those_of_the_source() -> None:
    source = slope(rows=200, columns=200)
    local = source.reproject(GAUSS, (471_000, 3_235_000, 474_000, 3_238_000), 45.0)
    points = np.array([[471_500.0, 3_236_000.0], [473_000.0, 3_237_500.0]])
    np.testing.assert_allclose(local.at(points), source.at(points), atol=0.5)


def test_terrain_that_lies_elsewhere_is_refused() -> None:
    with pytest.raises(InputError) as error:
        slope().reproject(CRS.from_epsg(32648), (800_000, 3_300_000, 800_900, 3_300_900), 30.0)
    assert codes(error) == ["terrain_elsewhere"]


def test_tiles_of_a_reprojection_share_their_pixels() -> None:
    source = slope(rows=200, columns=200)
    whole = source.reproject(GAUSS, (471_000, 3_235_000, 474_000, 3_238_000), 45.0)
    part = source.reproject(GAUSS, (472_000, 3_236_000, 473_000, 3_237_000), 45.0)
    column = round((part.transform.c - whole.transform.c) / 45.0)
    row = round((whole.transform.f - part.transform.f) / 45.0)
    rows, columns = part.height_m.shape
    window = whole.height_m[row : row + rows, column : column + columns]
    np.testing.assert_allclose(part.height_m, window, atol=1e-3)


@pytest.mark.parametrize(
    ("content", "code"), [(None, "file_missing"), (b"not a raster", "file_unreadable")]
)
def test_a_file_that_is_missing_or_broken_is_refused(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    path = tmp_path / "terrain.tif"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        terrain.read([path])
    assert codes(error) == [code]


def test_an_archive_without_a_tile_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "N29E107.hgt.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(InputError) as error:
        terrain.read([tmp_path / "N29E107.hgt.zip"])
    assert codes(error) == ["terrain_zip"]


def test_no_tile_at_all_is_refused() -> None:
    with pytest.raises(InputError) as error:
        terrain.read([])
    assert codes(error) == ["terrain_no_tiles"]


def test_every_tile_that_does_not_fit_the_first_is_named(tmp_path: Path) -> None:
    plane = slope()
    plane.write(tmp_path / "a.tif")
    Terrain(height_m=plane.height_m, transform=plane.transform, crs=CRS.from_epsg(4546)).write(
        tmp_path / "b.tif"
    )
    slope(pixel_m=25.0).write(tmp_path / "c.tif")
    with pytest.raises(InputError) as error:
        terrain.read([tmp_path / name for name in ("a.tif", "b.tif", "c.tif")])
    assert codes(error) == ["terrain_mixed_crs", "terrain_mixed_grid"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Copernicus_DSM_COG_10_N29_00_E107_00_DEM.tif", "surface"), ("glo30_merged.tif", "surface"),
     ("ALPSMLC30_N029E107_DSM.tif", "surface"), ("AW3D30_chongqing.tif", "surface"),
     ("N29E107_FABDEM_V1-2.tif", "ground"), ("county_dtm.tif", "ground"),
     ("N29E107.hgt", "unstated"), ("county.tif", "unstated"), ("admtown.tif", "unstated")],
)  # fmt: skip
def test_surface_models_are_known_by_their_names(name: str, kind: str) -> None:
    assert terrain.kind_of(name, {}) == kind


def test_the_kind_stated_goes_before_the_files_and_is_kept_when_written(tmp_path: Path) -> None:
    slope().write(tmp_path / "plain.tif")
    plain = (tmp_path / "plain.tif").rename(tmp_path / "x_dsm.tif")
    assert terrain.read([plain]).kind == "unstated"
    stated = terrain.read([plain], kind="surface")
    stated.write(tmp_path / "kept.tif")
    kept = terrain.read([tmp_path / "kept.tif"])
    bounds = (470_100.0, 3_239_500.0, 470_700.0, 3_239_900.0)
    assert (stated.kind, kept.kind) == ("surface", "surface")
    assert kept.reproject(GAUSS, bounds, 60.0).kind == "surface"


def test_tiles_of_two_kinds_are_refused_unless_the_study_says_what_they_are(
    tmp_path: Path,
) -> None:
    for name, kind in (("a.tif", "ground"), ("b.tif", "surface")):
        replace(slope(), kind=kind).write(tmp_path / name)
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    with pytest.raises(InputError) as error:
        terrain.read(paths)
    assert codes(error) == ["terrain_mixed_kind"]
    assert terrain.read(paths, kind="ground").kind == "ground"


def test_a_raster_that_is_not_north_up_or_lacks_a_crs_is_refused(tmp_path: Path) -> None:
    heights = np.zeros((4, 4), dtype=np.float32)
    for name, grid, crs in (
        ("turned.tif", Affine(30.0, 5.0, 0.0, 5.0, -30.0, 0.0), "EPSG:4545"),
        ("bare.tif", Affine(30.0, 0.0, 9.0, 0.0, -30.0, 0.0), None),
    ):
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", width=4, height=4, count=1, dtype="float32",
            crs=crs, transform=grid,
        ) as target:  # fmt: skip
            target.write(heights, 1)
    for name, code in (("turned.tif", "terrain_rotated"), ("bare.tif", "terrain_without_crs")):
        with pytest.raises(InputError) as error:
            terrain.read([tmp_path / name])
        assert codes(error) == [code]


def test_andorra_has_its_peaks_and_no_void_inside_the_country(shared_data: Path) -> None:
    tile = shared_data / "andorra" / "N42E001.hgt.zip"
    if not tile.is_file():
        pytest.skip("the SRTM tile of Andorra is absent")
    read = terrain.read([tile])
    assert np.isnan(read.height_m).sum() == 7652
    local = read.reproject(CRS.from_epsg(32631), (366_000, 4_700_000, 405_000, 4_724_000), 60.0)
    coma_pedrosa = local.at([[371_800.0, 4_716_600.0]])[0]
    assert 2700.0 < coma_pedrosa < 2950.0


def test_message_of_a_broken_tile_names_the_file_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "broken.tif").write_text("no raster", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        terrain.read([tmp_path / "broken.tif"])
    assert "broken.tif" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
