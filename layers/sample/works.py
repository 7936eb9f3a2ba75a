"""Planned works of 2026: several utilities that want the same streets in different months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np

from layers.sample.frames import Record
from layers.sample.networks import OWNERS
from layers.sample.section import LANES, beside, diameter_mm, left_m, width_m
from layers.sample.streets import Streets

YEAR = 2026
_FIRST, _LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
_DAYS = (_LAST - _FIRST).days

_SEGMENTS_PER_HOT_SPOT = 18
_MOST_HOT_SPOTS = 45
_SCATTERED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Trade:
    """One kind of work: what is laid, by whom, how fast (metre a day), and how often."""

    utility: str
    subtype: str
    zh: str
    owners: tuple[str, ...]
    m_per_day: float
    weight: float


TRADES = (
    Trade("water", "distribution", "给水管改造", (OWNERS["water"],), 24.0, 1.0),
    Trade("drain", "sewage", "雨污分流", (OWNERS["drain"],), 14.0, 0.7),
    Trade("gas", "distribution", "燃气管新建", (OWNERS["gas"],), 28.0, 1.0),
    Trade("heat", "distribution", "蒸汽管延伸", (OWNERS["heat"],), 16.0, 0.2),
    Trade("power", "duct", "10千伏线路入地", (OWNERS["power"],), 22.0, 1.0),
    Trade("power", "direct", "低压台区改造", (OWNERS["power"],), 40.0, 0.6),
    Trade(
        "telecom", "duct", "通信管道新建",
        ("中国移动县分公司", "中国电信县分公司", "中国联通县分公司"), 45.0, 1.4,
    ),
    Trade("tv", "duct", "广电光缆入地", (OWNERS["tv"],), 55.0, 0.5),
)  # fmt: skip
"""Progress a day and frequency are the sample's own assumptions."""


def works(segments: gpd.GeoDataFrame, rng: np.random.Generator) -> list[Record]:
    """Return the planned works of one year on the segments given.

    Hot-spots are runs of streets on which four to eight works meet, most of them with windows
    that can be joined, some with windows that cannot; the rest lie scattered. A few are approved
    already, one or two are emergencies, some are trenchless.

    Parameters
    ----------
    segments
        Segments of built-up streets, columns of `layers.tables.SEGMENTS`.
    rng
        Source of randomness.
    """
    town = Streets.of(segments)
    hot_spots = int(np.clip(len(segments) / _SEGMENTS_PER_HOT_SPOT, 3, _MOST_HOT_SPOTS))
    rows: list[Record] = []
    for _ in range(hot_spots if len(segments) else 0):
        rows += _hot_spot(town, rng)
    for _ in range(min(130, int(len(segments) * _SCATTERED_SHARE))):
        run = town.run(int(rng.integers(1, 4)), rng)
        rows.append(_work(town, run, _trade(rng), _window(rng), rng))
    _urgent(rows, rng)
    return [{"work_id": f"GC{i:04d}", **row} for i, row in enumerate(rows, 1)]


def _hot_spot(town: Streets, rng: np.random.Generator) -> Iterator[Record]:
    run = town.run(int(rng.integers(3, 7)), rng)
    centre = float(rng.uniform(70, 260))
    apart = rng.random() < 0.25
    trades = rng.permutation(len(TRADES))[: int(rng.integers(4, 8))]
    for number, pick in enumerate(trades):
        trade = TRADES[int(pick)] if TRADES[int(pick)].utility != "heat" else TRADES[0]
        length = int(rng.integers(max(1, len(run) // 2), len(run) + 1))
        start = int(rng.integers(0, len(run) - length + 1))
        shift = (-1.0) ** number * 115.0 if apart else float(rng.normal(0.0, 38.0))
        window = _window(rng, around=centre + shift, narrow=apart)
        yield _work(town, run[start : start + length], trade, window, rng)


def _trade(rng: np.random.Generator) -> Trade:
    weight = np.array([trade.weight for trade in TRADES])
    return TRADES[int(rng.choice(len(TRADES), p=weight / weight.sum()))]


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the year at which a work may start first, and how long it may take to finish."""

    opens: float
    slack_days: float


def _window(
    rng: np.random.Generator, *, around: float | None = None, narrow: bool = False
) -> Window:
    slack = float(rng.uniform(8, 35) if narrow or rng.random() < 0.2 else rng.uniform(35, 150))
    middle = float(rng.uniform(40, 300)) if around is None else around
    return Window(middle - slack / 2.0, slack)


def _work(
    town: Streets,
    run: Sequence[tuple[int, bool]],
    trade: Trade,
    window: Window,
    rng: np.random.Generator,
) -> dict[str, object]:
    road = town.rows[run[0][0]]
    line = town.line(run)
    lane = LANES[trade.utility, trade.subtype]
    shifted = beside(line, left_m(line, width_m(road), lane))
    days = int(np.clip(round(4 + shifted.length / trade.m_per_day), 4, 75))
    opens = int(np.clip(window.opens, 4, _DAYS - days - 3))
    closes = int(np.clip(opens + days + window.slack_days, opens + days + 2, _DAYS))
    fixed = rng.random() < 0.06
    wanted = opens + int(rng.uniform(0.0, 0.5) * (closes - days - opens))
    if fixed:
        opens, closes = wanted, wanted + days
    owner = trade.owners[int(rng.integers(len(trade.owners)))]
    return {
        "name": f"{road['name'] or '街巷'}{trade.zh}工程",
        "utility": trade.utility,
        "subtype": trade.subtype,
        "owner": owner,
        "diameter_mm": diameter_mm(trade.utility, trade.subtype, road["road_class"], rng),
        "voltage_kv": _voltage(trade),
        "depth_m": lane.depth_m,
        "earliest": _FIRST + timedelta(opens),
        "wanted": _FIRST + timedelta(wanted),
        "latest": _FIRST + timedelta(closes),
        "duration_days": days,
        "method": "trenchless" if rng.random() < 0.05 else "open_cut",
        "fixed": fixed,
        "confidence": "已批准" if fixed else ("已立项", "可研", "意向")[int(rng.integers(3))],
        "geometry": shifted,
    }


def _voltage(trade: Trade) -> float | None:
    if trade.utility != "power":
        return None
    return 10.0 if trade.subtype == "duct" else 0.4


def _urgent(rows: list[Record], rng: np.random.Generator) -> None:
    """Turn one or two works into emergencies at the start of the year."""
    wet = [i for i, row in enumerate(rows) if row["utility"] in {"water", "drain"}]
    for i in rng.permutation(len(wet))[:2]:
        row = rows[wet[int(i)]]
        days = int(str(row["duration_days"]))
        begin = _FIRST + timedelta(int(rng.integers(8, 40)))
        changes: Mapping[str, object] = {
            "name": str(row["name"]).replace("改造", "抢修").replace("雨污分流", "污水管抢修"),
            "earliest": begin,
            "wanted": begin,
            "latest": begin + timedelta(days + 5),
            "fixed": False,
            "emergency": True,
            "method": "open_cut",
            "confidence": "抢修",
        }
        rows[wet[int(i)]] = {**row, **changes}
