"""Nominal diameters from demands, where an application gives none.

A water pipe is the smallest whose velocity at the peak stays below the table's limit; a sewer the
smallest that carries the peak at its least slope and greatest filling, a rain drain the smallest
that carries the demand when full. Water for fire-fighting is not in a demand.
"""

from __future__ import annotations

import math
import re

from planner.settings import Settings

SERIES_MM = (20, 25, 32, 40, 50, 65, 80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200)
"""Nominal diameters of pipes (GB/T 1047), in mm."""
DRAIN_SERIES_MM = (200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000)
"""Nominal diameters of drains in common use, in mm."""

_SECONDS_A_DAY = 86_400.0


def by_diameter(settings: Settings, prefix: str, diameter_mm: float, suffix: str = "") -> str:
    """Return the name of the setting that holds for a diameter.

    Settings ``<prefix><DN><suffix>`` hold from the diameter in their name up to the next one;
    a smaller diameter takes the first.

    Examples
    --------
    >>> from planner.settings import defaults
    >>> by_diameter(defaults(), "extension.drain_slope_dn", 350.0)
    'extension.drain_slope_dn300'
    """
    pattern = re.compile(rf"{re.escape(prefix)}(\d+){re.escape(suffix)}")
    steps = sorted(int(m[1]) for value in settings if (m := pattern.fullmatch(value.name)))
    below = [step for step in steps if step <= diameter_mm]
    return f"{prefix}{below[-1] if below else steps[0]}{suffix}"


def water_most_m3_per_d(diameter_mm: float, settings: Settings) -> float:
    """Return the mean daily demand that a water pipe can carry at its peak, in m³/d.

    References
    ----------
    GB 50015-2019, table 3.7.13 (velocity by diameter).
    """
    speed = settings.number(
        by_diameter(settings, "extension.water_dn", diameter_mm, suffix="_m_per_s")
    )
    peak_m3_per_s = speed * math.pi * (diameter_mm / 1000) ** 2 / 4
    return peak_m3_per_s / settings.number("extension.water_peak_factor") * _SECONDS_A_DAY


def water_dn_mm(demand_m3_per_d: float, settings: Settings) -> float:
    """Return the smallest water pipe for a mean daily demand; the largest where none is enough.

    Examples
    --------
    >>> from planner.settings import defaults
    >>> [water_dn_mm(demand, defaults()) for demand in (0.5, 5.0, 120.0, 2000.0)]
    [20.0, 20.0, 65.0, 250.0]
    """
    enough = (dn for dn in SERIES_MM if water_most_m3_per_d(dn, settings) >= demand_m3_per_d)
    return float(next(enough, SERIES_MM[-1]))


def least_slope(diameter_mm: float, settings: Settings) -> float:
    """Return the least slope of a drain, in metres of fall for each metre.

    References
    ----------
    GB 50014-2021, 5.2.10; GB 50015-2019, table 4.10.10 (below DN300).
    """
    return settings.number(by_diameter(settings, "extension.drain_slope_dn", diameter_mm))


def filled(fill: float) -> tuple[float, float]:
    """Return flow area and hydraulic radius of a circular pipe filled to a share of its diameter.

    Parameters
    ----------
    fill
        Depth of flow over diameter, above 0 up to 1.

    Returns
    -------
    tuple
        Area as a share of the squared diameter, hydraulic radius as a share of the diameter.

    Examples
    --------
    >>> area, radius = filled(1.0)
    >>> round(4 * area / math.pi, 6), round(radius, 6)
    (1.0, 0.25)
    """
    angle = 2 * math.acos(1 - 2 * fill)
    area = (angle - math.sin(angle)) / 8
    return area, area / (angle / 2)


def drain_most_m3_per_d(diameter_mm: float, settings: Settings, *, rain: bool) -> float:
    """Return the mean daily flow that a drain carries at its least slope, in m³/d.

    Parameters
    ----------
    diameter_mm
        Nominal (inner) diameter.
    rain
        Whether it carries rain: then it may run full, and the demand is its design flow.

    References
    ----------
    Manning's formula, GB 50014-2021, 5.2.1 to 5.2.4, 5.2.10; 4.1.15 (peak factor of sewage).
    """
    fill_name = by_diameter(settings, "extension.drain_fill_dn", diameter_mm)
    area, radius = filled(1.0 if rain else settings.number(fill_name))
    diameter_m = diameter_mm / 1000
    speed: float = (
        (radius * diameter_m) ** (2 / 3)
        * math.sqrt(least_slope(diameter_mm, settings))
        / settings.number("extension.drain_manning_n")
    )
    peak = 1.0 if rain else settings.number("extension.drain_peak_factor")
    return area * diameter_m**2 * speed / peak * _SECONDS_A_DAY


def drain_dn_mm(demand_m3_per_d: float, settings: Settings, *, rain: bool) -> float:
    """Return the smallest drain for a mean daily flow, not below ``extension.drain_least_dn_mm``.

    Examples
    --------
    >>> from planner.settings import defaults
    >>> [drain_dn_mm(demand, defaults(), rain=False) for demand in (4.5, 900.0, 3000.0)]
    [300.0, 300.0, 500.0]
    """
    least_mm = settings.number("extension.drain_least_dn_mm")
    series = [dn for dn in DRAIN_SERIES_MM if dn >= least_mm]
    enough = (
        dn for dn in series if drain_most_m3_per_d(dn, settings, rain=rain) >= demand_m3_per_d
    )
    return float(next(enough, max(series, default=least_mm)))
