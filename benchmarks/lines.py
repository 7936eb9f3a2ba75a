"""How benchmarks print a line of figures: for a reader, or as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping


def tell(line: Mapping[str, object], *, as_json: bool) -> None:
    """Print one line at once; a figure that was not taken is a dash, in JSON null."""
    if as_json:
        print(json.dumps(line), flush=True)
        return
    said = (f"{name} {'-' if value is None else value}" for name, value in line.items())
    print("  ".join(said), flush=True)
