"""Which encoding texts have, found from their bytes: files declare it wrongly or not at all."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

CHINESE = "gb18030"
"""GB 18030 contains GBK and GB 2312."""


def sniff(texts: Iterable[bytes], declared: str | None = None) -> str | None:
    """Return the encoding in which every text can be read.

    Valid UTF-8 is hardly ever anything else, so it is tried first, then what is declared, then
    GB 18030. A character cut off at the end of a text, as shapefiles do, is forgiven.

    Parameters
    ----------
    texts
        Byte strings, each a whole cell or heading.
    declared
        Encoding that the file itself names.

    Returns
    -------
    str or None
        A Python codec, or None where none fits.

    Examples
    --------
    >>> sniff(["给水".encode("gbk"), b"DN200"]), sniff(["给水".encode("utf-8")[:5]])
    ('gb18030', 'utf-8')
    """
    samples = list(texts)
    candidates = ["utf-8", *([declared] if declared and is_codec(declared) else []), CHINESE]
    return next((name for name in candidates if _reads(name, samples)), None)


def is_codec(name: str) -> bool:
    """Return whether Python knows an encoding of this name."""
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def decode(text: bytes, encoding: str) -> str:
    """Return a text; of a character cut off at its end nothing is kept.

    Raises
    ------
    UnicodeDecodeError
        If the text is not in this encoding.
    """
    return codecs.getincrementaldecoder(encoding)().decode(text, final=False)


def _reads(encoding: str, samples: Iterable[bytes]) -> bool:
    try:
        for sample in samples:
            decode(sample, encoding)
    except UnicodeDecodeError:
        return False
    return True
