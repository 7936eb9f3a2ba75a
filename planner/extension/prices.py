"""Prices of the routing: a trench paid once, a width that each utility adds, a line of its own.

The trench section prices every set of lines exactly; routing needs a price that is a sum. For one
surface the fixed price is what two lines save on average when they share a trench, and what a
line adds is its own section less the fixed price: exact for a line alone, right on average for
two, and compared with the exact section afterwards. On a street the opening itself, its set-up
and the closure while work goes on, is paid once as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from planner.extension.demand import Demand
from planner.section.layout import Line, cost_per_m
from planner.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """What shares one line: utility, class, and operator where each lays its own.

    `line` is the largest that a demand of the commodity asks for.
    """

    utility: str
    service_class: str
    operator: str
    line: Line
    line_yuan_per_m: float

    @property
    def label(self) -> str:
        """Utility and what tells it from others of the utility, for tables."""
        detail = self.service_class or self.operator
        return f"{self.utility} {detail}" if detail else self.utility


@dataclass(frozen=True, slots=True)
class SurfacePrice:
    """Prices below one surface: the trench once, and what each commodity's width adds, per m."""

    trench_yuan_per_m: float
    added_yuan_per_m: tuple[float, ...]


def line_price(utility: str, service_class: str, settings: Settings) -> float:
    """Return the price of a laid line without its trench, in yuan per metre (an assumption)."""
    high = utility == "power" and service_class != "380 V"
    return settings.number(f"extension.line_{utility}{'_mv' if high else ''}_yuan_per_m")


def commodities(demands: Sequence[Demand], settings: Settings) -> tuple[Commodity, ...]:
    """Return the commodities of some demands, in the order in which they first occur."""
    lines: dict[tuple[str, str, str], Line] = {}
    for demand in demands:
        known = lines.setdefault(demand.commodity, demand.line)
        if not known.diameter_mm >= demand.line.diameter_mm and demand.line.diameter_mm > 0:
            lines[demand.commodity] = demand.line
    return tuple(
        Commodity(
            utility=utility,
            service_class=service_class,
            operator=operator,
            line=line,
            line_yuan_per_m=line_price(utility, service_class, settings),
        )
        for (utility, service_class, operator), line in lines.items()
    )


def surface_price(lines: Sequence[Line], surface: str, settings: Settings) -> SurfacePrice:
    """Split the price of sections into a fixed part and an additive one.

    Parameters
    ----------
    lines
        One line of each commodity.
    surface
        Key of `layers.tables.SURFACES`.

    Returns
    -------
    SurfacePrice
        With one line alone the whole price is fixed. No part is negative.
    """
    alone = [cost_per_m((line,), surface, settings) for line in lines]
    pairs = list(combinations(range(len(lines)), 2))
    if not pairs:
        return SurfacePrice(sum(alone), (0.0,) * len(alone))
    saved = sum(
        alone[i] + alone[j] - cost_per_m((lines[i], lines[j]), surface, settings) for i, j in pairs
    )
    fixed = min(max(saved / len(pairs), 0.0), *alone)
    return SurfacePrice(fixed, tuple(price - fixed for price in alone))


def opening_yuan_per_m(road_class: str, settings: Settings) -> float:
    """Return what a metre of opened street costs beside its section: closure and set-up.

    Parameters
    ----------
    road_class
        Key of `layers.tables.ROAD_CLASSES`.
    settings
        ``trench.closure_*`` and ``trench.setup_yuan`` as the joint plan prices them, spread by
        ``extension.work_m_per_day`` and ``extension.opening_m``.
    """
    closure = settings.number(f"trench.closure_{road_class}_yuan_per_day")
    setup = settings.number("trench.setup_yuan") / settings.number("extension.opening_m")
    return closure / settings.number("extension.work_m_per_day") + setup


def surface_prices(
    wanted: Sequence[Commodity], surfaces: Sequence[str], settings: Settings
) -> Mapping[str, SurfacePrice]:
    """Return the prices below every surface."""
    lines = [commodity.line for commodity in wanted]
    return MappingProxyType(
        {surface: surface_price(lines, surface, settings) for surface in surfaces}
    )
