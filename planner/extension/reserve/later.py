"""The finished plan as those see it who come later: lines lie, trenches are closed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from layers.county import County
from planner.extension.arrays import Bools, Floats
from planner.extension.demand import Demands
from planner.extension.frames import SIDES, way
from planner.extension.problem import Plan, Problem, build, left_over
from planner.extension.reserve.expected import Event
from planner.section.layout import Line, cost_per_m
from planner.settings import Settings

NEAR_M = 0.05
"""An edge whose middle lies so near to a trench of its kind lies in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What is routed later, over what the plan leaves; k commodities, m edges, t tie-ins.

    Parameters
    ----------
    problem
        Its demands are those of the plan, then those of the events.
    events
        Positions of their demands in the problem.
    lined
        Where each commodity's line lies, (k, m).
    trenched
        Where the plan itself digs a trench from above, in which a duct could lie, (m,).
    cable_yuan
        Price of each commodity's line by itself, drawn into a duct, (k, m).
    duct_yuan
        Price of a duct and of what the section grows by, (k, m); infinite outside the trenches
        and for utilities that keep none.
    left
        What the tie-ins have left, (t,).
    """

    problem: Problem
    events: tuple[tuple[Event, tuple[int, ...]], ...]
    lined: Bools
    trenched: Bools
    cable_yuan: Floats
    duct_yuan: Floats
    left: Floats


def later(
    problem: Problem,
    plan: Plan,
    trenches: gpd.GeoDataFrame,
    events: Sequence[Event],
    county: County,
    segments: gpd.GeoDataFrame,
    settings: Settings,
) -> Later:
    """Build the problem of those who come later on the plan's trenches.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    trenches
        Frame of `layers.tables.TRENCHES` of the plan.
    events
        Who comes later.
    county, segments, settings
        As the plan was made from.
    """
    wanted = (*problem.demands, *(demand for event in events for demand in event.demands))
    again = build(
        Demands(wanted, (), ()), county.frames, segments, settings, open_segments={},
        terrain=county.terrain,
    )  # fmt: skip
    # what planned works hold open is closed by then
    again = replace(again, trench_yuan=again.dug_yuan)
    lined, trenched = _laid(again, problem, trenches, segments)
    cable = np.array([kind.line_yuan_per_m for kind in again.commodities])
    cable_yuan = cable[:, None] * again.corridor.laid_m
    positions = np.cumsum([len(problem.demands), *(len(event.demands) for event in events)])
    return Later(
        problem=again,
        events=tuple(
            (event, tuple(range(start, start + len(event.demands))))
            for event, start in zip(events, positions.tolist(), strict=False)
        ),
        lined=lined,
        trenched=trenched,
        cable_yuan=cable_yuan,
        duct_yuan=_ducts(again, lined, trenched, cable_yuan, settings),
        left=left_over(problem, plan),
    )


def _ducts(
    problem: Problem, lined: Bools, trenched: Bools, cable_yuan: Floats, settings: Settings
) -> Floats:
    """Return what a duct in each open trench costs, infinite everywhere else, (k, m).

    It is what the exact section grows by beside the lines in the trench, and the duct.
    """
    corridor = problem.corridor
    names = {name.strip() for name in settings.text("extension.reserve_utilities").split(",")}
    result = np.full(cable_yuan.shape, np.inf)
    for edge in np.flatnonzero(trenched):
        surface = str(corridor.surface[edge])
        lines = tuple(problem.commodities[k].line for k in np.flatnonzero(lined[:, edge]))
        for place, kind in enumerate(problem.commodities):
            if kind.utility in names and not lined[place, edge]:
                per_m = settings.number(f"extension.reserve_duct_{kind.utility}_yuan_per_m")
                per_m += _grown(lines, kind.line, surface, settings)
                result[place, edge] = per_m * corridor.laid_m[edge]
    return result


@cache
def _grown(lines: tuple[Line, ...], more: Line, surface: str, settings: Settings) -> float:
    """Return what one line more adds to the price of a section, in yuan per metre."""
    grown = cost_per_m((*lines, more), surface, settings) - cost_per_m(lines, surface, settings)
    return max(grown, 0.0)


def _laid(
    again: Problem, problem: Problem, trenches: gpd.GeoDataFrame, segments: gpd.GeoDataFrame
) -> tuple[Bools, Bools]:
    """Find the plan's lines and open trenches on the edges of the later graph, (k, m) and (m,)."""
    corridor = again.corridor
    ids = segments["segment_id"].tolist()
    lined = np.zeros(again.line_yuan.shape, dtype=bool)
    trenched = np.zeros(len(corridor.kind), dtype=bool)
    place = {
        (kind.utility, kind.service_class, kind.operator): k
        for k, kind in enumerate(again.commodities)
    }
    commodity = {demand.demand_id: place[demand.commodity] for demand in problem.demands}
    rows = trenches[["segment_id", "kind", "side", "applications", "in_work"]].to_dict("records")
    middles = shapely.line_interpolate_point(corridor.shape, 0.5, normalized=True)
    tree = shapely.STRtree(trenches.geometry.to_numpy(dtype=object))
    for edge, row in zip(*tree.query(middles, predicate="dwithin", distance=NEAR_M), strict=True):
        trench, segment = rows[row], int(corridor.segment[edge])
        same = trench["kind"] == way(corridor, edge)
        same = same and trench["segment_id"] == (ids[segment] if segment >= 0 else "")
        if not same or trench["side"] != SIDES[int(corridor.side[edge])]:
            continue
        for user in trench["applications"].split(","):
            lined[commodity[user.removesuffix("/2")], edge] = True
        trenched[edge] = corridor.surface[edge] != "" and not trench["in_work"]
    return lined, trenched
