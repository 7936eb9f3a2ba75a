"""Rows that make no demand end in a sentence: in quarantine, as needing no line, or refused."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import pytest

from geo.errors import InputError
from layers.county import County
from planner.extension.rows import require
from planner.extension.run import ExtensionResult
from planner.extension.terms import voltage_note
from planner.rules.profile import load
from planner.settings import Settings


@pytest.fixture
def county(build: SimpleNamespace) -> County:
    return build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water"), build.application("B", "P", "power", load_kva=50.0)],
    )


def _spoilt(county: County, layer: str, column: str, value: object) -> County:
    frame = county[layer].copy()
    frame.loc[frame.index[0], column] = value
    return replace(county, frames={**county.frames, layer: frame})


def test_sound_rows_pass(county: County) -> None:
    require(county)


@pytest.mark.parametrize(
    ("layer", "column", "value", "code", "key"),
    [
        ("applications", "demand", -1.0, "extension_negative", "A"),
        ("applications", "load_kva", -1.0, "extension_negative", "A"),
        ("tie_ins", "capacity_left", -1.0, "extension_negative", "W"),
        ("applications", "utility", "steam", "extension_utility", "A"),
        ("tie_ins", "utility", "steam", "extension_utility", "W"),
        ("applications", "parcel_id", "nowhere", "extension_no_parcel", "A"),
    ],
)
def test_a_row_that_cannot_be_a_demand_is_refused_by_name(
    county: County, layer: str, column: str, value: object, code: str, key: str
) -> None:
    with pytest.raises(InputError) as caught:
        require(_spoilt(county, layer, column, value))
    (fault,) = caught.value.faults
    assert (fault.code, fault.layer, fault.column, fault.rows) == (code, layer, column, (key,))
    assert key in fault.text("zh")
    assert key in fault.text("en")


def test_all_faults_are_told_at_once_and_before_anything_is_routed(
    county: County, build: SimpleNamespace, route: Callable[..., ExtensionResult]
) -> None:
    spoilt = _spoilt(county, "applications", "demand", -1.0)
    spoilt = _spoilt(spoilt, "applications", "parcel_id", "nowhere")
    with pytest.raises(InputError) as caught:
        route(spoilt, build.streets(build.MAIN))
    codes = [fault.code for fault in caught.value.faults]
    assert codes == ["extension_negative", "extension_no_parcel"]


def test_a_dual_source_that_is_not_for_power_is_said_to_be_left_aside(
    build: SimpleNamespace, routed: Callable[[County, gpd.GeoDataFrame], ExtensionResult]
) -> None:
    county = build.county(
        [build.parcel("P", 100, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water", dual_source=True)],
    )
    result = routed(county, build.streets(build.MAIN))
    assert result.connections["application_id"].tolist() == ["A"]
    (note,) = [note for note in result.notes if note.code == "extension_one_source"]
    assert note.rows == ("A",)


@pytest.mark.parametrize(
    ("profile", "kva", "warned"),
    [
        ("feicheng-2018", 160.0, False),
        ("feicheng-2018", 161.0, True),
        ("wushan-2021", 100.0, False),
        ("wushan-2021", 160.0, True),
    ],
)
def test_160_kva_at_low_voltage_is_for_profiles_that_allow_it(
    settings: Settings, profile: str, kva: float, warned: bool
) -> None:
    wider = settings.with_user({"rules.low_voltage_kva": kva}, source="study.toml")
    note = voltage_note(load(profile), wider)
    assert (note is not None) == warned
    if note is not None:
        assert profile in note.text("en")
