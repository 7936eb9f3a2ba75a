"""Connections that nobody has asked for yet, but that a parcel is likely to need.

A parcel's use says which utilities it needs; those it has not applied for are expected later, of a
planned parcel more likely than of one that has applied for others only. A parcel that is neither
planned nor has applied says nothing, nor does a planned zone without parcels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.county import County
from layers.tables import APPLICATIONS, UTILITIES
from planner.extension.demand import Demand, read
from planner.extension.graph.choices import utilities
from planner.settings import Settings

USES = ("dwelling", "industry", "other")
"""Uses of parcels that the settings tell apart; the last one takes what the words do not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A parcel's later connections, which come together.

    `demands` are ordered as they are laid: those that need a trench of their own, then those for
    which a duct can be kept.
    """

    parcel_id: str
    probability: float
    demands: tuple[Demand, ...]


def use_of(land_use: str, settings: Settings) -> str:
    """Return the use of a parcel, one of `USES`, from the words of its land use."""
    for use in USES[:-1]:
        words = settings.text(f"extension.reserve_{use}_words").split(",")
        if any(word.strip() and word.strip() in land_use.lower() for word in words):
            return use
    return USES[-1]


def expected(county: County, settings: Settings) -> tuple[Event, ...]:
    """Return the later connections of every parcel for which a duct could be kept.

    Parameters
    ----------
    county
        ``parcels``, ``applications``, ``tie_ins`` and ``zones``.
    settings
        Names ``extension.reserve_*``.

    Returns
    -------
    tuple of Event
        The likelier parcels first, then in the order of the frame; utilities without any tie-in
        are left out, and parcels that need none of those for which ducts are kept.

    References
    ----------
    002 附件3 二(一)1–2: parcels and projects are known to the utilities before they apply.
    """
    parcels, asked = county["parcels"], county["applications"]
    planned = _planned(county)
    has = asked.groupby("parcel_id")["utility"].agg(set).to_dict()
    known = set(county["tie_ins"]["utility"])
    kept = set(utilities("extension.reserve_utilities", settings))
    chances = {
        True: settings.number("extension.reserve_probability_planned"),
        False: settings.number("extension.reserve_probability_applied"),
    }
    found = []
    rows = zip(parcels["parcel_id"], parcels["land_use"], planned, strict=True)
    for parcel_id, land_use, is_planned in rows:
        use = use_of("" if pd.isna(land_use) else str(land_use), settings)
        needs = set(utilities(f"extension.reserve_{use}_utilities", settings))
        missing = (needs & known) - has.get(parcel_id, set())
        chance = chances[bool(is_planned)]
        if missing & kept and chance > 0 and (is_planned or parcel_id in has):
            order = sorted(missing, key=lambda one: (one in kept, list(UTILITIES).index(one)))
            demands = _demands(parcel_id, use, order, settings)
            found.append(Event(parcel_id=parcel_id, probability=chance, demands=demands))
    return tuple(sorted(found, key=lambda event: -event.probability))


def _planned(county: County) -> list[bool]:
    """Return which parcels are planned: marked so, or in planned construction land."""
    parcels, zones = county["parcels"], county["zones"]
    shapes = zones.geometry.to_numpy(dtype=object)
    land = shapely.union_all(shapes[(zones["kind"] == "planned_construction").to_numpy()])
    inside = shapely.point_on_surface(parcels.geometry.to_numpy(dtype=object))
    within = shapely.intersects(inside, land)
    return list(np.asarray(parcels["planned"].to_numpy(dtype=bool) | within, dtype=bool))


def _demands(parcel_id: str, use: str, wanted: list[str], settings: Settings) -> tuple[Demand, ...]:
    """Return what a parcel would ask for, by the default demands of its kind of applicant."""
    empty = {"text": None, "integer": None, "number": np.nan, "date": pd.NaT, "flag": False}
    blank = {column.name: empty[column.kind] for column in APPLICATIONS}
    rows = [
        {
            **blank,
            "application_id": f"LATER-{parcel_id}-{utility}",
            "parcel_id": parcel_id,
            "utility": utility,
            "applicant_kind": "small" if use == "other" else "large",
        }
        for utility in wanted
    ]
    return read(pd.DataFrame(rows), settings).needed
