"""What of a connection's cost falls inside the red line, outside it, and to its crossings.

Inside the red line the applicant pays, outside it whom the profile names. A connection's share of
the plan's cost splits over the parts of its route as if each edge were dug for it alone; where a
planned work holds a trench open, the line alone counts. The parts sum to the share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.extension.account import Account
from planner.extension.arrays import Floats
from planner.extension.corridor import Kind
from planner.extension.problem import Problem, Route
from planner.rules.citation import said

APPLICANT, UNSET = "applicant", "unset"
"""Keys of who pays inside the red line, and outside it where no document says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Parts of one connection's cost in yuan; `bored` of its crossings open no road."""

    inside_yuan: float
    outside_yuan: float
    crossings_yuan: float
    bored: int

    def columns(self) -> dict[str, float]:
        """Return the parts by their columns in `layers.tables.CONNECTIONS`."""
        return {
            "inside_yuan": self.inside_yuan,
            "outside_yuan": self.outside_yuan,
            "crossings_yuan": self.crossings_yuan,
            "bored": self.bored,
        }


def splits(
    problem: Problem, books: Account, parcels: Mapping[str, BaseGeometry]
) -> tuple[Split, ...]:
    """Return the parts of every route's cost, in the order of the plan.

    Parameters
    ----------
    problem, books
        What was asked, and the plan's account.
    parcels
        Parcel id to polygon.

    References
    ----------
    001 7; 004 附件5 二(二): who pays up to the red line.
    """
    return tuple(
        _split(problem, route, float(yuan), parcels[problem.demands[route.demand].parcel_id])
        for route, yuan in zip(books.plan.routes, books.share_yuan, strict=True)
    )


def _split(problem: Problem, route: Route, yuan: float, parcel: BaseGeometry) -> Split:
    corridor, edges = problem.corridor, route.edges
    share = _shares(problem, route)
    shapes = corridor.geometry(edges)
    length_m = shapely.length(shapes)
    within_m = shapely.length(shapely.intersection(shapes, parcel))
    inside = np.divide(within_m, length_m, out=np.zeros(len(edges)), where=length_m > 0)
    crossing = corridor.kind[edges] == Kind.CROSSING
    inside_yuan = yuan * float(share @ np.minimum(inside, 1.0))
    return Split(
        inside_yuan=inside_yuan,
        outside_yuan=yuan - inside_yuan,
        crossings_yuan=yuan * float(share[crossing].sum()),
        bored=int((crossing & (corridor.surface[edges] == "")).sum()),
    )


def _shares(problem: Problem, route: Route) -> Floats:
    """Return what part of a route's price alone falls to each of its edges; they sum to 1 or 0."""
    kind = problem.commodity[route.demand]
    price = problem.trench_yuan[route.edges] + problem.line_yuan[kind, route.edges]
    total = float(price.sum())
    shares: Floats = price / total if total > 0 else np.zeros(len(price))
    return shares


def by_payer(connections: gpd.GeoDataFrame) -> dict[str, dict[str, object]]:
    """Return the sums of a frame of `layers.tables.CONNECTIONS` for each payer.

    Returns
    -------
    dict
        ``applicant``, then the clause that names each payer, ``unset`` where none does, to the
        payer's names ``zh`` and ``en``, ``inside_yuan`` and ``outside_yuan``.
    """
    applicant = said("payer_applicant")
    found: dict[str, dict[str, object]] = {
        APPLICANT: {
            "zh": applicant.zh,
            "en": applicant.en,
            "inside_yuan": float(connections["inside_yuan"].sum()),
            "outside_yuan": 0.0,
        }
    }
    for clause, rows in connections.groupby("payer_clause", sort=True):
        found[str(clause) or UNSET] = {
            "zh": rows["payer"].iloc[0],
            "en": rows["payer_en"].iloc[0],
            "inside_yuan": 0.0,
            "outside_yuan": float(rows["outside_yuan"].sum()),
        }
    return found
