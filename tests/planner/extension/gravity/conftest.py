"""Terrain built by hand below the small counties of the extension's tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.terrain import Terrain
from layers.county import County


@pytest.fixture
def on_terrain() -> Callable[..., County]:
    """Return a county on heights given as a function of x and y, known from -200 to 900 m."""

    def put(
        county: County, height: Callable[[np.ndarray, np.ndarray], np.ndarray], step: float = 5.0
    ) -> County:
        centres = np.arange(-200.0, 900.0, step) + step / 2
        x, y = np.meshgrid(centres, centres[::-1])
        terrain = Terrain(
            height_m=np.asarray(height(x, y), dtype=np.float32),
            transform=Affine(step, 0.0, -200.0, 0.0, -step, 900.0),
            crs=CRS.from_epsg(4545),
        )
        return replace(county, terrain=terrain)

    return put
