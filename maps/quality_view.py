"""What the results rest on: inputs, records set aside, checks, assumptions, sources of rules."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.messages import Language
from layers.county import County
from layers.tables import INPUTS
from maps.words import words
from planner.rules.national import national
from planner.settings import Value

if TYPE_CHECKING:
    from planner.study import StudyResult

ROWS_SHOWN = 200
_OPTIONAL = frozenset({"prices", "crews", "approved", "events", "measurements"})
_UNIT = re.compile(r"\b(?:yuan|d)\b|[\u4e00-\u9fff]+")


def content(result: StudyResult, language: Language) -> dict[str, Any]:
    """Return what the page of data quality shows, as plain values."""
    values = list(result.settings)
    return {
        "inputs": result.county.inputs,
        "generated": generated(result.county, language),
        "quarantine": _quarantine(result.county.quarantine, language),
        "quarantine_total": len(result.county.quarantine),
        "calibration": _calibration(result, language),
        "checks": result.checks,
        "assumptions": [entry(value, language) for value in values if value.unverified],
        "user": [entry(value, language) for value in values if value.confidence == "user"],
        "notes": [note.text(language) for note in result.notes],
        "sources": sources((result.profile, national()), language),
        "credits": result.county.credits,
    }


def _calibration(result: StudyResult, language: Language) -> dict[str, Any] | None:
    """Return sentences and the table of bands, or None where nothing was measured."""
    found = result.coverage.figures["calibration"] if result.coverage is not None else {}
    if not found.get("pixels"):
        return None
    said = words(language)
    facts = {"samples": f"{found['samples']:,}", "pixels": f"{found['pixels']:,}",
             "sites": found["sites"], "before": f"{found['rmse_before_db']:.1f}",
             "after": f"{found['rmse_after_db']:.1f}"}  # fmt: skip
    if found["status"] != "calibrated":
        return {"notes": [said["quality.calibration_compared"].format(**facts)], "bands": []}
    unseen = found["rmse_cross_validated_db"]
    second = (
        said["quality.calibration_unknown"]
        if unseen is None
        else said["quality.calibration_unseen"].format(unseen=f"{unseen:.1f}")
    )
    first = said["quality.calibration_seen"].format(**facts)
    return {"notes": [first, second], "bands": found["bands"]}


def digest(county: County) -> str:
    """Return one sha256 over those of all inputs, in the order of the inputs."""
    text = "\n".join(f"{file.layer} {file.sha256}" for file in county.inputs)
    return hashlib.sha256(text.encode()).hexdigest()


def generated(county: County, language: Language) -> str:
    """Return the names of the generated layers in one line; empty where there are none."""
    said, layers = words(language), county.generated
    if {table.name for table in INPUTS} - _OPTIONAL <= layers:
        return said["layer.all"]
    names = [said.get(f"layer.{name}", name) for name in sorted(layers)]
    return ("、" if language == "zh" else ", ").join(names)


def data_date(result: StudyResult) -> str:
    """Return the latest day on which an application was accepted, or an empty text."""
    accepted = result.county["applications"]["accepted_on"]
    latest = accepted.max()
    return "" if pd.isna(latest) else str(latest.date())


def sources(rules: object, language: Language) -> list[str]:
    """Return every citation inside the rules once, in their order."""
    return list(dict.fromkeys(str(found.text(language)) for found in _citations(rules)))


def _citations(value: object) -> Iterator[Any]:
    if hasattr(value, "document") and hasattr(value, "quote"):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _citations(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _citations(entry)
    elif isinstance(value, (tuple, list)):
        for entry in value:
            yield from _citations(entry)


def _quarantine(frame: pd.DataFrame, language: Language) -> list[dict[str, str]]:
    reason = "reason_zh" if language == "zh" else "reason_en"
    if frame.empty:
        return []
    texts = frame.drop(columns="geometry", errors="ignore").rename(columns={reason: "reason"})
    shown = texts.head(ROWS_SHOWN).fillna("").astype(str)
    rows = shown[["layer", "file", "row", "column", "reason"]].to_dict("records")
    return [{str(key): str(cell) for key, cell in row.items()} for row in rows]


def entry(value: Value, language: Language) -> dict[str, str]:
    """Return what a reader is shown of one setting: label, value, unit, source, confidence."""
    said = words(language)
    number = value.value
    unit = _UNIT.sub(lambda found: said.get(f"measure.{found[0]}", found[0]), value.unit)
    if isinstance(number, bool):
        number = said["quality.yes" if number else "quality.no"]
    return {
        "name": value.name,
        "label": value.zh if language == "zh" else value.en,
        "value": f"{number:,g}" if isinstance(number, float) else str(number),
        "unit": "" if unit == "1" else unit,
        "source": (value.source_en if language == "en" else "") or value.source,
        "confidence": said[f"confidence.{value.confidence}"],
    }
