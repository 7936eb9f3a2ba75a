from __future__ import annotations

from datetime import date
from math import nan

import pytest

from planner.openingpermits import permits_of
from planner.rules import profile as profiles
from planner.section.layout import Line
from planner.settings import defaults
from planner.trench.plan import openings
from planner.trench.problem import Problem, Segment, Stretch, Task, Work


def work(key: str, utility: str, *, to_m: float = 200.0, voltage_kv: float = nan) -> Work:
    task = Task(0, (Stretch(0.0, to_m, "right"),), 0, 2)
    line = Line(utility, voltage_kv=voltage_kv)
    return Work(
        id=key, utility=utility, owner=key, line=line, tasks=(task,), earliest=0, wanted=0, latest=0
    )


def named(profile: str, *works: Work) -> list[str]:
    """Return the permits of the one opening in which all works take part."""
    problem = Problem(
        start=date(2026, 1, 1), period_days=7, periods=10, works=works, settings=defaults(),
        segments=(Segment(id="S", length_m=400.0),),
    )  # fmt: skip
    (opening,) = openings(problem, dict.fromkeys(range(len(works)), 0))
    text = permits_of(profiles.load(profile))(problem, opening)
    return text.split("；") if text else []


def test_a_permit_that_several_works_need_is_named_once() -> None:
    found = named("qijiang-2022", work("a", "water"), work("b", "gas"))
    assert len(found) == len(set(found)) > 0


def test_what_the_documents_demand_goes_before_what_is_assumed() -> None:
    power, water = work("p", "power", voltage_kv=10.0), work("w", "water")
    alone = named("feicheng-2018", water)
    assert all(permit.endswith("（假设）") for permit in alone)
    for pair in ((power, water), (water, power)):
        both = named("feicheng-2018", *pair)
        assert any(permit.endswith("（有据）") for permit in both)
        names = [permit.split("（")[0] for permit in both]
        assert len(names) == len(set(names))


def test_permits_stand_in_the_order_of_granting_whoever_digs_first() -> None:
    power, water = work("p", "power", voltage_kv=10.0), work("w", "water")
    one, other = named("feicheng-2018", power, water), named("feicheng-2018", water, power)
    rule_order = {rule.name.zh: rule.order for rule in profiles.load("feicheng-2018").permits}
    for found in (one, other):
        orders = [rule_order.get(permit.split("（")[0], "parallel") for permit in found]
        assert orders == sorted(orders, key=["first", "parallel", "after"].index)


def test_a_short_power_line_needs_no_planning_permit_in_feicheng() -> None:
    short = named("feicheng-2018", work("p", "power", to_m=100.0, voltage_kv=10.0))
    long = named("feicheng-2018", work("p", "power", to_m=300.0, voltage_kv=10.0))
    assert "规划许可（有据）" in long
    assert "规划许可（有据）" not in short


@pytest.mark.parametrize("profile", ["wulong-2018", "wushan-2021", "qijiang-2022"])
def test_every_profile_names_the_permits_of_digging_in_a_road(profile: str) -> None:
    assert any("挖掘" in permit for permit in named(profile, work("a", "water")))
