"""A section as a scene: what stands where, in metres, whatever it is drawn with.

x runs from the left of the drawing, depth downwards from the surface. A section without a
corridor has the red line's side on the left; in a corridor the road is seen along the segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isnan
from typing import NamedTuple

from planner.section.corridor import Corridor, Placed
from planner.section.figure import Figure, Measure
from planner.section.fit import Fitted
from planner.section.layout import Section
from planner.section.line import Body, body
from planner.section.spacing import cover_of, rules
from planner.settings import defaults

_BREAK_M = 1.0
_EDGE_M = 0.5
_WIDE_M = 3.0
_SAME_M = 5e-3


@dataclass(frozen=True, slots=True)
class Pipe:
    """A line in the ground; `section` tells new lines of one section apart, -1 is existing.

    The axis of an existing line strays by `wander_m` to either side along the section.
    """

    x_m: float
    cover_m: float
    body: Body
    section: int
    cover: Figure | None = None
    wander_m: float = 0.0

    @property
    def half_m(self) -> float:
        """How far it reaches to either side of `x_m`."""
        return self.body.width_m / 2 + self.wander_m


@dataclass(frozen=True, slots=True)
class Pit:
    """A trench: its corners, greatest depth and whether its walls are supported."""

    corners_m: tuple[tuple[float, float], ...]
    depth_m: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Clear:
    """A clear distance between neighbours."""

    from_m: float
    to_m: float
    unverified: bool
    violated: bool
    clause: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn.

    Parameters
    ----------
    from_m, to_m
        Left and right end.
    posts
        (x, word) of red lines, centre, kerbs and trees; the words are keys of ``section.*``.
    ground
        (from, to, word) of carriageway and sidewalks; empty where the road is not known.
    break_m
        Where the middle of the road is left out.
    """

    from_m: float
    to_m: float
    pipes: tuple[Pipe, ...]
    pits: tuple[Pit, ...]
    clears: tuple[Clear, ...]
    posts: tuple[tuple[float, str], ...] = ()
    ground: tuple[tuple[float, float, str], ...] = ()
    break_m: float | None = None


def scene(drawn: Section | Fitted) -> Scene:
    """Return the scene of a section, alone or in its corridor."""
    if isinstance(drawn, Section):
        return _alone(drawn, ())
    if not drawn.checked or not drawn.placed:
        return _alone(drawn.placed[0].section, drawn.measures) if drawn.placed else _empty()
    return _in_corridor(drawn)


def _empty() -> Scene:
    return Scene(0.0, 2 * _EDGE_M, (), (), ())


def _alone(section: Section, measures: Sequence[Measure]) -> Scene:
    pipes, pits = _laid(section, 0.0, 1.0, 0)
    clears = tuple(_clears(_faces(pipes, ()), (section,), measures, ()))
    return Scene(-_EDGE_M, section.width_m + _EDGE_M, pipes, pits, clears)


def _laid(
    section: Section, edge_m: float, inwards: float, number: int
) -> tuple[tuple[Pipe, ...], tuple[Pit, ...]]:
    """Return the lines and trenches of a section whose first edge lies at `edge_m`."""
    pipes, pits = [], []
    for origin, trench in zip(section.origins_m, section.trenches, strict=True):
        start = edge_m + inwards * origin
        corners = tuple((start + inwards * x, depth) for x, depth in trench.outline_m)
        pits.append(Pit(corners, trench.depth_m, trench.walls == "supported"))
        pipes += [
            Pipe(start + inwards * centre, cover.value_m, item, number, cover)
            for centre, item, cover in zip(
                trench.centres_m, trench.bodies, trench.covers, strict=True
            )
        ]
    return tuple(pipes), tuple(pits)


def _in_corridor(fitted: Fitted) -> Scene:
    corridor = fitted.corridor
    pipes: list[Pipe] = list(_existing(corridor))
    pits: list[Pit] = []
    for number, placed in enumerate(fitted.placed):
        laid, dug = _laid(placed.section, placed.edge_m, _inwards(placed), number)
        pipes += laid
        pits += dug
    posts = tuple(_posts(corridor))
    marks = [mark for placed in fitted.placed for mark in placed.marks]
    sections = [placed.section for placed in fitted.placed]
    clears = tuple(_clears(_faces(pipes, posts), sections, fitted.measures, marks))
    whole = Scene(
        -corridor.width_m / 2,
        corridor.width_m / 2,
        tuple(pipes),
        tuple(pits),
        clears,
        posts,
        tuple(_ground(corridor)),
    )
    return _without_middle(whole) if len(fitted.placed) > 1 else _one_side(whole, fitted.placed[0])


def _inwards(placed: Placed) -> float:
    return -1.0 if placed.side == "right" else 1.0


def _existing(corridor: Corridor) -> Iterator[Pipe]:
    """Yield existing lines in the road; unknown sizes and covers are drawn by default."""
    settings = defaults()
    rule = rules(settings, carriageway=True)
    for old in corridor.existing:
        if abs(old.offset_m) <= corridor.width_m / 2 + _EDGE_M:
            item = body(old.line, settings, existing=True)
            cover_m = cover_of(item, rule).value_m
            yield Pipe(old.offset_m, cover_m, item, -1, wander_m=old.wander_m)


