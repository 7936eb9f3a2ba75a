"""The profile of one trench: where its lines lie, its stepped bottom, its walls and its cost.

A trench deeper than the soil stands has all its walls either supported, which needs b2 beside
every line, or sloped, which needs width at the surface; the cheaper allowed of the two is taken.
Steps inside it count like its sides: a bench is no support. So a trench never costs less than
any one of its lines would alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from planner.section.clearances import side_width
from planner.section.earthwork import Prices
from planner.section.line import Body
from planner.section.spacing import Rules, bottom_m, distance

Walls = Literal["vertical", "supported", "sloped"]
Zone = tuple[float, float, float]
"""from_m, to_m, depth_m."""


@dataclass(frozen=True, slots=True)
class Site:
    """Lines that are to be laid, measured once for every order in which they may lie.

    Parameters
    ----------
    bottoms_m, beside_m
        Depth dug for each line, and b1, the working width beside it.
    clear_m
        Clear distance of each two lines.
    """

    bodies: tuple[Body, ...]
    rule: Rules
    price: Prices
    bottoms_m: tuple[float, ...]
    beside_m: tuple[float, ...]
    clear_m: tuple[tuple[float, ...], ...]


def survey(bodies: Sequence[Body], rule: Rules, price: Prices) -> Site:
    """Measure lines for `profile`."""
    return Site(
        bodies=tuple(bodies),
        rule=rule,
        price=price,
        bottoms_m=tuple(bottom_m(item, rule) for item in bodies),
        beside_m=tuple(side_width(item.height_m * 1000).value_m for item in bodies),
        clear_m=tuple(tuple(distance(a, b, rule).value_m for b in bodies) for a in bodies),
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """The ground that one trench takes; x is counted from its left edge at the surface.

    Parameters
    ----------
    order
        Positions in `Site.bodies`, from left to right.
    centres_m
        x of the axis of each line of the order.
    steps
        Flat pieces of the bottom from left to right.
    walls
        How its walls stand.
    outline_m
        Corners (x, depth) of the excavation from the left edge to the right one.
    width_m
        Width at the surface.
    volume_m2, support_m, cost_yuan_per_m
        Excavation, supported height of all walls and cost for each metre.
    """

    order: tuple[int, ...]
    centres_m: tuple[float, ...]
    steps: tuple[Zone, ...]
    walls: Walls
    outline_m: tuple[tuple[float, float], ...]
    width_m: float
    volume_m2: float
    support_m: float
    cost_yuan_per_m: float


def next_centre_m(site: Site, order: Sequence[int], centres_m: Sequence[float], item: int) -> float:
    """Return the axis of a line laid as near to those before it as each of them allows."""
    clear_m, half_m = site.clear_m[item], site.bodies[item].width_m / 2
    return max(
        (
            centre + site.bodies[k].width_m / 2 + half_m + clear_m[k]
            for k, centre in zip(order, centres_m, strict=True)
        ),
        default=0.0,
    )


def profile(order: Sequence[int], site: Site) -> Profile:
    """Dig one trench for lines in the order given, with the cheaper walls.

    Parameters
    ----------
    order
        Positions in `Site.bodies`, at least one, from left to right.

    References
    ----------
    GB 50268-2008, 4.3.2: b1 left + outer diameters + clearances + b1 right + 2 b2; b2 only where
    the walls need support, b3 (formwork) is none for pipes and ducts. 4.3.3: side slopes without
    support to 5 m depth.
    """
    rule = site.rule
    deepest_m = max(site.bottoms_m[item] for item in order)
    if deepest_m <= rule.wall.value_m:
        return dig_as(order, site, "vertical")
    supported = dig_as(order, site, "supported")
    if rule.slope is None or deepest_m > rule.slope_to_m or not may_slope(order, site):
        return supported
    return min(supported, dig_as(order, site, "sloped"), key=lambda dug: dug.cost_yuan_per_m)


def _centres_m(order: Sequence[int], site: Site) -> list[float]:
    centres_m: list[float] = []
    for place, item in enumerate(order):
        centres_m.append(next_centre_m(site, order[:place], centres_m, item))
    return centres_m


def _zones(
    order: Sequence[int], centres_m: Sequence[float], site: Site, walls: Walls
) -> list[Zone]:
    b2_m = site.rule.support.value_m if walls == "supported" else 0.0
    return [
        (
            centre - site.bodies[item].width_m / 2 - site.beside_m[item] - b2_m,
            centre + site.bodies[item].width_m / 2 + site.beside_m[item] + b2_m,
            site.bottoms_m[item],
        )
        for item, centre in zip(order, centres_m, strict=True)
    ]


def dig_as(order: Sequence[int], site: Site, walls: Walls) -> Profile:
    """Dig one trench with the walls named, whatever its depth; see `profile`."""
    rule, centres_m = site.rule, _centres_m(order, site)
    steps = _steps(_zones(order, centres_m, site, walls))
    faces = _faces(steps)
    run = rule.slope.value_m if walls == "sloped" and rule.slope else 0.0
    heights_m = [abs(after - before) for _, before, after in faces]
    runs_m = [run * height for height in heights_m]
    wedges_m2 = sum(r * h / 2 for r, h in zip(runs_m, heights_m, strict=True))
    left_m = steps[0][0] - runs_m[0]
    width_m = steps[-1][1] + runs_m[-1] - left_m
    volume_m2 = sum((end - begin) * depth for begin, end, depth in steps) + wedges_m2
    support_m = sum(heights_m) if walls == "supported" else 0.0
    return Profile(
        order=tuple(order),
        centres_m=tuple(centre - left_m for centre in centres_m),
        steps=tuple((begin - left_m, end - left_m, depth) for begin, end, depth in steps),
        walls=walls,
        outline_m=_outline(faces, runs_m, left_m),
        width_m=width_m,
        volume_m2=volume_m2,
        support_m=support_m,
        cost_yuan_per_m=site.price.cost_yuan_per_m(
            surface_m=width_m + 2 * rule.margin_m, volume_m2=volume_m2, support_m=support_m
        ),
    )


def _steps(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return the stepped bottom under overlapping working zones.

    Where zones overlap the deeper one counts; between two zones the ground is dug to the
    shallower of the two, so that one trench stays one trench.
    """
    edges = sorted({edge for zone in zones for edge in zone[:2]})
    steps: list[Zone] = []
    for left, right in pairwise(edges):
        depth = max((d for begin, end, d in zones if begin < right and end > left), default=0.0)
        if not depth:
            before = max((zone for zone in zones if zone[1] <= left), key=lambda zone: zone[1])
            after = min((zone for zone in zones if zone[0] >= right), key=lambda zone: zone[0])
            depth = min(before[2], after[2])
        if steps and steps[-1][2] == depth:
            steps[-1] = (steps[-1][0], right, depth)
        else:
            steps.append((left, right, depth))
    return tuple(steps)


