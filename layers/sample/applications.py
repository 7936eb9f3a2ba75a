"""Joint applications for connection (水电气讯 联办): one row a service and parcel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from layers.sample.frames import Record
from layers.sample.tie_ins import OPERATORS

_FIRST = date(2026, 1, 5)
_HOLIDAY = (date(2026, 2, 15), date(2026, 2, 23))
_RURAL = "农村建设用地"
_INDUSTRY = "工业用地"


_MOST_PARCELS = 150
_OTHERS = (
    ("water", "transfer", "居民"),
    ("power", "change_use", "低压非居民"),
    ("power", "temporary_power", "低压非居民"),
    ("water", "construction_water", "单位"),
)


def applications(parcels: Sequence[Record], rng: np.random.Generator) -> list[Record]:
    """Return the applications of the first quarter of 2026, for up to 150 of the parcels.

    A third of the parcels are small users up to 100 kVA, the rest large ones up to 2,000 kVA;
    one large user asks for a dual source. One demand in ten is left open, as on real forms, and
    some rows ask for what needs no line in the ground.
    """
    if len(parcels) > _MOST_PARCELS:
        parcels = [parcels[i] for i in sorted(rng.permutation(len(parcels))[:_MOST_PARCELS])]
    large = [rng.random() > 0.33 and row.get("land_use") != _RURAL for row in parcels]
    dual = next((i for i in range(len(large) - 1, -1, -1) if large[i]), -1)
    rows: list[Record] = []
    for i, (parcel, is_large) in enumerate(zip(parcels, large, strict=True)):
        accepted = _workday(_FIRST + timedelta(int(rng.integers(0, 85))))
        shared = {
            "parcel_id": parcel["parcel_id"],
            "applicant_kind": "large" if is_large else "small",
            "project_kind": _project(parcel, is_large=is_large),
            "business": "new" if rng.random() < 0.88 else "increase",
            "accepted_on": accepted,
        }
        services = _large(parcel, rng, dual=i == dual) if is_large else _small(rng)
        rows += [{**shared, **service} for service in services]
    rows += _without_line(parcels, rng)
    return [{"application_id": f"SQ2026{i:04d}", **row} for i, row in enumerate(rows, 1)]


def _project(parcel: Record, *, is_large: bool) -> str:
    if parcel.get("land_use") == _INDUSTRY:
        return "新增工业用地"
    return "新建住宅小区" if is_large else "简易低风险项目"


def _workday(day: date) -> date:
    while day.weekday() > 4 or _HOLIDAY[0] <= day <= _HOLIDAY[1]:
        day += timedelta(1)
    return day


def _load_kva(least: float, most: float, rng: np.random.Generator) -> float:
    raw = float(np.exp(rng.uniform(np.log(least), np.log(most))))
    step = 5.0 if raw < 100.0 else 10.0 if raw < 400.0 else 50.0
    return float(np.clip(round(raw / step) * step, least, most))


def _large(parcel: Record, rng: np.random.Generator, *, dual: bool) -> Iterator[Record]:
    load = _load_kva(1_200.0 if dual else 160.0, 2_000.0, rng)
    yield {"utility": "power", "nature": "高压", "load_kva": load, "dual_source": dual,
           "diameter_mm": 150.0}  # fmt: skip
    yield {"utility": "water", "nature": "单位", "diameter_mm": float(rng.choice([100, 150, 200])),
           **_demand(load * float(rng.uniform(0.10, 0.25)), "m³/d", rng)}  # fmt: skip
    if rng.random() < 0.4:
        yield {"utility": "drain", "nature": "单位", "subtype": "sewage", "diameter_mm": 300.0,
               **_demand(load * 0.14, "m³/d", rng)}  # fmt: skip
    if dual:
        # more than any one point of the network has to spare
        yield {"utility": "gas", "nature": "工商业", "diameter_mm": 160.0,
               "demand": 1_500.0, "demand_unit": "m³/h"}  # fmt: skip
    elif rng.random() < 0.72:
        yield {"utility": "gas", "nature": "工商业", "diameter_mm": float(rng.choice([90, 110])),
               **_demand(load * float(rng.uniform(0.04, 0.16)), "m³/h", rng)}  # fmt: skip
    if parcel.get("land_use") == _INDUSTRY and rng.random() < 0.5:
        yield {"utility": "heat", "nature": "工业蒸汽", "diameter_mm": 125.0,
               **_demand(load * float(rng.uniform(0.5, 1.2)), "kW", rng)}  # fmt: skip
    operators = [name for name in OPERATORS if rng.random() < 0.62] or [OPERATORS[0]]
    for operator in operators:
        yield {"utility": "telecom", "nature": "单位", "operator": operator, "diameter_mm": 50.0,
               **_demand(float(rng.choice([12, 24, 48])), "芯", rng)}  # fmt: skip
    if rng.random() < 0.45:
        yield {"utility": "tv", "nature": "单位", "operator": "cbn", "diameter_mm": 50.0,
               **_demand(float(rng.choice([4, 8, 12])), "芯", rng)}  # fmt: skip


def _small(rng: np.random.Generator) -> Iterator[Record]:
    load = _load_kva(20.0, 100.0, rng)
    yield {"utility": "power", "nature": "低压非居民", "load_kva": load, "diameter_mm": 50.0}
    yield {"utility": "water", "nature": "单位", "diameter_mm": float(rng.choice([40, 50, 63])),
           **_demand(load * float(rng.uniform(0.08, 0.2)), "m³/d", rng)}  # fmt: skip
    if rng.random() < 0.4:
        yield {"utility": "gas", "nature": "工商业", "diameter_mm": 63.0,
               **_demand(load * 0.12, "m³/h", rng)}  # fmt: skip
    if rng.random() < 0.75:
        operator = OPERATORS[int(rng.integers(len(OPERATORS)))]
        yield {"utility": "telecom", "nature": "单位", "operator": operator, "diameter_mm": 32.0,
               **_demand(4.0, "芯", rng)}  # fmt: skip


def _demand(amount: float, unit: str, rng: np.random.Generator) -> Record:
    if rng.random() < 0.1:
        return {}
    return {"demand": float(f"{amount:.2g}"), "demand_unit": unit}


def _without_line(parcels: Sequence[Record], rng: np.random.Generator) -> list[Record]:
    rows: list[Record] = []
    for utility, business, nature in _OTHERS if len(parcels) else ():
        parcel = parcels[int(rng.integers(len(parcels)))]
        row: dict[str, object] = {
            "parcel_id": parcel["parcel_id"],
            "applicant_kind": "small",
            "utility": utility,
            "business": business,
            "nature": nature,
            "accepted_on": _workday(_FIRST + timedelta(int(rng.integers(0, 80)))),
        }
        if business == "temporary_power":
            row["load_kva"] = 80.0
        rows.append(row)
    return rows
