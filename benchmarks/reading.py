"""Reading and checking a layer of works, beside plain geopandas, which checks nothing.

Usage: ``python -m benchmarks.reading [--rows 100000] [--json]``. Both read the same GeoPackage in
one run, after one reading of each that does not count; every row must arrive. What tonggou adds
is headings, codes, dates, limits, geometry, keys and the sum of the file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.read import Source, read


def works(rows: int) -> gpd.GeoDataFrame:
    """Return works of 50 m under Chinese headings, in EPSG:4545."""
    number = np.arange(rows)
    x, y = 471_000.0 + number % 1000, 3_242_000.0 + number // 1000
    ends = np.stack([np.column_stack([x, y]), np.column_stack([x + 50, y + 20])], axis=1)
    cells = pd.DataFrame(
        {
            "工程编号": [f"W{key}" for key in number],
            "管线种类": "给水",
            "权属单位": "水务公司",
            "管径": 200.0,
            "最早开工": "2026-03-01",
            "最迟完工": "2026-09-30",
        }
    )
    return gpd.GeoDataFrame(cells, geometry=shapely.linestrings(ends), crs=4545)


def timed(reading: Callable[[], int], rows: int) -> float:
    """Return the seconds of a second reading; every row must have arrived."""
    reading()
    began = perf_counter()
    arrived = reading()
    seconds = perf_counter() - began
    assert arrived == rows, arrived
    return seconds


def measure(rows: int) -> dict[str, float]:
    """Return one line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "works.gpkg"
        pyogrio.write_dataframe(works(rows), path, layer="works")
        source = Source(layer="works", path=path.name)
        own_s = timed(lambda: len(read(source, base=path.parent).frame), rows)
        peer_s = timed(lambda: len(gpd.read_file(path, layer="works")), rows)
    return {
        "rows": rows,
        "read_s": round(own_s, 3),
        "geopandas_s": round(peer_s, 3),
        "rows_per_s": round(rows / own_s),
        "of_geopandas": round(own_s / peer_s, 2),
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    line = measure(options.rows)
    if options.json:
        print(json.dumps(line))
    else:
        print("\n".join(f"{name:20}{value:>14}" for name, value in line.items()))


if __name__ == "__main__":
    main()
