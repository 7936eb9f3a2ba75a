"""Settings that are words: which utilities, which way of crossing."""

from __future__ import annotations

from collections.abc import Iterator

from geo.errors import Fault, InputError
from layers.tables import METHODS, ROAD_CLASSES, UTILITIES
from planner.settings import Settings

LISTS = ("extension.tapped", "extension.pole_utilities", "section.tunnel_utilities")


def utilities(name: str, settings: Settings) -> frozenset[str]:
    """Return the utilities that a setting lists, separated by commas."""
    words = (word.strip() for word in settings.text(name).split(","))
    return frozenset(word for word in words if word)


def bored(road_class: str, settings: Settings) -> bool:
    """Return whether roads of a class are crossed without opening them."""
    return settings.text(f"extension.crossing_{road_class}") == "trenchless"


def require(settings: Settings) -> None:
    """Make sure that the words are known.

    Raises
    ------
    InputError
        With one fault for each setting that lists no utility of `layers.tables.UTILITIES` or
        names no method of `layers.tables.METHODS`.
    """
    faults = list(_faults(settings))
    if faults:
        raise InputError(faults)


def _faults(settings: Settings) -> Iterator[Fault]:
    for name in LISTS:
        strange = sorted(utilities(name, settings) - set(UTILITIES))
        if strange:
            yield _fault(name, ", ".join(strange), ", ".join(UTILITIES))
    for road_class in ROAD_CLASSES:
        name = f"extension.crossing_{road_class}"
        if settings.text(name) not in METHODS:
            yield _fault(name, settings.text(name), ", ".join(METHODS))


def _fault(name: str, given: str, known: str) -> Fault:
    return Fault("setting_choice", {"name": name, "value": given, "known": known})
