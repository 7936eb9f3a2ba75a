from __future__ import annotations

import base64
import io
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from PIL import Image
from pyproj import CRS, Transformer

from maps import palette, raster

GRID = SimpleNamespace(
    transform=Affine(60, 0, 470_000, 0, -60, 3_250_000), shape=(40, 50), crs=CRS.from_epsg(4545)
)


def _open(picture: raster.Picture) -> Image.Image:
    _, _, code = picture.address.partition("base64,")
    return Image.open(io.BytesIO(base64.b64decode(code)))


def test_the_picture_has_the_colours_of_the_ramp_and_clear_holes() -> None:
    rsrp = np.full(GRID.shape, -60.0)
    rsrp[:20] = -130.0
    rsrp[:, :10] = np.nan
    pixels = np.asarray(_open(raster.signal(rsrp, GRID)).convert("RGBA")).reshape(-1, 4)
    seen = {tuple(int(c) for c in pixel[:3]) for pixel in pixels if pixel[3]}
    assert seen == {palette.rgb(palette.SIGNAL[0]), palette.rgb(palette.SIGNAL[-1])}
    assert (pixels[:, 3] == 0).mean() > 0.15


def test_a_mask_is_opaque_where_its_flags_hold_and_nowhere_else() -> None:
    flags = np.zeros(GRID.shape, dtype=bool)
    flags[:10, :25] = True
    alpha = np.asarray(_open(raster.mask(flags, GRID)).convert("RGBA"))[:, :, 3]
    rows, columns = alpha.shape
    assert set(np.unique(alpha).tolist()) == {0, 255}
    assert (alpha > 0).mean() == pytest.approx(0.125, abs=0.01)
    assert alpha[rows // 8, columns // 4] == 255
    assert alpha[rows // 2, columns // 4] == alpha[rows // 8, 3 * columns // 4] == 0


def test_the_picture_lies_where_the_grid_lies() -> None:
    (south, west), (north, east) = raster.signal(np.full(GRID.shape, -80.0), GRID).bounds
    to_degrees = Transformer.from_crs(4545, 4326, always_xy=True)
    lon, lat = to_degrees.transform(470_000 + 25 * 60, 3_250_000 - 20 * 60)
    pixel_deg = 60 / 111_000
    assert (west + east) / 2 == pytest.approx(lon, abs=pixel_deg)
    assert (south + north) / 2 == pytest.approx(lat, abs=pixel_deg)


def test_slopes_turned_from_the_light_are_darker() -> None:
    x, _ = np.meshgrid(np.arange(60), np.arange(60))
    ridge = (30.0 - np.abs(x - 30.0)).astype(np.float32) * 40
    transform = Affine(60, 0, 470_000, 0, -60, 3_250_000)
    to_screen = Transformer.from_crs(4545, 3857, always_xy=True)
    west, south = to_screen.transform(470_300, 3_246_800)
    east, north = to_screen.transform(473_300, 3_249_700)
    picture = raster.relief(
        ridge, transform, CRS.from_epsg(4545), (west, south, east, north), pixels=100
    )
    alpha = np.asarray(_open(picture).convert("RGBA"))[:, :, 3].astype(float)
    assert alpha[30:70, 60:80].mean() > alpha[30:70, 20:40].mean() + 5


def test_unknown_heights_are_left_clear() -> None:
    void = np.full((30, 30), np.nan, np.float32)
    transform = Affine(60, 0, 470_000, 0, -60, 3_250_000)
    to_screen = Transformer.from_crs(4545, 3857, always_xy=True)
    bounds = (*to_screen.transform(470_300, 3_248_800), *to_screen.transform(471_300, 3_249_700))
    picture = raster.relief(void, transform, CRS.from_epsg(4545), bounds, pixels=40)
    assert np.asarray(_open(picture).convert("RGBA"))[:, :, 3].max() == 0
