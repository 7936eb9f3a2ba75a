"""The cross-section of an opening as one SVG: to scale, with dimensions, marks and letters.

Only presentation attributes are used, no style, script or reference, so that the drawing may
stand in the sealed report as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from geo.messages import Language
from maps.labels import ROW_PX, Label, Rows, in_rows, text_width_px
from maps.palette import RED_LINE, UTILITIES
from maps.section_scene import Pipe, Pit, Scene, scene
from maps.words import words
from planner.section.fit import Fitted
from planner.section.layout import Section
from planner.section.line import CABLES

INK, SECOND, PAVED, EARTH, WARNING, STOP = (
    "#1D2730", "#5B6770", "#9AA5AD", "#EFE7DA", "#B45309", "#B42318",
)  # fmt: skip
_PAD_PX = 8.0
_MOST_PX_PER_M = 110.0
_TICK_PX = 3.0
_LEAST_PX = 2.5
_FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
_POSTS: Mapping[str, tuple[str, str]] = {
    "red_line": (RED_LINE, ' stroke-dasharray="6 3" stroke-width="1.5"'),
    "centre": (SECOND, ' stroke-dasharray="9 3 2 3"'),
    "kerb": (SECOND, ""),
    "tree": ("#2B8A3E", ' stroke-width="2"'),
}

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where a scene's metres lie on the drawing, in pixels; the surface is at y = 0."""

    scene: Scene
    width_px: float
    px_per_m: float

    def x(self, metres: float) -> float:
        left_px = (self.width_px - (self.scene.to_m - self.scene.from_m) * self.px_per_m) / 2
        return left_px + (metres - self.scene.from_m) * self.px_per_m

    def y(self, depth_m: float) -> float:
        return depth_m * self.px_per_m

    def rows(self, labels: Iterator[Label], y_px: float, *, up: bool) -> Rows:
        return in_rows(list(labels), (_PAD_PX, self.width_px - _PAD_PX), y_px, up=up)


def draw(drawn: Section | Fitted, *, language: Language = "zh", width_px: float = 560.0) -> str:
    """Return the drawing of a section, alone or in its corridor, as the text of one SVG.

    New lines are filled in their utility's colour, existing ones hollow; a star marks a value
    that is unverified (待核), an exclamation mark one below the standard.

    Parameters
    ----------
    drawn
        A section, or a section fitted into its corridor.
    width_px
        Width of the drawing; its height follows from the depth and the rows of dimensions.
    """
    said, view = words(language), scene(drawn)
    span_px = width_px - 2 * _PAD_PX
    sheet = _Sheet(view, width_px, min(span_px / (view.to_m - view.from_m), _MOST_PX_PER_M))
    above, top_px = _above(sheet, said)
    below, bottom_px = _below(sheet, language)
    title, notes = _title(drawn, said), _notes(drawn, view, said)
    foot, end_px = _foot(sheet, notes, bottom_px + ROW_PX + 5)
    height_px = end_px + 8 - (top_px - 22)
    shapes = "".join(
        (
            *_ground(sheet),
            *(_pit(sheet, pit) for pit in view.pits),
            *_posts(sheet, top_px + 6),
            *(_pipe(sheet, pipe) for pipe in view.pipes),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px:g}" height="{height_px:.0f}" '
        f'viewBox="0 {top_px - 22:.0f} {width_px:g} {height_px:.0f}" role="img" '
        f'aria-label="{escape(title)}" font-family="{_FONT}" font-size="12" fill="{INK}">'
        f'<rect y="{top_px - 22:.0f}" width="{width_px:g}" height="{height_px:.0f}" fill="#FFF"/>'
        f"{shapes}{above}{below}{foot}"
        f'<text x="{_PAD_PX:g}" y="{top_px - 7:.0f}" font-size="13">{escape(title)}</text></svg>'
    )


