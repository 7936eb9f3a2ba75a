"""Power and fibre to infill sites by the routing: where coverage meets extension.

Coverage asks what a line to a candidate costs, extension lays one. The ways are kept, since who
builds the sites needs them and the check proves the prices by them.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np

from layers.county import County
from planner.coverage import lineprices
from planner.coverage.lineprices import Way, Ways
from planner.extension import sitelines
from planner.extension.graph.cutting import Stretches
from planner.settings import Settings


class SiteWays:
    """Prices of lines to sites, and the lines that were laid to price them.

    Parameters
    ----------
    county, segments, settings, open_segments
        As for `planner.extension.sitelines.route`.
    """

    def __init__(
        self,
        county: County,
        segments: gpd.GeoDataFrame,
        settings: Settings,
        *,
        open_segments: Stretches,
    ) -> None:
        self._straight = lineprices.straight(county, settings)
        self._laid = (county, segments, settings, open_segments)
        self.lines = sitelines.none(county.crs)

    def __call__(self, sites: gpd.GeoSeries) -> Ways:
        """Return the ways to some sites, see `planner.coverage.lineprices.LinePrices`.

        Where no way can be laid, the straight one to the nearest line stands for it.
        """
        county, segments, settings, opened = self._laid
        self.lines = sitelines.route(county, segments, sites, settings, open_segments=opened)
        straight = self._straight(sites)
        return Ways(
            power=_merged(straight.power, self.lines.lines, "power", sites.index),
            fibre=_merged(straight.fibre, self.lines.lines, "telecom", sites.index),
        )


def _merged(straight: Way, lines: gpd.GeoDataFrame, utility: str, names: Iterable[str]) -> Way:
    """Return the routed ways of a utility, the straight ones where there is none."""
    own = lines[lines["utility"] == utility].set_index("candidate_id").reindex(list(names))
    routed = own["cost_yuan"].notna().to_numpy(dtype=bool)
    begins = own["tapped_pipe_id"].where(own["tapped_pipe_id"] != "", own["tie_in_id"])
    return Way(
        length_m=np.where(routed, own["length_m"].to_numpy(np.float64), straight.length_m),
        yuan=np.where(routed, own["cost_yuan"].to_numpy(np.float64), straight.yuan),
        line_id=np.where(routed, begins.to_numpy(dtype=object), straight.line_id),
        routed=routed,
    )
