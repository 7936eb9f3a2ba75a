"""A font of this machine that has Chinese glyphs, for the pictures in documents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = (
    Path("C:/Windows/Fonts"),
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
NAMES = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf", "msyh.ttc", "simhei.ttf",
    "simsun.ttc", "Deng.ttf", "PingFang.ttc", "Hiragino Sans GB.ttc", "STHeiti Light.ttc",
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf",
)  # fmt: skip
"""File names, the best first."""

_FACES = 12
_PREFERRED = ("SC", "CN", "GB", "YaHei", "SimSun")


@cache
def chinese(folders: tuple[Path, ...] = FOLDERS) -> tuple[str, int] | None:
    """Return file and face number of the best font that has Chinese glyphs; None without one.

    Parameters
    ----------
    folders
        Where fonts are looked for, with everything below.
    """
    for name in NAMES:
        for folder in folders:
            for path in sorted(folder.rglob(name)) if folder.is_dir() else ():
                return str(path), _face(path)
    return None


def _face(path: Path) -> int:
    """Return the face of a collection that is drawn for simplified Chinese, else the first."""
    for number, name in enumerate(_faces(path)):
        if any(name.endswith(mark) for mark in _PREFERRED):
            return number
    return 0


def _faces(path: Path) -> Iterator[str]:
    if path.suffix.lower() != ".ttc":
        return
    for number in range(_FACES):
        try:
            family = ImageFont.truetype(str(path), 10, index=number).getname()[0]
        except OSError:
            return
        yield str(family)


@cache
def face(size_px: int, font: tuple[str, int] | None) -> ImageFont.FreeTypeFont:
    """Return a font at a size in pixels; Pillow's own Latin one where `font` is None."""
    if font is None:
        built_in = ImageFont.load_default(size_px)
        if not isinstance(built_in, ImageFont.FreeTypeFont):
            msg = "Pillow was built without FreeType"
            raise TypeError(msg)
        return built_in
    path, number = font
    return ImageFont.truetype(path, size_px, index=number)