def _lettering(dimensions: str, *rows: Rows) -> str:
    """Return dimension lines and leaders, then the texts with a white casing over them."""
    leaders = "".join(row.leaders for row in rows)
    texts = "".join(row.texts for row in rows)
    return (
        f'<path d="{leaders}" fill="none" stroke="{SECOND}" stroke-width=".5"/>'
        f'<path d="{dimensions}" fill="none" stroke="{SECOND}" stroke-width=".8"/>'
        '<g text-anchor="middle" stroke="#FFF" stroke-width="3" paint-order="stroke" '
        f'stroke-linejoin="round">{texts}</g>'
    )


def _above(sheet: _Sheet, said: Words) -> tuple[str, float]:
    """Return covers, sizes of trenches and the names of the road's parts, and their upper end."""
    covers = sheet.rows(_cover_labels(sheet), -9.0, up=True)
    line_px = covers.end_px - 18.0
    sizes = sheet.rows(_size_labels(sheet, said), line_px - 4.0, up=True)
    parts = sheet.rows(_part_labels(sheet, said), sizes.end_px - 19.0, up=True)
    dimensions = "".join(
        (
            *(_down(sheet.x(p.x_m), sheet.y(p.cover_m)) for p in sheet.scene.pipes if p.cover),
            *(_across(*_edges(sheet, pit), line_px) for pit in sheet.scene.pits),
            *(f"M{x:.1f} {line_px - 2:.0f}V0" for p in sheet.scene.pits for x in _edges(sheet, p)),
        )
    )
    return _lettering(dimensions, covers, sizes, parts), parts.end_px - 14.0


def _below(sheet: _Sheet, language: Language) -> tuple[str, float]:
    """Return clear distances and the names of the lines, and their lower end."""
    view = sheet.scene
    deep_m = max(
        (
            *(pit.depth_m for pit in view.pits),
            *(pipe.cover_m + pipe.body.height_m for pipe in view.pipes),
            0.5,
        )
    )
    line_px = sheet.y(deep_m) + 12.0
    clears = sheet.rows(_clear_labels(sheet, line_px), line_px + 17.0, up=False)
    names = sheet.rows(_name_labels(sheet, language), clears.end_px + 20.0, up=False)
    dimensions = "".join(
        _across(sheet.x(c.from_m), sheet.x(c.to_m), line_px)
        + "".join(f"M{sheet.x(x):.1f} {line_px - 5:.0f}v8" for x in (c.from_m, c.to_m))
        for c in view.clears
    )
    return _lettering(dimensions, clears, names), names.end_px


def _tick(x_px: float, y_px: float) -> str:
    step = _TICK_PX
    return f"M{x_px - step:.1f} {y_px + step:.1f}l{2 * step:g} {-2 * step:g}"


def _across(a_px: float, b_px: float, y_px: float) -> str:
    return f"M{a_px:.1f} {y_px:.1f}H{b_px:.1f}{_tick(a_px, y_px)}{_tick(b_px, y_px)}"


def _down(x_px: float, depth_px: float) -> str:
    return f"M{x_px:.1f} 0V{depth_px:.1f}{_tick(x_px, 0.0)}{_tick(x_px, depth_px)}"


def _edges(sheet: _Sheet, pit: Pit) -> tuple[float, float]:
    left_m, right_m = sorted((pit.corners_m[0][0], pit.corners_m[-1][0]))
    return sheet.x(left_m), sheet.x(right_m)


def _marked(value_m: float, *, unverified: bool, violated: bool = False) -> tuple[str, str]:
    """Return a length with its mark, and its colour."""
    if violated:
        return f"{value_m:.2f}!", STOP
    return (f"{value_m:.2f}*", WARNING) if unverified else (f"{value_m:.2f}", "")


def _cover_labels(sheet: _Sheet) -> Iterator[Label]:
    for pipe in sheet.scene.pipes:
        if pipe.cover is not None:
            figure = pipe.cover
            text, colour = _marked(figure.value_m, unverified=figure.unverified)
            title = f"{figure.clause} {figure.confidence}"
            yield Label(sheet.x(pipe.x_m), text, colour, title, 0.0)


