"""Default styles inside the study's GeoPackage, so that QGIS draws its layers like the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyogrio

from geo.messages import Language
from layers.store import STYLES
from layers.tables import BY_NAME, OPERATORS, UTILITIES
from maps.export.qml import Label, Layer, Rule, fill, line, marker, style
from maps.palette import RED_LINE
from maps.palette import UTILITIES as INKS
from maps.words import document_words, words

GEOMETRY = "geom"
"""Name of the geometry column of every layer of a GeoPackage that GDAL writes."""

Words = Mapping[str, str]
_VILLAGE = "if(\"operator\" = 'any', \"village\", '')"
"""Villages have a row for each operator: one of them bears the name."""
_INK, _SECOND, _PALE, _JOINT, _SINGLE = "#1D2730", "#5B6770", "#C9CED2", "#F3C969", "#D9D4C5"
_GOOD, _WARNING, _STOP = "#2B8A3E", "#B45309", "#B42318"


def write(path: Path, *, language: Language = "zh") -> tuple[str, ...]:
    """Write the table ``layer_styles`` into a study's GeoPackage, replacing an earlier one.

    Parameters
    ----------
    path
        What `layers.store.write` wrote.
    language
        Of the legends.

    Returns
    -------
    tuple of str
        Layers that now have a default style.
    """
    kinds = dict(pyogrio.list_layers(path))
    found = tuple(name for name in _STYLES if kinds.get(name) is not None)
    said = document_words(language)
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": name,
            "f_geometry_column": GEOMETRY,
            "styleName": _title(name, language),
            "styleQML": qml(name, language),
            "styleSLD": "",
            "useAsDefault": True,
            "description": said["style.description"],
            "owner": "tonggou",
            "ui": None,
            "update_time": pd.NaT,
        }
        for name in found
    ]
    pyogrio.write_dataframe(
        pd.DataFrame(rows), path, layer=STYLES, driver="GPKG", layer_options={"FID": "id"}
    )
    return found


def qml(name: str, language: Language = "zh") -> str:
    """Return the style of one layer.

    Parameters
    ----------
    name
        A layer that has one.
    language
        Of the legend.
    """
    return _STYLES[name]({**words(language), **document_words(language)})


def _title(name: str, language: Language) -> str:
    table = BY_NAME[name]
    return table.zh if language == "zh" else table.en


def _by_utility(said: Words, width_mm: float) -> tuple[Rule, ...]:
    """Return a rule for each utility, drawn in its ink and dash."""
    return tuple(
        Rule(
            said[f"utility.{key}"],
            f"\"utility\" = '{key}'",
            (line(INKS[key].tuned, width_mm * INKS[key].weight, INKS[key].dash),),
        )
        for key in UTILITIES
    )


def _markers_by_utility(said: Words, shape: str, size_mm: float) -> tuple[Rule, ...]:
    return tuple(
        Rule(said[f"utility.{key}"], f"\"utility\" = '{key}'",
             (marker(shape, INKS[key].tuned, size_mm),))
        for key in UTILITIES
    )  # fmt: skip


def _segments(said: Words) -> str:
    road = (line(_PALE, 1.4), line("#FFFFFF", 1.0))
    return style([Rule(said["style.segment"], "", road)], Label('"name"', _SECOND))


def _openings(said: Words) -> str:
    joint = Rule(said["map.joint"], '"joint"', (line(_JOINT, 2.6), line(_WARNING, 0.3)))
    single = Rule(said["map.single"], "", (line(_SINGLE, 2.0), line(_SECOND, 0.2)))
    return style([joint, single], Label('"opening_id"', _INK, 7.0, 5_000))


def _trenches(said: Words) -> str:
    return style([
        Rule(said["map.in_work"], '"in_work"', (line(_JOINT, 1.2), line(_SECOND, 0.2))),
        Rule(said["style.boring"], "\"kind\" = 'boring'", (line(_SECOND, 0.8, (2, 2)),)),
        Rule(said["style.pole"], "\"kind\" = 'pole'", (line(_SECOND, 0.4, (6, 2, 1, 2)),)),
        Rule(said["style.trench"], "", (line(_SECOND, 0.9),)),
    ])  # fmt: skip


def _gaps(said: Words) -> str:
    hatched = (fill(_SECOND, style="b_diagonal", outline=_INK, width_mm=0.4),)
    operators = {"any": said["operator.any"], **{k: said[f"operator.{k}"] for k in OPERATORS}}
    rules = [Rule(text, f"\"operator\" = '{key}'", hatched) for key, text in operators.items()]
    return style([*rules, Rule(said["operator.all"], "", hatched)], Label('"rank"', _INK))


def _measured_gaps(said: Words) -> str:
    shape = (fill(_STOP, alpha=60, outline=_STOP, width_mm=0.4),)
    return style([Rule(said["map.measured_gap"], "", shape)], Label('"rank"', _STOP))


def _infill(said: Words) -> str:
    wifi = Rule(said["site.wifi"], "\"site_kind\" = 'wifi'", (marker("circle", _WARNING, 2.6),))
    site = Rule(said["map.infill"], "", (marker("triangle", _WARNING, 4.0, outline=_INK),))
    return style([wifi, site], Label('"rank"', _WARNING, 9.0, 200_000))


def _villages(said: Words) -> str:
    return style([
        Rule(said["map.village_covered"], '"covered"', (marker("circle", _GOOD, 2.4),)),
        Rule(said["map.village_failed"], "", (marker("circle", _STOP, 3.2),)),
    ], Label(_VILLAGE, _INK, 8.0, 100_000))  # fmt: skip


def _parcels(said: Words) -> str:
    dashed = (line("#FFFFFF", 1.0), line(RED_LINE, 0.5, (6, 3)))
    return style([Rule(said["map.red_line"], "", (fill("#FFFFFF", style="no"), *dashed))],
                 Label('"parcel_id"', RED_LINE, 7.0, 10_000))  # fmt: skip


def _zones(said: Words) -> str:
    kinds = {
        "boundary": fill("#FFFFFF", style="no", outline=_SECOND, width_mm=0.6),
        "water_body": fill("#CFE3EE"),
        "green": fill("#DDE9D3"),
        "forest": fill("#E3ECDC"),
        "building": fill("#DEDBD4"),
        "planned_construction": fill("#FFFFFF", style="no", outline=_WARNING, width_mm=0.3),
    }
    rules = [
        Rule(said[f"style.{key}"], f"\"kind\" = '{key}'", (shape,)) for key, shape in kinds.items()
    ]
    return style([*rules, Rule(said["style.other_zone"], "",
                               (fill("#FFFFFF", style="no", outline=_PALE),))])  # fmt: skip


def _single(key: str, layer: Layer, label: Label | None = None) -> Callable[[Words], str]:
    return lambda said: style([Rule(said[key], "", (layer,))], label)


_STYLES: Mapping[str, Callable[[Words], str]] = {
    "segments": _segments,
    "openings": _openings,
    "trenches": _trenches,
    "connections": lambda said: style(_by_utility(said, 0.5)),
    "candidates": lambda said: style(_by_utility(said, 0.25)),
    "reserve_ducts": lambda said: style(_by_utility(said, 0.4)),
    "site_lines": lambda said: style(_by_utility(said, 0.4)),
    "works": lambda said: style(_by_utility(said, 0.7)),
    "pipes": lambda said: style(_by_utility(said, 0.2)),
    "tie_ins": lambda said: style(_markers_by_utility(said, "square", 1.8)),
    "unreachable": _single(
        "map.unreachable", marker("cross2", _STOP, 3.6, outline=_STOP),
        label=Label('"application_id"', _STOP, 7.0, 10_000),
    ),
    "gaps": _gaps,
    "measured_gaps": _measured_gaps,
    "infill": _infill,
    "villages": _villages,
    "sites": _single("map.site", marker("triangle", _SECOND, 2.6)),
    "parcels": _parcels,
    "roads": _single("style.road", line(_PALE, 0.4)),
    "zones": _zones,
    "places": _single("style.place", marker("circle", _SECOND, 1.4)),
}  # fmt: skip
"""Layer to the maker of its QML."""
