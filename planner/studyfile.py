"""The study file: which layers, which jurisdiction, which year, which settings."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from geo.errors import Fault, InputError, fail
from geo.terrain import STATED, Kind
from layers.flaw import has_personal_number
from layers.read import Source
from layers.tables import INPUTS
from planner.settings import Scalar, defaults

_INPUTS = tuple(table.name for table in INPUTS)
_SECTIONS = ("study", "layers", "terrain", "settings", "generate", "derive")
_SECTION_KEYS: Mapping[str, Mapping[str, type]] = {
    "study": {
        "name": str, "profile": str, "start": dt.date, "days": int, "crs": str, "credits": list,
        "approved": str,
    },
    "terrain": {"paths": list, "generated": bool, "kind": str},
    "generate": {"layers": list, "seed": int},
    "derive": {"layers": list},
}  # fmt: skip
_SOURCE_KEYS: Mapping[str, type] = {
    "path": str, "sublayer": str, "crs": str, "encoding": str, "where": str, "columns": dict,
    "values": dict, "scale": dict, "codes": dict, "generated": bool, "clip": bool,
}  # fmt: skip
_ENTRY_KINDS: Mapping[str, tuple[type, ...]] = {
    "columns": (str,), "scale": (int, float), "codes": (dict,),
    "values": (str, int, float, bool, dt.date),
}  # fmt: skip
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
_MOST_DAYS = 36525
_YEARS = range(1990, 2101)
"""A horizon of a century, within the years that calendars and dates of a county know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the user asked for.

    Parameters
    ----------
    name
        Title of the report.
    base
        Folder against which paths are resolved.
    sources
        Layers with their files, in the order of the study file.
    terrain, terrain_generated, terrain_kind
        Paths of elevation tiles, whether they are generated (生成数据), and what their heights are
        of (``ground`` or ``surface``), None to go by the files.
    crs
        Projected CRS to work in, or None to choose it from the data.
    profile
        Jurisdiction profile, for example ``qijiang-2022``.
    start, days
        First day and length of the planning horizon in calendar days.
    settings
        Overrides of `planner.settings` by dotted name.
    generate
        Input tables that the generator of the sample county fills in (生成数据), and its seed.
    derive
        Tables that are derived from others, see `layers.derive`.
    credits
        Lines shown wherever the data is.
    approved
        ``study.gpkg`` of an earlier study whose starts are held, see `planner.approved`.
    """

    name: str
    base: Path
    sources: tuple[Source, ...]
    terrain: tuple[str, ...] = ()
    terrain_generated: bool = False
    terrain_kind: Kind | None = None
    crs: str | None = None
    profile: str = "qijiang-2022"
    start: dt.date
    days: int = 365
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    generate: tuple[str, ...] = ()
    seed: int = 1
    derive: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    approved: str | None = None


def load(path: Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path
        A TOML file in UTF-8; see the README for its sections. In paths, ``${NAME:-default}`` stands
        for an environment variable or, without it, the default.

    Raises
    ------
    InputError
        With every fault of the file: missing, not TOML, unknown sections, layers, keys or
        settings, values of the wrong kind, no layer at all.
    """
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        # editors on Windows begin a UTF-8 file with a mark
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise fail("study_not_utf8", file=path) from error
    except tomllib.TOMLDecodeError as error:
        raise fail("study_not_toml", file=path, detail=error) from error
    faults = _faults(document, str(path))
    if faults:
        raise InputError(faults)
    return _study(document, path)


def _study(document: Mapping[str, Any], path: Path) -> Study:
    head = document["study"]
    generate = document.get("generate", {})
    return Study(
        name=head.get("name", path.stem),
        base=path.parent,
        sources=tuple(
            _source(layer, entry)
            for layer, entries in document.get("layers", {}).items()
            for entry in entries
        ),
        terrain=tuple(map(_expanded, document.get("terrain", {}).get("paths", ()))),
        terrain_generated=document.get("terrain", {}).get("generated", False),
        terrain_kind=document.get("terrain", {}).get("kind"),
        crs=head.get("crs"),
        profile=head.get("profile", "qijiang-2022"),
        start=head["start"],
        days=head.get("days", 365),
        settings=document.get("settings", {}),
        generate=tuple(generate.get("layers", ())),
        seed=generate.get("seed", 1),
        derive=tuple(document.get("derive", {}).get("layers", ())),
        credits=tuple(head.get("credits", ())),
        approved=_expanded(head["approved"]) if "approved" in head else None,
    )


def _expanded(path: str) -> str:
    """Return the path with ``${NAME:-default}`` replaced by the variable or its default.

    As in a shell, the default also stands where the variable is set but empty.
    """
    return _VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[2], path)


def _source(layer: str, entry: Mapping[str, Any]) -> Source:
    return Source(
        layer=layer,
        path=_expanded(entry["path"]),
        sublayer=entry.get("sublayer"),
        crs=entry.get("crs"),
        encoding=entry.get("encoding"),
        where=entry.get("where"),
        columns=entry.get("columns", {}),
        values=entry.get("values", {}),
        generated=entry.get("generated", False),
        scale=entry.get("scale", {}),
        codes=entry.get("codes", {}),
        clip=entry.get("clip", False),
    )


