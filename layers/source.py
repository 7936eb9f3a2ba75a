"""Where a layer comes from, as the study file names it, and which files may be opened."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from geo.errors import Fault, InputError, fail
from layers.flaw import masked

SHAPEFILE_PARTS = (".cpg", ".dbf", ".prj", ".shp", ".shx")
_ADDRESS = re.compile(r"^(?:/vsi|[a-z][a-z0-9+.-]+:)", re.IGNORECASE)
_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".xlsx": (b"PK\x03\x04",),
    ".geojson": (b"{", b"\xef\xbb\xbf{"),
    ".json": (b"{", b"\xef\xbb\xbf{"),
    ".pbf": (b"OSMHeader",),
    ".csv": (),
    ".txt": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of one layer and how to understand it.

    Parameters
    ----------
    layer
        Name of the input table, for example ``roads``.
    path
        File, relative to the study file's folder, or a packaged network (see `layers.networks`).
    sublayer
        Layer inside a GeoPackage or .osm.pbf, sheet inside a workbook.
    crs
        CRS of the coordinates, for example ``EPSG:4545``; goes before what the file declares.
    encoding
        Encoding of texts; found from the bytes where None.
    where
        SQL condition on the file's own fields (not for CSV and XLSX).
    columns
        Canonical column to the heading in the file, before any alias. In .osm.pbf a heading may
        also be a tag. Positions in CSV and XLSX are called x, y, lon, lat or wkt.
    values
        Canonical column to one value for every row, instead of the file's.
    scale
        Canonical column to the factor that turns the file's number into the column's unit.
    codes
        Canonical column to the file's spellings, each with the canonical value that it means.
    generated
        Whether the file holds generated data (生成数据).
    clip
        Whether the file reaches beyond the study on purpose: what lies outside the area is left
        out and counted in a notice, instead of each record going to quarantine; nor does the
        file bound the area.
    """

    layer: str
    path: str
    sublayer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    where: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    generated: bool = False
    clip: bool = False

    @property
    def shown(self) -> str:
        """The path as messages and results show it, see `shown`."""
        return shown(self.path)

    def fault(self, code: str, /, *, column: str = "", **facts: object) -> Fault:
        """Return a fault of this source as a whole."""
        return Fault(code, facts, file=self.shown, layer=self.layer, column=column)

    def error(self, code: str, /, **facts: object) -> InputError:
        """Return an error of one fault of this source."""
        return fail(code, file=self.shown, layer=self.layer, **facts)


def locate(source: Source, base: Path) -> Path:
    """Return the local file of a source, once it is sure that it is one.

    An address, a GDAL virtual path or a file whose bytes belie its name is never opened: GDAL
    recognises files by content, and some contents make it fetch others.

    Parameters
    ----------
    source
        The source.
    base
        Folder against which a relative path is resolved.

    Raises
    ------
    InputError
        If the path is an address, the file is missing, of an unknown kind, or of another kind
        than its name says.
    """
    refuse_address(source.path, layer=source.layer)
    path = base / source.path
    if not path.is_file():
        raise fail("file_missing", file=source.path, layer=source.layer)
    suffix = path.suffix.lower()
    if suffix not in _SIGNATURES:
        raise source.error("source_kind_unknown", known=", ".join(_SIGNATURES))
    if suffix == ".shp":
        missing = sorted({".dbf", ".shx"} - {part.suffix.lower() for part in _parts(path)})
        if missing:
            raise source.error("source_part_missing", missing=", ".join(missing))
    try:
        with path.open("rb") as file:
            head = file.read(256)
    except OSError as error:
        raise source.error("file_unreadable", detail=error.strerror) from error
    if not _bears(head, suffix):
        raise source.error("source_kind_differs", suffix=suffix)
    return path


def shown(path: str) -> str:
    r"""Return a path as results may show it: of an absolute one only the file's name.

    Folders of a machine tell who works on it; numbers of persons in a name are masked.

    Examples
    --------
    >>> shown("/home/me/roads.gpkg"), shown("C:\\me\\roads.gpkg"), shown("data/roads.gpkg")
    ('roads.gpkg', 'roads.gpkg', 'data/roads.gpkg')
    """
    for flavour in (PurePosixPath(path), PureWindowsPath(path)):
        if flavour.is_absolute():
            return masked(flavour.name)
    return masked(path)


def refuse_address(path: str, *, layer: str) -> None:
    """Refuse a URL, a database connection and a GDAL virtual path; a drive letter is none.

    Raises
    ------
    InputError
        If the path does not name a local file.
    """
    if is_address(path):
        raise fail("source_not_local", file=path, layer=layer)


def is_address(path: str) -> bool:
    """Say whether a path names a URL, a database or a GDAL virtual path; a drive letter is none."""
    return _ADDRESS.match(path) is not None


def _bears(head: bytes, suffix: str) -> bool:
    marks = _SIGNATURES[suffix]
    if suffix == ".pbf":
        return any(mark in head for mark in marks)
    return not marks or head.lstrip(b" \t\r\n").startswith(marks)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file; of a shapefile, of its parts joined in alphabetical order."""
    digest = hashlib.sha256()
    for part in _parts(path):
        with part.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def _parts(path: Path) -> tuple[Path, ...]:
    if path.suffix.lower() != ".shp":
        return (path,)
    siblings = {part.suffix.lower(): part for part in path.parent.glob(f"{path.stem}.*")}
    return tuple(siblings[suffix] for suffix in SHAPEFILE_PARTS if suffix in siblings)
