"""What a segment's road holds besides what is planned: kerbs, trees, existing lines, zones.

It is kept by measures along the segment, so that a section anywhere on it finds what lies there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

from planner.section.corridor import Corridor, Existing, RoadSide
from planner.section.line import Line
from planner.settings import Settings

Reach = tuple[float, float]
"""A stretch of a segment: from and to, in metres along it."""


@dataclass(frozen=True, slots=True)
class Buried:
    """An existing line along a stretch of a segment.

    Parameters
    ----------
    line
        What lies there.
    from_m, to_m
        Where along the segment.
    offsets_m
        Offset of its axis from the segment's centre line at either end, positive to the right of
        the segment's direction; straight in between.
    """

    line: Line
    from_m: float
    to_m: float
    offsets_m: tuple[float, float]

    def between(self, from_m: float, to_m: float) -> tuple[float, float] | None:
        """Return the least and the greatest offset on a stretch; None where it lies elsewhere.

        Examples
        --------
        >>> Buried(Line("gas"), 0.0, 100.0, (2.0, 4.0)).between(50.0, 200.0)
        (3.0, 4.0)
        """
        low, high = max(from_m, self.from_m), min(to_m, self.to_m)
        if low >= high:
            return None
        first, last = self.offsets_m
        slope = (last - first) / (self.to_m - self.from_m)
        ends = (first + slope * (low - self.from_m), first + slope * (high - self.from_m))
        return min(ends), max(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """The road of a segment as it is.

    Parameters
    ----------
    kerb_m, tree_m
        Distance of the kerbs and of the rows of trees from the centre line, alike on both sides;
        NaN where unknown or none.
    buried
        Existing lines, in any order.
    tunnel, park
        Stretches with a utility tunnel 综合管廊, and in a park 园区.
    """

    kerb_m: float = nan
    tree_m: float = nan
    buried: tuple[Buried, ...] = ()
    tunnel: tuple[Reach, ...] = ()
    park: tuple[Reach, ...] = ()

    def corridor(
        self, reach: Reach, *, width_m: float, side: RoadSide, settings: Settings
    ) -> Corridor:
        """Return the ground in which a section along a stretch may lie.

        One section has to serve the whole stretch, so an existing line takes up all the ground
        over which its axis strays along it.

        Parameters
        ----------
        reach
            Where the section lies along the segment.
        width_m
            Width between the red lines; NaN where it is not known, and then no line is handed on,
            since nothing can be placed.
        side
            Side on which the works are asked for.
        settings
            ``section.existing_step_m``, ``section.existing_beyond_m``, ``section.zone_share`` and
            ``section.tunnel_utilities``.
        """
        share = settings.number("section.zone_share")
        admitted = frozenset(
            word.strip() for word in settings.text("section.tunnel_utilities").split(",")
        )
        unknown = isnan(width_m)
        return Corridor(
            width_m=nan if unknown else width_m,
            side=side,
            kerb_m=self.kerb_m,
            tree_m=self.tree_m,
            existing=() if unknown else self._existing(reach, width_m / 2, settings),
            tunnel=admitted if _covered(self.tunnel, reach) >= share else None,
            park=_covered(self.park, reach) >= share,
        )

    def _existing(self, reach: Reach, half_m: float, settings: Settings) -> tuple[Existing, ...]:
        step_m = settings.number("section.existing_step_m")
        limit_m = half_m + settings.number("section.existing_beyond_m")
        kinds: dict[Line, list[tuple[float, float, float]]] = {}
        for one in self.buried:
            ends = one.between(*reach)
            if ends is not None and ends[0] <= limit_m and ends[1] >= -limit_m:
                kind = replace(one.line, depth_m=nan)
                kinds.setdefault(kind, []).append((*ends, one.line.depth_m))
        found = (
            existing
            for kind, spans in kinds.items()
            for bundle in _bundles(spans, step_m)
            for existing in _as_one(kind, bundle, step_m)
        )
        return tuple(sorted(found, key=lambda one: (one.offset_m, repr(one.line))))


def _bundles(
    spans: Iterable[tuple[float, float, float]], step_m: float
) -> Iterator[list[tuple[float, float, float]]]:
    """Yield (least, greatest offset, depth) of pieces that are one line, cut where it is mapped.

    Networks come in short records from well to well, so that alike pieces that follow one another
    are one line.
    """
    bundle: list[tuple[float, float, float]] = []
    end_m = nan
    for span in sorted(spans):
        if bundle and span[0] > end_m + step_m:
            yield bundle
            bundle = []
        end_m = max(end_m, span[1]) if bundle else span[1]
        bundle.append(span)
    if bundle:
        yield bundle


def _as_one(
    kind: Line, bundle: Sequence[tuple[float, float, float]], step_m: float
) -> Iterator[Existing]:
    """Yield a line where it lies highest and, if that is elsewhere, where it lies deepest.

    The distance of two lines grows with the difference of their depths, so both count.
    """
    low = round(min(span[0] for span in bundle) / step_m) * step_m
    high = round(max(span[1] for span in bundle) / step_m) * step_m
    depths = sorted(span[2] for span in bundle if not isnan(span[2])) or [nan]
    ends = depths[:1] if not depths[-1] - depths[0] > step_m else (depths[0], depths[-1])
    for depth_m in ends:
        line = replace(kind, depth_m=depth_m)
        yield Existing(line, round((low + high) / 2, 6), round((high - low) / 2, 6))


def _covered(reaches: Iterable[Reach], reach: Reach) -> float:
    """Return the share of a stretch that lies on others, which do not overlap."""
    from_m, to_m = reach
    held = sum(max(0.0, min(to_m, high) - max(from_m, low)) for low, high in reaches)
    return held / (to_m - from_m)
