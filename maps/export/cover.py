"""The first sheet of the spreadsheet: what the study is, its figures, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geo.messages import Language
from maps import figures
from maps.export.spoken import figure, yuan_unit
from maps.figures import Figure
from maps.quality_view import digest, entry, generated
from maps.words import document_words, words
from planner.finished import Finished
from planner.settings import Value
from planner.trench.plan import starts_yuan


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, the names of its columns (none for plain lines) and its rows.

    `title` names the whole sheet and is set in the first block only.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


def cover(study: Finished, language: Language) -> tuple[Block, ...]:
    """Return the blocks of the first sheet.

    Returns
    -------
    tuple of Block
        Title and study, figures, notes, assumptions and unverified values, the user's values.
    """
    said, report = document_words(language), words(language)
    assumed = tuple(_value(v, language) for v in study.settings if v.unverified)
    given = tuple(_value(v, language) for v in study.settings if v.confidence == "user")
    columns = (
        said["head.meaning"], report["quality.setting"], report["quality.value"],
        said["head.unit"], report["quality.source"], report["quality.confidence"],
    )  # fmt: skip
    notes = [(note,) for note in study.notes]
    if study.prices_assumed:
        notes.insert(0, (said["cover.prices"],))
    blocks = [
        Block(study.name, (), tuple(_facts(study, language)), said["sheet.cover"]),
        Block(said["cover.figures"], (), tuple(_figures(study, language))),
        Block(report["quality.notes"], (), tuple(notes)),
        Block(report["quality.assumptions"], columns, assumed),
        Block(report["quality.user"], columns, given),
    ]
    return tuple(block for block in blocks if block.rows)


def _facts(study: Finished, language: Language) -> Iterator[tuple[str, str]]:
    said, county = document_words(language), study.county
    yield said["cover.what"], said["cover.document"]
    yield said["cover.county"], county.name
    yield said["cover.period"], f"{study.start} – {study.last_day}"
    named = {
        "profile": (study.profile.title.text(language), study.profile.name),
        "crs": (county.crs.name, county.crs.to_string()),
    }
    for key, (label, code) in named.items():
        yield said[f"cover.{key}"], said["unit.with"].format(label=label, unit=code)
    yield said["cover.inputs"], digest(county)
    yield (
        said["cover.checks"],
        words(language)["quality.checks_passed"].format(
            passed=f"{study.passed:,}", failed=f"{study.failed:,}"
        ),
    )
    if county.generated:
        yield words(language)["page.generated_short"], generated(county, language)
    for credit in county.credits:
        yield words(language)["quality.credits"], credit


def _figures(study: Finished, language: Language) -> Iterator[tuple[str, str, str]]:
    said = words(language)
    shown: list[tuple[str, tuple[Figure, ...]]] = [
        ("trench", figures.trench(study.figures["trench"], language)),
        ("extension", figures.extension(study.figures["extension"], language)),
    ]
    if "gaps" in study.tables:
        shown.append(("coverage", figures.coverage(study.figures["coverage"], language)))
    for view, found in shown:
        for one in found:
            label = f"{said[f'view.{view}']} · {one.label}"
            yield label, f"{one.value} {one.unit}".rstrip(), one.note
    yield from _sum(study, language)


def _sum(study: Finished, language: Language) -> Iterator[tuple[str, str, str]]:
    """Yield what the cost of the plan adds up from."""
    said, unit = document_words(language), yuan_unit(language, assumed=study.prices_assumed)
    parts = {
        "cost_openings": float(study["openings"]["cost_yuan"].sum()),
        "cost_starts": starts_yuan(study.problem, study.starts),
        "cost_plan": float(study.figures["trench"]["cost_yuan"]),
    }
    for key, yuan in parts.items():
        yield said[f"cover.{key}"], figure(yuan, 2, unit), said[f"cover.{key}_note"]


def _value(value: Value, language: Language) -> tuple[str, ...]:
    """Return one setting: meaning, name, value, unit, source, confidence."""
    shown = entry(value, language)
    source = "" if value.confidence == "user" else shown["source"]
    return (shown["label"], shown["name"], shown["value"], shown["unit"], source,
            shown["confidence"])  # fmt: skip
