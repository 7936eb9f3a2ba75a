"""The map of one opening as SVG, to a numeric scale: road, parcels, red lines, who digs where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import geopandas as gpd
import shapely
from shapely import GeometryCollection, LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.messages import Language
from maps.export.plain import plain
from maps.labels import text_width_px
from maps.palette import RED_LINE, UTILITIES
from maps.words import document_words, words

WIDTH_PX, HEIGHT_PX = 620.0, 400.0
"""Size of the drawing, which stands for 160 mm by 103 mm on paper."""

SCALES = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
_MM_PER_PX = 160.0 / WIDTH_PX
_LEGEND_PX = 22.0
_ROOM = 0.8
_APART_PX = 3.6
_BARS_M = (5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10)
_BAND = "#F3C969"
_FILLS = {"green": "#DDE9D3", "water_body": "#CFE3EE", "building": "#E3E1DC"}
_INK, _SECOND, _ROAD, _GROUND = "#1D2730", "#5B6770", "#FFFFFF", "#F1F0EB"


@dataclass(frozen=True, slots=True)
class Dig:
    """Who digs: utility, segment, and from where to where along it in metres."""

    utility: str
    segment_id: str
    from_m: float
    to_m: float


@dataclass(frozen=True, slots=True)
class SiteMap:
    """A map as SVG, and the number of its scale when the picture is 160 mm wide."""

    svg: str
    scale: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where metres lie on the drawing: `west`, `north` is its upper left corner."""

    west: float
    north: float
    m_per_px: float

    @property
    def box(self) -> BaseGeometry:
        east = self.west + WIDTH_PX * self.m_per_px
        south = self.north - (HEIGHT_PX - _LEGEND_PX) * self.m_per_px
        return shapely.box(self.west, south, east, self.north)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) / self.m_per_px, (self.north - y) / self.m_per_px

    def path(self, shape: BaseGeometry, *, close: bool = False) -> str:
        """Return the steps of a path along every line or ring of a shape."""
        steps = []
        for ring in _rings(shape):
            points = (self.at(x, y) for x, y, *_ in ring.coords)
            steps.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
        return ("Z".join(steps) + "Z") if close and steps else "".join(steps)


def draw(
    opening: LineString,
    digs: Sequence[Dig],
    segments: gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    letters: Language,
) -> SiteMap:
    """Return the map of an opening and of what lies around it.

    Parameters
    ----------
    opening
        The stretch that is dug, in metres.
    digs
        The works that take part; they are drawn side by side, not where they lie.
    segments
        Segments of the plan: ``segment_id``, ``name``, ``width_m`` and lines.
    layers
        ``zones`` and ``parcels`` of the county.
    letters
        Language of the words; ``"en"`` where no font has Chinese glyphs, and names that could
        not be read then are left out.
    """
    frame, scale = _frame(opening)
    near = {name: layer[layer.intersects(frame.box)] for name, layer in layers.items()}
    around = segments[segments.intersects(frame.box)]
    said = document_words(letters)
    parts = [
        *_zones(frame, near["zones"]),
        *_roads(frame, around),
        *_parcels(frame, near["parcels"]),
        _band(frame, opening, digs),
        *_digs(frame, digs, segments),
        '<g text-anchor="middle" stroke="#FFFFFF" stroke-width="3" font-size="11">',
        *_names(frame, around, letters),
        *_parcel_names(frame, near["parcels"]),
        "</g>",
        *_legend(frame, scale, digs, letters, said),
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX:g}" height="{HEIGHT_PX:g}" '
        f'viewBox="0 0 {WIDTH_PX:g} {HEIGHT_PX:g}" fill="{_INK}" font-size="12">'
        f'<rect width="{WIDTH_PX:g}" height="{HEIGHT_PX:g}" fill="{_GROUND}"/>'
        f"{''.join(parts)}"
        f'<rect x="0.5" y="0.5" width="{WIDTH_PX - 1:g}" height="{HEIGHT_PX - 1:g}" '
        f'fill="none" stroke="{_SECOND}"/></svg>'
    )
    return SiteMap(svg, scale)


