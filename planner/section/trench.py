"""One trench: positions of its lines, stepped bottom, walls, volume and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from planner.section.clearances import cover, horizontal, side_width
from planner.section.earthwork import Prices
from planner.section.figure import Figure
from planner.section.line import Body
from planner.settings import Settings


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about digging, as plain numbers.

    Parameters
    ----------
    carriageway
        Whether the lines lie under the carriageway.
    missing_m, missing_confidence
        Clearance of pairs that the table does not give.
    bedding_m
        Depth dug below the lowest line.
    unsupported_m
        Height up to which a vertical wall stands without support.
    support_m
        b2 of GB 50268-2008, 4.3.2: thickness of the support on each side.
    margin_m
        Surface reinstated beyond each outer wall.
    strip_m
        Least ground that is left standing between two trenches.
    gas_with_cables
        Whether gas may share a trench with cables.
    """

    carriageway: bool
    missing_m: float
    missing_confidence: str
    bedding_m: float
    unsupported_m: float
    support_m: float
    margin_m: float
    strip_m: float
    gas_with_cables: bool


def rules(settings: Settings, *, carriageway: bool) -> Rules:
    """Collect the digging rules from the settings."""
    return Rules(
        carriageway=carriageway,
        missing_m=settings.number("section.missing_clearance_m"),
        missing_confidence=settings["section.missing_clearance_m"].confidence,
        bedding_m=settings.number("section.bedding_m"),
        unsupported_m=settings.number("section.unsupported_wall_m"),
        support_m=settings.number("section.support_thickness_m"),
        margin_m=settings.number("section.surface_margin_m"),
        strip_m=settings.number("section.strip_m"),
        gas_with_cables=settings.flag("section.gas_with_cables"),
    )


@dataclass(frozen=True, slots=True)
class Trench:
    """One trench with vertical walls and a stepped bottom.

    x runs from its wall nearest the parcel's red line towards the centre of the road.

    Parameters
    ----------
    bodies
        Its lines in order.
    centres_m
        x of each line's axis.
    covers_m
        Cover above each line.
    steps
        Bottom of the trench: (from_m, to_m, depth_m), from left to right without a hole.
    width_m, depth_m
        Width at the surface, greatest depth.
    surface_m
        Width of surface reinstated.
    volume_m3_per_m, support_m, cost_yuan_per_m
        Excavation, supported wall height (both sides and steps added) and cost for each metre.
    figures
        Every value that it rests on.
    raised
        Covers as the data gives them where the standard asks for more.
    """

    bodies: tuple[Body, ...]
    centres_m: tuple[float, ...]
    covers_m: tuple[float, ...]
    steps: tuple[tuple[float, float, float], ...]
    width_m: float
    depth_m: float
    surface_m: float
    volume_m3_per_m: float
    support_m: float
    cost_yuan_per_m: float
    figures: tuple[Figure, ...]
    raised: tuple[Figure, ...]

    @property
    def faces_m(self) -> tuple[tuple[float, float], ...]:
        """Near and far face of each line, as x."""
        pairs = zip(self.centres_m, self.bodies, strict=True)
        return tuple((x - item.width_m / 2, x + item.width_m / 2) for x, item in pairs)


def _cover(item: Body, rule: Rules) -> Figure:
    """Return the cover that counts: the data's, but never less than the standard's."""
    least = cover(item.cover_kind, carriageway=rule.carriageway)
    if item.cover_m > least.value_m:
        return replace(least, value_m=item.cover_m, clause="depth_m", confidence="user")
    return least


def _bottom_m(item: Body, rule: Rules) -> float:
    return _cover(item, rule).value_m + item.height_m + rule.bedding_m


def distance(a: Body, b: Body, rule: Rules) -> Figure:
    """Return the clear distance of two lines laid side by side.

    The larger of the table's clearance and the difference of the depths to which the two are
    dug; the figure names the clause that decides.

    References
    ----------
    GB 50289-2016, table 4.1.9; CJJ/T 34-2022 (difference of depths).
    """
    table = horizontal(a, b, missing_m=rule.missing_m, missing_confidence=rule.missing_confidence)
    apart_m = abs(_bottom_m(a, rule) - _bottom_m(b, rule))
    if apart_m <= table.value_m:
        return table
    kinds = (a.horizontal_kind, b.horizontal_kind)
    return Figure("depth_difference", kinds, apart_m, "CJJ/T 34-2022", "C")


