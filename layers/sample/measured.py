"""Statistics of real networks on which the sample's pipes and house connections rest.

Measured on the low-voltage and gas grids of Schutterwald (Germany) that ship with pandapower and
pandapipes (BSD-3); ``pytest tests/layers/sample/test_measured.py`` measures them again where the
data is at hand. The low-voltage and gas grids are generic grids laid on the town's real streets;
heat was derived from gas, so its agreement with gas is no evidence and nothing of it is used.

The networks: ``pandapower.networks.lv_schutterwald`` and
``pandapipes.networks.schutterwald_gas``.
"""

from __future__ import annotations

import numpy as np

SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
"""Shares at which the distributions below are given."""

SERVICE_LENGTH_M = (2.8, 9.8, 11.3, 13.9, 17.0, 21.5, 30.4, 40.2, 107.3)
"""Length of a house connection (lines NAYY 4x50 SE, 1,506 of them), metre."""

SERVICE_SPACING_M = (3.0, 4.0, 5.0, 8.0, 15.3, 22.0, 28.3, 35.1, 116.3)
"""Distance along the main from one house connection to the next (pieces of NAYY 4x150 SE
between two connection points, 1,078 of them; both sides of the street together), metre."""

MAIN_M_PER_SERVICE = 21.7
"""Length of low-voltage main (NAYY 4x150 SE) per house connection, metre."""

GAS_MAIN_MM = {125.0: 0.90, 180.0: 0.10}
"""Outer diameter of gas mains (PE 100, SDR 11 and 17) and its share of their length."""

GAS_SERVICE_MM = 50.0
"""Inner diameter of every gas house connection."""

LOW_VOLTAGE_MAIN_MM = 50.0
"""Outer diameter of the low-voltage mains NAYY 4x150 (rounded; from memory, not measured)."""

LOW_VOLTAGE_SERVICE_MM = 30.0
"""Outer diameter of the house connections NAYY 4x50 (rounded; from memory, not measured)."""


def draw(quantiles_m: tuple[float, ...], rng: np.random.Generator) -> float:
    """Return one value of a distribution given at `SHARES`, cut at its 95 % quantile."""
    return float(np.interp(rng.uniform(0.0, 0.95), SHARES, quantiles_m))