def _frame(opening: BaseGeometry) -> tuple[_Frame, int]:
    """Return the frame round the opening at the largest scale that leaves room beside it."""
    west, south, east, north = opening.bounds
    height_px = HEIGHT_PX - _LEGEND_PX
    least = max((east - west) / WIDTH_PX, (north - south) / height_px) / _ROOM
    scale = next(
        (one for one in SCALES if one * _MM_PER_PX / 1000 >= least),
        round(least * 1000 / _MM_PER_PX + 500, -3),
    )
    m_per_px = scale * _MM_PER_PX / 1000
    middle = ((west + east) / 2, (south + north) / 2)
    corner = (middle[0] - WIDTH_PX * m_per_px / 2, middle[1] + height_px * m_per_px / 2)
    return _Frame(*corner, m_per_px), int(scale)


def _rings(shape: BaseGeometry) -> Iterator[LineString]:
    """Yield every line and ring of a shape."""
    for part in shapely.get_parts(shape):
        if isinstance(part, Polygon):
            yield from (part.exterior, *part.interiors)
        elif isinstance(part, LineString) and not part.is_empty:
            yield part
        elif isinstance(part, GeometryCollection | MultiLineString | MultiPolygon):
            yield from _rings(part)


def _zones(frame: _Frame, zones: gpd.GeoDataFrame) -> Iterator[str]:
    clipped = shapely.intersection(zones.geometry.array, frame.box)
    for kind, fill in _FILLS.items():
        for shape in clipped[(zones["kind"] == kind).to_numpy()]:
            yield f'<path d="{frame.path(shape, close=True)}" fill="{fill}"/>'


def _roads(frame: _Frame, segments: gpd.GeoDataFrame) -> Iterator[str]:
    widths = segments["width_m"].fillna(8.0) / frame.m_per_px
    lines = [frame.path(shapely.intersection(line, frame.box)) for line in segments.geometry]
    for extra, colour in ((1.6, "#C9CED2"), (0.0, _ROAD)):
        for steps, width in zip(lines, widths, strict=True):
            if steps:
                yield (
                    f'<path d="{steps}" fill="none" stroke="{colour}" '
                    f'stroke-width="{max(2.0, width) + extra:.1f}"/>'
                )


def _parcels(frame: _Frame, parcels: gpd.GeoDataFrame) -> Iterator[str]:
    for shape in parcels.geometry:
        edge = shapely.intersection(shape.boundary, frame.box)
        yield (
            f'<path d="{frame.path(edge)}" fill="none" stroke="{RED_LINE}" '
            'stroke-width="1.4" stroke-dasharray="6 3"/>'
        )


def _band(frame: _Frame, opening: LineString, digs: Sequence[Dig]) -> str:
    """Return the opening as a band below the lines of its utilities."""
    wide_px = _APART_PX * (len({dig.utility for dig in digs}) + 2)
    steps = frame.path(opening)
    return f'<path d="{steps}" fill="none" stroke="{_BAND}" stroke-width="{wide_px:.1f}"/>'


