"""One file that asks for nothing: assets go in, a policy forbids the rest.

Leaflet comes as files from XStatic-Leaflet. `seal` is the last step of the report: it proves that
the page refers to no address and writes a Content-Security-Policy that names the hash of each
script and style in it, so that a browser refuses anything else, also what a text in the data
might try.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Sequence
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from xstatic.pkg import leaflet

from geo.errors import TonggouError

_FORBIDDEN = (
    "default-src 'none'", "connect-src 'none'", "form-action 'none'", "base-uri 'none'",
    "object-src 'none'", "img-src data:",
)  # fmt: skip
_CHARSET = '<meta charset="utf-8">'
_ADDRESS = re.compile(r"url\(\s*['\"]?(?!data:)[^)]*\)|@import", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_ABSENT = re.compile(r"popup|tooltip|marker|div-icon|control-(?:layers|scale)|attribution|oldie")
"""What Leaflet can show and no map of the report does."""
_LOADING = {"src", "srcset", "href", "action", "formaction", "data", "poster", "background"}


DEFLATED = "application/x-deflated-script"
"""Type of a script element whose text, inflated, is run by another script."""


class NotOfflineError(TonggouError):
    """The page would load something or run something that the policy cannot name."""


def leaflet_script() -> str:
    """Return Leaflet as one script, without its pointer to a source map."""
    text = _leaflet("leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def leaflet_style() -> str:
    """Return Leaflet's style sheet without pictures and without the parts that no map has."""
    text = _leaflet("leaflet.css").read_text(encoding="utf-8")
    bare = re.sub(r"[\w-]+:\s*url\([^)]*\);?|/\*.*?\*/", "", text, flags=re.DOTALL)
    return _RULE.sub(_used, bare)


def _used(rule: re.Match[str]) -> str:
    """Return a rule of a style sheet for what the maps have, nothing where they have none of it."""
    chosen = [selector.strip() for selector in rule[1].split(",") if not _ABSENT.search(selector)]
    return f"{', '.join(chosen)} {{{rule[2]}}}\n" if chosen else ""


def asset(*names: str) -> str:
    """Return files of ``maps/assets``, one after the other."""
    folder = resources.files("maps").joinpath("assets")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def data_address(content: bytes, kind: str) -> str:
    """Return a ``data:`` address of the given media type.

    Examples
    --------
    >>> data_address(b"<svg/>", "image/svg+xml")
    'data:image/svg+xml,%3Csvg/%3E'
    """
    if kind.endswith("+xml"):
        return f"data:{kind},{quote(content.decode())}"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def deflated(script: str) -> str:
    """Return a script as base64 of raw deflate, for an element of the type `DEFLATED`.

    Its hash in the policy is that of the script itself, so a reader can compare what runs with the
    file that its authors publish.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(script.encode()) + packer.flush()).decode()


def seal(page: str) -> str:
    """Return the page with the policy that lets it run, and nothing else.

    Parameters
    ----------
    page
        A whole HTML document whose head holds ``<meta charset="utf-8">``.

    Raises
    ------
    NotOfflineError
        If the page loads from an address, or has an inline style or event handler, which no hash
        can allow.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    faults = [*reader.faults, *_style_faults(reader.styles)]
    if _CHARSET not in page:
        faults.append("no " + _CHARSET)
    if faults:
        raise NotOfflineError("; ".join(faults))
    policy = "; ".join(
        (
            *_FORBIDDEN,
            " ".join(("script-src", *_hashes([*reader.scripts, *reader.inflated()]))),
            " ".join(("style-src", *_hashes(reader.styles))),
        )
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace(_CHARSET, f"{_CHARSET}\n{meta}", 1)


class _Reader(HTMLParser):
    """Collect what a page runs, how it is styled, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.deflated: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] | None = None

    def inflated(self) -> list[str]:
        """Return the deflated scripts as they run."""
        return [
            zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS).decode()
            for text in self.deflated
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that load or run, and begin to collect a script or style."""
        values = {name: value or "" for name, value in attrs}
        self.faults += [
            f"<{tag} {name}={value[:80]!r}>"
            for name, value in values.items()
            if _loads(name, value) or name == "style" or name.startswith("on")
        ]
        kind = values.get("type", "")
        if tag == "script" and kind != "application/json":
            self._open = self.deflated if kind == DEFLATED else self.scripts
        elif tag == "style":
            self._open = self.styles
        if self._open is not None:
            self._open.append("")

    def handle_data(self, data: str) -> None:
        """Add to the open script or style."""
        if self._open is not None:
            self._open[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Close a script or style."""
        if tag in {"script", "style"}:
            self._open = None


def _loads(name: str, value: str) -> bool:
    return name in _LOADING and not value.startswith(("data:", "#"))


def _style_faults(styles: Sequence[str]) -> list[str]:
    return [found[0][:80] for style in styles for found in _ADDRESS.finditer(style)]


def _hashes(blocks: Sequence[str]) -> list[str]:
    digests = (hashlib.sha256(block.encode()).digest() for block in blocks)
    return list(dict.fromkeys(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests))


def _leaflet(name: str) -> Path:
    return Path(leaflet.BASE_DIR) / name
