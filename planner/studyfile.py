"""The study file: which layers, which jurisdiction, which year, which settings."""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.errors import Fault, InputError, fail
from layers.read import Source
from layers.tables import BY_NAME, INPUTS
from planner.settings import Scalar

_SECTIONS = {"study", "layers", "terrain", "settings", "generate", "derive"}
_STUDY_KEYS: Mapping[str, type] = {
    "name": str, "profile": str, "start": dt.date, "days": int, "crs": str, "credits": list,
}  # fmt: skip
_SECTION_KEYS: Mapping[str, Mapping[str, type]] = {
    "terrain": {"paths": list, "generated": bool},
    "generate": {"layers": list, "seed": int},
    "derive": {"layers": list},
}


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
    terrain, terrain_generated
        Paths of elevation tiles, and whether they are generated (生成数据).
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
    """

    name: str
    base: Path
    sources: tuple[Source, ...]
    terrain: tuple[str, ...] = ()
    terrain_generated: bool = False
    crs: str | None = None
    profile: str = "qijiang-2022"
    start: dt.date
    days: int = 365
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    generate: tuple[str, ...] = ()
    seed: int = 1
    derive: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def load(path: Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path
        A TOML file; see the README for its sections.

    Raises
    ------
    InputError
        With every fault of the file: missing, not TOML, unknown sections, layers or keys,
        values of the wrong kind.
    """
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
        crs=head.get("crs"),
        profile=head.get("profile", "qijiang-2022"),
        start=head["start"],
        days=head.get("days", 365),
        settings=document.get("settings", {}),
        generate=tuple(generate.get("layers", ())),
        seed=generate.get("seed", 1),
        derive=tuple(document.get("derive", {}).get("layers", ())),
        credits=tuple(head.get("credits", ())),
    )


_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def _expanded(path: str) -> str:
    """Return the path with ``${NAME:-default}`` replaced by the variable or its default."""
    return _VARIABLE.sub(lambda match: os.environ.get(match[1], match[2]), path)


_SOURCE_KEYS: Mapping[str, type] = {
    "path": str, "sublayer": str, "crs": str, "encoding": str, "where": str, "columns": dict,
    "values": dict, "scale": dict, "codes": dict, "generated": bool, "clip": bool,
}  # fmt: skip


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
    faults = [
        Fault("study_unknown_section", {"section": section}, file=file)
        for section in document
        if section not in _SECTIONS
    ]
    head = document.get("study", {})
    faults += _key_faults(head, _STUDY_KEYS, file, "study")
    for section, known in _SECTION_KEYS.items():
        faults += _key_faults(document.get(section, {}), known, file, section)
    if "start" not in head:
        faults.append(Fault("study_key_missing", {"section": "study", "key": "start"}, file=file))
    if head.get("days", 1) < 1:
        faults.append(Fault("study_days", {"days": head["days"]}, file=file))
    for layer, entries in document.get("layers", {}).items():
        faults += _layer_faults(layer, entries, file)
    inputs = [table.name for table in INPUTS]
    for section in ("generate", "derive"):
        faults += [
            Fault("study_unknown_layer", {"known": ", ".join(inputs)}, file=file, layer=str(name))
            for name in document.get(section, {}).get("layers", ())
            if name not in BY_NAME
        ]
    return faults


def _layer_faults(layer: str, entries: object, file: str) -> list[Fault]:
    inputs = [table.name for table in INPUTS]
    if layer not in inputs:
        known = ", ".join(inputs)
        return [Fault("study_unknown_layer", {"known": known}, file=file, layer=layer)]
    if not isinstance(entries, Sequence) or not entries:
        return [Fault("study_layer_not_list", {}, file=file, layer=layer)]
    faults: list[Fault] = []
    for entry in entries:
        section = f"layers.{layer}"
        faults += _key_faults(entry, _SOURCE_KEYS, file, section)
        if "path" not in entry:
            faults.append(
                Fault("study_key_missing", {"section": section, "key": "path"}, file=file)
            )
    return faults


def _key_faults(
    entries: Mapping[str, object], known: Mapping[str, type], file: str, section: str
) -> list[Fault]:
    unknown = [
        Fault(
            "study_unknown_key",
            {"section": section, "key": key, "known": ", ".join(known)},
            file=file,
        )
        for key in entries
        if key not in known
    ]
    wrong = [
        Fault(
            "study_key_kind",
            {"section": section, "key": key, "kind": known[key].__name__},
            file=file,
        )
        for key, value in entries.items()
        if key in known and not isinstance(value, known[key])
    ]
    return unknown + wrong
