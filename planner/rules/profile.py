"""What one county's documents say, read from TOML into frozen values.

A profile holds the limits, permits, payers, flows, notices and principles of one jurisdiction;
every one carries its citation. ``national.toml`` holds what is valid in every county.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import inf
from types import MappingProxyType
from typing import Any

from geo.errors import fail
from planner.rules.citation import Citation, Words
from planner.rules.entries import (
    DeadlineRule,
    FlowRule,
    Notice,
    PayerRule,
    PermitRule,
    Principle,
    Stage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything that the documents of one jurisdiction say.

    `files` maps the name of a source file to the quotes that must be found in it.
    """

    name: str
    title: Words
    deadlines: tuple[DeadlineRule, ...]
    permits: tuple[PermitRule, ...]
    filing: PermitRule | None
    payers: tuple[PayerRule, ...]
    flows: tuple[FlowRule, ...]
    notices: tuple[Notice, ...]
    principles: Mapping[str, Principle]
    files: Mapping[str, tuple[str, ...]]


Row = Mapping[str, Any]


def _words(row: Row, prefix: str = "") -> Words:
    return Words(row.get(f"{prefix}zh", ""), row.get(f"{prefix}en", ""))


def _set(row: Row, key: str) -> frozenset[str]:
    return frozenset(row.get(key, ()))


def _cite(documents: Row, row: Row, *, quote: str, place: str = "") -> Citation:
    document = documents[row["document"]]
    return Citation(document["title"], document["number"], place or row["place"], quote)


def _stage(documents: Row, row: Row, stage: Row) -> Stage:
    source = None
    if "quote" in stage:
        source = _cite(documents, row, quote=stage["quote"], place=stage.get("place", ""))
    return Stage(_words(stage), stage.get("limit"), stage.get("limit_dual"), source)


def _deadline(documents: Row, row: Row) -> DeadlineRule:
    excluded = row.get("excluded_quote")
    return DeadlineRule(
        utility=row["utility"],
        applicants=_set(row, "applicants"),
        levels=_set(row, "levels"),
        businesses=_set(row, "businesses"),
        limit=row["limit"],
        unit=row["unit"],
        starts=row.get("starts", "acceptance"),
        average=row.get("average", False),
        stages=tuple(_stage(documents, row, stage) for stage in row.get("stages", ())),
        stages_make_whole=row.get("stages_make_whole", False),
        source=_cite(documents, row, quote=row["quote"]),
        note=_words(row, "note_"),
        excluded=_words(row, "excluded_"),
        excluded_source=_cite(documents, row, quote=excluded) if excluded else None,
    )


def permit_rule(row: Row, source: Citation | None) -> PermitRule:
    """Read one permit; its citation is given, since documents and articles are cited unlike."""
    return PermitRule(
        code=row["code"],
        name=_words(row),
        authority=_words(row, "authority_"),
        when=row.get("when", "surface"),
        utilities=_set(row, "utilities"),
        min_length_m=row.get("min_length_m", 0.0),
        below_length_m=row.get("below_length_m", inf),
        working_days=row["working_days"],
        later_working_days=row.get("later_working_days", 0),
        order=row["order"],
        source=source,
        note=_words(row, "note_"),
    )


def _payer(documents: Row, row: Row) -> PayerRule:
    return PayerRule(
        name=_words(row),
        utilities=_set(row, "utilities"),
        applicants=_set(row, "applicants"),
        needs=_set(row, "needs"),
        assumed=row.get("assumed", False),
        source=_cite(documents, row, quote=row["quote"]),
        note=_words(row, "note_"),
    )


def _flow(documents: Row, row: Row) -> FlowRule:
    return FlowRule(
        code=row["code"],
        name=_words(row),
        utilities=_set(row, "utilities"),
        max_kv=row.get("max_kv", inf),
        max_dn_mm=row.get("max_dn_mm", inf),
        max_mpa=row.get("max_mpa", inf),
        filing=row.get("filing", False),
        stages=tuple(_stage(documents, row, stage) for stage in row["stages"]),
        source=_cite(documents, row, quote=row["quote"]),
    )


def _quotes(value: object) -> Iterable[str]:
    """Yield every value of a key that ends in ``quote``, however deep."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if str(key).endswith("quote"):
                yield str(inner)
            else:
                yield from _quotes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _quotes(inner)


def _files(table: Row) -> Mapping[str, tuple[str, ...]]:
    rows = [row for rows in table.values() if isinstance(rows, list) for row in rows]
    rows += [table["filing"]] if "filing" in table else []
    return MappingProxyType(
        {
            document["file"]: tuple(
                quote for row in rows if row["document"] == number for quote in _quotes(row)
            )
            for number, document in table["documents"].items()
        }
    )


def names() -> tuple[str, ...]:
    """Return the names of the profiles that exist, sorted."""
    folder = resources.files("planner.rules").joinpath("profiles")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir()))


@cache
def load(name: str) -> Profile:
    """Read one profile.

    Parameters
    ----------
    name
        ``wulong-2018``, ``wushan-2021``, ``qijiang-2022`` or ``feicheng-2018``.

    Raises
    ------
    InputError
        If there is no such profile.
    """
    if name not in names():
        raise fail("profile_unknown", name=name, names=", ".join(names()))
    path = resources.files("planner.rules").joinpath("profiles", f"{name}.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    documents = table["documents"]

    def cite(row: Row) -> Citation:
        return _cite(documents, row, quote=row["quote"])

    filing = table.get("filing")
    principles = {
        row["code"]: Principle(row["code"], _words(row), cite(row), row.get("most", inf))
        for row in table.get("principles", ())
    }
    return Profile(
        name=table["name"],
        title=_words(table),
        deadlines=tuple(_deadline(documents, row) for row in table.get("deadlines", ())),
        permits=tuple(permit_rule(row, cite(row)) for row in table.get("permits", ())),
        filing=permit_rule(filing, cite(filing)) if filing else None,
        payers=tuple(_payer(documents, row) for row in table.get("payers", ())),
        flows=tuple(_flow(documents, row) for row in table.get("flows", ())),
        notices=tuple(
            Notice(row["utility"], tuple(row["hours"]), _words(row), cite(row))
            for row in table.get("notices", ())
        ),
        principles=MappingProxyType(principles),
        files=_files(table),
    )
