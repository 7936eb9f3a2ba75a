"""Styles of QGIS as QML text: symbols, rules that choose them, labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from maps.palette import rgb

VERSION = "3.16.0"
"""Version that the text states; later ones read it too."""

_FONT = "Microsoft YaHei"
_PLACES = {"line": ("2", "10"), "fill": ("4", "0"), "marker": ("0", "0")}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a symbol: its class in QGIS and its properties, lengths in millimetres."""

    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is drawn how: a label of the legend, a filter (empty: all the rest), symbol layers."""

    label: str
    filter: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A label from an expression, shown from a scale on (1:n)."""

    expression: str
    colour: str
    size_pt: float = 8.0
    from_scale: int = 20_000


def line(colour: str, width_mm: float, dash: Sequence[float] = ()) -> Layer:
    """Return a line; `dash` holds strokes and spaces in units of its width."""
    dashes = ";".join(f"{max(width_mm, 0.3) * part:.2f}" for part in dash)
    return Layer("SimpleLine", {
        "line_color": _colour(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM",
        "line_style": "solid", "capstyle": "flat", "joinstyle": "round",
        "use_custom_dash": "1" if dash else "0", "customdash": dashes or "5;2",
        "customdash_unit": "MM",
    })  # fmt: skip


def fill(
    colour: str, *, outline: str = "", width_mm: float = 0.3, style: str = "solid", alpha: int = 255
) -> Layer:
    """Return a filled area.

    Parameters
    ----------
    colour, alpha
        Of the filling, 255 is opaque.
    outline, width_mm
        Colour and width of the edge; no edge where the colour is empty.
    style
        ``solid``, ``no`` or a hatch of QGIS such as ``b_diagonal``.
    """
    edge = _colour(outline or colour)
    return Layer("SimpleFill", {
        "color": _colour(colour, alpha), "style": style, "outline_color": edge,
        "outline_style": "solid" if outline else "no", "outline_width": f"{width_mm:g}",
        "outline_width_unit": "MM",
    })  # fmt: skip


def marker(shape: str, colour: str, size_mm: float, *, outline: str = "#FFFFFF") -> Layer:
    """Return a marker: ``circle``, ``triangle``, ``square``, ``cross2`` or another of QGIS."""
    return Layer("SimpleMarker", {
        "name": shape, "color": _colour(colour), "size": f"{size_mm:g}", "size_unit": "MM",
        "outline_color": _colour(outline), "outline_width": "0.3", "outline_width_unit": "MM",
    })  # fmt: skip


def _colour(colour: str, alpha: int = 255) -> str:
    return ",".join(str(part) for part in (*rgb(colour), alpha))


_KINDS = {"SimpleLine": "line", "SimpleFill": "fill", "SimpleMarker": "marker"}


def style(rules: Sequence[Rule], label: Label | None = None) -> str:
    """Return the QML of a layer that is drawn by rules.

    Parameters
    ----------
    rules
        At least one; all of one kind of symbol, save that areas may be drawn as lines.
    label
        What is written beside each feature, if anything.
    """
    root = etree.Element(
        "qgis", version=VERSION, styleCategories="Symbology|Labeling",
        labelsEnabled="1" if label else "0",
    )  # fmt: skip
    renderer = etree.SubElement(
        root, "renderer-v2", type="RuleRenderer", forceraster="0", symbollevels="0",
        enableorderby="0",
    )  # fmt: skip
    listed = etree.SubElement(renderer, "rules", key="rules")
    symbols = etree.SubElement(renderer, "symbols")
    for number, rule in enumerate(rules):
        entry = etree.SubElement(listed, "rule", key=f"rule{number}", symbol=str(number),
                                 label=rule.label)  # fmt: skip
        entry.set("filter", rule.filter or ("ELSE" if len(rules) > 1 else ""))
        kind = _kind(rule)
        symbol = etree.SubElement(symbols, "symbol", name=str(number), type=kind, alpha="1",
                                  clip_to_extent="1", force_rhr="0")  # fmt: skip
        for one in rule.layers:
            made = etree.SubElement(symbol, "layer", enabled="1", locked="0")
            made.set("class", one.name)
            made.set("pass", "0")
            for key, value in one.properties.items():
                etree.SubElement(made, "prop", k=key, v=value)
    if label is not None:
        root.extend(_labels(label, _kind(rules[0])))
    text: bytes = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text.decode()}"


def _kind(rule: Rule) -> str:
    kinds = {_KINDS[one.name] for one in rule.layers}
    return "fill" if "fill" in kinds else kinds.pop()


def _labels(label: Label, kind: str) -> Iterator[etree._Element]:
    labeling = etree.Element("labeling", type="simple")
    settings = etree.SubElement(labeling, "settings", calloutType="simple")
    text = etree.SubElement(
        settings, "text-style", fieldName=label.expression, isExpression="1", fontFamily=_FONT,
        fontSize=f"{label.size_pt:g}", fontSizeUnit="Point", textColor=_colour(label.colour),
        textOpacity="1", namedStyle="",
    )  # fmt: skip
    etree.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=_colour("#FFFFFF"), bufferOpacity="1",
    )  # fmt: skip
    placement, flags = _PLACES[kind]
    etree.SubElement(settings, "placement", placement=placement, placementFlags=flags, dist="0.8",
                     distUnits="MM", priority="5")  # fmt: skip
    etree.SubElement(settings, "rendering", scaleVisibility="1", scaleMin="1",
                     scaleMax=str(label.from_scale), drawLabels="1", obstacle="1")  # fmt: skip
    yield labeling
