"""One choice among candidates, from the siting problem to rows, figures and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from planner.coverage.evidence import MILLI, Evidence
from planner.coverage.siting.problem import Problem
from planner.coverage.siting.solve import Choice, solve
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Row = dict[str, object]

KEPT = (
    "site_kind", "height_m", "geometry", "site_yuan", "power_yuan", "fibre_yuan", "cost_yuan",
    "power_m", "power_line_id", "power_routed", "fibre_m", "fibre_line_id", "fibre_routed",
)  # fmt: skip
"""Columns of a priced candidate that a row of `layers.tables.INFILL` takes over."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Offer:
    """Priced candidates and the points that they may serve.

    Parameters
    ----------
    name
        An operator, or `planner.coverage.evidence.WIFI`.
    sites
        Candidates as `planner.coverage.candidates.priced` returns them, in the problem's order.
    xy, people, area_km2, way_m
        Of each point of the problem.
    problem
        Weights in thousandths.
    """

    name: str
    sites: gpd.GeoDataFrame
    xy: Floats
    people: Floats
    area_km2: Floats
    way_m: Floats
    problem: Problem


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Chosen:
    """What was chosen: rows of `layers.tables.INFILL`, figures, evidence, and the points served."""

    rows: list[Row]
    figures: Mapping[str, object]
    evidence: Evidence
    served: Flags


def decide(offer: Offer, settings: Settings) -> Chosen:
    """Choose sites, in the order in which to build them: what gains most for its size is first."""
    choice = solve(
        offer.problem,
        swap_steps=settings.count("coverage.infill_swap_steps"),
        bound_steps=settings.count("coverage.infill_bound_steps"),
    )
    rows = _rows(offer, choice)
    return Chosen(
        rows=rows,
        figures=_figures(offer, choice, rows),
        evidence=_evidence(offer, choice),
        served=offer.problem.reached(choice.sites),
    )


def joint(parts: Mapping[str, Mapping[str, object]], people_gained: int) -> dict[str, object]:
    """Return the figures of all operators together, with each one's under ``operators``.

    The operators' problems share nothing, so values and bounds add up; people who gain several
    operators count once in `people_gained`.
    """
    of = list(parts.values())
    total = {key: sum(_number(one[key]) for one in of) for key in ("value", "bound", "cost_yuan")}
    return {
        "sites": int(sum(_number(one["sites"]) for one in of)),
        "people_gained": people_gained,
        **{key: round(number, 3) for key, number in total.items()},
        "gap": _gap(total["value"], total["bound"]),
        "operators": dict(parts),
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _gap(value: float, bound: float) -> float | None:
    """Return the share of the bound that may be missing; None where nothing can be gained."""
    return 1.0 - value / bound if bound > 0 else None


def _rows(offer: Offer, choice: Choice) -> list[Row]:
    """Return a row for each site with what it gains in its turn."""
    rows: list[Row] = []
    open_points = np.ones(len(offer.xy), dtype=bool)
    for rank, site in enumerate(choice.sites, start=1):
        reached = offer.problem.reached([site]) & open_points
        open_points &= ~reached
        candidate = offer.sites.iloc[site]
        rows.append(
            {
                **candidate[list(KEPT)],
                "candidate_id": f"{candidate['candidate_id']}-{offer.name}",
                "operator": offer.name,
                "rank": rank,
                "people_gained": round(float(offer.people[reached].sum())),
                "area_gained_km2": float(offer.area_km2[reached].sum()),
                "way_gained_m": float(offer.way_m[reached].sum()),
            }
        )
    return rows


def _figures(offer: Offer, choice: Choice, rows: list[Row]) -> dict[str, object]:
    return {
        "sites": len(rows),
        "candidates": offer.problem.candidates,
        "people_gained": round(float(offer.people[offer.problem.reached(choice.sites)].sum())),
        "value": choice.value / MILLI,
        "bound": choice.bound / MILLI,
        "gap": choice.gap,
        "greedy_value": choice.greedy_value / MILLI,
        "cost_yuan": round(sum(_number(row["cost_yuan"]) for row in rows), 2),
    }


def _evidence(offer: Offer, choice: Choice) -> Evidence:
    site = shapely.get_coordinates(offer.sites.geometry.to_numpy()).reshape(-1, 2)
    return Evidence(
        candidate_id=offer.sites["candidate_id"].to_numpy().astype(np.str_),
        site_kind=offer.sites["site_kind"].to_numpy().astype(np.str_),
        site_x_m=site[:, 0],
        site_y_m=site[:, 1],
        height_m=offer.sites["height_m"].to_numpy(np.float64),
        point_x_m=offer.xy[:, 0],
        point_y_m=offer.xy[:, 1],
        people=offer.people,
        area_km2=offer.area_km2,
        way_m=offer.way_m,
        certificate=choice.certificate,
    )
