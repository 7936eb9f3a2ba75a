"""From a median to a share of places: the margin over the threshold."""

from __future__ import annotations

from scipy.special import ndtri

from planner.settings import Settings


def location_deviation_db(frequency_ghz: float, pixel_m: float) -> float:
    """Return the standard deviation σL of the median between places of one pixel, in dB.

    Parameters
    ----------
    frequency_ghz
        0.03 to 6.
    pixel_m
        Side of the square over which places vary.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.8: outdoors, receiver below the clutter.

    Examples
    --------
    >>> round(location_deviation_db(1.8425, 60.0), 2), round(location_deviation_db(1.8425, 500), 2)
    (1.78, 3.21)
    """
    return float((0.024 * frequency_ghz + 0.52) * pixel_m**0.28)


def margin_db(settings: Settings) -> float:
    """Return by how much the median must exceed the threshold so that enough places reach it.

    ``coverage.location_share`` of the places in a pixel is enough; half of them needs no margin.
    The deviation is taken at the default carrier, since it hardly depends on it.

    References
    ----------
    ITU-R P.1812-7, Annex 1, 4.8 and 4.9.
    """
    deviation_db = location_deviation_db(
        settings.number("coverage.frequency_mhz") / 1000.0,
        settings.number("coverage.resolution_m"),
    )
    return float(ndtri(settings.number("coverage.location_share"))) * deviation_db
