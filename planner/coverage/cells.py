"""Which cells take part, and what each is taken to be where its row is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.county import County
from layers.tables import OPERATORS
from planner.coverage import bands
from planner.coverage.clutter import OFFSETS
from planner.coverage.propagation import ANTENNA_M, CARRIER_GHZ
from planner.settings import Settings

Floats = npt.NDArray[np.float64]

_OFF_AIR = ("未", "停", "关", "拆", "退", "规划", "closed", "off", "planned")
_DEFAULTS = {
    "tilt_deg": "coverage.tilt_deg",
    "electrical_tilt_deg": "coverage.electrical_tilt_deg",
    "rs_power_dbm": "coverage.rs_power_dbm",
    "feeder_loss_db": "coverage.feeder_loss_db",
    "vertical_beamwidth_deg": "coverage.vertical_beamwidth_deg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """The cells that a prediction counts.

    Parameters
    ----------
    cells
        One row a cell, sorted by mast (position and height) and frequency, index 0..n-1, columns
        row (position in the county's table), site_id, operator, x_m, y_m, height_m,
        frequency_mhz, eirp_dbm (of the reference signal), azimuth_deg (0 where omnidirectional),
        beamwidth_deg (0 where omnidirectional), vertical_beamwidth_deg, electrical_tilt_deg,
        tilt_deg; what calibration adds to the loss, 0 until `planner.coverage.calibrate` sets it:
        `planner.coverage.clutter.OFFSETS` in dB by land cover at the receiver, and
        slope_db_per_decade times log10 of the distance in km.
    left_out
        Reason (``indoor``, ``nr``, ``off_air``, ``no_site``, ``off_terrain``, ``out_of_model``) to
        number of cells.
    assumed
        Column to number of cells whose value is a default.
    """

    cells: pd.DataFrame
    left_out: Mapping[str, int]
    assumed: Mapping[str, int]

    @property
    def operators(self) -> tuple[str, ...]:
        """Operators that have a cell, in the order in which reports list them."""
        present = set(self.cells["operator"])
        return tuple(operator for operator in OPERATORS if operator in present)

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """Position in `operators` of each cell's operator."""
        return self.cells["operator"].map(self.operators.index).to_numpy(np.int64)


def usable(county: County, settings: Settings) -> Usable:
    """Return the outdoor LTE cells on known ground, complete with labelled defaults.

    Parameters
    ----------
    county
        Needs ``cells``, ``sites`` and a terrain.
    settings
        Values of ``coverage.*``.
    """
    frame = _at_sites(county)
    left_out: dict[str, int] = {}
    for reason, flags in (
        ("indoor", frame["indoor"].fillna(value=False).astype(bool).to_numpy()),
        ("nr", bands.is_nr(frame)),
        ("off_air", _off_air(frame["state"])),
        ("no_site", frame["x_m"].isna().to_numpy()),
        ("off_terrain", ~_on_terrain(county, frame)),
        ("out_of_model", _out_of_model(frame)),
    ):
        fresh = flags & frame["reason"].eq("").to_numpy()
        frame.loc[fresh, "reason"] = reason
        if fresh.any():
            left_out[reason] = int(fresh.sum())
    kept, assumed = _filled(frame[frame["reason"] == ""], settings)
    cells = kept.sort_values(
        ["x_m", "y_m", "height_m", "frequency_mhz", "row"], ignore_index=True
    )  # fmt: skip
    return Usable(
        cells=cells, left_out=MappingProxyType(left_out), assumed=MappingProxyType(assumed)
    )


def _at_sites(county: County) -> pd.DataFrame:
    cells, sites = county["cells"], county["sites"]
    position = pd.DataFrame(
        {"x_m": sites.geometry.x.to_numpy(), "y_m": sites.geometry.y.to_numpy()},
        index=pd.Index(sites["site_id"].astype(str)),
    )
    frame = pd.DataFrame(cells).reset_index(drop=True).assign(reason="", row=range(len(cells)))
    return frame.join(position, on="site_id")


def _off_air(state: pd.Series) -> npt.NDArray[np.bool_]:
    text = state.fillna("").astype(str).str.casefold()
    flags: npt.NDArray[np.bool_] = np.logical_or.reduce(
        [text.str.contains(word, regex=False).to_numpy(bool) for word in _OFF_AIR]
    )
    return flags


def _on_terrain(county: County, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which cells stand where the terrain's height is known; unplaced ones pass."""
    if county.terrain is None:
        return np.zeros(len(frame), dtype=bool)
    xy = frame[["x_m", "y_m"]].to_numpy(np.float64)
    placed = np.isfinite(xy).all(axis=1)
    flags = np.ones(len(frame), dtype=bool)
    flags[placed] = county.terrain.knows(xy[placed], county.crs)
    return flags


def _out_of_model(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which cells P.1812 says nothing of: by antenna height or carrier."""
    height_m = pd.to_numeric(frame["height_m"]).to_numpy(np.float64, na_value=np.nan)
    ghz = bands.downlink_mhz(frame) / 1000.0
    tall = (height_m >= ANTENNA_M[0]) & (height_m <= ANTENNA_M[1])
    carried = (ghz >= CARRIER_GHZ[0]) & (ghz <= CARRIER_GHZ[1])
    # a carrier that is not stated is a default, which is within
    flags: npt.NDArray[np.bool_] = ~tall | ~(carried | np.isnan(ghz))
    return flags


def _filled(frame: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, dict[str, int]]:
    assumed: dict[str, int] = {}

    def column(name: str, default: npt.ArrayLike) -> Floats:
        values = pd.to_numeric(frame[name]).to_numpy(np.float64, na_value=np.nan)
        missing = ~np.isfinite(values)
        if missing.any():
            assumed[name] = int(missing.sum())
        return np.where(missing, default, values)

    omni = frame["azimuth_deg"].isna().to_numpy()
    gain = column(
        "gain_dbi",
        np.where(
            omni, settings.number("coverage.omni_gain_dbi"), settings.number("coverage.gain_dbi")
        ),
    )
    filled = {name: column(name, settings.number(key)) for name, key in _DEFAULTS.items()}
    beamwidth = column("beamwidth_deg", settings.number("coverage.beamwidth_deg"))
    mhz = bands.downlink_mhz(frame)
    if unknown := int(np.isnan(mhz).sum()):
        assumed["frequency_mhz"] = unknown
    kept = frame[["row", "site_id", "operator", "x_m", "y_m", "height_m"]].assign(
        frequency_mhz=np.where(np.isnan(mhz), settings.number("coverage.frequency_mhz"), mhz),
        eirp_dbm=filled["rs_power_dbm"] + gain - filled["feeder_loss_db"],
        azimuth_deg=column("azimuth_deg", 0.0),
        beamwidth_deg=np.where(omni | (beamwidth >= 360.0), 0.0, beamwidth),
        vertical_beamwidth_deg=filled["vertical_beamwidth_deg"],
        electrical_tilt_deg=filled["electrical_tilt_deg"],
        tilt_deg=np.where(omni, 0.0, filled["tilt_deg"]),
        slope_db_per_decade=0.0,
        **dict.fromkeys(OFFSETS, 0.0),
    )
    return kept, assumed
