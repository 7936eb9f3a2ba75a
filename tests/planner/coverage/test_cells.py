from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import shapely

from planner.coverage.cells import Usable, usable
from planner.settings import Settings


def only(made: SimpleNamespace, settings: Settings, **values: object) -> Usable:
    county = made.county(cells=[made.cell("1", "W", "cmcc", **values)])
    return usable(county, settings)


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"indoor": True}, "indoor"), ({"band": "n28"}, "nr"), ({"frequency_mhz": 763.0}, "nr"),
     ({"state": "未开通"}, "off_air"), ({"site_id": "nowhere"}, "no_site")],
)  # fmt: skip
def test_a_cell_that_does_not_serve_outdoors_by_lte_is_left_out_and_counted(
    made: SimpleNamespace, settings: Settings, values: dict[str, Any], reason: str
) -> None:
    row = {**made.cell("1", "W", "cmcc"), **values}
    found = usable(made.county(cells=[row]), settings)
    assert found.cells.empty
    assert dict(found.left_out) == {reason: 1}


def test_a_cell_off_the_terrain_is_left_out_and_counted(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        sites=[made.site("far", 600_000.0, 3_241_800.0)], cells=[made.cell("1", "far", "cmcc")]
    )
    assert dict(usable(county, settings).left_out) == {"off_terrain": 1}


@pytest.mark.parametrize("values", [{"height_m": 0.6}, {"frequency_mhz": 6100.0}])
def test_a_cell_beyond_what_p1812_says_anything_of_is_left_out_and_counted(
    made: SimpleNamespace, settings: Settings, values: dict[str, Any]
) -> None:
    found = only(made, settings, **values)
    assert found.cells.empty
    assert dict(found.left_out) == {"out_of_model": 1}


def test_what_a_cell_states_is_used_and_nothing_is_assumed(
    made: SimpleNamespace, settings: Settings
) -> None:
    stated = {
        "azimuth_deg": 30.0, "tilt_deg": 2.0, "electrical_tilt_deg": 4.0, "rs_power_dbm": 12.2,
        "gain_dbi": 16.0, "feeder_loss_db": 0.5, "beamwidth_deg": 60.0,
        "vertical_beamwidth_deg": 7.0, "frequency_mhz": 1815.0,
    }  # fmt: skip
    found = only(made, settings, **stated)
    row = found.cells.iloc[0]
    assert dict(found.assumed) == {}
    assert row["eirp_dbm"] == pytest.approx(12.2 + 16.0 - 0.5)
    for name in ("azimuth_deg", "tilt_deg", "electrical_tilt_deg", "beamwidth_deg"):
        assert row[name] == stated[name]


def test_what_a_cell_leaves_open_is_a_default_and_counted(
    made: SimpleNamespace, settings: Settings
) -> None:
    found = only(made, settings, gain_dbi=None, rs_power_dbm=None, band="")
    assert found.assumed["gain_dbi"] == 1
    assert found.assumed["frequency_mhz"] == 1
    number = settings.number
    expected = (
        number("coverage.rs_power_dbm")
        + number("coverage.gain_dbi")
        - number("coverage.feeder_loss_db")
    )
    assert found.cells["eirp_dbm"].tolist() == [pytest.approx(expected)]
    assert found.cells["frequency_mhz"].tolist() == [number("coverage.frequency_mhz")]


def test_a_cell_without_azimuth_is_omnidirectional_without_mechanical_tilt(
    made: SimpleNamespace,
    settings: Settings,
) -> None:
    found = only(made, settings, azimuth_deg=None, gain_dbi=None, feeder_loss_db=0.0, tilt_deg=5.0)
    row = found.cells.iloc[0]
    assert (row["beamwidth_deg"], row["tilt_deg"]) == (0.0, 0.0)
    assert row["eirp_dbm"] == pytest.approx(15.2 + settings.number("coverage.omni_gain_dbi"))
    assert found.assumed["azimuth_deg"] == 1


def test_cells_of_one_mast_and_carrier_stand_together(
    made: SimpleNamespace, settings: Settings
) -> None:
    rows = [
        made.cell("1", "W", "cmcc", frequency_mhz=1815.0),
        made.cell("2", "T", "cmcc", frequency_mhz=939.0),
        made.cell("3", "W", "cucc", frequency_mhz=939.0),
        made.cell("4", "W", "ctcc", frequency_mhz=1815.0),
    ]
    found = usable(made.county(cells=rows), settings)
    assert found.cells["row"].tolist() == [2, 0, 3, 1]
    assert found.operators == ("cmcc", "ctcc", "cucc")
    assert found.groups.tolist() == [2, 0, 1, 0]


def test_a_site_may_stand_outside_the_study_area(made: SimpleNamespace, settings: Settings) -> None:
    county = made.county(
        sites=[made.site("out", 469_500.0, 3_241_800.0)], cells=[made.cell("1", "out", "cmcc")]
    )
    found = usable(county, settings)
    assert not county["zones"].geometry.iloc[0].contains(shapely.Point(469_500.0, 3_241_800.0))
    assert len(found.cells) == 1
