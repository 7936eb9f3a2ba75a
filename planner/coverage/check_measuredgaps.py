"""The independent check of measured gaps: samples counted and signal computed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.terrain import Terrain
from layers.county import County
from planner.checking import Failure
from planner.coverage.check_verdict import Verdict, fail
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Heard = Callable[[str, Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Subject:
    """What is judged, with the run's inputs; `heard` is operator and points to signal in dBm.

    `slack_db` is the difference that is let pass on a pixel of the swept grid.
    """

    county: County
    settings: Settings
    area: BaseGeometry
    terrain: Terrain
    gaps: gpd.GeoDataFrame
    figures: Mapping[str, Any]
    heard: Heard
    wanted_dbm: float
    slack_db: float

    @property
    def pixel_m(self) -> float:
        """Side of a pixel."""
        return self.settings.number("coverage.resolution_m")


def verdicts(subject: Subject, *, limit: int) -> Iterator[Verdict]:
    """Yield whether each measured gap is one, and whether any is missing.

    Parameters
    ----------
    limit
        How many pixels to predict anew.
    """
    stated = subject.figures["gaps"]
    yield stated == len(subject.gaps), _fail("count", stated, len(subject.gaps))
    left = limit
    for operator in sorted(set(subject.county["measurements"]["operator"])):
        pixels = _pixels(subject, operator)
        own = subject.gaps[subject.gaps["operator"] == operator]
        yield from _agreement(subject, operator, pixels)
        low = pixels[pixels["dbm"] < subject.wanted_dbm]
        for position in range(len(own)):
            gap = own.iloc[position]
            inside = low[shapely.contains_xy(gap["geometry"], low[["x", "y"]].to_numpy())]
            yield from _numbers(subject, gap, inside)
            yield _serving(subject, gap)
            if left > 0:
                yield from _predicted(subject, gap, inside)
                left -= len(inside)
        yield from _missing(subject, operator, low, own, limit)


def _fail(rule: str, found: object, expected: object, subject: object = "") -> Failure:
    return fail(f"measured_gap_{rule}", subject, found, expected)


def _pixels(subject: Subject, operator: str) -> pd.DataFrame:
    """Return centre, median and samples of each pixel on known ground in the study area."""
    table = subject.county["measurements"]
    own = table[table["operator"] == operator]
    xy = shapely.get_coordinates(own.geometry.to_numpy())
    centre = (np.floor(xy / subject.pixel_m) + 0.5) * subject.pixel_m
    known = shapely.contains_xy(subject.area, centre) & subject.terrain.covers(centre)
    frame = pd.DataFrame(
        {"x": centre[:, 0], "y": centre[:, 1], "level": own["rsrp_dbm"].to_numpy()}
    )
    groups = frame[known].groupby(["x", "y"])["level"]
    return groups.agg(dbm="median", samples="size").reset_index()


def _agreement(subject: Subject, operator: str, pixels: pd.DataFrame) -> Iterator[Verdict]:
    counts = subject.figures["pixels"].get(operator)
    if counts is None:
        yield pixels.empty, _fail("pixels", "none", len(pixels), operator)
        return
    low = int((pixels["dbm"] < subject.wanted_dbm).sum())
    told = counts["neither"] + counts["predicted_only"]
    yield told == low, _fail("pixels_low", told, low, operator)
    total = sum(counts.values())
    yield total == len(pixels), _fail("pixels", total, len(pixels), operator)


def _numbers(subject: Subject, gap: pd.Series, inside: pd.DataFrame) -> Iterator[Verdict]:
    expected = {
        "pixels": len(inside), "samples": inside["samples"].sum(),
        "measured_dbm": inside["dbm"].median(), "area_km2": gap["geometry"].area / 1e6,
    }  # fmt: skip
    for key, value in expected.items():
        found = float(gap[key])
        close = bool(np.isclose(found, float(value), rtol=1e-6, atol=0.006))
        yield close, _fail(key, found, value, gap["gap_id"])
    least = subject.settings.count("coverage.measured_gap_pixels")
    yield gap["pixels"] >= least, _fail("least", gap["pixels"], least, gap["gap_id"])


def _serving(subject: Subject, gap: pd.Series) -> Verdict:
    """Return whether no cell was stated more often in the gap than the one that is named."""
    table = subject.county["measurements"]
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    centre = (np.floor(xy / subject.pixel_m) + 0.5) * subject.pixel_m
    inside = shapely.contains_xy(gap["geometry"], centre) & (table["operator"] == gap["operator"])
    counts = table["cell_id"][inside].value_counts()
    named = int(counts.get(gap["cell_id"], 0))
    held = named == int(counts.max() if len(counts) else 0)
    return held, _fail("cell_id", gap["cell_id"], dict(counts.head(3)), gap["gap_id"])


def _predicted(subject: Subject, gap: pd.Series, inside: pd.DataFrame) -> Iterator[Verdict]:
    heard = subject.heard(str(gap["operator"]), inside[["x", "y"]].to_numpy(np.float64))
    middle = float(np.median(heard)) if len(heard) else np.nan
    low = float(heard.min(initial=np.inf))
    if low < subject.wanted_dbm - subject.slack_db:  # one pixel may differ from the sweep
        low = middle
    covered = low >= subject.wanted_dbm - subject.slack_db
    yield covered, _fail("signal", f"{low:.1f} dBm", "predicted above the threshold", gap["gap_id"])
    close = abs(middle - gap["predicted_dbm"]) <= subject.slack_db + 0.01
    yield close, _fail("predicted_dbm", gap["predicted_dbm"], middle, gap["gap_id"])


def _missing(
    subject: Subject, operator: str, low: pd.DataFrame, own: gpd.GeoDataFrame, limit: int
) -> Iterator[Verdict]:
    """Yield for some low pixels outside every gap whether they are too few together for one."""
    merged = shapely.union_all(own.geometry.to_numpy())
    outside = low[~shapely.contains_xy(merged, low[["x", "y"]].to_numpy())]
    every = max(1, -(-len(outside) // max(limit, 1)))
    points = {(x, y) for x, y in low[["x", "y"]].to_numpy().tolist()}
    least = subject.settings.count("coverage.measured_gap_pixels")
    for x, y in outside[["x", "y"]].to_numpy()[::every].tolist():
        found = _together(subject, operator, points, (x, y), least)
        yield found < least, _fail("missing", found, f"a gap at {x:.0f}, {y:.0f}", operator)


def _together(
    subject: Subject, operator: str, low: set[tuple[float, float]],
    start: tuple[float, float], most: int,
) -> int:  # fmt: skip
    """Return how many low pixels that are surely predicted to have signal touch, up to `most`."""
    ahead, seen, found = [start], {start}, 0
    while ahead and found < most:
        x, y = ahead.pop()
        heard = subject.heard(operator, np.array([[x, y]]))[0]
        if heard < subject.wanted_dbm + subject.slack_db:
            continue
        found += 1
        steps = (-subject.pixel_m, 0.0, subject.pixel_m)
        around = {(x + east, y + north) for east in steps for north in steps} & low
        ahead += sorted(around - seen)
        seen |= around
    return found