def _size_labels(sheet: _Sheet, said: Words) -> Iterator[Label]:
    for pit in sheet.scene.pits:
        left_px, right_px = _edges(sheet, pit)
        text = f"{(right_px - left_px) / sheet.px_per_m:.2f}×{pit.depth_m:.2f}"
        yield Label((left_px + right_px) / 2, text, "", said["section.sizes"])


def _clear_labels(sheet: _Sheet, line_px: float) -> Iterator[Label]:
    for clear in sheet.scene.clears:
        text, colour = _marked(
            clear.to_m - clear.from_m, unverified=clear.unverified, violated=clear.violated
        )
        middle_m = (clear.from_m + clear.to_m) / 2
        yield Label(sheet.x(middle_m), text, colour, clear.clause, line_px)


def _name_labels(sheet: _Sheet, language: Language) -> Iterator[Label]:
    deepest_last = sorted(sheet.scene.pipes, key=lambda pipe: pipe.cover_m)
    named = {(p.x_m, p.body.utility, p.body.diameter_mm): p for p in deepest_last}
    for pipe in named.values():
        ink = UTILITIES[pipe.body.utility]
        letter = ink.letter if language == "zh" else ink.latin
        size = "DN" if pipe.body.utility not in CABLES else ""
        bottom_px = sheet.y(pipe.cover_m + pipe.body.height_m)
        text = f"{letter} {size}{pipe.body.diameter_mm:.0f}"
        yield Label(sheet.x(pipe.x_m), text, ink.tuned, "", bottom_px)


def _part_labels(sheet: _Sheet, said: Words) -> Iterator[Label]:
    view = sheet.scene
    for x, word in view.posts:
        yield Label(sheet.x(x), said[f"section.{word}"], _POSTS[word][0])
    for begin, end, word in view.ground:
        low, high = max(begin, view.from_m), min(end, view.to_m)
        if high - low > 0.5 and word != "road":
            yield Label(sheet.x((low + high) / 2), said[f"section.{word}"], SECOND)
    if not view.posts:
        yield Label(_PAD_PX, said["section.to_red_line"], RED_LINE)
        yield Label(sheet.width_px - _PAD_PX, said["section.to_centre"], SECOND)


def _ground(sheet: _Sheet) -> Iterator[str]:
    """Yield the surface: the carriageway at y = 0, sidewalks a kerb's height above it."""
    view = sheet.scene
    for begin, end, word in view.ground or ((view.from_m, view.to_m, "road"),):
        low, high = max(begin, view.from_m), min(end, view.to_m)
        if high > low:
            raised = 5 if word == "sidewalk" else 3
            yield (
                f'<rect x="{sheet.x(low):.1f}" y="-{raised}" height="{raised}" '
                f'width="{(high - low) * sheet.px_per_m:.1f}" fill="{PAVED}"/>'
            )
    if view.break_m is not None:
        x = sheet.x(view.break_m)
        yield f'<path d="M{x - 5:.0f} -9l4 18h6l-4 -18z" fill="#FFF" stroke="{SECOND}"/>'


def _posts(sheet: _Sheet, top_px: float) -> Iterator[str]:
    for x, word in sheet.scene.posts:
        colour, how = _POSTS[word]
        yield f'<path d="M{sheet.x(x):.1f} {top_px:.0f}V0" stroke="{colour}"{how}/>'


def _pit(sheet: _Sheet, pit: Pit) -> str:
    corners = "L".join(f"{sheet.x(x):.1f} {sheet.y(depth):.1f}" for x, depth in pit.corners_m)
    width = 2.5 if pit.supported else 1
    return f'<path d="M{corners}" fill="{EARTH}" stroke="{SECOND}" stroke-width="{width}"/>'


