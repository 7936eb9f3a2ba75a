"""A finished study on disk: written once, and proven again from what was written."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from geo.errors import fail
from layers import quarantine, store
from planner.checking import Checks
from planner.proof import prove
from planner.settings import defaults
from planner.study import StudyResult


def save(result: StudyResult, folder: Path) -> None:
    """Write ``study.gpkg``, ``result.json`` and the quarantine of a finished run.

    Parameters
    ----------
    result
        What `planner.study.run` returned.
    folder
        Made where it does not exist; files of an earlier run in it are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store.write(folder / "study.gpkg", result.county, result.tables(), _meta(result))
    quarantine.write(result.county.quarantine, folder)
    text = json.dumps(result.summary(), ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")


def _meta(result: StudyResult) -> dict[str, str]:
    study = result.study
    user = {value.name: value.value for value in result.settings if value.confidence == "user"}
    return {
        "name": study.name,
        "profile": study.profile,
        "start": study.start.isoformat(),
        "days": str(study.days),
        "settings": json.dumps(user, ensure_ascii=False),
    }


def check(folder: Path) -> Checks:
    """Prove a finished result from its inputs.

    Parameters
    ----------
    folder
        What `save` wrote.

    Raises
    ------
    InputError
        If one of its files is missing or is not what `save` writes.
    """
    stored = store.read(folder / "study.gpkg")
    path = folder / "result.json"
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fail("file_unreadable", file=path, detail=error) from error
    meta = stored.meta
    return prove(
        stored.county,
        stored.results,
        summary,
        defaults().with_user(json.loads(meta["settings"]), source="study.gpkg"),
        start=dt.date.fromisoformat(meta["start"]),
        days=int(meta["days"]),
    )
