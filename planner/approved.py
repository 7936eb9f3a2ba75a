"""The approved plan of an earlier study as the layer ``approved`` of this one."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from geo.errors import fail
from layers import store
from layers.county import County, InputFile
from layers.source import refuse_address, sha256, shown
from layers.tables import APPROVED
from planner.settings import defaults

_META = ("start", "settings")
_PERIOD = "trench.period_days"
_ROUTED = "EX-"
"""Begins the id of a routed connection's work, see `planner.extension.works`."""


def with_approved(county: County, path: str, *, base: Path) -> County:
    """Return the county with the starts of an earlier study as approved dates.

    Parameters
    ----------
    county
        Its layer ``approved`` is empty.
    path
        ``study.gpkg`` of an earlier study of the same works, as the study file names it.
    base
        Folder against which the path is resolved.

    Raises
    ------
    InputError
        If the county has approved dates of its own, the file is missing or none of a finished
        study, or none of its works is one of this study's.
    """
    where = {"file": shown(path), "layer": "approved"}
    if len(county["approved"]):
        raise fail("approved_both", **where)
    refuse_address(path, layer="approved")
    dates = starts(base / path)
    routed = _ROUTED + county["applications"]["application_id"].astype(str)
    if not dates["work_id"].isin([*county["works"]["work_id"], *routed]).any():
        raise fail("approved_foreign", **where)
    file = InputFile("approved", shown(path), sha256(base / path), len(dates), len(dates), 0)
    return replace(
        county,
        frames={**county.frames, "approved": dates},
        inputs=(*county.inputs, file),
    )


def starts(path: Path) -> pd.DataFrame:
    """Return the starts of a finished study as `layers.tables.APPROVED`, by work id.

    Raises
    ------
    InputError
        If the file is missing, is not a study of this program, or lacks its plan.
    """
    tables, meta = store.part(path, ("starts",))
    missing = [f"meta.{key}" for key in _META if key not in meta]
    if missing:
        raise fail("store_incomplete", file=path.name, missing=", ".join(missing))
    try:
        first = pd.Timestamp(dt.date.fromisoformat(meta["start"]))
        period_days = int(json.loads(meta["settings"]).get(_PERIOD, defaults().count(_PERIOD)))
    except (ValueError, AttributeError) as error:
        raise fail("file_unreadable", file=path.name, detail=error) from error
    dates = first + pd.to_timedelta(tables["starts"]["period"] * period_days, unit="D")
    found = pd.DataFrame({"work_id": tables["starts"]["work_id"].astype(str), "starts_on": dates})
    found["starts_on"] = found["starts_on"].astype("datetime64[ns]")
    return found[list(APPROVED.names)].sort_values("work_id", ignore_index=True)
