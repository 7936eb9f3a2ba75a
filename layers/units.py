"""Units as headings and cells spell them, and the factor from one to another."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS: Mapping[str, tuple[str, float]] = {
    "mm": ("length", 1e-3), "毫米": ("length", 1e-3),
    "cm": ("length", 1e-2), "厘米": ("length", 1e-2),
    "m": ("length", 1.0), "米": ("length", 1.0),
    "km": ("length", 1e3), "公里": ("length", 1e3), "千米": ("length", 1e3),
    "v": ("voltage", 1e-3), "伏": ("voltage", 1e-3),
    "kv": ("voltage", 1.0), "千伏": ("voltage", 1.0),
    "pa": ("pressure", 1e-6), "kpa": ("pressure", 1e-3), "千帕": ("pressure", 1e-3),
    "mpa": ("pressure", 1.0), "兆帕": ("pressure", 1.0), "bar": ("pressure", 0.1),
    "kva": ("load", 1.0), "千伏安": ("load", 1.0), "mva": ("load", 1e3),
    "khz": ("frequency", 1e-3), "mhz": ("frequency", 1.0), "ghz": ("frequency", 1e3),
    "°": ("angle", 1.0), "度": ("angle", 1.0), "deg": ("angle", 1.0),
    "天": ("time", 1.0), "日": ("time", 1.0), "d": ("time", 1.0), "days": ("time", 1.0),
    "km/h": ("speed", 1.0), "kmh": ("speed", 1.0), "m/s": ("speed", 3.6),
    "户": ("households", 1.0), "人": ("people", 1.0), "元": ("money", 1.0),
    "万元": ("money", 1e4), "dbm": ("power level", 1.0), "dbi": ("gain", 1.0), "db": ("loss", 1.0),
}  # fmt: skip


def is_unit(text: str) -> bool:
    """Return whether a text is the name of a unit."""
    return text.strip().casefold() in _UNITS


def factor(found: str, wanted: str) -> float | None:
    """Return what a number in one unit is multiplied by to be in another.

    Parameters
    ----------
    found, wanted
        Units as spelled in files; case does not count.

    Returns
    -------
    float or None
        None where one is not a known unit or they measure different things.

    Examples
    --------
    >>> factor("厘米", "mm")
    10.0
    >>> factor("kV", "mm") is None
    True
    """
    found, wanted = found.strip().casefold(), wanted.strip().casefold()
    if found == wanted:
        return 1.0
    if found not in _UNITS or wanted not in _UNITS:
        return None
    (kind, size), (wanted_kind, wanted_size) = _UNITS[found], _UNITS[wanted]
    return float(f"{size / wanted_size:.12g}") if kind == wanted_kind else None
