"""Colours, letters and dashes: the hues of CJJ 61, tuned to stand on a pale ground.

References
----------
CJJ 61-2017, appendix B (codes and colours of underground lines). The tuned colours keep the
standard's hue and reach a contrast of 3:1 on ``GROUND``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

GROUND = "#F6F6F3"
RED_LINE = "#7C3AED"
RED_LINE_STANDARD = "#FF0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """How one utility is drawn.

    Parameters
    ----------
    tuned, standard
        ``#RRGGBB`` on the pale ground, and as CJJ 61 prints it.
    letter, latin
        The one character that names the utility on the map, in Chinese and in English.
    dash
        Lengths of stroke and space in units of the line's width; empty for a solid line.
    weight
        Factor on the line's width.
    """

    tuned: str
    standard: str
    letter: str
    latin: str
    dash: tuple[float, ...] = ()
    weight: float = 1.0


UTILITIES: Mapping[str, Ink] = {
    "water": Ink(tuned="#0B87B5", standard="#00FFFF", letter="水", latin="W"),
    "drain": Ink(tuned="#7A5230", standard="#4C3926", letter="排", latin="D", dash=(7, 3)),
    "gas": Ink(tuned="#C7387F", standard="#FF00FF", letter="气", latin="G", dash=(6, 2.5, 1, 2.5)),
    "heat": Ink(
        tuned="#C26A05", standard="#FF8000", letter="热", latin="H", dash=(6, 2.5, 1, 2, 1, 2.5)
    ),
    "power": Ink(tuned="#C92A2A", standard="#FF0000", letter="电", latin="P", weight=1.25),
    "telecom": Ink(tuned="#2B8A3E", standard="#00FF00", letter="讯", latin="T", dash=(1.4, 1.8)),
    "tv": Ink(tuned="#5A940D", standard="#00FF00", letter="视", latin="V", dash=(1.4, 4)),
}
"""In the order in which reports list them."""

SIGNAL_EDGES_DBM = (-115.0, -105.0, -95.0, -85.0)
"""Lower edges of the classes poor, fair, good, excellent; below the first: no service.

Classes of the China Mobile field-test specification (极好点 to 极差点), as collected in
standards/lte_thresholds.csv, confidence B.
"""
SIGNAL = ("#33416B", "#55779F", "#8DB3C4", "#C3DCDB", "#EBF3EE")
"""One ramp from dark (no service) to light (excellent), even in lightness."""


def signal_class(rsrp_dbm: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """Return the class of each received power.

    Parameters
    ----------
    rsrp_dbm
        Reference signal received power in dBm, any shape; NaN where there is no answer.

    Returns
    -------
    numpy.ndarray
        0 (no service) to 4 (excellent) as indices into ``SIGNAL``; 5 where there is no answer.

    Examples
    --------
    >>> signal_class(np.array([-130.0, -115.0, -90.0, -60.0, np.nan])).tolist()
    [0, 1, 3, 4, 5]
    """
    classes: npt.NDArray[np.uint8] = np.digitize(rsrp_dbm, SIGNAL_EDGES_DBM).astype(np.uint8)
    classes[np.isnan(rsrp_dbm)] = len(SIGNAL)
    return classes


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the three bytes of a ``#RRGGBB`` colour.

    Examples
    --------
    >>> rgb("#1D2730")
    (29, 39, 48)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21.

    References
    ----------
    W3C, WCAG 2.2 (2023), definition of contrast ratio.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = np.array(rgb(colour)) / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
