"""Every price of an opening can be set from a file, and what is not set is called assumed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyproj import CRS

from layers.county import County, InputFile
from layers.read import Source, read
from layers.tables import ROAD_CLASSES, SURFACES
from planner.settings import Settings, defaults
from planner.study import with_prices
from planner.trench.assumed import price_keys, prices_assumed
from planner.trench.build import Built
from planner.trench.cost import Prices
from planner.trench.plan import plan_yuan

MakeCase = Callable[..., Built]

KEYS = price_keys()


def from_file(folder: Path, prices: dict[str, float]) -> Settings:
    """Return the settings that a file of prices gives."""
    lines = ["项目,单价", *(f"{key},{value}" for key, value in prices.items())]
    (folder / "单价.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    layer = read(Source(layer="prices", path="单价.csv"), base=folder, prefix="prices")
    county = County(
        name="",
        crs=CRS.from_epsg(4545),
        frames={"prices": layer.frame},
        inputs=(InputFile("prices", "单价.csv", layer.sha256, len(prices), len(prices), 0),),
    )
    return with_prices(defaults(), county)


def case_for(key: str, make_case: MakeCase) -> Built:
    """Return a case whose plan uses this price: its kind of road, a deep line, a late start."""
    road: dict[str, Any] = {
        "road_class": next((name for name in ROAD_CLASSES if f"closure_{name}_" in key), "branch"),
        "surface": next((name for name in SURFACES if f"surface_{name}_" in key), "asphalt"),
    }
    return make_case([{"depth_m": 3.0, "wanted": "2026-02-10"}], roads=[road])


def cost_yuan(built: Built, settings: Settings) -> float:
    """Return the cost of one work a day late and two days from its approved date."""
    (work,) = built.problem.works
    day_yuan = {
        "late_period_yuan": settings.number("trench.late_yuan_per_day"),
        "move_period_yuan": settings.number("trench.move_yuan_per_day"),
    }
    late = replace(work, held=work.wanted - 1, **day_yuan)
    segment = replace(
        built.problem.segments[0],
        opening_yuan=settings.number("trench.setup_yuan"),
        open_period_yuan=settings.number(
            f"trench.closure_{built.problem.segments[0].road_class}_yuan_per_day"
        ),
    )
    problem = replace(built.problem, works=(late,), segments=(segment,), settings=settings)
    return plan_yuan(problem, Prices(problem), {0: work.wanted + 1})


def test_the_prices_are_those_of_surface_earth_support_set_up_closure_and_dates() -> None:
    asked = {f"section.surface_{name}_yuan_m2" for name in SURFACES}
    asked |= {f"trench.closure_{name}_yuan_per_day" for name in ROAD_CLASSES}
    asked |= {f"section.{name}" for name in ("excavation_yuan_m3", "backfill_yuan_m3")}
    asked |= {"section.support_yuan_m2", "trench.setup_yuan"}
    asked |= {"trench.late_yuan_per_day", "trench.move_yuan_per_day"}
    assert asked <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_every_price_carries_its_label_until_a_file_gives_it(key: str, tmp_path: Path) -> None:
    default = defaults()[key]
    assert default.unverified
    assert default.source
    given = from_file(tmp_path, {key: 7.0})
    assert (given.number(key), given[key].source) == (7.0, "单价.csv")
    assert prices_assumed(given) == tuple(name for name in KEYS if name != key)


@pytest.mark.parametrize("key", KEYS)
def test_every_price_of_a_file_changes_what_a_plan_costs(
    key: str, make_case: MakeCase, tmp_path: Path
) -> None:
    built = case_for(key, make_case)
    dearer = from_file(tmp_path, {key: defaults().number(key) + 1000.0})
    assert cost_yuan(built, dearer) > cost_yuan(built, defaults()) + 999.0


def test_with_all_prices_given_nothing_is_assumed(tmp_path: Path) -> None:
    assert prices_assumed(from_file(tmp_path, dict.fromkeys(KEYS, 1.0))) == ()


def test_the_prices_of_settings_reach_the_problem(make_case: MakeCase) -> None:
    given = {
        "trench.setup_yuan": 1.0,
        "trench.closure_branch_yuan_per_day": 2.0,
        "trench.late_yuan_per_day": 3.0,
        "trench.period_days": 7,
    }
    problem = make_case([{"wanted": pd.Timestamp("2026-03-01")}], settings=given).problem
    assert problem.segments[0].opening_yuan == 1.0
    assert problem.segments[0].open_period_yuan == 14.0
    assert problem.works[0].late_period_yuan == 21.0