def _faults(document: Mapping[str, Any], file: str) -> list[Fault]:
    """Return every fault of the document; a section that is no table is not looked into."""
    faults = [
        Fault("study_unknown_section", {"section": section}, file=file)
        for section in document
        if section not in _SECTIONS
    ]
    sections: dict[str, Mapping[str, Any]] = {}
    for section in _SECTIONS:
        content = document.get(section, {})
        if isinstance(content, Mapping):
            sections[section] = content
        else:
            faults.append(Fault("study_section_kind", {"section": section}, file=file))
    for section, known in _SECTION_KEYS.items():
        faults += _key_faults(sections.get(section, {}), known, file, section)
    faults += _head_faults(sections.get("study"), file)
    faults += _terrain_faults(sections.get("terrain", {}), file)
    faults += _layers_faults(sections.get("layers"), file)
    seed = sections.get("generate", {}).get("seed", 0)
    if isinstance(seed, int) and seed < 0:
        faults.append(Fault("study_seed", file=file))
    for section in ("generate", "derive"):
        faults += _named_faults(sections.get(section, {}).get("layers", ()), file)
    return [*faults, *_setting_faults(sections.get("settings", {}), file)]


def _head_faults(head: Mapping[str, Any] | None, file: str) -> Iterator[Fault]:
    if head is None:
        return
    if "start" not in head:
        yield Fault("study_key_missing", {"section": "study", "key": "start"}, file=file)
    for key in ("name", "credits"):
        if has_personal_number(str(head.get(key, ""))):
            yield Fault("study_personal", {"key": key}, file=file)
    days, start = head.get("days", 1), head.get("start")
    if isinstance(days, int) and not 1 <= days <= _MOST_DAYS:
        yield Fault("study_days", {"days": days, "most": _MOST_DAYS}, file=file)
    if isinstance(start, dt.date) and start.year not in _YEARS:
        years = {"first": _YEARS[0], "last": _YEARS[-1]}
        yield Fault("study_start", {"start": start.isoformat(), **years}, file=file)


def _terrain_faults(terrain: Mapping[str, Any], file: str) -> Iterator[Fault]:
    kind = terrain.get("kind")
    if isinstance(kind, str) and kind not in STATED:
        facts = {"name": "terrain.kind", "value": kind, "known": ", ".join(STATED)}
        yield Fault("setting_choice", facts, file=file)


def _layers_faults(layers: Mapping[str, Any] | None, file: str) -> Iterator[Fault]:
    if layers is None:
        return
    if not layers:
        yield Fault("study_without_layers", file=file)
    for layer, entries in layers.items():
        yield from _layer_faults(layer, entries, file)


def _named_faults(names: object, file: str) -> list[Fault]:
    """Return a fault for each name that is no input table; the list's kind is checked elsewhere."""
    if not isinstance(names, list):
        return []
    return [_unknown_layer(str(name), file) for name in names if name not in _INPUTS]


def _unknown_layer(name: str, file: str) -> Fault:
    return Fault("study_unknown_layer", {"known": ", ".join(_INPUTS)}, file=file, layer=name)


def _layer_faults(layer: str, entries: object, file: str) -> list[Fault]:
    if layer not in _INPUTS:
        return [_unknown_layer(layer, file)]
    listed = isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries)
    if not listed or not entries:
        return [Fault("study_layer_not_list", {}, file=file, layer=layer)]
    faults: list[Fault] = []
    section = f"layers.{layer}"
    for entry in cast("list[Mapping[str, object]]", entries):
        faults += _key_faults(entry, _SOURCE_KEYS, file, section)
        faults += _entry_faults(entry, file, section)
        if "path" not in entry:
            missing = {"section": section, "key": "path"}
            faults.append(Fault("study_key_missing", missing, file=file))
    return faults


def _entry_faults(entry: Mapping[str, object], file: str, section: str) -> Iterator[Fault]:
    """Yield a fault for each value of the wrong kind inside columns, values, scale and codes."""
    for key, kinds in _ENTRY_KINDS.items():
        mapping = entry.get(key)
        for name, value in mapping.items() if isinstance(mapping, Mapping) else ():
            if not _is_entry(value, kinds):
                facts = {"section": section, "key": key, "name": name, "value": value}
                yield Fault("study_entry_kind", facts, file=file)


def _is_entry(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, Mapping):
        return dict in kinds and all(isinstance(cell, str) for cell in value.values())
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _setting_faults(settings: Mapping[str, Scalar], file: str) -> tuple[Fault, ...]:
    try:
        defaults().with_user(settings, source=file)
    except InputError as error:
        return error.faults
    return ()


def _key_faults(
    entries: Mapping[str, object], known: Mapping[str, type], file: str, section: str
) -> Iterator[Fault]:
    for key, value in entries.items():
        place = {"section": section, "key": key}
        if key not in known:
            yield Fault("study_unknown_key", {**place, "known": ", ".join(known)}, file=file)
        elif not _is_of(value, known[key]):
            yield Fault("study_key_kind", {**place, "kind": known[key].__name__}, file=file)
        elif known[key] is list and not all(
            isinstance(item, str) for item in cast("list[object]", value)
        ):
            yield Fault("study_list_kind", place, file=file)


def _is_of(value: object, kind: type) -> bool:
    """Return whether a value is of a kind; yes-or-no is no number, a time of day no day."""
    if isinstance(value, (bool, dt.datetime)):
        return type(value) is kind
    return isinstance(value, kind)
