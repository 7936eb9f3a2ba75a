"""One small sample county for all tests of the generator."""

from __future__ import annotations

import geopandas as gpd
import pytest

from geo import segments
from layers.county import County
from layers.sample.make import sample


@pytest.fixture(scope="session")
def town() -> County:
    """The smallest sample county: a town of 20 km²."""
    return sample(area_km2=20.0, seed=1)


@pytest.fixture(scope="session")
def county() -> County:
    """The sample county of the demo: 100 km²."""
    return sample(area_km2=100.0, seed=1)


@pytest.fixture(scope="session")
def streets(county: County) -> gpd.GeoDataFrame:
    """Segments of the county of 100 km²."""
    return segments.make(county["roads"])
