"""The plan as a DXF drawing: in the county's own metres, a layer for each utility and each kind.

Layers bear the colours of CJJ 61 as true colours; text is set in a Chinese TrueType font, so that
AutoCAD shows it without a code page. Participants are drawn on the segment's centre line from
their first to their last metre: where each line lies is the section's business.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from math import atan2, degrees
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import pandas as pd
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.messages import Language
from maps.export import spoken, title_block
from maps.export.plain import plain
from maps.export.plain import write as write_file
from maps.palette import RED_LINE_STANDARD, UTILITIES, rgb
from maps.words import document_words, words
from planner.finished import Finished

VERSION = "R2010"
STYLE, FONT, FAMILY = "TONGGOU", "simsun.ttc", "SimSun"
"""Name of the text style, its font file (no folder: each machine has its own) and family."""

_METRES = 6
_NAME_M, _LABEL_M = 4.0, 2.5
_LOOK_M = 5.0
_ROAD, _OPENING, _SINGLE = "#808080", "#E6B800", "#C0A060"


def write(study: Finished, path: Path, *, language: Language = "zh") -> None:
    """Write ``plan.dxf``; the same study gives the same bytes.

    Parameters
    ----------
    study
        A finished study; coordinates are written as they are, east and north in metres.
    path
        File to write, replaced if it exists.
    language
        Of layers and texts; names are as the study has them.

    References
    ----------
    CJJ 61-2017, appendix B: colours of underground lines.
    """
    with _fixed_meta_data():
        text = io.StringIO()
        drawing(study, language).write(text)
    write_file(text.getvalue().encode("utf-8"), path)


def drawing(study: Finished, language: Language) -> Drawing:
    """Return the drawing of a study."""
    made = ezdxf.new(VERSION, units=_METRES)
    made.header["$MEASUREMENT"] = 1
    made.styles.new(STYLE, dxfattribs={"font": FONT}).set_extended_font_data(FAMILY)
    sheet = _Sheet(made, study, language)
    sheet.segments()
    sheet.parcels()
    sheet.openings()
    sheet.participants()
    sheet.routes()
    sheet.tie_ins()
    title_block.draw(made.modelspace(), study, language, sheet.used, style=STYLE)
    return made


@contextmanager
def _fixed_meta_data() -> Iterator[None]:
    """Keep clock and chance out of the file; the option is set back as it was."""
    before = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before


class _Sheet:
    """Draws one study; `used` maps each layer to its colour, in the order of drawing."""

    def __init__(self, made: Drawing, study: Finished, language: Language) -> None:
        self.made = made
        self.space: Modelspace = made.modelspace()
        self.study = study
        self.language = language
        self.said = document_words(language)
        self.used: dict[str, str] = {}

    def layer(self, kind: str, colour: str, utility: str = "") -> str:
        """Return the name of a layer, made where it is new."""
        name = self.said[f"cad.{kind}"]
        if utility:
            name = f"{name}_{words(self.language)[f'utility.{utility}']}"
        if name not in self.used:
            self.used[name] = colour
            self.made.layers.add(name).rgb = rgb(colour)
        return name

    def line(self, shape: BaseGeometry, layer: str, *, width_m: float = 0.0) -> None:
        """Draw every line of a shape; nothing where it is a point."""
        for part in getattr(shape, "geoms", (shape,)):
            if part.geom_type in {"LineString", "LinearRing"} and not part.is_empty:
                points = [(x, y) for x, y, *_ in part.coords]
                self.space.add_lwpolyline(
                    points, close=part.geom_type == "LinearRing",
                    dxfattribs={"layer": layer, "const_width": width_m},
                )  # fmt: skip

    def text(
        self,
        said: str,
        place: tuple[float, float],
        layer: str,
        *,
        height: float,
        rotation: float = 0.0,
    ) -> None:
        """Set a text around a place, `height` metres high and turned by `rotation` degrees."""
        attributes = {"layer": layer, "style": STYLE, "height": height, "rotation": rotation}
        added = self.space.add_text(plain(said).replace("\n", " "), dxfattribs=attributes)
        added.set_placement(place, align=TextEntityAlignment.MIDDLE_CENTER)

    def along(self, said: str, line: BaseGeometry, layer: str, height_m: float) -> None:
        """Set a text above the middle of a line, never upside down."""
        middle = line.length / 2
        point = line.interpolate(middle)
        before, after = (line.interpolate(middle + step) for step in (-_LOOK_M, _LOOK_M))
        angle = degrees(atan2(after.y - before.y, after.x - before.x))
        turned = (angle + 90.0) % 180.0 - 90.0
        self.text(said, (point.x, point.y), layer, height=height_m, rotation=turned)

    def segments(self) -> None:
        frame = self.study["segments"]
        road, names = self.layer("segments", _ROAD), self.layer("segment_names", _ROAD)
        for name, line in zip(frame["name"], frame.geometry, strict=True):
            self.line(line, road)
            if plain(name):
                self.along(name, line, names, _NAME_M)

    def parcels(self) -> None:
        frame = self.study.county["parcels"]
        edge, names = (self.layer(kind, RED_LINE_STANDARD) for kind in ("parcels", "parcel_names"))
        for key, shape in zip(frame["parcel_id"], frame.geometry, strict=True):
            for polygon in getattr(shape, "geoms", (shape,)):
                for ring in (polygon.exterior, *polygon.interiors):
                    self.line(ring, edge)
            point = shape.representative_point()
            self.text(str(key), (point.x, point.y), names, height=_LABEL_M)

    def openings(self) -> None:
        """Draw openings as bands: 1 m wide for each work that takes part."""
        labels = self.layer("opening_names", _OPENING)
        for row in self.study["openings"].itertuples():
            joint = bool(row.joint)
            layer = self.layer(*(("joint", _OPENING) if joint else ("single", _SINGLE)))
            self.line(row.geometry, layer, width_m=float(row.works))
            said = self.said["cad.opening_label"].format(
                opening=row.opening_id,
                start=spoken.day(row.starts_on),
                end=spoken.day(row.ends_on),
                utilities=spoken.utilities(row.utilities, self.language),
            )
            point = row.geometry.interpolate(0.5, normalized=True)
            if joint:
                place = (point.x, point.y - 1.5 * _NAME_M)
                self.text(said, place, labels, height=_LABEL_M)

    def participants(self) -> None:
        """Draw what each work digs along its segment, a layer for each utility."""
        segments = self.study["segments"]
        lines = dict(zip(segments["segment_id"], segments.geometry, strict=True))
        for row in self.study["participants"].itertuples():
            layer = self.layer("dug", UTILITIES[row.utility].standard, row.utility)
            self.line(substring(lines[row.segment_id], row.from_m, row.to_m), layer)

    def routes(self) -> None:
        """Draw extension trenches, and the route of each connection by its utility."""
        trench = self.layer("trenches", _SINGLE)
        for line in self.study["trenches"].geometry:
            self.line(line, trench)
        for row in self.study["connections"].itertuples():
            layer = self.layer("routes", UTILITIES[row.utility].standard, row.utility)
            self.line(row.geometry, layer)

    def tie_ins(self) -> None:
        """Draw the tie-ins that routes begin at, as circles with their ids."""
        frame: gpd.GeoDataFrame = self.study.county["tie_ins"]
        asked: pd.Series[Any] = self.study["connections"]["tie_in_id"]
        for row in frame[frame["tie_in_id"].isin(asked)].itertuples():
            layer = self.layer("tie_ins", UTILITIES[row.utility].standard, row.utility)
            place = (row.geometry.x, row.geometry.y)
            self.space.add_circle(place, 1.0, dxfattribs={"layer": layer})
            beside = (place[0], place[1] + 1.5 * _LABEL_M)
            self.text(str(row.tie_in_id), beside, layer, height=_LABEL_M / 2)
