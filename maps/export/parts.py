"""The parts of an organisation plan that say where, who, how and when."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from geo.messages import message
from layers.tables import METHODS, SIDES
from maps import section_drawing
from maps.export import bar_chart, fonts, site_map, spoken
from maps.export.document import Block, Bullets, Grid, Heading, Picture, Text
from maps.export.facts import Facts, Record, records
from maps.export.picture import png
from maps.words import document_words, words
from planner.section.line import CABLES
from planner.trench.problem import Work

_SECTION_PX, _SECTION_MM = 520.0, 140.0


def site(facts: Facts) -> Iterator[Block]:
    """Yield what the project is: road, window, sizes."""
    said, row, segment = document_words(facts.language), facts.row, facts.segment
    unit = spoken.yuan_unit(facts.language, assumed=facts.study.prices_assumed)
    road = spoken.plain(row.name) or spoken.NOT_KNOWN
    yield Heading(said["dossier.site"])
    cells = (
        ("study", facts.study.name),
        ("opening", row.opening_id),
        ("road", said["unit.with"].format(label=road, unit=row.segment_id)),
        ("town", spoken.plain(row.town) or spoken.NOT_KNOWN),
        ("road_class", spoken.road_class(segment["road_class"], facts.language)),
        ("road_length", spoken.figure(segment["length_m"], 1, "m")),
        ("road_width", spoken.figure(segment["width_m"], 1, "m")),
        ("carriageway", spoken.figure(segment["carriageway_m"], 1, "m")),
        ("window", f"{spoken.day(row.starts_on)} – {spoken.day(row.ends_on)}"),
        ("days", said["dossier.days_of"].format(days=row.days)),
        ("utilities", spoken.utilities(row.utilities, facts.language)),
        ("dug", spoken.figure(row.dug_m, 1, "m")),
        ("width", spoken.figure(row.width_m, 2, "m")),
        ("volume", spoken.figure(row.volume_m3, 1, "m³")),
        ("area", spoken.figure(row.area_m2, 1, "m²")),
        ("cost", spoken.figure(row.cost_yuan, 2, unit)),
    )  # fmt: skip
    named = [(said[f"dossier.{key}"], value) for key, value in cells]
    rows = tuple((*named[n], *named[n + 1]) for n in range(0, len(named), 2))
    yield Grid((), rows, (1.1, 2.4, 1.1, 2.4))
    if facts.study.county.generated:
        yield Text(said["dossier.generated"], note=True)
    if spoken.plain(row.exempt):
        yield Text(f"{said['dossier.exempt']}{row.exempt}")


def members(facts: Facts) -> Iterator[Block]:
    """Yield who takes part with what, without the name of any person."""
    said = document_words(facts.language)
    yield Heading(said["dossier.members"])
    head = ("owner", "role", "work", "size", "method", "stretch", "side")
    rows = tuple(_member(facts, row) for row in records(facts.participants))
    yield Grid(tuple(said[f"dossier.{key}"] for key in head), rows, (2.2, 1.5, 2.4, 1, 1, 1.5, 0.8))
    yield Text(said["dossier.lead"], note=True)


def _member(facts: Facts, row: Record) -> tuple[str, ...]:
    said, known = document_words(facts.language), facts.known(row["work_id"])
    name = spoken.plain(known.get("name"))
    method = spoken.coded(METHODS, known.get("method"), facts.language)
    utility = spoken.utilities(row["utility"], facts.language)
    work = next(one for one in facts.members if one.id == row["work_id"])
    return (
        row["owner"],
        said["dossier.role_of"].format(utility=utility),
        f"{row['work_id']} {name}".strip(),
        _size(work),
        method or spoken.NOT_KNOWN,
        f"{row['from_m']:,.1f}–{row['to_m']:,.1f} m",
        spoken.coded(SIDES, row["side"], facts.language),
    )


def _size(work: Work) -> str:
    """Return what is laid: nominal diameter, and voltage of a cable."""
    line = work.line
    if line is None:
        return spoken.NOT_KNOWN
    voltage = "" if isnan(line.voltage_kv) else f"{line.voltage_kv:g} kV"
    size = "" if isnan(line.diameter_mm) else f"{line.diameter_mm:.0f}"
    if size:
        size = f"{size} mm" if line.utility in CABLES else f"DN{size}"
    return " ".join(part for part in (voltage, size) if part) or spoken.NOT_KNOWN


def place(facts: Facts) -> Iterator[Block]:
    """Yield the map."""
    said = document_words(facts.language)
    yield Heading(said["dossier.place"], new_page=True)
    digs = [
        site_map.Dig(row["utility"], row["segment_id"], row["from_m"], row["to_m"])
        for row in records(facts.participants)
    ]
    county = facts.study.county
    drawn = site_map.draw(
        facts.row.geometry,
        digs,
        facts.study["segments"],
        {"zones": county["zones"], "parcels": county["parcels"]},
        letters=facts.letters,
    )
    caption = said["dossier.map_caption"].format(scale=f"{drawn.scale:,}", crs=county.crs.name)
    yield Picture(png(drawn.svg, fonts.chinese()), caption)


def sections(facts: Facts) -> Iterator[Block]:
    """Yield a drawing for each set of lines that lie side by side, and what it rests on."""
    said = document_words(facts.language)
    yield Heading(said["dossier.sections"])
    for number, drawn in enumerate(facts.sections, start=1):
        svg = section_drawing.draw(drawn.fitted, language=facts.letters, width_px=_SECTION_PX)
        strip = drawn.strip
        caption = said["dossier.section_caption"].format(
            number=number, start=f"{strip.from_m:,.1f}", end=f"{strip.to_m:,.1f}",
            side=spoken.coded(SIDES, strip.side, facts.language),
        )  # fmt: skip
        yield Picture(png(svg, fonts.chinese()), caption, _SECTION_MM)
        texts = drawn.fitted.text(facts.language)
        yield Bullets((*texts, *(message(code, facts.language) for code in drawn.remarks)))
    if not facts.sections:
        yield Text(said["dossier.no_section"])


def schedule(facts: Facts) -> Iterator[Block]:
    """Yield the order of the works: a picture, then dates."""
    said = document_words(facts.language)
    yield Heading(said["dossier.schedule"])
    yield Text(said["dossier.schedule_text"].format(
        start=spoken.day(facts.row.starts_on), end=spoken.day(facts.row.ends_on),
        days=facts.row.days, works=facts.row.works,
    ))  # fmt: skip
    first = facts.participants.drop_duplicates("work_id")
    order = records(first.sort_values(["starts_on", "ends_on", "work_id"], kind="stable"))
    letters = words(facts.letters)
    bars = [
        bar_chart.Bar(
            f"{row['work_id']} {letters['utility.' + row['utility']]}",
            row["utility"],
            row["starts_on"].date(),
            row["ends_on"].date(),
        )
        for row in order
    ]
    yield Picture(png(bar_chart.draw(bars), fonts.chinese()), said["dossier.bars_caption"])
    head = ("number", "work", "utility", "starts", "ends", "days", "wanted", "latest")
    rows = tuple(_turn(facts, number, row) for number, row in enumerate(order, start=1))
    yield Grid(
        tuple(said[f"dossier.{key}"] for key in head), rows, (0.6, 2, 1.1, 1.5, 1.5, 0.9, 1.5, 1.5)
    )


def _turn(facts: Facts, number: int, row: Record) -> tuple[str, ...]:
    known = facts.known(row["work_id"])
    return (
        str(number),
        str(row["work_id"]),
        spoken.utilities(row["utility"], facts.language),
        spoken.day(row["starts_on"]),
        spoken.day(row["ends_on"]),
        str((row["ends_on"] - row["starts_on"]).days + 1),
        spoken.day(known.get("wanted")),
        spoken.day(known.get("latest")),
    )
