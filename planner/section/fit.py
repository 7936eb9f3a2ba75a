"""Fit a section into its corridor: the first alternative that leaves nothing missing.

In order: the side of the road asked for, the other one, both, smaller clearances with recorded
measures, telecom operators in one duct bank, the utility tunnel. GB 50289-2016 allows smaller
clearances with safety measures where the width or existing lines ask for it, so a breach is a
measure to record, never silently accepted and never impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isnan, nan, sqrt
from typing import Literal

from geo.messages import Language, message
from planner.section.corridor import Corridor, Half, Placed, RoadSide, half, place, recorded
from planner.section.earthwork import prices
from planner.section.figure import Figure, Measure
from planner.section.layout import Section, narrow_section, ordered, section
from planner.section.line import Line, body
from planner.section.spacing import Rules, rules
from planner.settings import Settings

Alternative = Literal[
    "unchecked", "one_side", "other_side", "both_sides", "measure", "shared_ducts", "tunnel"
]
SPLIT_LINES = 6
"""Up to so many lines every split to both sides is tried; beyond it, cuts of the order."""

_SHARE_STEP = 0.1
_FITS_M = 1e-9


@dataclass(frozen=True, slots=True)
class Fitted:
    """A section in its corridor.

    Parameters
    ----------
    alternative
        What made it fit, or came nearest; ``unchecked`` where the road's width is not known.
    placed
        One for each side of the road that is dug, the side asked for first.
    corridor
        The corridor that was asked about.
    in_tunnel
        Lines that go into the utility tunnel and need no trench.
    fits
        Whether nothing is missing; True where nothing could be checked.
    missing_m
        Metres that the sides lack, added; 0 where it fits, NaN where unchecked.
    marks
        Every unverified value (待核), each once.
    measures
        Every departure that must be recorded.
    """

    alternative: Alternative
    placed: tuple[Placed, ...]
    corridor: Corridor
    in_tunnel: tuple[Line, ...]
    fits: bool
    missing_m: float
    marks: tuple[Figure, ...]
    measures: tuple[Measure, ...]

    @property
    def checked(self) -> bool:
        """Whether the road's width is known."""
        return self.alternative != "unchecked"

    @property
    def cost_yuan_per_m(self) -> float:
        """Cost of all its sections."""
        return sum(part.section.cost_yuan_per_m for part in self.placed)

    def text(self, language: Language = "zh") -> tuple[str, ...]:
        """Return what was chosen, what is missing and what was not checked, as sentences."""
        said = [message(f"section_fit_{self.alternative}", language)] if self.fits else []
        if not self.fits:
            said.append(message("section_fit_missing", language, missing_m=self.missing_m))
        if self.checked and isnan(self.corridor.kerb_m):
            said.append(message("section_fit_no_kerb", language))
        if self.checked and self.corridor.existing:
            said.append(message("section_fit_existing", language))
        return (*said, *(measure.text(language) for measure in self.measures))


@dataclass(frozen=True, slots=True)
class _Case:
    """What every attempt of one call of `fit` shares; `halves` are the sides of the road."""

    corridor: Corridor
    settings: Settings
    surface: str
    carriageway: bool
    halves: Mapping[RoadSide, Half]

    @classmethod
    def of(
        cls, corridor: Corridor, settings: Settings, surface: str, *, carriageway: bool
    ) -> _Case:
        """Return the case of a corridor."""
        sides: tuple[RoadSide, ...] = ("left", "right")
        halves = {side: half(corridor, side, settings, carriageway=carriageway) for side in sides}
        return cls(corridor, settings, surface, carriageway, halves)

    def sections(self, lines: Sequence[Line], rule: Rules) -> Iterator[Section]:
        """Yield the cheapest section, then the narrowest."""
        bodies, price = ordered(lines, self.settings), prices(self.surface, self.settings)
        free = self.settings.flag("section.free_order")
        yield section(bodies, rule, price, self.surface, free_order=free)
        yield narrow_section(bodies, rule, price, self.surface)

    def side(self, lines: Sequence[Line], side: RoadSide, rule: Rules) -> Placed:
        """Return the cheapest section if it fits on a side, else the one that lacks least."""
        tried: list[Placed] = []
        for part in self.sections(lines, rule):
            tried.append(place(part, self.halves[side], rule))
            if tried[-1].missing_m <= _FITS_M:
                return tried[-1]
        return min(tried, key=lambda placed: placed.missing_m)


