"""Labels in rows that never overlap: each as near to its place as its neighbours let it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

FONT_PX = 12.0
ROW_PX = 15.0
_APART_PX = 7.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a place.

    Parameters
    ----------
    x_px, target_px
        The place, and the y to which a thin leader runs; None draws none.
    text, colour, title
        What it says, its colour (empty: the drawing's), and what a pointer resting on it tells.
    """

    x_px: float
    text: str
    colour: str
    title: str = ""
    target_px: float | None = None


def text_width_px(text: str, size_px: float = FONT_PX) -> float:
    """Return about how wide a text is drawn: wide characters one em, others 0.62.

    Examples
    --------
    >>> round(text_width_px("水 1.5"), 2)
    41.76
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return size_px * (wide + 0.62 * (len(text) - wide))


def spread(
    centres_px: Sequence[float], widths_px: Sequence[float], limits_px: tuple[float, float]
) -> list[float]:
    """Move intervals apart as little as possible, in least squares, keeping their order.

    Parameters
    ----------
    centres_px
        Wanted centres, not decreasing.
    widths_px
        Width of each, with the space around it.
    limits_px
        Low and high end of the row, which must be wide enough for all.

    Returns
    -------
    list of float
        Centres of intervals that do not overlap.

    Examples
    --------
    >>> spread([10, 12], [6, 6], (0, 100))
    [8.0, 14.0]
    """
    before = [sum(widths_px[:place]) + width / 2 for place, width in enumerate(widths_px)]
    blocks: list[tuple[float, int]] = []
    for centre, offset in zip(centres_px, before, strict=True):
        mean, count = centre - offset, 1
        while blocks and blocks[-1][0] > mean:
            last, size = blocks.pop()
            mean, count = (mean * count + last * size) / (count + size), count + size
        blocks.append((mean, count))
    starts = [mean for mean, count in blocks for _ in range(count)]
    low, high = limits_px[0], limits_px[1] - sum(widths_px)
    return [
        max(low, min(high, start)) + offset for start, offset in zip(starts, before, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Rows:
    """Labels as SVG: thin leaders, the texts, and the base line of the last row."""

    leaders: str
    texts: str
    end_px: float


def in_rows(
    labels: Sequence[Label], limits_px: tuple[float, float], y_px: float, *, up: bool
) -> Rows:
    """Set labels into as many rows as they need.

    Parameters
    ----------
    labels
        In any order.
    limits_px
        Left and right end of the rows.
    y_px, up
        Base line of the first row, and whether further rows stand above it or below.
    """
    room_px = limits_px[1] - limits_px[0]
    stood = sorted(labels, key=lambda label: label.x_px)
    widths = [text_width_px(label.text) + _APART_PX for label in stood]
    rows = 1
    while any(sum(widths[row::rows]) > room_px for row in range(rows)) and rows < len(stood):
        rows += 1
    leaders, texts = [], []
    for row in range(rows):
        line_px = y_px + row * (-ROW_PX if up else ROW_PX)
        centres = spread([label.x_px for label in stood[row::rows]], widths[row::rows], limits_px)
        for label, x_px in zip(stood[row::rows], centres, strict=True):
            leaders.append(_leader(label, x_px, line_px))
            texts.append(_text(label, x_px, line_px))
    step_px = -ROW_PX if up else ROW_PX
    return Rows("".join(leaders), "".join(texts), y_px + (rows - 1) * step_px)


def _text(label: Label, x_px: float, y_px: float) -> str:
    title = f"<title>{escape(label.title)}</title>" if label.title else ""
    fill = f' fill="{label.colour}"' if label.colour else ""
    return f'<text x="{x_px:.0f}" y="{y_px:.0f}"{fill}>{title}{escape(label.text)}</text>'


def _leader(label: Label, x_px: float, y_px: float) -> str:
    if label.target_px is None:
        return ""
    from_px = y_px + 2 if label.target_px > y_px else y_px - FONT_PX + 2
    return f"M{x_px:.0f} {from_px:.0f}L{label.x_px:.1f} {label.target_px:.0f}"
