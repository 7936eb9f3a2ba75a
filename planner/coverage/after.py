"""Signal once the proposed infill sites 补点 stand: what they add, and which gaps remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.terrain import Terrain
from layers.county import County
from layers.tables import GAPS_AFTER
from planner.coverage import gaps, second
from planner.coverage.candidates import cells_of
from planner.coverage.clutter import Cover
from planner.coverage.frames import typed
from planner.coverage.grid import Grid
from planner.coverage.second import Verdict
from planner.coverage.signal import Signal, summaries
from planner.coverage.sweep import paint
from planner.settings import Settings

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Now:
    """What stands today: where signal is computed, and what was found there.

    Parameters
    ----------
    terrain, cover, grid
        As the signal of the standing cells was computed with.
    signals
        Operator to its signal, without summaries.
    opinions
        Operator to what two models say, see `planner.coverage.second.on_grid`.
    """

    terrain: Terrain
    cover: Cover | None
    grid: Grid
    signals: Mapping[str, Signal]
    opinions: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class After:
    """Coverage with the proposed sites.

    Parameters
    ----------
    signals
        Operators, then the summaries ``any`` and ``all``; nowhere below the signal of today. A
        server from the number of the county's cells on is a row of the frame of infill sites.
    opinions
        Of each signal: certain where today's or the new cells reach by both models, possible
        where either may.
    gaps
        Frame of `layers.tables.GAPS_AFTER`.
    """

    signals: Mapping[str, Signal]
    opinions: Mapping[str, Verdict]
    gaps: gpd.GeoDataFrame

    @property
    def uncertain(self) -> Mapping[str, Flags]:
        """Pixels on which the models lie on different sides of the threshold, by signal."""
        return {name: opinion.uncertain for name, opinion in self.opinions.items()}

    def beside(self, figures: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
        """Return the figures with what each operator, and the headline, has once sites stand."""
        later = {name: self._stated(name, settings) for name in self.signals}
        operators = {
            name: {**own, **later[name]} for name, own in figures["operators"].items()
        }  # fmt: skip
        return {**figures, **later["any"], "operators": operators}

    def _stated(self, name: str, settings: Settings) -> dict[str, object]:
        known = max(int(np.isfinite(self.signals[name].rsrp_dbm).sum()), 1)
        opinion, own = self.opinions[name], self.gaps[self.gaps["operator"] == name]
        unsure = round(float(opinion.uncertain.sum()) / known, 6)
        return {
            "covered_share_after": round(float(opinion.certain.sum()) / known, 6),
            "uncertain_share_after": unsure if second.wanted(settings) else None,
            "gap_count_after": len(own),
            "gap_km2_after": round(float(own["area_km2"].sum()), 4),
            "people_in_gaps_after": int(own["people"].sum()),
        }


def find(county: County, now: Now, sites: gpd.GeoDataFrame, settings: Settings) -> After:
    """Return the coverage that the county would have with infill sites.

    Parameters
    ----------
    county
        Its layers say who lives in the gaps that remain.
    now
        Coverage by the cells that stand.
    sites
        Frame of `layers.tables.INFILL`; those of an operator in `now` add to its signal, each with
        the three sectors that it was chosen with. Wi-Fi points are no 4G and add none.
    settings
        With the correction of infill cells that calibration sets.
    """
    signals, opinions = dict(now.signals), dict(now.opinions)
    first = len(county["cells"])
    for operator, signal in now.signals.items():
        rows = np.flatnonzero(sites["operator"] == operator)
        if len(rows):
            cells = _cells(sites.iloc[rows], settings)
            added = _added(now, cells, np.isfinite(signal.rsrp_dbm), settings)
            also = second.on_grid(
                cells, now.terrain, now.cover, now.grid, {operator: added}, settings
            )[operator]
            site = first + rows[cells["site"].to_numpy(np.int64)]
            signals[operator] = _better(signal, added, site.astype(np.int32))
            opinions[operator] = _either(opinions[operator], also)
    signals |= summaries(list(signals.values()))
    opinions = second.together({operator: opinions[operator] for operator in now.signals})
    holes = gaps.find(county, now.grid, signals, settings)
    names = holes["gap_id"].str.replace("G-", "R-", n=1, regex=False)
    return After(
        signals=MappingProxyType(signals), opinions=MappingProxyType(opinions),
        gaps=typed(holes.assign(gap_id=names), GAPS_AFTER, holes.crs),
    )  # fmt: skip


def _cells(sites: gpd.GeoDataFrame, settings: Settings) -> pd.DataFrame:
    """Return the sites' sectors in the order that a sweep wants; ``site`` is a row of `sites`."""
    cells = cells_of(sites, settings).rename(columns={"row": "site"})
    ordered = cells.sort_values(
        ["x_m", "y_m", "height_m", "frequency_mhz", "site"], ignore_index=True
    )  # fmt: skip
    return ordered.assign(row=np.arange(len(ordered)))


def _added(now: Now, cells: pd.DataFrame, known: Flags, settings: Settings) -> Signal:
    """Return the signal of the new cells alone; a server is a row of `cells`."""
    found = paint(
        cells, np.zeros(len(cells), dtype=np.int64), now.terrain, now.grid, known, settings,
        cover=now.cover, counted_dbm=gaps.wanted_dbm(settings),
    )  # fmt: skip
    return Signal(found.rsrp_dbm[:, :, 0], found.server[:, :, 0], found.servers[:, :, 0])


def _better(signal: Signal, added: Signal, site: npt.NDArray[np.int32]) -> Signal:
    """Return the stronger of two signals of one operator; `site` names the servers of the new."""
    stronger = added.rsrp_dbm > signal.rsrp_dbm
    counts = None
    if signal.servers is not None and added.servers is not None:
        counts = signal.servers + added.servers
    return Signal(
        np.where(stronger, added.rsrp_dbm, signal.rsrp_dbm),
        np.where(stronger, site[added.server], signal.server),
        counts,
    )


def _either(one: Verdict, other: Verdict) -> Verdict:
    return Verdict(one.certain | other.certain, one.possible | other.possible)
