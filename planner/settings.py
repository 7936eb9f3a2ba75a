"""Settings: every number that can be argued about, with unit, source and confidence.

The defaults stand in ``planner/defaults.toml``; a study overrides them by their dotted name, and
the report prints which values are the user's, which are defaults and which of those are
unverified (待核) or plain assumptions (假设).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType

from geo.errors import Fault, InputError

Scalar = float | int | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One setting; `source_en` is empty where `source` serves both languages.

    `confidence` is A to D as in the standards tables, ``assumption`` for a number nobody has
    published, ``choice`` for a decision of method, ``user`` once the study sets it.
    """

    name: str
    value: Scalar
    unit: str
    source: str
    confidence: str
    zh: str
    en: str
    source_en: str = ""

    @property
    def unverified(self) -> bool:
        """Whether a report must mark what rests on this value."""
        return self.confidence in {"C", "D", "assumption"}


@dataclass(frozen=True, slots=True)
class Settings:
    """An immutable set of named values."""

    values: Mapping[str, Value]

    def __hash__(self) -> int:
        """Return a number alike for settings that are alike, so that results can be remembered."""
        return len(self.values)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values.values())

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def number(self, name: str) -> float:
        """Return a numeric setting by its dotted name, in its declared unit."""
        return float(self.values[name].value)

    def count(self, name: str) -> int:
        """Return a whole-number setting by its dotted name."""
        return int(self.values[name].value)

    def text(self, name: str) -> str:
        """Return a textual setting by its dotted name."""
        return str(self.values[name].value)

    def flag(self, name: str) -> bool:
        """Return a yes-or-no setting by its dotted name."""
        return bool(self.values[name].value)

    def with_user(self, overrides: Mapping[str, Scalar], *, source: str) -> Settings:
        """Return a copy in which the user's values replace the defaults.

        Parameters
        ----------
        overrides
            Dotted name to value, in the unit of the default.
        source
            Where the user's values come from, for the report.

        Raises
        ------
        InputError
            If a name is unknown or a value is of another kind than the default.
        """
        faults = [
            Fault("setting_unknown", {"name": name}, file=source)
            for name in overrides
            if name not in self.values
        ]
        faults += [
            Fault("setting_kind", {"name": name, "value": value}, file=source)
            for name, value in overrides.items()
            if name in self.values and not _same_kind(self.values[name].value, value)
        ]
        if faults:
            raise InputError(faults)
        changed = {
            name: replace(
                self.values[name], value=value, source=source, source_en="", confidence="user"
            )
            for name, value in overrides.items()
        }
        return Settings(MappingProxyType({**self.values, **changed}))


def _same_kind(default: Scalar, given: object) -> bool:
    if isinstance(default, bool) or isinstance(given, bool):
        return isinstance(default, bool) and isinstance(given, bool)
    if isinstance(default, str):
        return isinstance(given, str)
    return isinstance(given, (int, float)) and math.isfinite(given)


@cache
def defaults() -> Settings:
    """Return the settings of ``planner/defaults.toml``."""
    text = resources.files("planner").joinpath("defaults.toml").read_text(encoding="utf-8")
    values = {
        f"{room}.{name}": Value(name=f"{room}.{name}", **entry)
        for room, entries in tomllib.loads(text).items()
        for name, entry in entries.items()
    }
    return Settings(MappingProxyType(values))
