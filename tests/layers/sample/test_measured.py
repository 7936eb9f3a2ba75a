"""The constants of `layers.sample.measured`, measured again where the real data is at hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

from layers.sample import measured


@pytest.fixture(scope="module")
def networks(shared_data: Path) -> Path:
    path = shared_data / "schutterwald" / "schutterwald_utilities.gpkg"
    if not path.is_file():
        pytest.skip("the networks of Schutterwald are absent")
    return path


@pytest.fixture(scope="module")
def low_voltage(networks: Path) -> gpd.GeoDataFrame:
    lines = pyogrio.read_dataframe(networks, layer="lv_line").to_crs(25832)
    return lines.assign(length_m=lines.length)


def test_house_connections_are_as_long_as_in_the_real_town(low_voltage: gpd.GeoDataFrame) -> None:
    services = low_voltage[low_voltage["std_type"] == "NAYY 4x50 SE"]
    assert len(services) == 1506
    found = np.quantile(services["length_m"], measured.SHARES)
    np.testing.assert_allclose(found, measured.SERVICE_LENGTH_M, atol=0.06)


def test_house_connections_are_spaced_as_in_the_real_town(low_voltage: gpd.GeoDataFrame) -> None:
    mains = low_voltage[low_voltage["std_type"] == "NAYY 4x150 SE"]
    tapped = mains["from_name"].str.startswith("AB") & mains["to_name"].str.startswith("AB")
    assert tapped.sum() == 1078
    found = np.quantile(mains["length_m"][tapped], measured.SHARES)
    np.testing.assert_allclose(found, measured.SERVICE_SPACING_M, atol=0.06)
    assert mains["length_m"].sum() / 1506 == pytest.approx(measured.MAIN_M_PER_SERVICE, abs=0.06)


def test_gas_mains_have_the_sizes_of_the_real_town(networks: Path) -> None:
    pipes = pyogrio.read_dataframe(networks, layer="gas_pipe")
    service = pipes["inner_diameter_mm"] == measured.GAS_SERVICE_MM
    assert service.sum() == 1506
    outer = pipes["stanet_std_type"][~service].str.split().str[0].astype(float)
    share = pipes[~service].length.groupby(outer).sum()
    share /= share.sum()
    assert share.to_dict() == pytest.approx(measured.GAS_MAIN_MM, abs=0.006)


def test_draws_follow_the_distribution() -> None:
    rng = np.random.default_rng(1)
    drawn = [measured.draw(measured.SERVICE_LENGTH_M, rng) for _ in range(4000)]
    assert np.median(drawn) == pytest.approx(16.6, abs=0.7)
    assert min(drawn) >= measured.SERVICE_LENGTH_M[0]
    assert max(drawn) <= measured.SERVICE_LENGTH_M[-2]
