"""What the settings and standards say about digging, and how far lines stand apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from planner.section.clearances import cover, horizontal
from planner.section.figure import Figure, rows
from planner.section.line import Body
from planner.settings import Settings

LOADS = ("none", "static", "dynamic")
"""Load at the edge of a trench, as the columns of GB 50268-2008, table 4.3.3."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about digging, as plain numbers and figures.

    Parameters
    ----------
    carriageway
        Whether the lines lie under the carriageway.
    missing_m, missing_confidence
        Clearance of pairs that the table does not give.
    bedding_m
        Depth dug below the lowest line.
    wall
        Height up to which a vertical wall stands without support.
    slope
        Run for each metre of height of a wall that stands by its slope; None where the soil and
        load allow none.
    slope_to_m
        Greatest depth of a trench with such slopes.
    support
        b2 of GB 50268-2008, 4.3.2: thickness of the support on each side.
    margin_m
        Surface reinstated beyond each outer wall.
    strip_m
        Least ground that is left standing between two trenches.
    gas_with_cables
        Whether gas may share a trench with cables.
    share
        Part of the table's clearances that is kept, 0 to 1; below 1 each shortfall needs a
        recorded measure.
    """

    carriageway: bool
    missing_m: float
    missing_confidence: str
    bedding_m: float
    wall: Figure
    slope: Figure | None
    slope_to_m: float
    support: Figure
    margin_m: float
    strip_m: float
    gas_with_cables: bool
    share: float = 1.0


@cache
def _walls() -> Mapping[str, Figure]:
    return {
        row["soil"]: Figure(
            "wall", (row["soil"],), float(row["most_m"]), row["source"], row["confidence"]
        )
        for row in rows("walls.csv")
    }


@cache
def _slopes() -> Mapping[tuple[str, str], tuple[Figure, float]]:
    return {
        (row["soil"], load): (
            Figure(
                "slope",
                (row["soil"], f"load_{load}"),
                float(row[load]),
                row["source"],
                row["confidence"],
            ),
            float(row["to_depth_m"]),
        )
        for row in rows("slopes.csv")
        for load in LOADS
        if row[load]
    }


def soils() -> tuple[str, ...]:
    """Return the soils that ``section.soil`` may name."""
    return tuple(soil.removeprefix("soil_") for soil in _walls())


def rules(settings: Settings, *, carriageway: bool, share: float = 1.0) -> Rules:
    """Collect the digging rules from the settings.

    Raises
    ------
    KeyError
        If ``section.soil`` is none of `soils`.

    References
    ----------
    GB 50268-2008, 4.3.2 (b2) and 4.3.3 (side slopes).
    """
    soil = f"soil_{settings.text('section.soil')}"
    slope, slope_to_m = _slopes().get((soil, settings.text("section.edge_load")), (None, 0.0))
    support = settings["section.support_thickness_m"]
    return Rules(
        carriageway=carriageway,
        missing_m=settings.number("section.missing_clearance_m"),
        missing_confidence=settings["section.missing_clearance_m"].confidence,
        bedding_m=settings.number("section.bedding_m"),
        wall=_walls()[soil],
        slope=slope,
        slope_to_m=slope_to_m,
        support=Figure("support", (), float(support.value), support.name, support.confidence),
        margin_m=settings.number("section.surface_margin_m"),
        strip_m=settings.number("section.strip_m"),
        gas_with_cables=settings.flag("section.gas_with_cables"),
        share=share,
    )


def cover_of(item: Body, rule: Rules) -> Figure:
    """Return the cover that counts: the data's, but for a new line not less than the standard's."""
    least = cover(item.cover_kind, carriageway=rule.carriageway)
    if item.cover_m > (0.0 if item.existing else least.value_m):
        return replace(least, value_m=item.cover_m, clause="depth_m", confidence="user")
    return least


def bottom_m(item: Body, rule: Rules) -> float:
    """Return the depth to which the ground is dug for a line."""
    return cover_of(item, rule).value_m + item.height_m + rule.bedding_m


@lru_cache(maxsize=65536)
def distance(a: Body, b: Body, rule: Rules) -> Figure:
    """Return the clear distance of two lines laid side by side.

    The larger of the table's clearance and the difference of the depths to which the two are
    dug; the figure names the clause that decides.

    References
    ----------
    GB 50289-2016, table 4.1.9; CJJ/T 34-2022 (difference of depths).
    """
    table = horizontal(a, b, missing_m=rule.missing_m, missing_confidence=rule.missing_confidence)
    if rule.share < 1.0:
        table = replace(table, value_m=rule.share * table.value_m)
    apart_m = abs(bottom_m(a, rule) - bottom_m(b, rule))
    if apart_m <= table.value_m:
        return table
    kinds = (a.horizontal_kind, b.horizontal_kind)
    return Figure("depth_difference", kinds, apart_m, "CJJ/T 34-2022", "C")
