from __future__ import annotations

import pytest

from geo.errors import InputError
from planner.coverage import valid
from planner.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("coverage.location_share", 1.0, "setting_range"),
     ("coverage.location_share", 0.0, "setting_range"),
     ("coverage.itm_refractivity_n", 100.0, "setting_range"),
     ("coverage.reach_km", 0.1, "setting_range"),
     ("coverage.receiver_height_m", 0.0, "setting_range"),
     ("coverage.frequency_mhz", 1.8, "setting_range"),
     ("coverage.second_model", "hata", "setting_choice"),
     ("coverage.itm_climate", "mild", "setting_choice")],
)  # fmt: skip
def test_a_setting_on_which_no_model_can_work_is_named(
    settings: Settings, name: str, value: float | str, code: str
) -> None:
    valid.require(settings)
    with pytest.raises(InputError) as caught:
        valid.require(settings.with_user({name: value}, source="test"))
    assert [fault.code for fault in caught.value.faults] == [code]
    assert name in caught.value.text("en")
