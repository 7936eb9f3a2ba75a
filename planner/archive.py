"""A finished study on disk: written once; proven, and read, again from what was written."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import InputError, fail
from layers import quarantine, store
from layers.store import Stored
from layers.tables import RESULTS, WORKS
from planner import ground
from planner.checking import Checks
from planner.coverage import evidence, rasters
from planner.extension.joint import certificate as joint_certificate
from planner.finished import Finished
from planner.openingpermits import permits_of
from planner.proof import prove
from planner.rules import profile as profiles
from planner.settings import Settings, defaults
from planner.study import StudyResult
from planner.trench import certificate

_TOPICS = ("trench", "extension", "coverage")
_META = ("name", "start", "days", "settings", "profile")
STORE = "study.gpkg"
"""File with the inputs and every result table."""
BOUND = "trench_bound.npz"
"""File with the multipliers that prove the bound of the joint plan."""
ROUTING_BOUND = "extension_bound.npz"
"""File with the multipliers that prove the bound of the routes."""

SITING_BOUND = "coverage_bound.npz"
"""File with the candidates, points and multipliers that prove the bounds of infill."""

_OF_COVERAGE = frozenset({
    "gaps", "gaps_after", "villages", "infill", "site_lines", "site_line_ways", "calibration",
    "measured_gaps",
})  # fmt: skip


def save(result: StudyResult, folder: Path) -> None:
    """Write ``study.gpkg``, ``result.json``, rasters, the proofs of the bounds, the quarantine.

    Parameters
    ----------
    result
        What `planner.study.run` returned.
    folder
        Made where it does not exist; files of an earlier run in it are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store.write(folder / STORE, result.county, result.tables(), _meta(result))
    quarantine.write(result.county.quarantine, folder)
    text = json.dumps(result.summary(), ensure_ascii=False, indent=2, allow_nan=False)
    certificate.save(result.trench.certificate, folder / BOUND)
    joint_certificate.save(result.extension.certificate, folder / ROUTING_BOUND)
    rasters.clear(folder)
    if result.coverage is not None:
        rasters.write(result.coverage, result.county["cells"], folder)
    evidence.save(result.coverage.evidence if result.coverage else {}, folder / SITING_BOUND)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """What `save` wrote, read again: the store, the summary, and what the study was run with."""

    stored: Stored
    summary: dict[str, Any]
    start: dt.date
    days: int
    settings: Settings
    profile: profiles.Profile


def _read(folder: Path) -> _Written:
    path = folder / STORE
    stored = store.read(path)
    summary = _summary(folder / "result.json")
    _require_tables(stored, path)
    meta = stored.meta
    try:
        return _Written(
            stored,
            summary,
            start=dt.date.fromisoformat(meta["start"]),
            days=int(meta["days"]),
            settings=defaults().with_user(json.loads(meta["settings"]), source=STORE),
            profile=profiles.load(meta["profile"]),
        )
    except InputError:
        raise
    except (ValueError, AttributeError) as error:
        raise fail("file_unreadable", file=path, detail=error) from error


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
    found = _read(folder)
    return prove(
        found.stored.county,
        found.stored.results,
        found.summary,
        found.settings,
        profile=found.profile,
        certificate=certificate.load(folder / BOUND),
        routing_certificate=joint_certificate.load(folder / ROUTING_BOUND),
        siting=evidence.load(folder / SITING_BOUND),
        permits=permits_of(found.profile),
        start=found.start,
        days=found.days,
    )


def load(folder: Path) -> Finished:
    """Read a finished study for whoever writes documents of it.

    Parameters
    ----------
    folder
        What `save` wrote.

    Raises
    ------
    InputError
        If one of its files is missing or is not what `save` writes.
    """
    found = _read(folder)
    county, tables = found.stored.county, found.stored.results
    built = ground.trench_problem(
        county,
        tables["segments"],
        tables["extension_works"],
        found.settings,
        start=found.start,
        days=found.days,
    )
    starts = tables["starts"]
    periods = dict(zip(starts["work_id"].astype(str), starts["period"].astype(int), strict=True))
    position = {work.id: place for place, work in enumerate(built.problem.works)}
    missing = [key for key in periods if key not in position]
    if missing:
        raise fail("store_incomplete", file=folder / STORE, missing=f"works {missing[:5]}")
    checks = found.summary["checks"]
    return Finished(
        name=found.stored.meta["name"],
        start=found.start,
        days=found.days,
        county=county,
        tables=tables,
        figures={topic: found.summary[topic] for topic in _TOPICS},
        settings=found.settings,
        profile=found.profile,
        problem=built.problem,
        starts={position[key]: period for key, period in periods.items()},
        notes=tuple(found.summary["notes"]),
        passed=checks["passed"],
        failed=checks["failed"],
    )


def _summary(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fail("file_unreadable", file=path, detail=error) from error
    parts = summary if isinstance(summary, dict) else {}
    missing = [name for name in (*_TOPICS, "checks") if not isinstance(parts.get(name), dict)]
    if missing:
        raise fail("store_incomplete", file=path, missing=", ".join(missing))
    return parts


def _require_tables(stored: Stored, path: Path) -> None:
    """Refuse a study that lacks its settings, a result table or one of a table's columns.

    The tables of coverage may be missing together: not every study has cells and terrain.
    """
    missing = [name for name in _META if name not in stored.meta]
    columns = {table.name: table.names for table in RESULTS} | {"extension_works": WORKS.names}
    for name, names in columns.items():
        if name in stored.results:
            found = stored.results[name].columns
            missing += [f"{name}.{column}" for column in names if column not in found]
        elif name not in _OF_COVERAGE or stored.results.keys() & _OF_COVERAGE:
            missing.append(name)
    if missing:
        raise fail("store_incomplete", file=path, missing=", ".join(missing))