def _digs(frame: _Frame, digs: Sequence[Dig], segments: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield the lines of each utility side by side along the opening."""
    lines = dict(zip(segments["segment_id"], segments.geometry, strict=True))
    order = [key for key in UTILITIES if any(dig.utility == key for dig in digs)]
    for dig in digs:
        ink = UTILITIES[dig.utility]
        aside = (order.index(dig.utility) - (len(order) - 1) / 2) * _APART_PX * frame.m_per_px
        line = substring(lines[dig.segment_id], dig.from_m, dig.to_m)
        moved = line.offset_curve(-aside) if isinstance(line, LineString) else line
        dash = " ".join(f"{2 * part:g}" for part in ink.dash)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        yield (
            f'<path d="{frame.path(moved)}" fill="none" stroke="{ink.tuned}" '
            f'stroke-width="{2 * ink.weight:g}"{dashed}/>'
        )


def _names(frame: _Frame, segments: gpd.GeoDataFrame, letters: Language) -> Iterator[str]:
    """Yield the name of each road once, at its longest stretch on the map."""
    longest: dict[str, BaseGeometry] = {}
    for name, line in zip(segments["name"], segments.geometry, strict=True):
        part = shapely.intersection(line, frame.box)
        text = plain(name)
        if text and part.length > longest.get(text, LineString()).length:
            longest[text] = part
    for text, part in longest.items():
        if text.isascii() or letters == "zh":
            x, y = frame.at(*_middle(part))
            yield _label(x, y - 7, text, _SECOND)


def _middle(line: BaseGeometry) -> tuple[float, float]:
    """Return the middle of a line, or of the longest of several."""
    longest = max(shapely.get_parts(line), key=shapely.length)
    point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return float(point.x), float(point.y)


def _parcel_names(frame: _Frame, parcels: gpd.GeoDataFrame) -> Iterator[str]:
    for key, shape in zip(parcels["parcel_id"], parcels.geometry, strict=True):
        inside = shapely.intersection(shape, frame.box)
        text = plain(key)
        if not inside.is_empty and text.isascii():
            point = inside.representative_point()
            yield _label(*frame.at(point.x, point.y), text, RED_LINE)


def _label(x: float, y: float, text: str, colour: str) -> str:
    half = text_width_px(text, 11) / 2 + 3
    x = min(max(x, half), WIDTH_PX - half)
    y = min(max(y, 14.0), HEIGHT_PX - _LEGEND_PX - 4)
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{escape(text)}</text>'


def _legend(
    frame: _Frame, scale: int, digs: Sequence[Dig], letters: Language, said: Mapping[str, str]
) -> Iterator[str]:
    """Yield the strip below the map, the scale bar and the arrow to the north."""
    top = HEIGHT_PX - _LEGEND_PX
    size = f'width="{WIDTH_PX:g}" height="{_LEGEND_PX:g}"'
    yield f'<rect y="{top:g}" {size} fill="#FFFFFF" stroke="{_SECOND}"/>'
    used = {dig.utility for dig in digs}
    names = words(letters)
    entries = [
        (ink.tuned, names[f"utility.{key}"]) for key, ink in UTILITIES.items() if key in used
    ]
    entries += [(_BAND, said["site_map.opening"]), (RED_LINE, said["site_map.red_line"])]
    x, y = 8.0, top + 15
    for colour, text in entries:
        yield (
            f'<path d="M{x:g} {y - 4:g}h16" fill="none" stroke="{colour}" stroke-width="3"/>'
            f'<text x="{x + 20:g}" y="{y:g}" font-size="11">{escape(text)}</text>'
        )
        x += 32 + text_width_px(text, 11)
    yield _scale_bar(frame, scale, y)
    yield _arrow(names["map.north"])


def _scale_bar(frame: _Frame, scale: int, y: float) -> str:
    bar_m = next((m for m in _BARS_M if m / frame.m_per_px < WIDTH_PX / 5), _BARS_M[-1])
    bar_px = bar_m / frame.m_per_px
    left = WIDTH_PX - bar_px - 8
    return (
        f'<path d="M{left:.1f} {y - 8:g}v4h{bar_px:.1f}v-4" fill="none" stroke="{_INK}"/>'
        f'<text x="{left - 5:.1f}" y="{y:g}" font-size="11" text-anchor="end">'
        f"1:{scale:,}  {bar_m} m</text>"
    )


def _arrow(north: str) -> str:
    x = WIDTH_PX - 20
    return (
        f'<rect x="{x - 16:g}" y="4" width="32" height="46" fill="#FFFFFF"/>'
        f'<path d="M{x:g} 10l7 20l-7 -5l-7 5z" fill="{_INK}"/>'
        f'<text x="{x:g}" y="44" text-anchor="middle" font-size="12">{north}</text>'
    )
