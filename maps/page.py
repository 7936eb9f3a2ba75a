"""The page as folium elements: a figure of our own layout, one map a view, data beside them.

folium puts scripts from other hosts into a page, data into scripts and random names on
everything. The elements here keep folium's classes and templates, but ask for no library, read
their data from JSON blocks and bear names of their own, so that two runs write the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, ClassVar

import folium
from branca.element import Figure, MacroElement
from folium.raster_layers import ImageOverlay
from folium.template import Template

from maps import lean, offline
from maps.encode import dump, packed
from maps.raster import Picture

STYLES = ("page.css", "panels.css", "map.css")
BOOT = ("inflate.js", "boot.js")
SCRIPTS = (
    "core.js", "draw.js", "sheet.js", "packed.js", "base.js", "table.js", "timeline.js",
    "detail.js", "trench.js", "opening.js", "deciding.js", "swipe.js", "coverage.js",
    "coverage_lists.js", "connection.js", "extension.js", "app.js",
)  # fmt: skip


class ReportFigure(Figure):
    """The whole page.

    Parameters
    ----------
    content
        What the template shows: title, words, views with their figures, quality, footer.
    blocks
        Name to value of each JSON block; the scripts read them as ``tonggou.data(name)``.
    """

    def __init__(self, content: Mapping[str, Any], blocks: Mapping[str, object]) -> None:
        super().__init__()
        self._name = "Report"
        self._template = Template(_asset("report.html"), autoescape=True)
        self.content = content
        self.blocks = {name: dump(packed(value)) for name, value in blocks.items()}
        self.styles = lean.style("\n".join((offline.leaflet_style(), offline.asset(*STYLES))))
        self.leaflet = offline.deflated(offline.leaflet_script())
        self.boot = lean.script(offline.asset(*BOOT))
        self.program = lean.script(offline.asset(*SCRIPTS))


class ViewMap(folium.Map):
    """A folium map without tiles, drawn on canvas, named after its view."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, view: str, bounds: Sequence[Sequence[float]]) -> None:
        (south, west), (north, east) = bounds
        self.view = view  # the name is asked for while folium sets the map up
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=13,
            tiles=None,
            prefer_canvas=True,
            zoom_control="topright",
            attribution_control=False,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
        )
        self.options["maxZoom"] = 20
        self.options["minZoom"] = 6

    def get_name(self) -> str:
        """Return the name of the map's element and variable."""
        return f"map_{self.view}"


class Sheet(MacroElement):
    """The drawing of one view: bands, offset lines, areas, names, all on one canvas."""

    def __init__(self, view: str) -> None:
        super().__init__()
        self._name = "Sheet"
        self.view = view
        self._template = Template(
            "{% macro script(this, kwargs) %}"
            "tonggou.mount({{ this.view|tojson }}, {{ this._parent.get_name() }});"
            "{% endmacro %}"
        )


class Raster(ImageOverlay):
    """A picture under the drawing, known to the scripts by its key.

    Parameters
    ----------
    key
        Name by which the scripts show and hide it, for example ``"signal_any"``.
    picture
        Picture in web Mercator and its bounds.
    show
        Whether it is there from the start.
    """

    def __init__(self, key: str, picture: Picture, *, show: bool) -> None:
        self.key = key  # the name is asked for while folium sets the layer up
        super().__init__(
            picture.address,
            picture.bounds,
            pixelated=False,
            show=show,
            class_name=f"raster raster-{key.split('_', maxsplit=1)[0]}",
            alt=key,
        )

    def get_name(self) -> str:
        """Return the name of the layer's variable."""
        return f"raster_{self.key}"

    def render(self, **kwargs: object) -> None:
        """Render folium's overlay, then register it under its key."""
        super().render(**kwargs)
        line = f"tonggou.raster({dump(self.key)}, {self.get_name()});"
        self.get_root().script.add_child(folium.Element(line), name=f"register_{self.key}")


def _asset(name: str) -> str:
    return resources.files("maps").joinpath("assets", name).read_text(encoding="utf-8")
