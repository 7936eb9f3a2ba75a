from __future__ import annotations

import pytest

from geo.errors import InputError
from layers.networks import is_network, read_network

pytest.importorskip("pandapower", reason="the real networks need the extra 'studies'")


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> None:
    """The packages warn at import about their own use of pandas."""


def test_files_are_not_taken_for_networks() -> None:
    assert is_network("pandapipes:schutterwald_gas")
    assert not is_network("C:/data/pipes.shp")


def test_low_voltage_connections_are_told_from_mains_and_carry_wgs84() -> None:
    lines = read_network("pandapower:lv_schutterwald")
    assert lines["subtype"].value_counts().to_dict() == {"service": 1506, "distribution": 1494}
    assert lines.crs.to_epsg() == 4326
    assert set(lines.loc[lines["subtype"] == "service", "material"]) == {"NAYY 4x50 SE"}
    assert lines["voltage_kv"].eq(0.4).all()


def test_gas_pipes_have_their_own_coordinates_and_no_declared_crs() -> None:
    pipes = read_network("pandapipes:schutterwald_gas")
    assert pipes.crs is None
    assert (pipes["utility"] == "gas").all()
    assert pipes.total_bounds[0] > 3_400_000  # the zone number stands before the easting
    assert (pipes["subtype"] == "service").sum() == 1506


def test_flow_and_return_of_a_heat_network_are_one_line() -> None:
    pipes = read_network("pandapipes:schutterwald_heat")
    assert not pipes.geometry.to_wkb().duplicated().any()
    assert (pipes["utility"] == "heat").all()


@pytest.mark.parametrize("path", ["pandapower:no_such_network", "pandapower:_private"])
def test_an_unknown_network_is_named(path: str) -> None:
    with pytest.raises(InputError) as caught:
        read_network(path)
    assert caught.value.faults[0].code == "network_unknown"
