"""Proof of one choice of sites from its evidence, in plain numbers and without the solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy.sparse

from planner.coverage.check_verdict import Verdict, fail
from planner.coverage.evidence import Evidence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTS = 2**20
"""Parts of a unit in which a certificate counts the multiplier of the budget."""
UNITS = 1000
"""Units of weight in a person or metre."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Expected:
    """What the weights, charges, sizes and the budget of a choice have to be."""

    weight: Ints
    charge: Ints
    size: Ints
    budget: int


def verdicts(
    name: str, rows: gpd.GeoDataFrame, figures: Mapping[str, Any], evidence: Evidence,
    expected: Expected,
) -> Iterator[Verdict]:  # fmt: skip
    """Yield whether rows, figures and bound follow from the evidence of one choice.

    Parameters
    ----------
    name
        Operator, or ``wifi``.
    rows
        Its rows of `layers.tables.INFILL`.
    figures
        Its figures in result.json.
    expected
        Computed anew from the inputs.
    """
    proof = evidence.certificate
    # what rests on yuan is rounded up from distances, which two ways of measuring them may part
    in_yuan = int((expected.size != 1).any())
    for part, slack in (("weight", 0), ("charge", 1), ("size", in_yuan)):
        stated, wanted = getattr(proof, part), getattr(expected, part)
        same = stated.shape == wanted.shape and bool((np.abs(stated - wanted) <= slack).all())
        yield same, fail(f"infill_{part}", name, "numbers that the inputs do not give", "equal")
    budget = int(proof.budget[0])
    yield budget == expected.budget, fail("infill_budget", name, budget, expected.budget)
    order = rows.sort_values("rank", kind="stable")
    sites = _places(evidence, name, order["candidate_id"])
    known = min(sites, default=0) >= 0 and len(set(sites)) == len(sites)
    yield known, fail("infill_candidate", name, "sites twice or unknown", "candidates")
    if known:
        yield from _as_candidates(name, order, sites, evidence)
        yield from _gains(name, order, sites, evidence)
        yield from _account(name, order, sites, figures, evidence)


def covered(evidence: Evidence, name: str, chosen: Iterable[object]) -> npt.NDArray[np.bool_]:
    """Return which points the rows with these keys reach; keys that are unknown reach nothing."""
    sites = [site for site in _places(evidence, name, chosen) if site >= 0]
    if not sites:
        return np.zeros(len(evidence.people), dtype=bool)
    return np.asarray(_reach(evidence)[sites].sum(axis=0) > 0).ravel()


def _places(evidence: Evidence, name: str, chosen: Iterable[object]) -> list[int]:
    """Return the candidates of rows by their keys, -1 where there is none."""
    places = {f"{key}-{name}": place for place, key in enumerate(evidence.candidate_id.tolist())}
    return [places.get(str(key), -1) for key in chosen]


def _as_candidates(
    name: str, order: gpd.GeoDataFrame, sites: list[int], evidence: Evidence
) -> Iterator[Verdict]:
    """Yield whether each site is what its candidate is, numbered from 1, and all fit the budget."""
    ranks = order["rank"].astype(int).tolist()
    even = ranks == list(range(1, len(sites) + 1))
    yield even, fail("infill_rank", name, ranks[:5], "1, 2, 3 ...")
    for row, site in zip(order.itertuples(), sites, strict=True):
        apart = np.hypot(
            row.geometry.x - evidence.site_x_m[site], row.geometry.y - evidence.site_y_m[site]
        )
        same = (
            apart < 0.01
            and row.site_kind == evidence.site_kind[site]
            and np.isclose(row.height_m, evidence.height_m[site])
        )
        yield bool(same), fail("infill_candidate", row.candidate_id, "moved", "its candidate")
    used = int(evidence.certificate.size[sites].sum()) if sites else 0
    limit = int(evidence.certificate.budget[0])
    yield used <= limit, fail("infill_budget", name, used, f"at most {limit}")


def _gains(
    name: str, order: gpd.GeoDataFrame, sites: list[int], evidence: Evidence
) -> Iterator[Verdict]:
    """Yield whether each site gains what it states in its turn, is worth it, and comes in order."""
    reach, proof = _reach(evidence), evidence.certificate
    left = np.ones(len(proof.weight), dtype=bool)
    rates = []
    for row, site in zip(order.itertuples(), sites, strict=True):
        new = reach[[site]].toarray()[0].astype(bool) & left
        left &= ~new
        gains = {
            "people_gained": round(float(evidence.people[new].sum())),
            "area_gained_km2": float(evidence.area_km2[new].sum()),
            "way_gained_m": float(evidence.way_m[new].sum()),
        }
        for column, gain in gains.items():
            stated = getattr(row, column)
            same = bool(np.isclose(stated, gain, rtol=1e-6, atol=1e-6))
            yield same, fail(f"infill_{column}", row.candidate_id, stated, gain)
        net = int(proof.weight[new].sum()) - int(proof.charge[site])
        yield net > 0, fail("infill_least", row.candidate_id, net, "more than its charge")
        rates.append(net / int(proof.size[site]))
    falling = all(late <= early + 1e-6 for early, late in pairwise(rates))
    yield falling, fail("infill_order", name, rates[:5], "what gains most for its size first")


