"""The headline figures of each view, every one beside what it is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.messages import Language
from maps.words import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: what it counts, the number with its unit, and the comparison.

    `tone` is ``""``, ``"warning"`` or ``"stop"``; `hint` is told to a pointer that rests on it.
    """

    label: str
    value: str
    unit: str
    note: str
    tone: str = ""
    hint: str = ""


class _Writer:
    """Numbers and words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.words = words(language)

    def say(self, key: str, **facts: object) -> str:
        return self.words[key].format_map(facts)

    def count(self, value: float | None) -> str:
        return "–" if value is None else f"{round(value):,}"

    def length(self, metres: float) -> tuple[str, str]:
        if abs(metres) < 1000:
            return f"{metres:,.0f}", "m"
        return f"{metres / 1000:,.1f}", "km"

    def money(self, yuan: float) -> tuple[str, str]:
        steps = (
            ((1e8, "亿元"), (1e4, "万元"), (1.0, "元"))
            if self.language == "zh"
            else ((1e6, "M yuan"), (1e3, "k yuan"), (1.0, "yuan"))
        )
        size, unit = next((step for step in steps if abs(yuan) >= step[0]), steps[-1])
        digits = 1 if abs(yuan) / size < 100 and size > 1 else 0
        return f"{yuan / size:,.{digits}f}", unit

    def figure(
        self, key: str, value: str, unit: str, note: str, tone: str = "", hint: str = ""
    ) -> Figure:
        label = self.say(f"kpi.{key}")
        return Figure(label=label, value=value, unit=unit, note=note, tone=tone, hint=hint)


def trench(figures: Mapping[str, Any], language: Language) -> tuple[Figure, ...]:
    """Return openings, metres, closure days, distance to the best and yuan, each compared."""
    write = _Writer(language)
    saved_m = figures["dug_separate_m"] - figures["dug_m"]
    saved_days = figures["closure_separate_days"] - figures["closure_days"]
    total, separate = write.length(figures["dug_m"]), write.length(figures["dug_separate_m"])
    return (
        _openings(write, figures),
        write.figure(
            "dug", *write.length(saved_m),
            write.say("kpi.dug_note", total=" ".join(total), separate=" ".join(separate)),
        ),
        write.figure(
            "closure", write.count(saved_days), write.say("unit.days"),
            write.say(
                "kpi.closure_note", total=write.count(figures["closure_days"]),
                separate=write.count(figures["closure_separate_days"]),
            ),
        ),
        _distance(write, figures),
        _saved(write, figures),
    )  # fmt: skip


def _openings(write: _Writer, figures: Mapping[str, Any]) -> Figure:
    """Return the openings; a re-opening without a reason warns."""
    again, explained = figures["reopenings"], figures["reopenings_explained"]
    note = "openings_note" if explained == again else "openings_unexplained"
    return write.figure(
        "openings", write.count(figures["openings"]), write.say("unit.times"),
        write.say(
            f"kpi.{note}", separate=write.count(figures["openings_separate"]),
            again=write.count(again), missing=write.count(again - explained),
        ),
        "" if explained == again else "warning",
        write.say("kpi.openings_hint", again=write.count(again), explained=write.count(explained)),
    )  # fmt: skip


def _distance(write: _Writer, figures: Mapping[str, Any]) -> Figure:
    """Return how far from the best plan this one can be at most, and what proves it."""
    gap, bound_yuan = figures["gap"], figures["bound_yuan"]
    if gap is None or bound_yuan is None:
        return write.figure("distance", "–", "", write.say("kpi.no_bound"))
    bound, cost = (" ".join(write.money(yuan)) for yuan in (bound_yuan, figures["cost_yuan"]))
    best = figures["status"] == "optimal"
    return write.figure(
        "distance", "0" if best else f"≤ {at_most_percent(gap)}", "%",
        write.say("kpi.distance_proven" if best else "kpi.distance_note", bound=bound),
        hint=write.say("kpi.distance_hint", bound=bound, cost=cost),
    )  # fmt: skip


def at_most_percent(share: float) -> str:
    """Return a share in percent, rounded up to a tenth, so that "at most" stays true.

    Examples
    --------
    >>> at_most_percent(0.0101), at_most_percent(0.01)
    ('1.1', '1.0')
    """
    return f"{math.ceil(round(1000 * share, 6)) / 10:.1f}"


def _saved(write: _Writer, figures: Mapping[str, Any]) -> Figure:
    """Return the yuan saved, labelled as assumed where a price of them is."""
    mine, alone = figures["cost_yuan"], figures["cost_separate_yuan"]
    total, separate = (" ".join(write.money(yuan)) for yuan in (mine, alone))
    assumed = len(figures["prices_assumed"])
    return write.figure(
        "saved" if assumed else "saved_given", *write.money(alone - mine),
        write.say("kpi.dug_note", total=total, separate=separate),
        hint=write.say("kpi.saved_hint", count=assumed) if assumed else "",
    )  # fmt: skip


def networks(
    figures: Mapping[str, Any], language: Language
) -> dict[str, tuple[Figure, ...]]:  # fmt: skip
    """Return the figures of coverage for each operator and for ``any`` and ``all``."""
    infill = figures["infill"]
    return {
        name: coverage(
            {**figures, **own, "infill": infill["operators"].get(name, infill)}, language
        )
        for name, own in figures["operators"].items()
    }


def coverage(figures: Mapping[str, Any], language: Language) -> tuple[Figure, ...]:
    """Return covered share, gaps, people in them, villages that fail, and what infill gains."""
    write = _Writer(language)
    failing, infill = figures["villages_failing"], figures["infill"]
    uncertain = figures["uncertain_share"]
    later = _percent(figures["covered_share_after"])
    covered_note = (
        write.say("kpi.uncertain_none", area=f"{figures['area_km2']:,.0f}", later=later)
        if uncertain is None
        else write.say("kpi.uncertain", share=f"{100 * uncertain:.1f}", later=later)
    )
    return (
        write.figure(
            "covered", _percent(figures["covered_share"]), "%", covered_note,
            hint=write.say("kpi.covered_hint", shares=_by_threshold(figures["covered_share_at"])),
        ),
        write.figure(
            "gaps", write.count(figures["gap_count"]), write.say("unit.places"),
            write.say(
                "kpi.gaps_note", area=f"{figures['gap_km2']:,.1f}",
                later=f"{figures['gap_km2_after']:,.1f}",
            ),
        ),
        write.figure(
            "gap_people", write.count(figures["people_in_gaps"]), write.say("unit.people"),
            _calibrated(write, "note", figures),
            hint=write.say(
                "kpi.gap_people_hint", outdoor=_percent(figures["people_outdoor_share"]),
                indoor=_percent(figures["people_indoor_share"]),
                calibrated=_calibrated(write, "hint", figures),
            ),
        ),
        write.figure(
            "villages", write.count(failing), write.say("unit.villages"),
            write.say(
                "kpi.villages_unsure" if figures["villages_uncertain"] else "kpi.villages_note",
                total=write.count(figures["villages"]),
                unsure=write.count(figures["villages_uncertain"]),
            ),
            "warning" if failing else "",
        ),
        write.figure(
            "infill", write.count(infill["sites"]), write.say("unit.sites"),
            _gained(write, infill),
        ),
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _by_threshold(shares: Mapping[str, float | None]) -> str:
    return ", ".join(f"{at}: {_percent(share)} %" for at, share in shares.items())


def _calibrated(write: _Writer, place: str, figures: Mapping[str, Any]) -> str:
    """Say in a note or a hint whether the prediction was calibrated, and who is left without."""
    calibration = figures["calibration"]
    status = "calibrated" if calibration["status"] == "calibrated" else "uncalibrated"
    return write.say(
        f"kpi.gap_people_{status}_{place}", pixels=write.count(calibration.get("pixels")),
        later=write.count(figures["people_in_gaps_after"]),
    )  # fmt: skip


def _gained(write: _Writer, infill: Mapping[str, Any]) -> str:
    """Return the people gained, and how far from the best choice of the candidates at most."""
    people, gap = write.count(infill["people_gained"]), infill["gap"]
    if gap is None:
        return write.say("kpi.infill_note", people=people)
    if gap <= 0:
        return write.say("kpi.infill_proven", people=people)
    return write.say("kpi.infill_gap", people=people, gap=at_most_percent(gap))


def extension(figures: Mapping[str, Any], language: Language) -> tuple[Figure, ...]:
    """Return connections, failures, trench, and yuan against separate and overlaid routes."""
    write = _Writer(language)
    missing, idle = len(figures["unreachable"]), figures.get("no_line", 0)
    alone = figures["cost_separate_yuan"] - figures["cost_yuan"]
    overlay = figures["cost_overlay_yuan"] - figures["cost_yuan"]
    line = write.length(figures["line_m"])
    return (
        write.figure(
            "connected", write.count(figures["connected"]), write.say("unit.rows"),
            write.say(
                "kpi.connected_note_idle" if idle else "kpi.connected_note",
                total=write.count(figures["applications"]), idle=write.count(idle),
            ),
        ),
        write.figure(
            "unreachable", write.count(missing), write.say("unit.rows"),
            write.say("kpi.unreachable_note"), "stop" if missing else "",
        ),
        write.figure(
            "trench", *write.length(figures["trench_m"]),
            write.say("kpi.trench_note", line=" ".join(line)),
        ),
        write.figure("alone", *write.money(alone), write.say("kpi.priced")),
        write.figure("overlay", *write.money(overlay), _bound(write, figures)),
    )  # fmt: skip


def _bound(write: _Writer, figures: Mapping[str, Any]) -> str:
    """Say how far from the best the plan can be, or that this is not computed."""
    gap = figures["gap"]
    if gap is None:
        return write.say("kpi.no_bound")
    return write.say("kpi.gap", gap=at_most_percent(gap))
