"""OpenStreetMap of a real country: roads, parcels, buildings, places and power lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers import assemble, store
from layers.county import County
from layers.read import Source

FILE = "andorra-2025-01-19.osm.pbf"


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    path = shared_data / "andorra"
    if not (path / FILE).exists():
        pytest.skip(f"real data is absent: {FILE}")
    return path


@pytest.fixture(scope="module")
def andorra(folder: Path) -> County:
    classes = "'trunk','primary','secondary','tertiary','unclassified','residential','service'"
    power = '\'%"power"=>"line"%\''
    sources = [
        Source(layer="roads", path=FILE, sublayer="lines", where=f"highway IN ({classes})"),
        Source(
            layer="parcels", path=FILE, sublayer="multipolygons",
            where="landuse IN ('residential', 'commercial', 'industrial', 'retail')",
        ),
        Source(
            layer="zones", path=FILE, sublayer="multipolygons", where="building IS NOT NULL",
            values={"kind": "building"},
        ),
        Source(
            layer="zones", path=FILE, sublayer="multipolygons",
            where="landuse IN ('forest', 'grass')", values={"kind": "green"},
        ),
        Source(
            layer="places", path=FILE, sublayer="points", columns={"people": "population"},
            where="place IN ('town', 'village', 'hamlet', 'isolated_dwelling')",
        ),
        Source(
            layer="pipes", path=FILE, sublayer="lines", where=f"other_tags LIKE {power}",
            values={"utility": "power"}, columns={"voltage_kv": "voltage"},
            scale={"voltage_kv": 0.001},
        ),
    ]  # fmt: skip
    return assemble.county(
        "Andorra", sources, base=folder, terrain=["N42E001.hgt.zip"], area_margin_m=1000.0,
        credits=["© OpenStreetMap contributors"],
    )  # fmt: skip


def test_country_lands_in_the_utm_zone_with_true_lengths(andorra: County) -> None:
    assert andorra.crs.to_epsg() == 32631
    west, south, east, north = andorra["roads"].total_bounds
    assert 25_000 < east - west < 40_000
    assert 20_000 < north - south < 40_000


def test_layers_hold_what_the_map_holds(andorra: County) -> None:
    rows = {(source.layer, source.rows) for source in andorra.inputs}
    assert rows == {
        ("roads", 3259), ("parcels", 255), ("zones", 7382), ("zones", 475), ("places", 73),
        ("pipes", 27), ("terrain", 1),
    }  # fmt: skip
    assert set(andorra["roads"]["road_class"]) == {
        "expressway", "arterial", "secondary_road", "branch", "lane",
    }  # fmt: skip


def test_tags_become_columns_in_their_unit(andorra: County) -> None:
    places = andorra["places"].set_index("name")
    assert places.loc["Andorra la Vella", "people"] == 24678
    assert set(andorra["pipes"]["voltage_kv"].dropna()) == {110.0, 150.0, 225.0}


def test_every_record_is_either_used_or_in_quarantine(andorra: County) -> None:
    for source in andorra.inputs:
        assert source.rows == source.used + source.quarantined
    named = andorra.quarantine.drop_duplicates(["layer", "row"])
    assert len(named) == sum(source.quarantined for source in andorra.inputs)
    assert set(andorra.quarantine["code"]) <= {"geometry_invalid", "outside_area"}
    assert andorra.quarantine.geometry.notna().all()


def test_country_survives_the_store(andorra: County, tmp_path: Path) -> None:
    store.write(tmp_path / "study.gpkg", andorra, {}, {})
    back = store.read(tmp_path / "study.gpkg").county
    for name, frame in andorra.frames.items():
        assert back[name].equals(frame), name