def _pipe(sheet: _Sheet, pipe: Pipe) -> str:
    """Return a line's outline: a duct as a square, a pipe as a circle, heat as two circles.

    An existing line that strays has a stroke through it, as far as its axis strays.
    """
    colour = UTILITIES[pipe.body.utility].tuned
    fill = "#FFF" if pipe.section < 0 else colour
    x, y = sheet.x(pipe.x_m), sheet.y(pipe.cover_m + pipe.body.height_m / 2)
    half = max(_LEAST_PX, pipe.body.height_m * sheet.px_per_m / 2)
    ink = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"'
    away = pipe.wander_m * sheet.px_per_m
    stray = f'<path d="M{x - away:.1f} {y:.1f}h{2 * away:.1f}" stroke="{colour}"/>' if away else ""
    if pipe.body.horizontal_kind.endswith("_duct"):
        side = 2 * half
        corner = f'x="{x - half:.1f}" y="{y - half:.1f}"'
        return f'{stray}<rect {corner} width="{side:.1f}" height="{side:.1f}" {ink}/>'
    apart = (pipe.body.width_m - pipe.body.height_m) / 2 * sheet.px_per_m
    places = (x,) if apart < 1.0 else (x - apart, x + apart)
    shapes = (f'<circle cx="{p:.1f}" cy="{y:.1f}" r="{half:.1f}" {ink}/>' for p in places)
    return stray + "".join(shapes)


def _title(drawn: Section | Fitted, said: Words) -> str:
    parts = [drawn] if isinstance(drawn, Section) else [p.section for p in drawn.placed]
    width = " + ".join(f"{part.width_m:.2f}" for part in parts) or "0"
    volume = sum(part.volume_m3_per_m for part in parts)
    support = sum(part.support_m2_per_m for part in parts)
    texts = [
        said["section.width"].format(value=width),
        said["section.volume"].format(value=f"{volume:.2f}"),
    ]
    if support:
        texts.append(said["section.support"].format(value=f"{support:.2f}"))
    trenches = [trench for part in parts for trench in part.trenches]
    slopes = {f for trench in trenches for f in trench.figures if f.what == "slope"}
    for slope in sorted(slopes, key=lambda figure: figure.value_m):
        star = "*" if slope.unverified else ""
        texts.append(said["section.slope"].format(value=f"{slope.value_m:g}{star}"))
    return " · ".join(texts)


def _notes(drawn: Section | Fitted, view: Scene, said: Words) -> list[tuple[str, str]]:
    """Return what the signs mean and what the corridor says, as (text, colour)."""
    notes = []
    if any(c.unverified for c in view.clears) or any(
        p.cover.unverified for p in view.pipes if p.cover
    ):
        notes.append((said["section.unverified"], WARNING))
    if any(c.violated for c in view.clears):
        notes.append((said["section.violated"], STOP))
    if any(pipe.section < 0 for pipe in view.pipes):
        notes.append((said["section.existing"], SECOND))
    if isinstance(drawn, Fitted):
        if drawn.in_tunnel:
            kinds = "、".join(said[f"utility.{line.utility}"] for line in drawn.in_tunnel)
            notes.append((said["section.in_tunnel"].format(value=kinds), SECOND))
        if not drawn.fits:
            missing = said["section.missing"].format(value=f"{drawn.missing_m:.2f}")
            notes.append((missing, STOP))
        if not drawn.checked:
            notes.append((said["section.unchecked"], WARNING))
    return notes


def _foot(sheet: _Sheet, notes: list[tuple[str, str]], y_px: float) -> tuple[str, float]:
    """Return the notes, in lines as they fit, and a bar of one metre on the right."""
    metre = sheet.px_per_m
    right_px = sheet.width_px - _PAD_PX
    bar_px = right_px - metre - text_width_px("1 m") - 8
    x_px, line_px, texts = _PAD_PX, y_px, []
    for text, colour in notes:
        width_px = text_width_px(text)
        if x_px > _PAD_PX and x_px + width_px > bar_px:
            x_px, line_px = _PAD_PX, line_px + ROW_PX
        texts.append(
            f'<text x="{x_px:.0f}" y="{line_px:.0f}" fill="{colour}">{escape(text)}</text>'
        )
        x_px += width_px + 14
    bar = (
        f'<path d="M{right_px - metre:.1f} {line_px - 8:.0f}v4h{metre:.1f}v-4" fill="none" '
        f'stroke="{INK}"/><text x="{right_px - metre - 5:.0f}" y="{line_px:.0f}" '
        'text-anchor="end">1 m</text>'
    )
    return "".join(texts) + bar, line_px
