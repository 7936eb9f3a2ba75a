"""The corridor of a road, and where a section finds its place in it.

Offsets count from the centre of the road, positive to the right of the segment's direction. One
side of the road reaches from its centre to the red line; where the kerb is known, lines under the
carriageway keep to the centre's side of it and lines beside the carriageway to the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import Literal, NamedTuple

from geo.errors import Fault, InputError
from planner.section.clearances import beside
from planner.section.figure import Figure, Measure
from planner.section.layout import Section, respaced
from planner.section.line import Body, Line, body
from planner.section.spacing import Rules, distance
from planner.section.trench import Trench
from planner.settings import Settings

RoadSide = Literal["left", "right"]
_REDUCED = ("GB 50289-2016 4.1.9", "B")
_TOUCH_M = 1e-9


class Existing(NamedTuple):
    """A line that already lies there, and the offset of its axis from the centre of the road.

    `wander_m` is how far the axis strays to either side of the offset along the section.
    """

    line: Line
    offset_m: float
    wander_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """The ground of one segment in which a section may lie.

    Parameters
    ----------
    width_m
        Width between the red lines; NaN where it is not known.
    side
        Side of the road on which the works are asked for.
    kerb_m, tree_m
        Distance of the kerbs and of the rows of trees from the centre of the road, alike on both
        sides; NaN where unknown or none.
    existing
        Lines that lie there.
    tunnel
        Utilities that a utility tunnel 综合管廊 of the segment admits; None where there is none.
    park
        Whether telecom operators share ducts here (002 二、(三)).

    Raises
    ------
    InputError
        If an existing line has no offset.
    """

    width_m: float
    side: RoadSide = "right"
    kerb_m: float = nan
    tree_m: float = nan
    existing: tuple[Existing, ...] = ()
    tunnel: frozenset[str] | None = None
    park: bool = False

    def __post_init__(self) -> None:
        lost = sum(isnan(old.offset_m) for old in self.existing)
        if lost:
            raise InputError([Fault("section_existing_place", {"count": lost})])


@dataclass(frozen=True, slots=True)
class Placed:
    """A section in its place on one side of the road.

    Parameters
    ----------
    side
        Side of the road.
    section
        The section, its trenches moved apart where existing lines, kerb or trees ask for it.
    edge_m
        Offset of the section's first edge, the one nearest the red line, from the road's centre.
    missing_m
        How much wider this side would have to be; 0 where the section fits.
    measures
        Clearances that are smaller than the table's.
    marks
        Unverified distances to existing lines, kerb and trees.
    """

    side: RoadSide
    section: Section
    edge_m: float
    missing_m: float
    measures: tuple[Measure, ...] = ()
    marks: tuple[Figure, ...] = ()

    @property
    def offsets_m(self) -> tuple[float, ...]:
        """Offset of the axis of each of ``section.bodies`` from the road's centre."""
        inwards = -1.0 if self.side == "right" else 1.0
        return tuple(self.edge_m + inwards * (near + far) / 2 for near, far in self.section.faces_m)


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """Something that lines keep away from; x counts from the side's outer limit inwards."""

    x_m: float
    half_m: float
    kind: str
    body: Body | None = None

    def distance(self, item: Body, rule: Rules) -> Figure:
        if self.body is not None:
            return distance(item, self.body, rule)
        figure = beside(self.kind, item)
        return replace(figure, value_m=rule.share * figure.value_m) if rule.share < 1 else figure


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a road as a section sees it: from its outer limit (x = 0) to its inner one.

    Parameters
    ----------
    side
        Which side.
    outer_m
        Distance of the outer limit from the centre of the road.
    room_m
        From the outer limit to the inner one.
    obstacles
        What is passed on either side.
    inner
        The kerb, where it is the inner limit.
    """

    side: RoadSide
    outer_m: float
    room_m: float
    obstacles: tuple[_Obstacle, ...]
    inner: tuple[_Obstacle, ...]
    _known: dict[tuple[Body, Rules], tuple[float, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def clear_m(self, item: Body, rule: Rules) -> tuple[float, ...]:
        """Return the distance of a line to each obstacle, looked up once."""
        key = (item, rule)
        if key not in self._known:
            self._known[key] = tuple(o.distance(item, rule).value_m for o in self.obstacles)
        return self._known[key]


def half(corridor: Corridor, side: RoadSide, settings: Settings, *, carriageway: bool) -> Half:
    """Return one side of a road for lines under its carriageway or beside it."""
    half_m, kerb_m, sign = corridor.width_m / 2, corridor.kerb_m, 1.0 if side == "right" else -1.0
    kerbed = not isnan(kerb_m)
    outer_m = min(kerb_m, half_m) if kerbed and carriageway else half_m
    inner_m = min(kerb_m, half_m) if kerbed and not carriageway else 0.0
    kerb = [_Obstacle(outer_m - kerb_m, 0.0, "kerb")] if kerbed else []
    found = kerb if carriageway else []
    if not isnan(corridor.tree_m):
        found.append(_Obstacle(outer_m - corridor.tree_m, 0.0, "tree"))
    for old in corridor.existing:
        item = body(old.line, settings, existing=True)
        reach_m = item.width_m / 2 + old.wander_m
        x_m = outer_m - sign * old.offset_m
        found.append(_Obstacle(x_m, reach_m, item.horizontal_kind, item))
    inner = () if carriageway else tuple(kerb)
    return Half(side, outer_m, outer_m - inner_m, tuple(found), inner)


def _blocked(trench: Trench, ground: Half, rule: Rules) -> Iterator[tuple[float, float]]:
    """Yield the open intervals in which the trench's first edge must not lie."""
    limits = [(o.x_m - o.half_m, o.x_m + o.half_m) for o in ground.obstacles]
    yield from ((near_m - trench.width_m, far_m) for near_m, far_m in limits)
    for item, (near, far) in zip(trench.bodies, trench.faces_m, strict=True):
        for (near_m, far_m), clear_m in zip(limits, ground.clear_m(item, rule), strict=True):
            yield near_m - clear_m - far, far_m + clear_m - near


