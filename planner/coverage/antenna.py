"""The sector antenna's pattern, compiled: how much weaker a cell is off its main direction.

References
----------
3GPP TR 36.942 (V18), 4.2.1: horizontal pattern of a three-sector site, 65° and 20 dB.
3GPP TR 36.814 (V9.2), table A.2.1.1-2: vertical pattern.
3GPP TR 38.901 (V18), table 7.3-1: sum of both cuts, limited to the greatest attenuation.
"""

from __future__ import annotations

import math

from numba import njit

_FAST = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def horizontal_db(offset_rad: float, beamwidth_rad: float, front_back_db: float) -> float:
    """Return the horizontal attenuation in dB.

    Parameters
    ----------
    offset_rad
        Bearing of the receiver less the cell's azimuth, any number of turns.
    beamwidth_rad
        Width between the 3 dB points; 0 means omnidirectional.
    front_back_db
        Greatest attenuation.
    """
    if beamwidth_rad <= 0.0:
        return 0.0
    turn = 2.0 * math.pi
    angle = offset_rad - turn * math.floor(offset_rad / turn + 0.5)
    return min(12.0 * (angle / beamwidth_rad) ** 2, front_back_db)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def vertical_db(
    elevation_rad: float, offset_rad: float,
    electrical_rad: float, mechanical_rad: float,
    beamwidth_rad: float, side_lobe_db: float,
) -> float:  # fmt: skip
    """Return the vertical attenuation in dB.

    Parameters
    ----------
    elevation_rad
        Angle at which the path leaves the antenna, upwards positive.
    offset_rad
        Bearing of the receiver less the cell's azimuth: mechanical tilt fades sideways and
        turns into an uptilt behind the antenna, electrical tilt does not.
    electrical_rad, mechanical_rad
        Tilts, downwards positive.
    beamwidth_rad
        Width between the 3 dB points.
    side_lobe_db
        Greatest attenuation.
    """
    tilt = electrical_rad + mechanical_rad * math.cos(offset_rad)
    return min(12.0 * ((elevation_rad + tilt) / beamwidth_rad) ** 2, side_lobe_db)
