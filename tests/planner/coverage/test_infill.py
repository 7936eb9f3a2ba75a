from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest

from layers.county import County
from planner.coverage import run
from planner.coverage.lineprices import Way, Ways
from planner.coverage.run import CoverageResult
from planner.settings import Settings


def solved(county: County, settings: Settings, **changed: float) -> CoverageResult:
    user = {f"coverage.{name}": value for name, value in changed.items()}
    result = run.solve(county, settings.with_user(user, source="test"))
    assert result is not None
    return result


def test_every_operator_has_its_own_choice_and_bound(county: County, settings: Settings) -> None:
    figures = solved(county, settings).figures["infill"]
    assert set(figures["operators"]) == {"cmcc", "ctcc"}
    for part in figures["operators"].values():
        assert part["greedy_value"] <= part["value"] <= part["bound"]
    assert figures["bound"] == pytest.approx(
        sum(part["bound"] for part in figures["operators"].values())
    )
    assert figures["gap"] == pytest.approx(1.0 - figures["value"] / figures["bound"])


def test_no_more_sites_than_allowed(county: County, settings: Settings) -> None:
    cheap = {
        "infill_min_people": 1, "infill_yuan_per_person": 1e6, "infill_people_per_km2": 50.0,
        "threshold_dbm": -75.0,
    }  # fmt: skip
    free = solved(county, settings, **cheap)
    assert (free.infill["operator"] == "cmcc").sum() > 1
    one = solved(county, settings, **cheap, infill_sites=1)
    assert (one.infill["operator"] == "cmcc").sum() == 1


@pytest.mark.parametrize("budget_yuan", [59_000.0, 61_000.0, 400_000.0])
def test_a_budget_of_yuan_is_kept_by_every_operator(
    county: County, settings: Settings, budget_yuan: float
) -> None:
    result = solved(
        county, settings, infill_budget_yuan=budget_yuan, infill_min_people=1,
        infill_yuan_per_person=1e6, infill_sites=0,
    )  # fmt: skip
    spent = result.infill[result.infill["operator"] != "wifi"].groupby("operator")["cost_yuan"]
    assert (spent.sum() <= budget_yuan).all()
    assert (len(result.infill) > 0) == (budget_yuan > 60_000.0)
    for part in result.figures["infill"]["operators"].values():
        assert part["value"] <= part["bound"]


def test_a_site_that_costs_more_than_its_people_are_worth_is_not_built(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        sites=[made.site("W", 471_000, 3_241_800)],
        cells=[made.cell("1", "W", "cmcc", azimuth_deg=None)],
    )
    assert not solved(county, settings).infill.empty
    assert solved(county, settings, infill_yuan_per_person=500.0).infill.empty


def test_adding_on_comes_before_a_new_tower_that_serves_as_many(
    county: County, settings: Settings
) -> None:
    first = solved(county, settings, infill_sites=1).infill.set_index("operator").loc["cmcc"]
    assert first["site_kind"] == "existing"
    dear = solved(county, settings, infill_sites=1, site_existing_yuan=2_000_000.0)
    assert "existing" not in dear.infill["site_kind"].tolist()


def test_prices_of_lines_that_are_handed_in_are_the_ones_that_count(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        sites=[made.site("W", 471_000, 3_241_800)],
        cells=[made.cell("1", "W", "cmcc", azimuth_deg=None)],
    )

    def routed(sites: gpd.GeoSeries) -> Ways:
        def way(yuan: float) -> Way:
            return Way(length_m=np.full(len(sites), 250.0), yuan=np.full(len(sites), yuan),
                       line_id=np.full(len(sites), "L", dtype=object),
                       routed=np.ones(len(sites), dtype=bool))  # fmt: skip

        return Ways(power=way(4_000.0), fibre=way(700.0))

    result = run.solve(county, settings, prices=routed)
    assert result is not None
    first = result.infill.iloc[0]
    assert (first["power_yuan"], first["fibre_yuan"], first["power_m"]) == (4_000.0, 700.0, 250.0)
    assert first["cost_yuan"] == first["site_yuan"] + 4_700.0
    assert result.figures["infill"]["line_prices"] == "routed"
    assert first["power_routed"]


def test_people_who_gain_two_operators_count_once_together(
    made: SimpleNamespace, settings: Settings
) -> None:
    county = made.county(
        cells=[made.cell("1", "W", "cmcc", azimuth_deg=None),
               made.cell("2", "W", "cucc", azimuth_deg=None),
               made.cell("3", "T", "ctcc", azimuth_deg=180.0)],
    )  # fmt: skip
    infill = solved(county, settings).figures["infill"]
    each = {name: part["people_gained"] for name, part in infill["operators"].items()}
    assert each["cmcc"] == each["cucc"] > 0
    assert max(each.values()) <= infill["people_gained"] < sum(each.values())
