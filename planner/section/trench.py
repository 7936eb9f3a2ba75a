"""One trench: positions of its lines, stepped bottom, walls, volume and cost, with every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.section.clearances import side_width
from planner.section.earthwork import Prices
from planner.section.excavation import Profile, Site, Walls, profile, survey
from planner.section.figure import Figure
from planner.section.line import Body
from planner.section.spacing import Rules, cover_of


@dataclass(frozen=True, slots=True)
class Trench:
    """One trench with a stepped bottom, and walls that stand, are supported or are sloped.

    x runs from its edge nearest the parcel's red line towards the centre of the road.

    Parameters
    ----------
    bodies
        Its lines in order.
    centres_m
        x of each line's axis.
    covers_m
        Cover above each line.
    steps
        Flat bottom of the trench: (from_m, to_m, depth_m), from left to right without a hole.
    walls
        ``vertical``, ``supported`` or ``sloped``.
    outline_m
        Corners (x, depth) of the excavation from edge to edge, slopes included.
    width_m, depth_m
        Width at the surface, greatest depth.
    surface_m
        Width of surface reinstated.
    volume_m3_per_m, support_m, cost_yuan_per_m
        Excavation, supported wall height (both sides and steps added) and cost for each metre.
    figures
        Every value that it rests on; the first are the covers of its lines.
    raised
        Covers as the data gives them where the standard asks for more.
    """

    bodies: tuple[Body, ...]
    centres_m: tuple[float, ...]
    covers_m: tuple[float, ...]
    steps: tuple[tuple[float, float, float], ...]
    walls: Walls
    outline_m: tuple[tuple[float, float], ...]
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

    @property
    def covers(self) -> tuple[Figure, ...]:
        """The cover of each line with its clause."""
        return self.figures[: len(self.bodies)]


def _wall_figures(walls: Walls, rule: Rules) -> tuple[Figure, ...]:
    if walls == "supported":
        return (rule.wall, rule.support)
    if walls == "sloped" and rule.slope is not None:
        return (rule.wall, rule.slope)
    return (rule.wall,)


def finish(dug: Profile, site: Site) -> Trench:
    """Return a trench with everything that a report says of it."""
    rule = site.rule
    bodies = tuple(site.bodies[item] for item in dug.order)
    covers = tuple(cover_of(item, rule) for item in bodies)
    sides = tuple(side_width(item.height_m * 1000) for item in bodies)
    return Trench(
        bodies=bodies,
        centres_m=dug.centres_m,
        covers_m=tuple(figure.value_m for figure in covers),
        steps=dug.steps,
        walls=dug.walls,
        outline_m=dug.outline_m,
        width_m=dug.width_m,
        depth_m=max(depth for _, _, depth in dug.steps),
        surface_m=dug.width_m + 2 * rule.margin_m,
        volume_m3_per_m=dug.volume_m2,
        support_m=dug.support_m,
        cost_yuan_per_m=dug.cost_yuan_per_m,
        figures=(*covers, *sides, *_wall_figures(dug.walls, rule)),
        raised=tuple(
            replace(figure, value_m=item.cover_m, confidence="user")
            for item, figure in zip(bodies, covers, strict=True)
            if 0 < item.cover_m < figure.value_m
        ),
    )


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
    GB 50268-2008, 4.3.2 and 4.3.3, see `planner.section.excavation.profile`.
    """
    site = survey(bodies, rule, price)
    return finish(profile(range(len(bodies)), site), site)
