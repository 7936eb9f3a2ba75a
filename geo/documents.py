"""Read a JSON document, and say plainly why it cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from geo.errors import fail


def load(path: Path) -> object:
    """Return what a JSON file in UTF-8 holds.

    Raises
    ------
    InputError
        If there is no such file, or it is not JSON.
    """
    if not path.is_file():
        raise fail("exchange_missing", file=path)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise fail("exchange_not_json", file=path, detail=error) from error
