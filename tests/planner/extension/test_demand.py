import datetime as dt
import math
from types import SimpleNamespace

import pytest

from layers.tables import APPLICATIONS
from planner.extension.demand import Demands, assumed_note, read, voltage_class
from planner.extension.quantities import canonical
from planner.settings import Settings


def _read(build: SimpleNamespace, settings: Settings, *rows: dict[str, object]) -> Demands:
    return read(build.frame(APPLICATIONS, rows), settings)


@pytest.mark.parametrize(
    ("load_kva", "expected"),
    [(100, "380 V"), (100.1, "10 kV"), (20_000, "10 kV"), (25_000, "35 kV")],
)
def test_the_load_decides_the_voltage(settings: Settings, load_kva: float, expected: str) -> None:
    assert voltage_class(load_kva, settings)[0] == expected


def test_160_kva_is_low_voltage_where_the_user_sets_it(settings: Settings) -> None:
    wider = settings.with_user({"rules.low_voltage_kva": 160.0}, source="study.toml")
    assert voltage_class(160.0, wider)[0] == "380 V"


@pytest.mark.parametrize("business", ["transfer", "suspend", "change_use", "close"])
def test_business_that_lays_nothing_needs_no_line(
    build: SimpleNamespace, settings: Settings, business: str
) -> None:
    demands = _read(build, settings, build.application("A", "P", "water", business=business))
    assert demands.needed == ()
    (application_id, fault), *rest = demands.no_line
    assert application_id == "A"
    assert rest == []
    assert business in fault.text("en")


def test_a_zero_demand_is_answered_as_needing_no_line(
    build: SimpleNamespace, settings: Settings
) -> None:
    demands = _read(build, settings, build.application("A", "P", "gas", demand=0.0))
    assert demands.needed == ()
    assert [fault.code for _, fault in demands.no_line] == ["extension_zero_demand"]


def test_a_missing_demand_is_assumed_and_said_so(
    build: SimpleNamespace, settings: Settings
) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "gas", applicant_kind="resident"),
        build.application("B", "P", "gas", demand=7.0),
    )
    first, second = demands.needed
    assert first.quantity == settings.number("extension.demand_gas_resident")
    assert (first.assumed, second.assumed) == (True, False)
    note = assumed_note(demands.needed)
    assert note is not None
    assert note.rows == ("A",)
    assert assumed_note([second]) is None


def test_units_are_converted_and_unknown_ones_refused(
    build: SimpleNamespace, settings: Settings
) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "water", demand=2.0, demand_unit="L/s"),
        build.application("B", "P", "water", demand=2.0, demand_unit="kW"),
    )
    assert [d.quantity for d in demands.needed] == [pytest.approx(172.8)]
    assert [key for key, _ in demands.refused] == ["B"]
    assert canonical("heat", 1.0, "MW") == 1000.0


def test_operators_named_in_one_row_become_demands_of_their_own(
    build: SimpleNamespace, settings: Settings
) -> None:
    demands = _read(build, settings, build.application("A", "P", "telecom", operator="cmcc、ctcc"))
    assert [d.demand_id for d in demands.needed] == ["A/cmcc", "A/ctcc"]
    assert len({d.commodity for d in demands.needed}) == 2


def test_only_power_has_a_dual_source(build: SimpleNamespace, settings: Settings) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "water", dual_source=True),
        build.application("B", "P", "power", dual_source=True, load_kva=500.0),
    )
    assert [d.dual_source for d in demands.needed] == [False, True]
    assert demands.needed[1].line.voltage_kv == 10.0


def test_dates_are_days_and_may_be_missing(build: SimpleNamespace, settings: Settings) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "tv"),
        build.application("B", "P", "tv", accepted_on=None),
    )
    assert [d.accepted_on for d in demands.needed] == [dt.date(2026, 3, 2), None]
    assert math.isnan(demands.needed[0].line.voltage_kv)
