"""Texts as every document can hold them, and files that come out the same from the same study."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from math import isnan
from pathlib import Path

import pandas as pd

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNSAFE = re.compile(r'[\\/:*?"<>|\s.]+')
_CORE = "docProps/core.xml"
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def plain(value: object) -> str:
    r"""Return a value as one text without the characters that XML and DXF forbid.

    Examples
    --------
    >>> plain("建设路\x00\n"), plain(None), plain(pd.NaT)
    ('建设路\n', '', '')
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float) and isnan(value):
        return ""
    return _CONTROL.sub("", str(value))


def file_stem(text: str, *, most: int = 60) -> str:
    """Return a text as part of a file name that every system takes.

    Examples
    --------
    >>> file_stem('建设路/S01: "a"')
    '建设路_S01_a_'
    """
    return _UNSAFE.sub("_", plain(text))[:most]


def steady(content: bytes, day: dt.date) -> bytes:
    """Return an Office file with fixed times, so that the same content gives the same bytes.

    Parameters
    ----------
    content
        An Office Open XML package.
    day
        Day that its properties state as that of creation and change.
    """
    stamp = f"{day.isoformat()}T00:00:00Z".encode()
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == _CORE:
                part = _STAMPS.sub(rb"\g<1>" + stamp + rb"\g<2>", part)
            entry = zipfile.ZipInfo(name, _EPOCH)
            packed = name.endswith(".png")  # is so already
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, part)
    return made.getvalue()


def write(content: bytes, path: Path) -> None:
    """Write a whole file at once, so that none is left half written."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)
