"""What the standards and settings ask of a drain of one diameter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan

from planner.extension.sizing import by_diameter
from planner.section.clearances import cover
from planner.section.line import Line, body
from planner.settings import Settings

_COVER_KIND = "drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one drain; lengths in metres, slopes in metres of fall for each metre.

    Parameters
    ----------
    diameter_mm
        Nominal (inner) diameter.
    cover_m, height_m
        Least cover, and outer size of the pipe.
    least_slope, most_slope
        Self-cleansing, and the greatest velocity when full.
    deepest_m
        Greatest depth of the invert below the ground.
    manhole_m
        Greatest distance of manholes.
    drop_m, most_drop_m
        Drop from which a manhole counts as a drop manhole, and above which manholes stand closer.
    clause, clause_en
        Source of the least slope.
    """

    diameter_mm: float
    cover_m: float
    height_m: float
    least_slope: float
    most_slope: float
    deepest_m: float
    manhole_m: float
    drop_m: float
    most_drop_m: float
    clause: str
    clause_en: str

    @property
    def roof_m(self) -> float:
        """Least height of the ground above the invert."""
        return self.cover_m + self.height_m


def limits(line: Line, settings: Settings) -> Limits:
    """Collect the limits of a drain.

    Parameters
    ----------
    line
        A line of the utility ``drain``; without a diameter the section's default counts.
    settings
        Names ``extension.drain_*`` and ``section.*``.

    References
    ----------
    GB 50014-2021, 5.2.10 (least slope), 5.2.6 (velocity), table 5.4.4 (manholes), 5.5.1 (drops);
    GB 50289-2016, table 4.1.1 (cover, under the carriageway).
    """
    pipe = body(replace(line, depth_m=float("nan")), settings)
    slope = settings[by_diameter(settings, "extension.drain_slope_dn", pipe.diameter_mm)]
    manhole = by_diameter(settings, "extension.drain_manhole_dn", pipe.diameter_mm, suffix="_m")
    return Limits(
        diameter_mm=pipe.diameter_mm,
        cover_m=cover(_COVER_KIND, carriageway=True).value_m,
        height_m=pipe.height_m,
        least_slope=float(slope.value),
        most_slope=_most_slope(pipe.diameter_mm, settings),
        deepest_m=settings.number("extension.drain_deepest_m"),
        manhole_m=settings.number(manhole),
        drop_m=settings.number("extension.drain_drop_m"),
        most_drop_m=settings.number("extension.drain_drop_most_m"),
        clause=slope.source,
        clause_en=slope.source_en or slope.source,
    )


def _most_slope(diameter_mm: float, settings: Settings) -> float:
    """Return the slope at which a full pipe reaches the greatest velocity, by Manning."""
    radius_m = diameter_mm / 1000 / 4
    speed = settings.number("extension.drain_most_m_per_s")
    roughness = settings.number("extension.drain_manning_n")
    return float((speed * roughness / radius_m ** (2 / 3)) ** 2)


def main_roof_m(diameter_mm: float, line: Line, settings: Settings) -> float:
    """Return how far the invert of an existing drain of unknown level lies below the ground.

    Parameters
    ----------
    diameter_mm
        Of the existing drain; where NaN that of the new one is taken.
    line
        The new drain.
    """
    main = line if isnan(diameter_mm) else replace(line, diameter_mm=diameter_mm)
    height_m = body(replace(main, depth_m=float("nan")), settings).height_m
    return settings.number("extension.drain_main_cover_m") + height_m
