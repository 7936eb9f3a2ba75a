"""The order of works of one opening as bars over days, as SVG."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from maps.export.plain import plain
from maps.labels import text_width_px
from maps.palette import UTILITIES

WIDTH_PX = 620.0
_ROW_PX, _TOP_PX, _LEFT_PX = 20.0, 26.0, 150.0
_LEAST_TICK_PX = 62.0
_SECOND, _LINE = "#5B6770", "#DADFE3"


@dataclass(frozen=True, slots=True)
class Bar:
    """One work: its label, utility, first and last day."""

    label: str
    utility: str
    first: dt.date
    last: dt.date


def draw(bars: Sequence[Bar]) -> str:
    """Return works as bars, one row each in the order given; at least one.

    Examples
    --------
    >>> day = dt.date(2026, 3, 1)
    >>> "W1" in draw([Bar("W1", "gas", day, day)])
    True
    """
    start = min(bar.first for bar in bars)
    days = (max(bar.last for bar in bars) - start).days + 1
    day_px = (WIDTH_PX - _LEFT_PX - 10) / days
    height = _TOP_PX + _ROW_PX * len(bars) + 8
    parts = []
    step = next(n for n in (1, 2, 5, 10, 20, 30, 60, 120, 400) if n * day_px >= _LEAST_TICK_PX)
    for count in range(0, days, step):
        x = _LEFT_PX + count * day_px
        parts.append(
            f'<path d="M{x:.1f} {_TOP_PX - 6:g}V{height - 4:g}" fill="none" stroke="{_LINE}"/>'
            f'<text x="{x:.1f}" y="{_TOP_PX - 10:g}" font-size="10" fill="{_SECOND}">'
            f"{start + dt.timedelta(days=count):%m-%d}</text>"
        )
    for row, bar in enumerate(bars):
        y = _TOP_PX + row * _ROW_PX
        x = _LEFT_PX + (bar.first - start).days * day_px
        width = ((bar.last - bar.first).days + 1) * day_px
        ink = UTILITIES[bar.utility]
        parts.append(
            f'<text x="{_LEFT_PX - 8:g}" y="{y + 14:g}" text-anchor="end" font-size="11">'
            f"{escape(_fitting(plain(bar.label)))}</text>"
            f'<rect x="{x:.1f}" y="{y + 3:g}" width="{width:.1f}" height="{_ROW_PX - 6:g}" '
            f'fill="{ink.tuned}"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX:g}" height="{height:g}" '
        f'viewBox="0 0 {WIDTH_PX:g} {height:g}" fill="#1D2730" font-size="12">'
        f"{''.join(parts)}</svg>"
    )


def _fitting(text: str) -> str:
    """Return a label that fits left of the bars."""
    while text_width_px(text, 11) > _LEFT_PX - 12:
        text = text[:-2] + "…"
    return text
