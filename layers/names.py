"""Which heading of a file is which column of a table, and which headings are never read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from geo.errors import Fault
from layers import units
from layers.source import Source
from layers.tables import Column, Table

POSITIONS: Mapping[str, tuple[str, ...]] = {
    "lon": (
        "经度", "longitude", "lng", "扇区经度", "小区经度", "站点经度", "lte_longitude",
        "gps经度", "百度经度", "高德经度", "腾讯经度", "火星经度",
    ),
    "lat": (
        "纬度", "latitude", "扇区纬度", "小区纬度", "站点纬度", "lte_latitude",
        "gps纬度", "百度纬度", "高德纬度", "腾讯纬度", "火星纬度",
    ),
    "x": ("东坐标", "横坐标", "x坐标", "east", "easting"),
    "y": ("北坐标", "纵坐标", "y坐标", "north", "northing"),
    "wkt": ("geometry", "geom", "几何", "坐标串"),
}  # fmt: skip
"""Headings of positions in tables without geometry; x is east, y is north."""

_PERSONAL = re.compile(
    r"身份证|证件|电话|手机|联系方式|联系人|法人|法定代表|经办人|受理人|操作员|户名|姓名|负责人|"
    r"申请人(?!类)|邮箱|微信|住址|出生|"
    r"imsi|imei|msisdn|phone|mobile|e-?mail|(?:^|[_\W])tel(?:$|[_\W])|id_?card|contact|passport|birth"
)
_BRACKETS = re.compile(r"^(?P<name>[^(\[]+)[(\[](?P<inside>[^)\]]*)[)\]]$")
_SLASH = re.compile(r"^(?P<name>.+)/(?P<inside>[^/]+)$")
_SHAPEFILE_NAME_BYTES = 10


@dataclass(frozen=True, slots=True)
class Headings:
    """What the headings of one file mean.

    `found` maps a canonical column, or a position of `POSITIONS`, to the file's heading;
    `factors` holds the factor of each column whose heading names another unit than the table's;
    `personal` counts the headings that are left unread because they hold data of persons.
    """

    found: Mapping[str, str]
    factors: Mapping[str, float]
    personal: int
    faults: tuple[Fault, ...]


def is_personal(heading: str) -> bool:
    """Return whether a heading announces data of a natural person.

    Examples
    --------
    >>> is_personal("法人代表"), is_personal("Tel"), is_personal("telecom")
    (True, True, False)
    """
    return _PERSONAL.search(_plain(heading)) is not None


def match(
    headings: Sequence[str], table: Table, source: Source, *, positions: bool, cut: bool
) -> Headings:
    """Map a file's headings onto a table.

    The study's own mapping goes first, then for each column its canonical name, its Chinese
    label and its aliases. Case, spaces and a unit in brackets do not count. A heading serves one
    column, unless the study itself names it for several.

    Parameters
    ----------
    headings
        Headings of the file; of a file with free tags also the tags that the study names.
    table
        The table.
    source
        What the study says about columns, values, scale and codes.
    positions
        Whether positions are columns, as in CSV and XLSX.
    cut
        Whether names may be cut to 10 bytes, as in a shapefile.

    Returns
    -------
    Headings
        With a fault for each required column that is missing and each name that does not exist.
    """
    allowed = [heading for heading in headings if heading and not is_personal(heading)]
    index = _index(allowed)
    found: dict[str, str] = {}
    faults = list(_name_faults(headings, table, source))
    for name, spellings in _candidates(table, positions=positions):
        if name in source.values:
            continue
        explicit = source.columns.get(name)
        heading = explicit if explicit is not None else _first(spellings, index, cut=cut)
        if heading in allowed and (explicit is not None or heading not in found.values()):
            found[name] = heading
    factors, unit_faults = _factors(found, table, source)
    shown = ", ".join(allowed)
    faults += [*unit_faults, *_missing(table, source, found, shown)]
    return Headings(found, factors, len(headings) - len(allowed), tuple(faults))


def _candidates(table: Table, *, positions: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    for column in table:
        yield column.name, (column.name, column.zh, *column.aliases)
    if positions:
        for name, aliases in POSITIONS.items():
            yield name, (name, *aliases)


def _index(headings: Sequence[str]) -> dict[str, str]:
    """Return each heading by its plain spellings; the full one before the one without its unit."""
    index: dict[str, str] = {}
    for heading in headings:
        index.setdefault(_plain(heading), heading)
    for heading in headings:
        index.setdefault(_split(heading)[0], heading)
    return index


def _first(spellings: Sequence[str], index: Mapping[str, str], *, cut: bool) -> str | None:
    plain = [_plain(spelling) for spelling in spellings]
    if cut:
        plain += [short for spelling in spellings for short in _cut(spelling)]
    return next((index[name] for name in plain if name in index), None)


def _cut(name: str) -> Iterator[str]:
    for encoding in ("utf-8", "gb18030"):
        code = name.encode(encoding)
        if len(code) > _SHAPEFILE_NAME_BYTES:
            yield _plain(code[:_SHAPEFILE_NAME_BYTES].decode(encoding, errors="ignore"))


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s*]+", "", text)


def _split(heading: str) -> tuple[str, str]:
    """Return a heading's name and what stands in its brackets or behind its slash.

    Examples
    --------
    >>> _split("管径（cm）"), _split("挂高/m"), _split("站号（E-NODEB ID）")
    (('管径', 'cm'), ('挂高', 'm'), ('站号', 'e-nodebid'))
    """
    plain = _plain(heading)
    brackets = _BRACKETS.match(plain)
    if brackets:
        return brackets["name"], brackets["inside"]
    slash = _SLASH.match(plain)
    if slash and units.is_unit(slash["inside"]):
        return slash["name"], slash["inside"]
    return plain, ""


def _factors(
    found: Mapping[str, str], table: Table, source: Source
) -> tuple[dict[str, float], list[Fault]]:
    factors: dict[str, float] = {}
    faults: list[Fault] = []
    for column in table:
        if column.kind not in {"number", "integer"} or column.name not in found:
            continue
        unit = _split(found[column.name])[1]
        if column.name in source.scale:
            factors[column.name] = source.scale[column.name]
        elif column.unit and units.is_unit(unit):
            factor = units.factor(unit, column.unit)
            if factor is None:
                heading = found[column.name]
                facts = {"unit": unit, "expected": column.unit}
                faults.append(source.fault("heading_unit", column=heading, **facts))
            else:
                factors[column.name] = factor
    return factors, faults


def _missing(table: Table, source: Source, found: Mapping[str, str], shown: str) -> Iterator[Fault]:
    for column in table:
        absent = column.name not in found and column.name not in source.values
        if column.required and absent and column.name not in source.columns:
            accepted = ", ".join((column.zh, column.name, *column.aliases))
            facts = {"accepted": accepted, "found": shown}
            yield source.fault("column_missing", column=_label(column), **facts)


def _name_faults(headings: Sequence[str], table: Table, source: Source) -> Iterator[Fault]:
    known = {*table.names, *POSITIONS}
    named = {*source.columns, *source.values, *source.scale, *source.codes}
    for name in sorted(named - known):
        yield source.fault("column_unknown", column=name, known=", ".join(table.names))
    for name, heading in source.columns.items():
        if is_personal(heading):
            yield source.fault("column_personal", column=name, heading=heading)
        elif heading not in headings:
            shown = ", ".join(text for text in headings if not is_personal(text))
            yield source.fault("heading_missing", column=name, heading=heading, found=shown)


def _label(column: Column) -> str:
    return f"{column.zh} ({column.name})"