def _centres(bodies: Sequence[Body], rule: Rules) -> tuple[float, ...]:
    """Push every line as near to the first, at 0, as its distance to each before it allows."""
    centres = [0.0]
    for place in range(1, len(bodies)):
        item = bodies[place]
        centres.append(
            max(
                centres[k]
                + (bodies[k].width_m + item.width_m) / 2
                + distance(bodies[k], item, rule).value_m
                for k in range(place)
            )
        )
    return tuple(centres)


def _steps(
    zones: Sequence[tuple[float, float, float]],
) -> tuple[tuple[float, float, float], ...]:
    """Return the stepped bottom under overlapping working zones (from_m, to_m, depth_m).

    Where zones overlap the deeper one counts; between two zones the ground is dug to the
    shallower of the two, so that one trench stays one trench.
    """
    edges = sorted({edge for zone in zones for edge in zone[:2]})
    steps: list[tuple[float, float, float]] = []
    for left, right in pairwise(edges):
        depths = [depth for begin, end, depth in zones if begin < right and end > left]
        if not depths:
            before = max((zone for zone in zones if zone[1] <= left), key=lambda zone: zone[1])
            after = min((zone for zone in zones if zone[0] >= right), key=lambda zone: zone[0])
            depths = [min(before[2], after[2])]
        if steps and steps[-1][2] == max(depths):
            steps[-1] = (steps[-1][0], right, steps[-1][2])
        else:
            steps.append((left, right, max(depths)))
    return tuple(steps)


def _supported_m(steps: Sequence[tuple[float, float, float]], rule: Rules) -> float:
    """Return the height of all walls that do not stand by themselves."""
    levels = [0.0, *(depth for _, _, depth in steps), 0.0]
    heights = [abs(b - a) for a, b in pairwise(levels)]
    return sum((height for height in heights if height > rule.unsupported_m), start=0.0)


def dig(bodies: Sequence[Body], rule: Rules, price: Prices) -> Trench:
    """Dig one trench for lines that stand in order.

    Parameters
    ----------
    bodies
        At least one line, from the red line to the centre of the road.
    rule, price
        Digging rules and unit prices.

    References
    ----------
    GB 50268-2008, 4.3.2: b1 left + outer diameters + clearances + b1 right + 2 b2; b2 only where
    the walls need support, b3 (formwork) is none for pipes and ducts.
    """
    bottoms_m = [_bottom_m(item, rule) for item in bodies]
    b2_m = rule.support_m if max(bottoms_m) > rule.unsupported_m else 0.0
    sides = [side_width(item.height_m * 1000) for item in bodies]
    beside_m = [side.value_m + b2_m for side in sides]
    centres_m = _centres(bodies, rule)
    zones = [
        (centre - item.width_m / 2 - side_m, centre + item.width_m / 2 + side_m, bottom_m)
        for centre, item, side_m, bottom_m in zip(
            centres_m, bodies, beside_m, bottoms_m, strict=True
        )
    ]
    left_m = min(zone[0] for zone in zones)
    steps = _steps([(begin - left_m, end - left_m, depth) for begin, end, depth in zones])
    width_m = steps[-1][1]
    surface_m = width_m + 2 * rule.margin_m
    volume_m2 = sum((end - begin) * depth for begin, end, depth in steps)
    support_m = _supported_m(steps, rule)
    return Trench(
        bodies=tuple(bodies),
        centres_m=tuple(centre - left_m for centre in centres_m),
        covers_m=tuple(_cover(item, rule).value_m for item in bodies),
        steps=steps,
        width_m=width_m,
        depth_m=max(bottoms_m),
        surface_m=surface_m,
        volume_m3_per_m=volume_m2,
        support_m=support_m,
        cost_yuan_per_m=price.cost_yuan_per_m(
            surface_m=surface_m, volume_m2=volume_m2, support_m=support_m
        ),
        figures=(*(_cover(item, rule) for item in bodies), *sides),
        raised=tuple(
            replace(_cover(item, rule), value_m=item.cover_m, confidence="user")
            for item in bodies
            if 0 < item.cover_m < _cover(item, rule).value_m
        ),
    )
