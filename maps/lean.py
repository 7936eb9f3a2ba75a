"""Scripts and style sheets of the page without what only their readers need.

Nothing is renamed and no line is joined to another, so that a fault in the browser still names a
line that can be found in ``maps/assets``.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)')
_AROUND = re.compile(r"[ \t]*([{}()\[\];,=<>*?:&|])[ \t]*")
_BETWEEN = re.compile(r"(?<=[\w)\]]) ([+-]) (?=[\w(])")
"""A sum or difference of two operands; beside another sign its blanks may be needed."""
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_AROUND = re.compile(r"\s*([{};,])\s*|(:)\s+")


def script(text: str) -> str:
    r"""Return a script without indentation, comment lines and blanks around its signs.

    Texts in double quotes and backquotes stay as they are; a script must not use single quotes
    around blanks, and no text may run over the end of a line.

    Examples
    --------
    >>> script('// why\n  const a = { b: "c, d" };\n')
    'const a={b:"c, d"};'
    """
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(_tight(line) for line in lines if line and not line.startswith("//"))


def _tight(line: str) -> str:
    parts = _QUOTED.split(line)
    parts[::2] = [_AROUND.sub(r"\1", _BETWEEN.sub(r"\1", part)) for part in parts[::2]]
    return "".join(parts)


def style(text: str) -> str:
    """Return a style sheet without comments, indentation and blanks around its signs.

    Examples
    --------
    >>> style("/* frame */ .a > b, c { margin: 0 4px; }")
    '.a > b,c{margin:0 4px;}'
    """
    bare = _CSS_COMMENT.sub("", text)
    return _CSS_AROUND.sub(lambda found: found[1] or found[2], bare).strip()