def _faces(steps: Sequence[Zone]) -> list[Zone]:
    """Return every wall from left to right: x, depth before it, depth after it."""
    depths = [0.0, *(depth for _, _, depth in steps), 0.0]
    places = [steps[0][0], *(end for _, end, _ in steps)]
    return [(x, before, after) for x, (before, after) in zip(places, pairwise(depths), strict=True)]


def may_slope(order: Sequence[int], site: Site) -> bool:
    """Return whether no slope inside the trench reaches under a neighbour's working zone."""
    run = site.rule.slope.value_m if site.rule.slope else 0.0
    zones = _zones(order, _centres_m(order, site), site, "sloped")
    for x, before, after in _faces(_steps(zones))[1:-1]:
        if before > after:
            room_m = min(begin for begin, end, _ in zones if end > x) - x
        else:
            room_m = x - max(end for begin, end, _ in zones if begin < x)
        if room_m < run * abs(after - before):
            return False
    return True


def _outline(
    faces: Sequence[Zone], runs_m: Sequence[float], left_m: float
) -> tuple[tuple[float, float], ...]:
    corners: list[tuple[float, float]] = []
    for (x, before, after), run in zip(faces, runs_m, strict=True):
        deeper = after > before
        corners.append((x - left_m - (run if deeper else 0.0), before))
        corners.append((x - left_m + (0.0 if deeper else run), after))
    return tuple(corners)
