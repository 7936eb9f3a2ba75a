"""The loss below trees and roofs, for arrays in numpy and for single numbers in compiled code."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numba.extending import register_jitable

Number = TypeVar("Number", float, npt.NDArray[np.float64])


@register_jitable
def screen_db(hidden: Number, frequency_ghz: Number) -> Number:
    """Return the loss between the top of the clutter and a receiver below it.

    Parameters
    ----------
    hidden
        Height of the clutter above the receiver in m times the angle in degrees at which its top
        is seen across the street; 0 in the open, where nothing is lost.
    frequency_ghz
        0.03 to 3.

    References
    ----------
    ITU-R P.2108-1, Annex 1, 3.1, equations 2a and 2c to 2g.
    """
    nu = 0.342 * np.sqrt(frequency_ghz * hidden)
    knife = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    loss_db: Number = np.maximum(knife - 6.03, 0.0) * (hidden > 0.0)
    return loss_db
