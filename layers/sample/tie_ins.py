"""Tie-ins: where existing lines have capacity to spare, and where they have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample.frames import Record
from layers.sample.networks import OWNERS


@dataclass(frozen=True, slots=True)
class Kind:
    """How the tie-ins of one kind of line are spread and what they can still give.

    `spacing_m` is their distance along the main; `least` and `most` bound what is left, drawn
    log-uniformly; one in seven has nothing left.
    """

    name: str
    spacing_m: float
    unit: str
    least: float
    most: float


_KINDS = {
    ("water", "distribution"): Kind("给水预留井", 380.0, "m³/d", 20.0, 900.0),
    ("drain", "sewage"): Kind("污水检查井", 420.0, "m³/d", 40.0, 1_200.0),
    ("gas", "distribution"): Kind("燃气阀井", 450.0, "m³/h", 30.0, 600.0),
    ("heat", "distribution"): Kind("蒸汽接口", 300.0, "kW", 400.0, 4_000.0),
    ("power", "duct"): Kind("环网柜", 480.0, "kVA", 250.0, 6_000.0),
    ("power", "direct"): Kind("低压分支箱", 260.0, "kVA", 15.0, 160.0),
    ("telecom", "duct"): Kind("光缆交接箱", 520.0, "芯", 12.0, 144.0),
    ("tv", "duct"): Kind("广电光节点", 600.0, "芯", 8.0, 48.0),
}
OPERATORS = ("cmcc", "ctcc", "cucc")
_SHORT = {"cmcc": "移动", "ctcc": "电信", "cucc": "联通", "cbn": "广电"}


def tie_ins(pipes: Sequence[Record], rng: np.random.Generator) -> list[Record]:
    """Return tie-ins along the mains; telecom ones of each operator, TV ones of cable TV."""
    rows: list[Record] = []
    for pipe in pipes:
        kind = _KINDS.get(_key(pipe))
        if kind is None:
            continue
        for point in _spread(pipe["geometry"], kind.spacing_m, rng):
            operators = _operators(str(pipe["utility"]), rng)
            rows += [_tie_in(pipe, kind, point, operator, rng) for operator in operators]
    return [{"tie_in_id": f"JR{i:05d}", **row} for i, row in enumerate(rows, 1)]


def _key(pipe: Record) -> tuple[str, str]:
    """Return the kind of line; a power line of another subtype is told by its voltage."""
    utility, subtype = str(pipe["utility"]), str(pipe["subtype"])
    if utility == "power" and subtype == "distribution":
        subtype = "direct" if pipe["voltage_kv"] < 1.0 else "duct"
    return utility, subtype


def _spread(line: object, spacing_m: float, rng: np.random.Generator) -> Iterator[shapely.Point]:
    if isinstance(line, shapely.LineString):
        apart = max(spacing_m, line.length / 8.0)
        station = float(rng.uniform(0.0, apart))
        while station < line.length:
            yield shapely.set_precision(line.interpolate(station), 0.01)
            station += apart * float(rng.uniform(0.7, 1.3))


def _operators(utility: str, rng: np.random.Generator) -> tuple[str | None, ...]:
    if utility == "tv":
        return ("cbn",)
    if utility == "telecom":
        return tuple(name for name in OPERATORS if rng.random() < 0.6)
    return (None,)


def _tie_in(
    pipe: Record, kind: Kind, point: shapely.Point, operator: str | None, rng: np.random.Generator
) -> Record:
    left = float(np.exp(rng.uniform(np.log(kind.least), np.log(kind.most))))
    spent = rng.random() < 1.0 / 7.0
    name = f"{_SHORT[operator]}{kind.name}" if operator in OPERATORS else kind.name
    return {
        "name": name,
        "utility": pipe["utility"],
        "owner": OWNERS[str(pipe["utility"])],
        "operator": operator,
        "capacity_left": 0.0 if spent else float(f"{left:.2g}"),
        "capacity_unit": kind.unit,
        "voltage_kv": pipe.get("voltage_kv"),
        "pressure_mpa": pipe.get("pressure_mpa"),
        "diameter_mm": pipe["diameter_mm"],
        "subtype": pipe["subtype"],
        "geometry": point,
    }
