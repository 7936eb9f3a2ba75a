"""The village test of the universal service: does 4G reach an administrative village."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.messages import message
from layers.county import County
from layers.tables import VILLAGES
from planner.coverage.frames import from_rows
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reception:
    """What an operator (or a summary) offers: its sites and which places it reaches.

    Parameters
    ----------
    sites
        Positions of the sites that carry an outdoor 4G cell, shape (n, 2).
    reached
        For each row of the county's places, whether the signal reaches the threshold.
    uncertain
        For each row, whether a second model says the contrary.
    """

    sites: Floats
    reached: Flags
    uncertain: Flags

    @property
    def certain(self) -> Flags:
        """Places that both models reach."""
        return self.reached & ~self.uncertain

    @property
    def possible(self) -> Flags:
        """Places that at least one model reaches."""
        return self.reached | self.uncertain


def judge(county: County, offers: Mapping[str, Reception], settings: Settings) -> gpd.GeoDataFrame:
    """Return the verdict for every village, by each operator and by ``any`` and ``all``.

    A village passes where a 4G site stands within ``coverage.village_site_km`` of its committee,
    or where committee, schools, clinics and every settlement of ``coverage.village_households``
    households or more have signal. A settlement that states no households is tested too. ``all``
    passes where each operator does. A verdict is uncertain where it would be another one if all
    uncertain places had signal, or none of them.

    Parameters
    ----------
    offers
        Operator to what it offers; ``any`` is derived from all of them together.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `layers.tables.VILLAGES`, one row a village and operator, at the committee, or
        the middle of the village's places where no committee is known.

    References
    ----------
    工业和信息化部, 电信普遍服务 4G 行政村判定; standards/README.md, 4G.
    """
    places = county["places"]
    named = places["village"].fillna("").astype(str).ne("")
    rows: list[dict[str, object]] = []
    every = {**offers, "any": _any(offers)} if offers else {}
    chosen = places[named].assign(town=places["town"].fillna("").astype(str))
    for (town, village), group in chosen.groupby(["town", "village"], sort=True):
        verdicts = [
            {"village": village, "town": town, "operator": operator,
             **_verdict(group, offer, settings)}
            for operator, offer in every.items()
        ]  # fmt: skip
        if verdicts:
            rows += [*verdicts, _weakest(verdicts)]
    return from_rows(rows, VILLAGES, county.crs)


def _any(offers: Mapping[str, Reception]) -> Reception:
    every = list(offers.values())
    certain = np.logical_or.reduce([offer.certain for offer in every])
    possible = np.logical_or.reduce([offer.possible for offer in every])
    return Reception(
        sites=np.concatenate([offer.sites for offer in every]),
        reached=np.logical_or.reduce([offer.reached for offer in every]),
        uncertain=possible & ~certain,
    )


def _verdict(group: gpd.GeoDataFrame, offer: Reception, settings: Settings) -> dict[str, object]:
    tested = group[_is_tested(group, settings.number("coverage.village_households"))]
    rows = tested.index.to_numpy()
    reached, certain, possible = offer.reached[rows], offer.certain[rows], offer.possible[rows]
    committee = shapely.get_coordinates(group.geometry[group["kind"] == "committee"].to_numpy())
    nearest_km = _nearest_km(committee, offer.sites)
    limit_km = settings.number("coverage.village_site_km")
    near = bool(nearest_km <= limit_km)
    heard = bool(len(reached) and reached.all())
    rule = _rule(near=near, heard=heard, tested=len(reached))
    facts = {
        "limit_km": f"{limit_km:g}",
        "places": len(reached),
        "missing": int((~reached).sum()),
    }
    return {
        "covered": near or heard,
        "nearest_site_km": nearest_km,
        "places": len(reached),
        "places_covered": int(reached.sum()),
        "places_uncertain": int(offer.uncertain[rows].sum()),
        "uncertain": not near and bool(possible.all() != certain.all()),
        "rule": rule,
        "reason": message(f"village_{rule}", "zh", **facts),
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True),
        "geometry": shapely.Point(
            *(committee if len(committee) else shapely.get_coordinates(group.geometry)).mean(axis=0)
        ),
    }


def _is_tested(group: gpd.GeoDataFrame, least: float) -> Flags:
    households = pd.to_numeric(group["households"]).to_numpy(np.float64, na_value=np.nan)
    small = group["kind"].eq("settlement").to_numpy() & (households < least)
    flags: Flags = ~small
    return flags


def _nearest_km(committee: Floats, sites: Floats) -> float:
    if not len(committee) or not len(sites):
        return float("nan")
    apart = np.linalg.norm(committee[:, np.newaxis] - sites[np.newaxis], axis=2)
    return float(apart.min() / 1000.0)


def _rule(*, near: bool, heard: bool, tested: int) -> str:
    if near:
        return "site_near"
    if heard:
        return "all_heard"
    return "some_unheard" if tested else "without_points"


def _weakest(verdicts: list[dict[str, object]]) -> dict[str, object]:
    """Return the row of ``all``: the first operator that fails, or else the one served worst."""
    own = [verdict for verdict in verdicts if verdict["operator"] != "any"]
    worst = min(own, key=lambda verdict: (bool(verdict["covered"]), _count(verdict)))
    certain = all(verdict["covered"] and not verdict["uncertain"] for verdict in own)
    possible = all(verdict["covered"] or verdict["uncertain"] for verdict in own)
    return {**worst, "operator": "all", "uncertain": possible and not certain}


def _count(verdict: dict[str, object]) -> int:
    return int(str(verdict["places_covered"]))
