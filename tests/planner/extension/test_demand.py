import datetime as dt
import math
from types import SimpleNamespace

import pytest

from layers.tables import APPLICATIONS
from planner.extension.demand import Demands, assumed_note, read, sized_notes, voltage_class
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


@pytest.mark.parametrize(
    ("utility", "given", "expected"),
    [
        ("water", {"demand": 120.0}, 65.0),
        ("water", {"demand": 120.0, "diameter_mm": 150.0}, 150.0),
        ("drain", {"demand": 100.0}, 300.0),
        ("drain", {"demand": 3_000.0, "subtype": "sewage"}, 500.0),
        ("drain", {"demand": 6_000.0, "subtype": "rain"}, 400.0),
    ],
)
def test_a_diameter_that_is_not_given_follows_from_the_demand(
    build: SimpleNamespace,
    settings: Settings,
    utility: str,
    given: dict[str, object],
    expected: float,
) -> None:
    (demand,) = _read(build, settings, build.application("A", "P", utility, **given)).needed
    assert demand.line.diameter_mm == expected
    assert demand.sized == ("diameter_mm" not in given)
    codes = [note.code for note in sized_notes([demand], settings)]
    assert codes == (["extension_sized"] if demand.sized else [])


def test_a_diameter_too_small_for_its_demand_is_named(
    build: SimpleNamespace, settings: Settings
) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "water", demand=500.0, diameter_mm=50.0),
        build.application("B", "P", "drain", demand=5_000.0, diameter_mm=300.0),
        build.application("C", "P", "water", demand=5.0, diameter_mm=50.0),
        build.application("D", "P", "gas", demand=900.0, diameter_mm=20.0),
    )
    (note,) = sized_notes(demands.needed, settings)
    assert (note.code, note.rows) == ("extension_diameter_small", ("A", "B"))


@pytest.mark.parametrize(
    ("demand", "kind", "expected"),
    [
        (40.0, "large", "low"),
        (41.0, "large", "medium"),
        (41.0, "small", "medium"),
        (41.0, "resident", "low"),
    ],
)
def test_gas_has_a_pressure_class(
    build: SimpleNamespace, settings: Settings, demand: float, kind: str, expected: str
) -> None:
    row = build.application("A", "P", "gas", demand=demand, applicant_kind=kind)
    (found,) = _read(build, settings, row).needed
    assert found.service_class == expected
    assert (found.line.pressure_mpa < 0.01) == (expected == "low")
    assert found.commodity == ("gas", expected, "")


@pytest.mark.parametrize("utility", ["heat", "telecom", "tv", "water"])
def test_other_utilities_have_no_class(
    build: SimpleNamespace, settings: Settings, utility: str
) -> None:
    (found,) = _read(build, settings, build.application("A", "P", utility)).needed
    assert found.service_class == ""


def test_sewage_and_rain_are_lines_of_their_own(build: SimpleNamespace, settings: Settings) -> None:
    demands = _read(
        build,
        settings,
        build.application("A", "P", "drain", subtype="sewage", outlet_m=203.5),
        build.application("B", "P", "drain", subtype="rain"),
        build.application("C", "P", "drain"),
    ).needed
    assert [d.commodity for d in demands] == [
        ("drain", "sewage", ""),
        ("drain", "rain", ""),
        ("drain", "", ""),
    ]
    assert demands[0].outlet_m == 203.5
    assert math.isnan(demands[1].outlet_m)
