"""Legend and title block (图签) of the drawing, below the plan's lower right corner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace

from geo.messages import Language
from maps import quality_view
from maps.export.plain import plain
from maps.words import document_words, words
from planner.finished import Finished

_ROW_M, _TEXT_M = 9.0, 4.0
_LEGEND_M, _BLOCK_M = 90.0, 190.0
_BELOW_M = 30.0


def draw(
    space: Modelspace, study: Finished, language: Language, used: Mapping[str, str], *, style: str
) -> None:
    """Draw a legend of the layers and the title block into the drawing.

    Parameters
    ----------
    space
        Model space, in metres.
    study, language
        What is drawn, and in which language.
    used
        Layers of the plan in the order of drawing; each has a line of the legend.
    style
        Name of the text style.
    """
    said = document_words(language)
    layer = said["cad.title_block"]
    space.doc.layers.add(layer)
    right, top = _corner(study)
    left = right - _LEGEND_M - _BLOCK_M
    rows = max(len(used) + 1, len(tuple(_lines(study, language))) + 1)
    bottom = top - rows * _ROW_M
    for west, east in ((left, left + _LEGEND_M), (left + _LEGEND_M, right)):
        corners = [(west, top), (east, top), (east, bottom), (west, bottom)]
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})
    how = {"style": style, "height": _TEXT_M}
    _text(space, said["cad.legend"], (left + 4, top - _ROW_M / 2), {**how, "layer": layer})
    for row, name in enumerate(used, start=1):
        y = top - (row + 0.5) * _ROW_M
        space.add_line((left + 4, y), (left + 22, y), dxfattribs={"layer": name})
        _text(space, name, (left + 26, y), {**how, "layer": layer})
    for row, line in enumerate(_lines(study, language)):
        y = top - (row + 0.5) * _ROW_M
        height = _TEXT_M * (1.4 if row == 0 else 1.0)
        place = (left + _LEGEND_M + 4, y)
        _text(space, line, place, {**how, "layer": layer, "height": height})


def _text(
    space: Modelspace, said: str, place: tuple[float, float], how: Mapping[str, object]
) -> None:
    added = space.add_text(plain(said).replace("\n", " "), dxfattribs=dict(how))
    added.set_placement(place, align=TextEntityAlignment.MIDDLE_LEFT)


def _corner(study: Finished) -> tuple[float, float]:
    """Return the place of the upper right corner: below what is drawn; the origin if nothing."""
    frames = (study["segments"], study.county["parcels"], study["connections"], study["trenches"])
    bounds = np.array([frame.total_bounds for frame in frames if len(frame)]).reshape(-1, 4)
    if not bounds.size:
        return 0.0, 0.0
    return float(np.nanmax(bounds[:, 2])), float(np.nanmin(bounds[:, 1])) - _BELOW_M


def _lines(study: Finished, language: Language) -> Iterator[str]:
    said, county = document_words(language), study.county
    yield said["cad.title"].format(study=study.name)
    yield f"{said['cover.period']}: {study.start} – {study.last_day}"
    yield f"{said['cover.crs']}: {county.crs.name} ({county.crs.to_string()})"
    yield said["cad.unit"]
    yield f"{said['cover.profile']}: {study.profile.title.text(language)}"
    yield said["cad.participants"]
    yield said["cad.widths"]
    yield f"{said['cover.inputs']}: {quality_view.digest(county)[:16]}"
    if county.generated:
        layers = quality_view.generated(county, language)
        yield words(language)["page.generated"].format(layers=layers)
    yield from county.credits
    yield said["cad.signatures"]
