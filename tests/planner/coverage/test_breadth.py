from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from geo.errors import InputError
from layers.county import County
from planner.coverage import breadth, run
from planner.coverage.signal import Signal
from planner.settings import Settings


def painted(*dbm: float) -> Signal:
    power = np.array([dbm], dtype=np.float32)
    return Signal(power, np.zeros(power.shape, dtype=np.int32))


def test_the_covered_share_is_given_at_each_threshold(settings: Settings) -> None:
    signal = painted(-100.0, -107.0, -112.0, -120.0, np.nan)
    assert breadth.of_area(signal, settings) == {"-105": 0.25, "-110": 0.5, "-115": 0.75}


def test_the_margin_raises_every_threshold_and_their_list_is_a_setting(settings: Settings) -> None:
    other = settings.with_user(
        {"coverage.thresholds_dbm": "-100，-90.5", "coverage.location_share": 0.99}, source="test"
    )
    assert breadth.of_area(painted(-94.0, -96.0), other) == {"-100": 0.5, "-90.5": 0.0}


def test_a_list_of_thresholds_that_is_none_is_refused_before_the_work(
    county: County, settings: Settings
) -> None:
    wrong = settings.with_user({"coverage.thresholds_dbm": "-105; weak"}, source="test")
    with pytest.raises(InputError) as caught:
        run.solve(county, wrong)
    assert caught.value.faults[0].code == "setting_numbers"


def test_an_area_without_known_pixels_has_no_share(settings: Settings) -> None:
    assert set(breadth.of_area(painted(np.nan), settings).values()) == {None}


def test_indoors_a_wall_more_is_needed_than_outdoors(
    made: SimpleNamespace, settings: Settings
) -> None:
    places = [
        made.place("a", 471_000, 3_241_000, people=100, households=30),
        made.place("b", 471_500, 3_241_000, people=300, households=90),
        made.place("c", 472_000, 3_241_000, people=600, households=180),
        made.place("d", 472_000, 3_241_500, people=900, kind="school"),
    ]
    wall = settings.number("coverage.indoor_loss_db")
    heard = np.float32([-105.0 + wall, -105.0 + wall - 0.5, -106.0, -50.0])
    shares = breadth.of_people(made.county(places=places)["places"], heard, settings)
    assert shares == {
        "people": 1000, "people_outdoor_share": 0.4, "people_indoor_share": 0.1,
        "households": 300, "households_outdoor_share": 0.4, "households_indoor_share": 0.1,
    }  # fmt: skip


def test_where_nobody_lives_there_is_no_share(made: SimpleNamespace, settings: Settings) -> None:
    shares = breadth.of_people(made.county(places=())["places"], np.empty(0, np.float32), settings)
    assert (shares["people"], shares["people_indoor_share"]) == (0, None)


def test_any_hears_the_best_operator_and_all_the_worst() -> None:
    heard = {"cmcc": np.float32([-80, -120]), "ctcc": np.float32([-90, -100])}
    found = breadth.with_summaries(heard)
    assert found["any"].tolist() == [-80.0, -100.0]
    assert found["all"].tolist() == [-90.0, -120.0]


def test_figures_hold_breadth_and_depth_of_each_operator(
    county: County, settings: Settings
) -> None:
    result = run.solve(county, settings)
    assert result is not None
    for name in ("cmcc", "ctcc", "any", "all"):
        own = result.figures["operators"][name]
        at = own["covered_share_at"]
        assert at["-105"] == own["covered_share"] <= at["-110"] <= at["-115"]
        assert own["people_indoor_share"] <= own["people_outdoor_share"]
    assert (
        result.figures["covered_share_at"] == result.figures["operators"]["any"]["covered_share_at"]
    )