@dataclass(frozen=True, slots=True)
class _Attempt:
    alternative: Alternative
    placed: tuple[Placed, ...]
    in_tunnel: tuple[Line, ...] = ()
    measures: tuple[Measure, ...] = ()

    @property
    def missing_m(self) -> float:
        return sum(part.missing_m for part in self.placed)

    @property
    def rank(self) -> tuple[float, float]:
        """Missing metres first, then cost."""
        short_m = self.missing_m if self.missing_m > _FITS_M else 0.0
        return short_m, sum(part.section.cost_yuan_per_m for part in self.placed)


def fit(
    lines: Sequence[Line],
    corridor: Corridor,
    settings: Settings,
    *,
    surface: str = "asphalt",
    carriageway: bool = True,
) -> Fitted:
    """Place the section of some lines in a corridor, by the first alternative that fits.

    Parameters
    ----------
    lines
        What is laid, in any order.
    corridor
        The segment's road; an unknown width leaves the corridor unchecked, and says so.
    settings, surface, carriageway
        As for `planner.section.layout.lay`.

    Returns
    -------
    Fitted
        Where nothing fits, the attempt that lacks least, with the metres that are missing.

    References
    ----------
    GB 50289-2016, 4.1.3, 4.1.5, 4.1.9; 002 二、(三) (shared ducts); 000 三(二) (utility tunnel).
    """
    case = _Case.of(corridor, settings, surface, carriageway=carriageway)
    if isnan(corridor.width_m):
        return _fitted(_unchecked(case, lines), case)
    nearest: _Attempt | None = None
    for attempt in _attempts(case, lines):
        if attempt.missing_m <= _FITS_M:
            return _fitted(attempt, case)
        if nearest is None or attempt.missing_m < nearest.missing_m:
            nearest = attempt
    return _fitted(nearest or _Attempt("one_side", ()), case)


def _unchecked(case: _Case, lines: Sequence[Line]) -> _Attempt:
    rule = rules(case.settings, carriageway=case.carriageway)
    part = next(case.sections(lines, rule))
    return _Attempt("unchecked", (Placed(case.corridor.side, part, nan, nan),))


def _attempts(case: _Case, lines: Sequence[Line]) -> Iterator[_Attempt]:
    """Yield the alternatives in their order, each with what the ones before it allow."""
    inside, outside = _tunnelled(case, lines)
    if inside and case.settings.flag("section.tunnel_first"):
        yield from _roadside(case, outside, "tunnel", inside)
        return
    yield from _roadside(case, lines, None)
    shared, measures = _shared(case, lines)
    if measures:
        yield from _roadside(case, shared, "shared_ducts", (), measures)
    if inside:
        banked, agreed = _shared(case, outside)
        yield from _roadside(case, outside, "tunnel", inside)
        yield from _roadside(case, banked, "tunnel", inside, agreed)


def _roadside(
    case: _Case,
    lines: Sequence[Line],
    name: Alternative | None,
    in_tunnel: tuple[Line, ...] = (),
    measures: tuple[Measure, ...] = (),
) -> Iterator[_Attempt]:
    """Yield one side, the other, both, and the same with ever smaller clearances.

    Where not even the smallest clearances make room, those between are not tried.
    """
    least = case.settings.number("section.least_clearance_share")
    count = max(1, ceil((1.0 - least) / _SHARE_STEP - 1e-9))

    def attempts(step: int) -> Iterator[_Attempt]:
        share = 1.0 - step * (1.0 - least) / count
        rule = rules(case.settings, carriageway=case.carriageway, share=share)
        for where, placed in _places(case, lines, rule):
            yield _Attempt(name or ("measure" if step else where), placed, in_tunnel, measures)

    yield from attempts(0)
    smallest = list(attempts(count))
    if any(attempt.missing_m <= _FITS_M for attempt in smallest):
        for step in range(1, count):
            yield from attempts(step)
    yield from smallest


def _places(
    case: _Case, lines: Sequence[Line], rule: Rules
) -> Iterator[tuple[Alternative, tuple[Placed, ...]]]:
    """Yield the sides in their order; without existing lines both sides of a road are alike."""
    yield "one_side", (case.side(lines, case.corridor.side, rule),) if lines else ()
    if lines and case.corridor.existing:
        yield "other_side", (case.side(lines, _across(case.corridor.side), rule),)
    if len(lines) > 1:
        yield "both_sides", _both(case, lines, rule)


def _across(side: RoadSide) -> RoadSide:
    return "left" if side == "right" else "right"


