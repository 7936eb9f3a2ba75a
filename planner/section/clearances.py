"""Distances that the standards ask for, each with its clause and confidence.

The tables are transcriptions; `planner/section/tables/README.md` says from where. A distance of
confidence C or D is used, and shown as 待核.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from planner.section.figure import Figure, rows
from planner.section.line import Body

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"(dn|kv)(<=|>=|<|>)(\d+)")


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of table 4.1.9, with the condition on which it holds (empty: always)."""

    condition: str
    figure: Figure

    def holds(self, diameter_mm: float, voltage_kv: float) -> bool:
        if not self.condition:
            return True
        bound = _CONDITION.fullmatch(self.condition)
        if bound is None:  # about something else than a line, such as an electrified railway
            return False
        quantity, sign, limit = bound.groups()
        value = diameter_mm if quantity == "dn" else voltage_kv
        return _COMPARISONS[sign](value, float(limit))


@cache
def _horizontal() -> Mapping[frozenset[str], tuple[_Cell, ...]]:
    cells: dict[frozenset[str], tuple[_Cell, ...]] = {}
    for row in rows("horizontal.csv"):
        kinds = (row["a"], row["b"])
        clear_m = float(row["clear_m"])
        figure = Figure("clearance", kinds, clear_m, row["source"], row["confidence"])
        pair = frozenset(kinds)
        cells[pair] = (*cells.get(pair, ()), _Cell(row["condition"], figure))
    return cells


def horizontal(a: Body, b: Body, *, missing_m: float, missing_confidence: str) -> Figure:
    """Return the clear horizontal distance between the outer faces of two lines.

    Where several cells of a pair apply, the largest counts; a conditional cell looks at the
    larger diameter and the higher voltage of the two.

    Parameters
    ----------
    a, b
        The two lines, in any order.
    missing_m, missing_confidence
        What counts for a pair that the table does not give (drain and drain, water and water,
        heat and heat), in metres.

    References
    ----------
    GB 50289-2016, table 4.1.9.
    """
    diameter_mm = max(a.diameter_mm, b.diameter_mm)
    voltage_kv = max(a.voltage_kv, b.voltage_kv)
    kinds = (a.horizontal_kind, b.horizontal_kind)
    clause = "section.missing_clearance_m"
    otherwise = Figure("clearance", kinds, missing_m, clause, missing_confidence)
    return _largest(kinds, diameter_mm, voltage_kv) or otherwise


def _largest(kinds: tuple[str, str], diameter_mm: float, voltage_kv: float) -> Figure | None:
    cells = _horizontal().get(frozenset(kinds), ())
    figures = [cell.figure for cell in cells if cell.holds(diameter_mm, voltage_kv)]
    return max(figures, key=lambda figure: figure.value_m, default=None)


def beside(kind: str, item: Body) -> Figure:
    """Return the clear distance of a line to something on the road.

    Parameters
    ----------
    kind
        ``kerb`` or ``tree``.

    Raises
    ------
    KeyError
        If the table has no such pair.

    References
    ----------
    GB 50289-2016, table 4.1.9.
    """
    figure = _largest((kind, item.horizontal_kind), item.diameter_mm, item.voltage_kv)
    if figure is None:
        raise KeyError(kind)
    return figure


@cache
def _cover() -> Mapping[tuple[str, bool], Figure]:
    figures = {}
    for row in rows("cover.csv"):
        for column, carriageway in (("lane_m", True), ("walk_m", False)):
            if row[column]:
                figures[row["kind"], carriageway] = Figure(
                    "cover", (row["kind"],), float(row[column]), row["source"], row["confidence"]
                )
    return figures


def cover(kind: str, *, carriageway: bool) -> Figure:
    """Return the least cover above a line, under the carriageway or beside it.

    References
    ----------
    GB 50289-2016, table 4.1.1.
    """
    return _cover()[kind, carriageway]


@cache
def _side_widths() -> tuple[tuple[float, Figure], ...]:
    return tuple(
        (
            float(row["to_mm"]),
            Figure(
                "side_width",
                (row["to_mm"],),
                float(row["smooth_mm"]) / 1000,
                row["source"],
                row["confidence"],
            ),
        )
        for row in rows("side_width.csv")
    )


def side_width(outer_mm: float) -> Figure:
    """Return b1, the working width beside a metal or plastic pipe of outer diameter `outer_mm`.

    Beyond the table's largest diameter its last row counts.

    References
    ----------
    GB 50268-2008, table 4.3.2.
    """
    widths = _side_widths()
    return next((figure for most_mm, figure in widths if outer_mm <= most_mm), widths[-1][1])