def _posts(corridor: Corridor) -> Iterator[tuple[float, str]]:
    half_m = corridor.width_m / 2
    yield from ((-half_m, "red_line"), (0.0, "centre"), (half_m, "red_line"))
    for name, place_m in (("kerb", corridor.kerb_m), ("tree", corridor.tree_m)):
        if not isnan(place_m):
            yield from ((-place_m, name), (place_m, name))


def _ground(corridor: Corridor) -> Iterator[tuple[float, float, str]]:
    half_m, kerb_m = corridor.width_m / 2, corridor.kerb_m
    if isnan(kerb_m):
        yield (-half_m, half_m, "road")
        return
    yield (-half_m, -kerb_m, "sidewalk")
    yield (-kerb_m, kerb_m, "carriageway")
    yield (kerb_m, half_m, "sidewalk")


class _Face(NamedTuple):
    """What a clear distance can be measured to: a line, a kerb or a tree."""

    near_m: float
    far_m: float
    kind: str
    section: int


def _faces(pipes: Sequence[Pipe], posts: Sequence[tuple[float, str]]) -> list[_Face]:
    faces = [_Face(x, x, word, -1) for x, word in posts if word in {"kerb", "tree"}]
    for pipe in pipes:
        kind = pipe.body.horizontal_kind
        faces.append(_Face(pipe.x_m - pipe.half_m, pipe.x_m + pipe.half_m, kind, pipe.section))
    return sorted(faces, key=lambda face: face.near_m + face.far_m)


def _clears(
    faces: Sequence[_Face],
    sections: Sequence[Section],
    measures: Sequence[Measure],
    marks: Sequence[Figure],
) -> Iterator[Clear]:
    """Yield the distance of each two neighbours of which one is new."""
    needed = {frozenset(gap.needed.of): gap.needed for section in sections for gap in section.gaps}
    needed |= {frozenset(mark.of): mark for mark in marks}
    for left, right in pairwise(faces):
        clear_m = right.near_m - left.far_m
        new = {left.section, right.section} - {-1}
        if len(new) != 1 or (left.section != right.section and clear_m > _WIDE_M):
            continue
        kinds = frozenset((left.kind, right.kind))
        figure = needed.get(kinds)
        short = any(
            frozenset(measure.of) == kinds and abs(measure.given_m - clear_m) < _SAME_M
            for measure in measures
        )
        yield Clear(
            left.far_m,
            right.near_m,
            unverified=figure is not None and figure.unverified,
            violated=short,
            clause=f"{figure.clause} {figure.confidence}" if figure else "",
        )


def _one_side(whole: Scene, placed: Placed) -> Scene:
    """Keep the side that is dug, and the centre where it is near."""
    sign = 1.0 if placed.side == "right" else -1.0
    ends_m = [sign * placed.edge_m - placed.section.width_m]
    ends_m += [p.x_m * sign - p.half_m for p in whole.pipes if p.section < 0 and p.x_m * sign > 0]
    inner_m = min(ends_m) - _EDGE_M
    inner_m = inner_m if inner_m > 2 * _EDGE_M else min(inner_m, -_EDGE_M)
    low, high = sorted((sign * inner_m, sign * (whole.to_m + _EDGE_M)))
    return replace(
        whole,
        from_m=low,
        to_m=high,
        pipes=tuple(p for p in whole.pipes if low < p.x_m - p.half_m and p.x_m + p.half_m < high),
        posts=tuple(post for post in whole.posts if low < post[0] < high),
        clears=tuple(c for c in whole.clears if low < c.from_m and c.to_m < high),
    )


def _without_middle(whole: Scene) -> Scene:
    """Leave out the middle of the road where nothing lies in it."""
    taken = [x for pit in whole.pits for x, _ in pit.corners_m]
    taken += [x for pipe in whole.pipes for x in (pipe.x_m - 0.5, pipe.x_m + 0.5)]
    taken += [x for clear in whole.clears for x in (clear.from_m, clear.to_m)]
    left = max((x for x in taken if x < 0), default=whole.from_m) + _EDGE_M
    right = min((x for x in taken if x > 0), default=whole.to_m) - _EDGE_M
    low, high = whole.from_m - _EDGE_M, whole.to_m + _EDGE_M
    gone_m = right - left - _BREAK_M
    if gone_m < _WIDE_M:
        return replace(whole, from_m=low, to_m=high)

    def moved(x: float) -> float:
        return x if x <= left else max(left + _BREAK_M / 2, x - gone_m)

    return Scene(
        low,
        moved(high),
        tuple(replace(pipe, x_m=moved(pipe.x_m)) for pipe in whole.pipes),
        tuple(
            replace(pit, corners_m=tuple((moved(x), depth) for x, depth in pit.corners_m))
            for pit in whole.pits
        ),
        tuple(replace(c, from_m=moved(c.from_m), to_m=moved(c.to_m)) for c in whole.clears),
        tuple(
            (moved(x), word) for x, word in whole.posts if not left < x < right or word == "centre"
        ),
        tuple((moved(a), moved(b), word) for a, b, word in whole.ground),
        left + _BREAK_M / 2,
    )