def _both(case: _Case, lines: Sequence[Line], rule: Rules) -> tuple[Placed, ...]:
    """Return the best split of the lines to both sides of the road."""
    near: RoadSide = case.corridor.side
    far = _across(near)
    best: tuple[tuple[float, float], tuple[Placed, ...]] = ((inf, inf), ())
    for here, there in _splits(lines, case.settings):
        placed = (case.side(here, near, rule), case.side(there, far, rule))
        best = min(best, (_Attempt("both_sides", placed).rank, placed), key=lambda item: item[0])
    return best[1]


def _splits(lines: Sequence[Line], settings: Settings) -> Iterator[tuple[list[Line], list[Line]]]:
    count = len(lines)
    stood = sorted(lines, key=lambda line: body(line, settings).rank)
    if count > SPLIT_LINES:
        yield from ((stood[:cut], stood[cut:]) for cut in range(1, count))
        return
    for pick in range(1, (1 << count) - 1):
        yield (
            [line for place, line in enumerate(stood) if pick >> place & 1],
            [line for place, line in enumerate(stood) if not pick >> place & 1],
        )


def _shared(case: _Case, lines: Sequence[Line]) -> tuple[list[Line], tuple[Measure, ...]]:
    """Put the telecom and TV lines into one bank of ducts, where that is allowed.

    The bank is a square of as many ducts, each as large as the largest line's.
    """
    cables = [line for line in lines if line.utility in {"telecom", "tv"}]
    park = case.corridor.park
    if len(cables) < 2 or not (park or case.settings.flag("section.shared_ducts")):
        return list(lines), ()
    largest_mm = max(body(line, case.settings).diameter_mm for line in cables)
    deepest_m = max((line.depth_m for line in cables if not isnan(line.depth_m)), default=nan)
    size_mm = ceil(sqrt(len(cables))) * largest_mm
    bank = Line("telecom", "duct", diameter_mm=size_mm, depth_m=deepest_m)
    clause = ("002 二、(三)", "A") if park else ("section.shared_ducts", "user")
    measure = Measure("ducts", ("telecom",), len(cables), 1, *clause)
    return [*(line for line in lines if line not in cables), bank], (measure,)


def _tunnelled(case: _Case, lines: Sequence[Line]) -> tuple[tuple[Line, ...], list[Line]]:
    admitted = case.corridor.tunnel or frozenset()
    inside = tuple(line for line in lines if line.utility in admitted)
    return inside, [line for line in lines if line.utility not in admitted]


def _fitted(attempt: _Attempt, case: _Case) -> Fitted:
    unknown = attempt.alternative == "unchecked"
    rule = rules(case.settings, carriageway=case.carriageway)
    placed = attempt.placed
    if not unknown:
        placed = tuple(recorded(part, case.halves[part.side], rule) for part in placed)
    marks = {mark for part in placed for mark in (*part.section.marks, *part.marks)}
    within = {m for part in placed for m in (*part.section.measures, *part.measures)}
    return Fitted(
        alternative=attempt.alternative,
        placed=placed,
        corridor=case.corridor,
        in_tunnel=attempt.in_tunnel,
        fits=unknown or attempt.missing_m <= _FITS_M,
        missing_m=nan if unknown else attempt.missing_m,
        marks=tuple(sorted(marks, key=lambda f: (f.clause, f.what, f.of, f.value_m))),
        measures=(*attempt.measures, *sorted(within, key=lambda m: (m.what, m.of, m.given_m))),
    )


def width_allowed(lines: Sequence[Line], width_m: float, settings: Settings) -> bool:
    """Return whether a road may be opened for all these lines together.

    The narrowest section, with smaller clearances where measures are recorded, must leave
    ``section.free_lane_m`` of the road free. Where even the narrowest line alone leaves less, the
    road is closed in any case, and the section only has to lie within it. Adding a line never
    turns a forbidden set into an allowed one.

    Parameters
    ----------
    lines
        Lines of the works in one opening; one line is always allowed.
    width_m
        Width between the road's red lines; NaN is allowed, since nothing is known.
    """
    if len(lines) < 2 or isnan(width_m):
        return True
    case = _Case.of(Corridor(width_m=width_m), settings, "asphalt", carriageway=True)
    together, _ = _shared(case, lines)
    least = settings.number("section.least_clearance_share")
    rule = rules(settings, carriageway=True, share=least)
    price = prices("asphalt", settings)

    def narrowest_m(some: Sequence[Line]) -> float:
        return narrow_section(ordered(some, settings), rule, price, "asphalt").width_m

    left_m = width_m - settings.number("section.free_lane_m")
    closed = left_m < min(narrowest_m([line]) for line in lines)
    return narrowest_m(together) <= (width_m if closed else left_m) + _FITS_M
