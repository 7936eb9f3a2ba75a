"""The parts of an organisation plan that say what must be kept: traffic, safety, permits, money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from maps import quality_view
from maps.export import spoken
from maps.export.document import Block, Bullets, Grid, Heading, Text
from maps.export.facts import Facts
from maps.words import document_words, words
from planner.rules.national import national
from planner.rules.permits import Permit

_PRINCIPLES = (
    "same_segment_same_period", "joint_approval", "joint_works", "joint_acceptance",
    "same_day_connection",
)  # fmt: skip
_ARTICLES = ("30", "31", "33", "34", "37")


def traffic(facts: Facts) -> Iterator[Block]:
    """Yield the closure, what the road leaves, and the way round."""
    said, row = document_words(facts.language), facts.row
    yield Heading(said["dossier.traffic"])
    names = dict(
        zip(facts.study["segments"]["segment_id"], facts.study["segments"]["name"], strict=True)
    )
    around = [
        said["unit.with"].format(label=spoken.plain(names.get(key)), unit=key)
        for key in facts.detours
    ]
    texts = [
        said["dossier.traffic_days"].format(
            days=row.days, separate=facts.separate_days,
            road_class=spoken.road_class(facts.segment["road_class"], facts.language),
        ),
        said["dossier.traffic_width"].format(
            carriageway=spoken.figure(facts.segment["carriageway_m"], 1, "m"),
            road=spoken.figure(facts.segment["width_m"], 1, "m"),
            trench=spoken.figure(row.width_m, 2, "m"),
        ),
        said["dossier.traffic_lanes"],
        said["dossier.traffic_detour"].format(segments="、".join(around))
        if around
        else said["dossier.traffic_no_detour"],
    ]  # fmt: skip
    yield Bullets(tuple(texts))


def reinstatement(facts: Facts) -> Iterator[Block]:
    """Yield what surface is made good, once for all."""
    said, row = document_words(facts.language), facts.row
    surface = facts.road.surface
    price = facts.study.settings[f"section.surface_{surface}_yuan_m2"]
    unit = said["unit.yuan_m2" if price.confidence == "user" else "unit.yuan_m2_assumed"]
    yield Heading(said["dossier.reinstatement"])
    yield Bullets((
        said["dossier.surface_text"].format(
            surface=spoken.surface(surface, facts.language), works=row.works,
            area=spoken.figure(row.area_m2, 1, "m²"),
        ),
        said["dossier.surface_price"].format(price=spoken.figure(float(price.value), 2, unit)),
        said["dossier.surface_after"],
    ))  # fmt: skip


def safety(facts: Facts) -> Iterator[Block]:
    """Yield what follows from the sections for safety, and what the documents ask for."""
    said, language = document_words(facts.language), facts.language
    yield Heading(said["dossier.safety"])
    texts = [*_walls(facts), *_existing(facts)]
    notices = [
        one for one in facts.study.profile.notices if one.utility in facts.row.utilities.split(",")
    ]
    texts += [
        said["dossier.notice"].format(
            name=one.name.text(language), source=one.source.text(language)
        )
        for one in notices
    ]
    if not notices:
        texts.append(said["dossier.no_notice"])
    texts.append(said["dossier.burst"].format(text=national().summaries["34"].text(language)))
    texts.append(said["dossier.safety_plan"])
    yield Bullets(tuple(texts))


def _walls(facts: Facts) -> Iterator[str]:
    """Yield depth and walls of each trench once."""
    said = document_words(facts.language)
    found = {
        (trench.walls, round(trench.depth_m, 2))
        for drawn in facts.sections
        for placed in drawn.fitted.placed
        for trench in placed.section.trenches
    }
    for walls, depth in sorted(found, key=lambda one: (one[1], one[0])):
        yield said[f"dossier.walls_{walls}"].format(depth=f"{depth:.2f}")


def _existing(facts: Facts) -> Iterator[str]:
    said = document_words(facts.language)
    lines = {
        (old.line.key, round(old.offset_m, 1))
        for drawn in facts.sections
        for old in drawn.fitted.corridor.existing
    }
    count = Counter(key[0] for key, _ in lines)
    each = (
        said["dossier.existing_each"].format(
            utility=words(facts.language)[f"utility.{key}"], count=n
        )
        for key, n in sorted(count.items())
    )
    if count:
        separator = "、" if facts.language == "zh" else ", "
        yield said["dossier.existing"].format(lines=separator.join(each))
    else:
        yield said["dossier.existing_none"]


def permits(facts: Facts) -> Iterator[Block]:
    """Yield permits with authority, days and clause, and by when to apply."""
    said = document_words(facts.language)
    yield Heading(said["dossier.permits"])
    head = tuple(
        said[f"head.{key}"]
        for key in ("permit", "authority", "working_days", "order", "basis", "clause")
    )
    rows = tuple(_permit(facts, one) for one in facts.permits)
    yield Grid(head, rows, (1.6, 1.7, 0.9, 0.8, 0.8, 3.6), frozenset({2}))
    days, day = facts.apply_by()
    yield Text(
        said["dossier.apply_by"].format(days=days, day=spoken.day(day))
        if day is not None
        else said["dossier.apply_unknown"].format(days=days)
    )
    yield from _deadlines(facts)


def _permit(facts: Facts, one: Permit) -> tuple[str, ...]:
    said, language = document_words(facts.language), facts.language
    clause = one.source.text(language) if one.source else ""
    note = one.note.text(language)
    return (
        one.zh if language == "zh" else one.en,
        one.authority.text(language),
        str(one.working_days),
        said[f"order.{one.order}"],
        said["basis.assumed" if one.assumption else "basis.demanded"],
        "；".join(part for part in (clause, note) if part),
    )


def _deadlines(facts: Facts) -> Iterator[Block]:
    """Yield by when the applications among the works are to be served."""
    said, language = document_words(facts.language), facts.language
    keys = {
        work.id.removeprefix("EX-"): work.id for work in facts.members if work.origin == "extension"
    }
    frame = facts.study["connections"]
    rows = [
        (
            one.application_id,
            spoken.utilities(one.utility, language),
            spoken.day(one.deadline_on),
            spoken.plain(one.deadline_source if language == "zh" else one.deadline_source_en),
        )
        for one in frame[frame["application_id"].isin(list(keys))].itertuples()
    ]
    if rows:
        yield Heading(said["dossier.deadlines"], 2)
        head = tuple(
            said[f"dossier.{key}"] for key in ("application", "utility", "deadline", "clause")
        )
        yield Grid(head, tuple(rows), (1.5, 1, 1.3, 4.5))


def costs(facts: Facts) -> Iterator[Block]:
    """Yield what it costs together and apart, and who pays which share."""
    said, row, assumed = document_words(facts.language), facts.row, facts.study.prices_assumed
    unit = spoken.yuan_unit(facts.language, assumed=assumed)
    yield Heading(said["unit.with"].format(label=said["dossier.costs"], unit=unit))
    if assumed:
        yield Text(said["dossier.prices"], note=True)
    yield Text(said["dossier.cost_text"].format(
        cost=spoken.figure(row.cost_yuan, 2), separate=spoken.figure(row.separate_yuan, 2),
        saved=spoken.figure(row.separate_yuan - row.cost_yuan, 2), unit=unit,
    ))  # fmt: skip
    names = ("alone_yuan", "share_yuan", "share_shapley_yuan")
    money = facts.participants.groupby(["owner", "utility"], sort=False)[list(names)].sum()
    rows = [
        (
            str(owner),
            spoken.utilities(utility, facts.language),
            *(spoken.figure(x, 2) for x in line),
        )
        for (owner, utility), line in zip(money.index, money.to_numpy(), strict=True)
    ]
    sums = (spoken.figure(float(money[name].sum(min_count=1)), 2) for name in names)
    rows.append((words(facts.language)["detail.sum"], "", *sums))
    head = tuple(
        said[f"dossier.{key}"] for key in ("owner", "utility", "alone", "share", "shapley")
    )
    yield Grid(head, tuple(rows), (2.6, 1, 1.6, 1.6, 1.6), frozenset({2, 3, 4}))
    yield Text(_stability(facts))


def _stability(facts: Facts) -> str:
    """Say whether a group would be better off alone, or that this was not tested."""
    said, row = words(facts.language), facts.row
    if pd.isna(row.excess_yuan):
        return spoken.plain(row.unstable_group)
    parts = []
    for key, excess in (("proportional", row.excess_yuan), ("shapley", row.excess_shapley_yuan)):
        if excess > 0:
            text = said[f"detail.unstable_{key}"]
            parts.append(text.format(group=row.unstable_group, yuan=spoken.figure(excess, 2)))
        else:
            parts.append(said[f"detail.stable_{key}"])
    return "".join(parts) if facts.language == "zh" else " ".join(parts)


def sources(facts: Facts) -> Iterator[Block]:
    """Yield the rules, standards, unverified values and inputs that the plan rests on."""
    said, language = document_words(facts.language), facts.language
    yield Heading(said["dossier.sources"])
    principles = facts.study.profile.principles
    texts = [principles[key].source.text(language) for key in _PRINCIPLES if key in principles]
    texts += [one.source.text(language) for one in facts.permits if one.source]
    articles, summaries = national().articles, national().summaries
    texts += [
        said["dossier.article"].format(
            number=articles[key].number,
            place=articles[key].place,
            text=summaries[key].text(language),
        )
        for key in _ARTICLES
    ]
    yield Bullets(tuple(dict.fromkeys(texts)))
    marks = dict.fromkeys(
        mark.text(language) for drawn in facts.sections for mark in drawn.fitted.marks
    )
    if marks:
        yield Heading(said["dossier.unverified"], 2)
        yield Text(("；" if language == "zh" else "; ").join(marks), note=True)
    yield Text(
        said["dossier.made"].format(
            digest=quality_view.digest(facts.study.county),
            passed=f"{facts.study.passed:,}", failed=f"{facts.study.failed:,}",
        ),
        note=True,
    )  # fmt: skip


def signatures(facts: Facts) -> Iterator[Block]:
    """Yield empty places for those who draw up, check and approve."""
    said = document_words(facts.language)
    yield Heading(said["dossier.signatures"])
    blank = " " * 8
    rows = tuple(
        (said[f"dossier.{key}"], blank, said["dossier.date"], blank)
        for key in ("drawn_up", "reviewed", "approved")
    )
    yield Grid((), rows, (1, 3, 1, 2))
