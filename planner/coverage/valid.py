"""Settings of coverage that are words or shares: known ones only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from geo.errors import Fault, InputError
from planner.coverage.itm import CLIMATES
from planner.coverage.propagation import ANTENNA_M, CARRIER_GHZ, PATH_KM
from planner.settings import Settings

_WORDS: Mapping[str, Sequence[str]] = MappingProxyType(
    {"coverage.second_model": ("itm", "none"), "coverage.itm_climate": tuple(CLIMATES)}
)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType({
    "coverage.location_share": (0.01, 0.99),
    "coverage.reach_km": PATH_KM,
    "coverage.receiver_height_m": ANTENNA_M,
    "coverage.frequency_mhz": (1000.0 * CARRIER_GHZ[0], 1000.0 * CARRIER_GHZ[1]),
    "coverage.itm_refractivity_n": (250.0, 400.0),
})  # fmt: skip


def require(settings: Settings) -> None:
    """Make sure that words are known and numbers lie where the models hold.

    Raises
    ------
    InputError
        With one fault for each setting that is not.
    """
    faults = [*_strange(settings), *_beyond(settings)]
    if faults:
        raise InputError(faults)


def _strange(settings: Settings) -> Iterator[Fault]:
    for name, words in _WORDS.items():
        given = settings.text(name)
        if given not in words:
            facts = {"name": name, "value": given, "known": ", ".join(words)}
            yield Fault("setting_choice", facts)


def _beyond(settings: Settings) -> Iterator[Fault]:
    for name, (low, high) in _RANGES.items():
        given = settings.number(name)
        if not low <= given <= high:
            facts = {"name": name, "value": f"{given:g}", "range": f"{low:g} … {high:g}"}
            yield Fault("setting_range", facts)