def _account(
    name: str, order: gpd.GeoDataFrame, sites: list[int], figures: Mapping[str, Any],
    evidence: Evidence,
) -> Iterator[Verdict]:  # fmt: skip
    """Yield whether the figures are the sums, and the bound is what the multipliers prove."""
    proof = evidence.certificate
    reached = covered(evidence, name, order["candidate_id"])
    value = (int(proof.weight[reached].sum()) - int(proof.charge[sites].sum())) / UNITS
    sums = {
        "sites": len(sites),
        "candidates": len(proof.size),
        "people_gained": round(float(evidence.people[reached].sum())),
        "value": value,
        "cost_yuan": float(order["cost_yuan"].sum()),
    }
    for key, number in sums.items():
        same = bool(np.isclose(figures[key], number, rtol=1e-9, atol=0.01))
        yield same, fail(f"infill_{key}", name, figures[key], number)
    faults = _out_of_range(evidence)
    yield not faults, fail("infill_multipliers", name, faults, "in range")
    if not faults:
        bound = proven(evidence)
        held = figures["bound"] >= bound / UNITS - 1e-9
        yield held, fail("infill_bound", name, figures["bound"], bound / UNITS)
        yield bound / UNITS >= value, fail("infill_bound", name, bound / UNITS, value)
        yield from gap(name, figures)


def gap(name: str, figures: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield whether the gap is the share of the bound that is missing, null where that is 0."""
    bound, stated = float(figures["bound"]), figures["gap"]
    wanted = 1.0 - float(figures["value"]) / bound if bound > 0 else None
    same = stated is None if wanted is None else stated is not None and abs(stated - wanted) < 1e-9
    yield same, fail("infill_gap", name, stated, wanted)


def _out_of_range(evidence: Evidence) -> list[str]:
    proof = evidence.certificate
    faults = ["cover"] if (proof.cover < 0).any() or (proof.cover > proof.weight).any() else []
    return faults + (["price"] if int(proof.price[0]) < 0 else [])


def proven(evidence: Evidence) -> int:
    """Return what no choice exceeds, in whole units, from the multipliers alone.

    Every point gives its weight less its multiplier away, and pays the multiplier to each candidate
    that reaches it; what a candidate is paid beyond its charge and the price of its size adds up,
    and so does the price of the budget. In Python's whole numbers nothing is rounded on the way.
    """
    proof = evidence.certificate
    price, budget = int(proof.price[0]), int(proof.budget[0])
    given = sum(proof.weight.tolist()) - sum(proof.cover.tolist())
    paid = (_reach(evidence) @ proof.cover).tolist()
    beyond = 0
    for pay, charge, size in zip(paid, proof.charge.tolist(), proof.size.tolist(), strict=True):
        if size <= budget:
            beyond += max(0, PARTS * (pay - charge) - price * size)
    return int((PARTS * given + price * budget + beyond) // PARTS)


def _reach(evidence: Evidence) -> scipy.sparse.csr_array:
    """Return the evidence's matrix, candidates by points, of whole numbers 0 and 1."""
    proof = evidence.certificate
    shape, ones = (len(proof.size), len(proof.weight)), np.ones(len(proof.point), dtype=np.int64)
    reach = scipy.sparse.csr_array((ones, proof.point, proof.row), shape=shape)
    reach.sum_duplicates()
    reach.data[:] = 1
    return reach


def worth(people: Floats, area_km2: Floats, way_m: Floats, rates: tuple[float, float]) -> Ints:
    """Return weights in thousandths of a person; `rates` are people by km² and by km of road."""
    each = people + rates[0] * area_km2 + rates[1] * way_m / 1000.0
    return np.asarray(np.rint(UNITS * each), dtype=np.int64)


def charged(cost_yuan: Floats, yuan_per_person: float, least: float) -> Ints:
    """Return what sites have to be worth, in thousandths of a person, rounded up."""
    return np.array(
        [ceil(UNITS * max(least, yuan / yuan_per_person)) for yuan in cost_yuan], dtype=np.int64
    )
