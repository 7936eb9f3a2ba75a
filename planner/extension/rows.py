"""Rows that no demand and no source can come from, all told before anything is planned.

The layers of a study have been sieved already: there such rows are in quarantine, each with its
reason. A county that was put together by a program is looked through here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from geo.errors import Fault, InputError
from layers.county import County
from layers.tables import UTILITIES

_NOT_BELOW_ZERO = (
    ("applications", "application_id", "demand"),
    ("applications", "application_id", "load_kva"),
    ("tie_ins", "tie_in_id", "capacity_left"),
)


def require(county: County) -> None:
    """Make sure that every application and tie-in can be understood.

    Raises
    ------
    InputError
        With one fault for each kind of error: negative demands, loads or capacities, utilities
        that are none of `layers.tables.UTILITIES`, applications for unknown parcels.
    """
    faults = list(_faults(county))
    if faults:
        raise InputError(faults)


def dual_note(county: County) -> Fault | None:
    """Return the notice that a dual source is asked for where only power has one, or None."""
    applications = county["applications"]
    idle = applications["dual_source"] & (applications["utility"] != "power")
    ids = tuple(str(key) for key in applications.loc[idle, "application_id"])
    if not ids:
        return None
    facts = {"count": len(ids)}
    return Fault("extension_one_source", facts, layer="applications", rows=ids[:5], count=len(ids))


def _faults(county: County) -> Iterator[Fault]:
    for layer, key, column in _NOT_BELOW_ZERO:
        frame = county[layer]
        yield from _fault("extension_negative", layer, column, frame.loc[frame[column] < 0, key])
    known = ", ".join(UTILITIES)
    for layer, key in (("applications", "application_id"), ("tie_ins", "tie_in_id")):
        frame = county[layer]
        strange = frame.loc[~frame["utility"].isin(list(UTILITIES)), key]
        yield from _fault("extension_utility", layer, "utility", strange, known=known)
    applications = county["applications"]
    lost = ~applications["parcel_id"].isin(county["parcels"]["parcel_id"])
    yield from _fault(
        "extension_no_parcel",
        "applications",
        "parcel_id",
        applications.loc[lost, "application_id"],
    )


def _fault(code: str, layer: str, column: str, keys: pd.Series, **facts: object) -> Iterator[Fault]:
    if len(keys):
        rows = tuple(str(key) for key in keys[:5])
        yield Fault(code, facts, layer=layer, column=column, rows=rows, count=len(keys))
