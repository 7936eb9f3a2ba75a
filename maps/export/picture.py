"""Drawings as PNG: paints the part of SVG that this program's own drawings use.

These are ``rect``, ``circle``, ``path`` (M, L, H, V, z, absolute or relative) and ``text`` in
groups, with presentation attributes; `maps.section_drawing` and `maps.export.site_map` write no
others.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from lxml import etree
from PIL import Image, ImageDraw

from maps.export import fonts

Point = tuple[float, float]
Style = Mapping[str, str]

PX = 2
"""Pixels of the PNG for each of the drawing."""
_FINER = 2
_INHERITED = (
    "fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "text-anchor",
)  # fmt: skip
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
_STEP = re.compile(r"([MLHVZmlhvz])|(-?(?:\d+\.?\d*|\.\d+))")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "Z": 0}


def png(svg: str, font: tuple[str, int] | None) -> bytes:
    """Return a drawing as PNG of `PX` pixels for each of its own; the same text, the same bytes.

    Parameters
    ----------
    svg
        One drawing of this program.
    font
        As `maps.export.fonts.chinese` returns it; without one only Latin letters can be read.
    """
    root = etree.fromstring(svg.encode())
    left, top, width, height = (float(part) for part in root.get("viewBox").split())
    scale = PX * _FINER
    image = Image.new("RGB", (round(width * scale), round(height * scale)), "#FFFFFF")
    painter = _Painter(ImageDraw.Draw(image), scale, (left, top), font)
    painter.group(root, {"fill": "#000000", "font-size": "12"})
    stream = io.BytesIO()
    image.reduce(_FINER).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class _Painter:
    """Draws elements; `origin` is the corner of the drawing that comes to lie at 0, 0."""

    draw: ImageDraw.ImageDraw
    scale: float
    origin: Point
    font: tuple[str, int] | None

    def group(self, element: etree._Element, style: Style) -> None:
        own = {name: element.get(name) for name in _INHERITED if element.get(name) is not None}
        inner = {**style, **own}
        for child in element:
            self._element(child, inner)

    def _element(self, element: etree._Element, style: Style) -> None:
        kind = etree.QName(element).localname
        if kind == "g":
            self.group(element, style)
            return
        own = {name: element.get(name) for name in _INHERITED if element.get(name) is not None}
        inner = {**style, **own}
        if kind == "text":
            self._text(element, inner)
        elif kind == "path":
            for points, closed in lines(element.get("d")):
                self._shape([self._at(point) for point in points], closed, inner)
        elif kind == "rect":
            self._rect(element, inner)
        elif kind == "circle":
            self._circle(element, inner)

    def _at(self, point: Point) -> Point:
        return (point[0] - self.origin[0]) * self.scale, (point[1] - self.origin[1]) * self.scale

    def _width(self, style: Style) -> int:
        return max(1, round(float(style.get("stroke-width", "1")) * self.scale))

    def _rect(self, element: etree._Element, style: Style) -> None:
        x, y, width, height = (
            float(element.get(name, "0")) for name in ("x", "y", "width", "height")
        )
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self._shape([self._at(corner) for corner in corners], True, style)

    def _circle(self, element: etree._Element, style: Style) -> None:
        x, y = self._at((float(element.get("cx")), float(element.get("cy"))))
        radius = float(element.get("r")) * self.scale
        box = (x - radius, y - radius, x + radius, y + radius)
        outline = _paint(style.get("stroke"))
        self.draw.ellipse(box, _paint(style.get("fill")), outline, self._width(style))

    def _shape(self, points: Sequence[Point], closed: bool, style: Style) -> None:
        fill, stroke = _paint(style.get("fill")), _paint(style.get("stroke"))
        if fill and len(points) > 2:
            self.draw.polygon(points, fill=fill)
        if not stroke or len(points) < 2:
            return
        way = [*points, points[0]] if closed else list(points)
        dash = [float(part) * self.scale for part in style.get("stroke-dasharray", "").split()]
        for piece in dashes(way, dash) if dash else (way,):
            self.draw.line(list(piece), fill=stroke, width=self._width(style), joint="curve")

    def _text(self, element: etree._Element, style: Style) -> None:
        said = (element.text or "") + "".join(child.tail or "" for child in element)
        size = round(float(style["font-size"]) * self.scale)
        casing = style.get("stroke")
        self.draw.text(
            self._at((float(element.get("x", "0")), float(element.get("y", "0")))),
            said,
            fill=style["fill"],
            font=fonts.face(size, self.font),
            anchor=_ANCHORS[style.get("text-anchor", "start")],
            stroke_width=round(self._width(style) / 2) if casing else 0,
            stroke_fill=casing,
        )


def _paint(colour: str | None) -> str | None:
    return None if colour in {None, "none"} else colour


def lines(steps: str) -> Iterator[tuple[list[Point], bool]]:
    """Yield the lines of a path with whether each is closed.

    Examples
    --------
    >>> list(lines("M0 0h2v1zM5 5l-1.5 .5"))
    [([(0.0, 0.0), (2.0, 0.0), (2.0, 1.0)], True), ([(5.0, 5.0), (3.5, 5.5)], False)]
    """
    points: list[Point] = []
    for command, numbers in _commands(steps):
        kind = command.upper()
        if kind == "Z":
            yield points, True
            points = points[:1]
            continue
        place = _next(command, numbers, points[-1] if points else (0.0, 0.0))
        if kind == "M" and points:
            if len(points) > 1:
                yield points, False
            points = []
        points.append(place)
    if len(points) > 1:
        yield points, False


def _commands(steps: str) -> Iterator[tuple[str, list[float]]]:
    command, numbers = "", list[float]()
    for letter, figure in _STEP.findall(steps):
        if letter:
            command, numbers = letter, []
        else:
            numbers.append(float(figure))
        if len(numbers) == _TAKES[command.upper()]:
            yield command, numbers
            command, numbers = {"M": "L", "m": "l"}.get(command, command), []


def _next(command: str, numbers: Sequence[float], last: Point) -> Point:
    """Return where a step of a path ends that begins at `last`."""
    x, y = last if command.islower() else (0.0, 0.0)
    if command in "Hh":
        return x + numbers[0], last[1]
    if command in "Vv":
        return last[0], y + numbers[0]
    return x + numbers[0], y + numbers[1]


def dashes(way: Sequence[Point], pattern: Sequence[float]) -> Iterator[list[Point]]:
    """Yield the strokes of a dashed line.

    Parameters
    ----------
    way
        Corners of the line.
    pattern
        Lengths of stroke and space in turn, repeated along the line, in the line's unit.

    Examples
    --------
    >>> list(dashes([(0.0, 0.0), (5.0, 0.0)], [2.0, 1.0]))
    [[(0.0, 0.0), (2.0, 0.0)], [(3.0, 0.0), (5.0, 0.0)]]
    """
    turn, left, stroke = 0, pattern[0], [way[0]]
    for (x, y), end in pairwise(way):
        length = hypot(end[0] - x, end[1] - y)
        done = 0.0
        while length - done > left:
            done += left
            place = (x + (end[0] - x) * done / length, y + (end[1] - y) * done / length)
            if turn % 2 == 0:
                yield [*stroke, place]
            turn, stroke = turn + 1, [place]
            left = pattern[turn % len(pattern)]
        left -= length - done
        if turn % 2 == 0:
            stroke.append(end)
    if turn % 2 == 0 and len(stroke) > 1:
        yield stroke
