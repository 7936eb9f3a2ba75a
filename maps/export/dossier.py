"""One organisation plan (占掘路施工组织方案) for each joint opening, as Word documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from geo.messages import Language, message
from maps.export import duties, fonts, parts, plain
from maps.export.document import Block, Heading, Text, package
from maps.export.facts import Facts, joint
from maps.words import document_words
from planner.finished import Finished

SUFFIX = ".docx"
_PARTS: tuple[Callable[[Facts], Iterator[Block]], ...] = (
    parts.site, parts.members, parts.place, parts.sections, parts.schedule, duties.traffic,
    duties.reinstatement, duties.safety, duties.permits, duties.costs, duties.sources,
    duties.signatures,
)  # fmt: skip


def write(study: Finished, folder: Path, *, language: Language = "zh") -> tuple[Path, ...]:
    """Write a document for each opening in which two works or more take part.

    Parameters
    ----------
    study
        A finished study; the same one gives the same bytes.
    folder
        Made where it does not exist; documents of an earlier run in it are removed.
    language
        Of headings and sentences; names are as the study has them.

    Returns
    -------
    tuple of Path
        The documents, in the order of the openings.

    References
    ----------
    002 附件3 二(二)4: the utilities draw up one 占掘路施工组织方案 together.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"*{SUFFIX}"):
        old.unlink()
    letters: Language = language if fonts.chinese() else "en"
    written = []
    for facts in joint(study, language, letters):
        name = f"{facts.row.opening_id}_{facts.row.name or ''}"
        path = folder / f"{plain.file_stem(name)}{SUFFIX}"
        plain.write(_document(facts), path)
        written.append(path)
    return tuple(written)


def _document(facts: Facts) -> bytes:
    said = document_words(facts.language)
    road = plain.plain(facts.row.name) or facts.row.segment_id
    title = said["dossier.title"].format(road=road)
    foot = said["dossier.foot"].format(study=facts.study.name, opening=facts.row.opening_id)
    return package(list(_blocks(facts, title)), title=title, day=facts.study.start, foot=foot)


def _blocks(facts: Facts, title: str) -> Iterator[Block]:
    yield Heading(title, 0)
    rule = facts.study.profile.principles.get("same_segment_same_period")
    if rule is not None:
        yield Text(rule.source.text(facts.language), note=True)
    if facts.letters != facts.language:
        yield Text(message("export_no_font", facts.language))
    numerals = "一二三四五六七八九十"
    for number, part in enumerate(_PARTS, start=1):
        for block in part(facts):
            yield _numbered(block, number, facts.language, numerals)


def _numbered(block: Block, number: int, language: Language, numerals: str) -> Block:
    """Set the number of a part before its heading."""
    if not isinstance(block, Heading) or block.level != 1:
        return block
    if language == "en":
        return replace(block, text=f"{number}. {block.text}")
    tens = f"十{numerals[number - 11]}" if number > 10 else numerals[number - 1]
    return replace(block, text=f"{tens}、{block.text}")
