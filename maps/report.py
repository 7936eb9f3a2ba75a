"""The report: one HTML file that opens offline, with three views and what they rest on."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.messages import Language
from maps import (
    base_map,
    coverage_view,
    drawings,
    extension_view,
    figures,
    offline,
    palette,
    permits,
    quality_view,
    trench_view,
)
from maps.page import Raster, ReportFigure, Sheet, ViewMap
from maps.words import words

if TYPE_CHECKING:
    from planner.study import StudyResult

MAP_VIEWS = ("trench", "coverage", "extension")


def write(result: StudyResult, path: Path, *, language: Language = "zh") -> None:
    """Write the report of a finished study.

    Parameters
    ----------
    result
        The study's result.
    path
        File to write, replaced if it exists.
    language
        ``"zh"`` or ``"en"``.

    Raises
    ------
    NotOfflineError
        If the page would load anything from outside the file.
    """
    path.write_text(page(result, language=language), encoding="utf-8", newline="\n")


def page(result: StudyResult, *, language: Language = "zh") -> str:
    """Return the report as one HTML document; the same result gives the same text."""
    drawn = drawings.drawings(result, language)
    blocks: dict[str, object] = {
        "words": _spoken(language),
        "palette": _palette(language),
        "permits": permits.known(result.profile, language),
        "base": base_map.block(result),
        "pipes": base_map.pipes_block(result),
        "trench": trench_view.block(result, drawn, language),
        "extension": extension_view.block(result, language),
    }
    if result.coverage is not None:
        blocks["coverage"] = coverage_view.block(result, result.coverage, language)
    content = {**_content(result, language), "drawings": drawn.shown}
    figure = ReportFigure(content, blocks)
    for view in _views(result):
        _map(result, view).add_to(figure)
    return offline.seal(figure.render())


def _spoken(language: Language) -> dict[str, str]:
    """Return the words that the scripts may ask for; the others stand in the page already."""
    written = ("kpi.", "quality.", "footer.", "layer.", "view.", "measure.", "section.")
    titles = ("page.title", "page.generated", "page.noscript", "map.no_coverage")
    return {
        key: text for key, text in words(language).items() if not key.startswith(written + titles)
    }


def _views(result: StudyResult) -> tuple[str, ...]:
    return tuple(view for view in MAP_VIEWS if view != "coverage" or result.coverage is not None)


def _map(result: StudyResult, view: str) -> ViewMap:
    """Return the folium map of one view: pictures below, the drawing above."""
    shown = ViewMap(view, base_map.bounds(result))
    if view == "coverage" and result.coverage is not None:
        pictures = coverage_view.pictures(result.coverage)
        for key, picture in pictures.items():
            Raster(key, picture, show=False).add_to(shown)
        relief = coverage_view.relief(result)
        if relief is not None:
            Raster("relief", relief, show=True).add_to(shown)
    Sheet(view).add_to(shown)
    return shown


def _content(result: StudyResult, language: Language) -> dict[str, Any]:
    said = words(language)
    return {
        "language": "zh-CN" if language == "zh" else "en",
        "title": _title(result.study.name, result.study.start.year, said["page.title"]),
        "words": said,
        "views": (*MAP_VIEWS, "quality"),
        "drawn": _views(result),
        "no_coverage": [
            note.text(language) for note in result.notes if note.code.startswith("coverage_")
        ],
        "figures": _figures(result, language),
        "networks": _networks(result, language),
        "quality": quality_view.content(result, language),
        "footer": _footer(result, language),
        "generated": quality_view.generated(result.county, language),
        "credits": result.county.credits,
    }


def _title(name: str, year: int, pattern: str) -> str:
    """Return a study's name as a title; a name that says its year is one already."""
    return name if str(year) in name else pattern.format(name=name, year=year)


def _figures(result: StudyResult, language: Language) -> dict[str, tuple[figures.Figure, ...]]:
    return {
        "trench": figures.trench(result.trench.figures, language),
        "extension": figures.extension(result.extension.figures, language),
    }


def _networks(
    result: StudyResult, language: Language
) -> dict[str, tuple[figures.Figure, ...]]:  # fmt: skip
    if result.coverage is None:
        return {}
    return figures.networks(result.coverage.figures, language)


def _footer(result: StudyResult, language: Language) -> list[str]:
    said, checks = words(language), result.checks
    end = result.study.start + dt.timedelta(days=result.study.days - 1)
    unverified = sum(value.unverified for value in result.settings)
    held = "footer.checks_failed" if checks.failed else "footer.checks"
    day = quality_view.data_date(result)
    lines = [
        said["footer.period"].format(start=result.study.start, end=end),
        said["footer.data"].format(day=day) if day else "",
        said["footer.crs"].format(crs=result.county.crs.name),
        said["footer.rules"].format(profile=result.profile.name),
        said["footer.inputs"].format(digest=quality_view.digest(result.county)[:12]),
        said["footer.assumptions"].format(count=unverified),
        said[held].format(passed=f"{checks.passed:,}", failed=f"{checks.failed:,}"),
    ]
    return [line for line in lines if line]


def _palette(language: Language) -> dict[str, object]:
    inks = {
        name: asdict(ink if language == "zh" else replace(ink, letter=ink.latin))
        for name, ink in palette.UTILITIES.items()
    }
    return {
        "utilities": inks,
        "redLine": {"tuned": palette.RED_LINE, "standard": palette.RED_LINE_STANDARD},
        "signal": palette.SIGNAL,
        "signalEdges": palette.SIGNAL_EDGES_DBM,
    }