def _first_free(least_m: float, blocked: Iterable[tuple[float, float]]) -> float:
    place = least_m
    for begin, end in sorted(blocked):
        if begin < place - _TOUCH_M and place < end - _TOUCH_M:
            place = end
    return place


def _origins(section: Section, ground: Half, rule: Rules) -> list[float]:
    """Return the first edge of every trench, each as near to the outer limit as is allowed."""
    origins: list[float] = []
    laid: list[tuple[Body, float]] = []
    for place, trench in enumerate(section.trenches):
        least_m = [0.0]
        if origins:
            least_m.append(origins[-1] + section.trenches[place - 1].width_m + rule.strip_m)
        least_m += [
            face_m + distance(a, b, rule).value_m - near
            for a, face_m in laid
            for b, (near, _) in zip(trench.bodies, trench.faces_m, strict=True)
        ]
        origins.append(_first_free(max(least_m), _blocked(trench, ground, rule)))
        pairs = zip(trench.bodies, trench.faces_m, strict=True)
        laid += [(b, origins[-1] + far) for b, (_, far) in pairs]
    return origins


def _missing_m(section: Section, first_m: float, ground: Half, rule: Rules) -> float:
    """Return how far the section, or a line's distance to the kerb, passes the inner limit."""
    ends_m = [first_m + section.width_m]
    ends_m += [
        first_m + far + obstacle.distance(item, rule).value_m
        for obstacle in ground.inner
        for item, (_, far) in zip(section.bodies, section.faces_m, strict=True)
    ]
    return max(0.0, max(ends_m) - ground.room_m)


def _clearances(
    section: Section, origin_m: float, ground: Half, rule: Rules
) -> Iterator[tuple[str, str, Figure, float]]:
    """Yield both kinds, the distance asked for and the distance given, of all pairs."""
    lines = [
        (item, origin_m + near, origin_m + far)
        for item, (near, far) in zip(section.bodies, section.faces_m, strict=True)
    ]
    for place, (b, near, far) in enumerate(lines):
        for a, _, before in lines[:place]:
            yield a.horizontal_kind, b.horizontal_kind, distance(a, b, rule), near - before
        for o in (*ground.obstacles, *ground.inner):
            given_m = max(near - o.x_m - o.half_m, o.x_m - o.half_m - far)
            yield b.horizontal_kind, o.kind, o.distance(b, rule), given_m


def place(section: Section, ground: Half, rule: Rules) -> Placed:
    """Set a section into one side of the road, as near to its outer limit as is allowed.

    Every trench keeps its lines' distances to existing lines, kerb and trees, and contains none
    of them; trenches move apart where they must.

    Parameters
    ----------
    section
        Laid by `rule`.
    ground
        The side.
    rule
        How lines are laid; `Rules.share` below 1 keeps smaller distances, see `recorded`.
    """
    origins = _origins(section, ground, rule)
    first_m = origins[0] if origins else 0.0
    moved = respaced(section, tuple(origin - first_m for origin in origins), rule)
    missing_m = _missing_m(moved, first_m, ground, rule)
    return Placed(ground.side, moved, _sign(ground) * (ground.outer_m - first_m), missing_m)


def recorded(placed: Placed, ground: Half, rule: Rules) -> Placed:
    """Return a placed section with a measure for each distance that is smaller than the table's.

    Parameters
    ----------
    placed, ground, rule
        As `place` returned and took them.

    References
    ----------
    GB 50289-2016, table 4.1.9 and clause 4.1.9 (smaller distances with safety measures).
    """
    first_m = ground.outer_m - _sign(ground) * placed.edge_m
    pairs = list(_clearances(placed.section, first_m, ground, replace(rule, share=1.0)))
    clause, confidence = _REDUCED
    return replace(
        placed,
        measures=tuple(
            Measure("clearance", (a, b), need.value_m, given, clause, confidence)
            for a, b, need, given in pairs
            if given < need.value_m - _TOUCH_M
        ),
        marks=tuple(dict.fromkeys(need for _, _, need, _ in pairs if need.unverified)),
    )


def _sign(ground: Half) -> float:
    return 1.0 if ground.side == "right" else -1.0
