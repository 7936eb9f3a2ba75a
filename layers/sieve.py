"""The layers of a study held against one another: keys, the study area, the terrain, references.

Each check takes rows out of one table and leaves a quarantine record for each; the order is such
that what refers to a row already taken out goes with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import crs as coordinates
from geo.terrain import Terrain
from layers import quarantine, rows
from layers.area import BOUNDARY, study_area
from layers.flaw import Bools, Flaw, Objects, any_of
from layers.read import Layer
from layers.source import shown
from layers.tables import BY_NAME, INPUTS, Table

_RADIATES_IN = "sites"
"""Sites beyond the boundary serve the study area too; the terrain bounds them instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """All rows of one table.

    `source` is the position of each row's source in the study, `clip` whether that source reaches
    beyond the study on purpose.
    """

    table: Table
    frame: gpd.GeoDataFrame | pd.DataFrame
    source: NDArray[np.intp]
    clip: Bools
    files: Objects
    labels: Objects

    def only(self, kept: Bools) -> Stack:
        """Return the stack with the rows of a mask."""
        return Stack(
            self.table, self.frame[kept].reset_index(drop=True), self.source[kept],
            self.clip[kept], self.files[kept], self.labels[kept],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """Stacks by table, the quarantine records of what they lost so far, and what was clipped.

    `clipped` holds the source's position once for each record left out because it lies outside.
    """

    stacks: Mapping[str, Stack]
    records: tuple[pd.DataFrame, ...] = ()
    clipped: tuple[int, ...] = ()

    def drop(self, name: str, flaws: Sequence[Flaw]) -> Sieve:
        """Return the sieve after rows of one table have gone to quarantine."""
        found = [flaw for flaw in flaws if flaw.rows.any()]
        if not found:
            return self
        stack = self.stacks[name]
        shapes = stack.frame.geometry.to_numpy() if stack.table.geometry != "none" else None
        records = quarantine.records(
            found, layer=name, files=stack.files, rows=stack.labels, geometry=shapes
        )
        kept = stack.only(~any_of(found, len(stack.frame)))
        return replace(self, stacks={**self.stacks, name: kept}, records=(*self.records, records))

    def leave_out(self, name: str, outside: Bools) -> Sieve:
        """Return the sieve without rows that their source may well have outside the area."""
        stack = self.stacks[name]
        if not outside.any():
            return self
        left = tuple(int(position) for position in stack.source[outside])
        stacks = {**self.stacks, name: stack.only(~outside)}
        return replace(self, stacks=stacks, clipped=(*self.clipped, *left))

    def frames(self) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
        """Return the frames by table."""
        return {name: stack.frame for name, stack in self.stacks.items()}


def sieved(
    layers: Mapping[int, Layer],
    target: CRS | None,
    *,
    heights: Terrain | None,
    terrain: Sequence[str],
    failed: Collection[str],
    area_margin_m: float,
) -> Sieve:
    """Check the layers against one another.

    Parameters
    ----------
    layers
        Position of the source in the study to what it gave, geometries in `target`.
    target
        CRS of the county; without one, places are not checked.
    heights, terrain
        Terrain and its files, for the message.
    failed
        Tables of which a file could not be read: nothing is held against what refers to them.
    area_margin_m
        See `layers.area.study_area`.
    """
    sieve = Sieve(_stacks(layers))
    for name, stack in sieve.stacks.items():
        nothing = np.zeros(len(stack.frame), dtype=bool)
        flaws = list(rows.duplicates(stack.frame, stack.table, stack.labels, nothing))
        sieve = sieve.drop(name, flaws)
    if target is not None and not {"roads", "zones"} & set(failed):
        sieve = _inside(sieve, area_margin_m)
    if target is not None and heights is not None and "sites" in sieve.stacks:
        sieve = sieve.drop("sites", [_off_terrain(sieve.stacks["sites"], target, heights, terrain)])
    for (name, column), other in rows.REFERENCES.items():
        if name in sieve.stacks and other not in failed:
            sieve = sieve.drop(name, [_dangling(sieve, name, column, other)])
    return sieve


def _stacks(layers: Mapping[int, Layer]) -> dict[str, Stack]:
    stacks: dict[str, Stack] = {}
    for table in INPUTS:
        found = {
            position: layer
            for position, layer in layers.items()
            if layer.source.layer == table.name and len(layer.frame)
        }
        if not found:
            continue
        counts = [len(layer.frame) for layer in found.values()]
        paths = np.array([layer.source.shown for layer in found.values()], dtype=object)
        stacks[table.name] = Stack(
            table,
            pd.concat([layer.frame for layer in found.values()], ignore_index=True),
            np.repeat(np.array(list(found), dtype=np.intp), counts),
            np.repeat([layer.source.clip for layer in found.values()], counts),
            np.repeat(paths, counts),
            np.concatenate([layer.labels for layer in found.values()]),
        )
    return stacks


def _inside(sieve: Sieve, margin_m: float) -> Sieve:
    """Take out what lies outside the study area."""
    anchored = {name: stack.frame[~stack.clip] for name, stack in sieve.stacks.items()}
    area = study_area(anchored, margin_m=margin_m)
    if area is None:
        return sieve
    shapely.prepare(area)
    for name, stack in sieve.stacks.items():
        if stack.table.geometry == "none":
            continue
        outside = ~np.asarray(shapely.intersects(area, stack.frame.geometry.to_numpy()))
        if name == "zones":
            outside &= (stack.frame["kind"] != BOUNDARY).to_numpy()
        clipped = outside & stack.clip
        sieve = sieve.leave_out(name, clipped)
        if name != _RADIATES_IN:
            flaw = _outside(sieve.stacks[name], outside[~clipped], area)
            sieve = sieve.drop(name, [flaw])
    return sieve


def _outside(stack: Stack, outside: Bools, area: BaseGeometry) -> Flaw:
    shapes = stack.frame.geometry.to_numpy()
    away = np.full(len(shapes), "", dtype=object)
    away[outside] = [f"{d / 1000:.1f}" for d in shapely.distance(shapes[outside], area)]
    return Flaw(code="outside_area", rows=outside, each={"km": away})


def _off_terrain(sites: Stack, target: CRS, heights: Terrain, terrain: Sequence[str]) -> Flaw:
    xy = shapely.get_coordinates(sites.frame.geometry.to_numpy())
    covered = heights.covers(coordinates.transform_xy(xy, target, heights.crs))
    facts = {"terrain": ", ".join(map(shown, terrain))}
    return Flaw(code="outside_terrain", rows=~covered, facts=facts)


def _dangling(sieve: Sieve, name: str, column: str, other: str) -> Flaw:
    stack = sieve.stacks[name]
    target = sieve.stacks.get(other)
    key = BY_NAME[other].key
    keys = set() if target is None or key is None else set(target.frame[key])
    return rows.unreferenced(stack.frame, stack.table, column, other, keys)
