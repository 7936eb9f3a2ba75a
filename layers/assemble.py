"""From the sources of a study to its county: every layer read, checked against the others.

All sources are read before anything is raised, so that a user learns of every fault at once.
Faults of rows go to quarantine; faults of files raise `LayersError`, which carries what was good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo import crs as coordinates
from geo import terrain as terrains
from geo.errors import Fault, InputError
from geo.terrain import Terrain
from layers import quarantine, rows, schemas
from layers.area import BOUNDARY, study_area
from layers.county import County, InputFile
from layers.flaw import Flaw, Objects, any_of
from layers.read import Layer, Source, read
from layers.source import refuse_address, sha256
from layers.tables import BY_NAME, INPUTS, Table

Progress = Callable[[str, float], None]

_RADIATES_IN = "sites"
"""Sites beyond the boundary serve the study area too; the terrain bounds them instead."""


class LayersError(InputError):
    """Files at fault, together with what the other files gave.

    Parameters
    ----------
    faults
        Every fault of a file as a whole.
    inputs
        The sources that could be read, with their counts.
    quarantine
        Rows set aside, with the columns of `layers.tables.QUARANTINE`.
    """

    def __init__(
        self,
        faults: Sequence[Fault],
        inputs: tuple[InputFile, ...],
        quarantine: gpd.GeoDataFrame,
    ) -> None:
        super().__init__(faults)
        self.inputs = inputs
        self.quarantine = quarantine


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """All rows of one table; `source` is the position of each row's source in the study."""

    table: Table
    frame: gpd.GeoDataFrame | pd.DataFrame
    source: NDArray[np.intp]
    files: Objects
    labels: Objects

    def without(self, flaws: Sequence[Flaw]) -> _Stack:
        """Return the stack without the rows that have a flaw."""
        kept = ~any_of(flaws, len(self.frame))
        return _Stack(
            self.table, self.frame[kept].reset_index(drop=True), self.source[kept],
            self.files[kept], self.labels[kept],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Sieve:
    """Stacks by table and the quarantine records of what they lost so far."""

    stacks: Mapping[str, _Stack]
    records: tuple[pd.DataFrame, ...] = ()

    def drop(self, name: str, flaws: Sequence[Flaw]) -> _Sieve:
        """Return the sieve after rows of one table have gone to quarantine."""
        found = [flaw for flaw in flaws if flaw.rows.any()]
        if not found:
            return self
        stack = self.stacks[name]
        shapes = stack.frame.geometry.to_numpy() if stack.table.geometry != "none" else None
        records = quarantine.records(
            found, layer=name, files=stack.files, rows=stack.labels, geometry=shapes
        )
        return _Sieve({**self.stacks, name: stack.without(found)}, (*self.records, records))

    def frames(self) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
        """Return the frames by table."""
        return {name: stack.frame for name, stack in self.stacks.items()}


def county(
    name: str,
    sources: Sequence[Source],
    *,
    base: Path,
    area_margin_m: float,
    terrain: Sequence[str] = (),
    crs: str | None = None,
    credits: Sequence[str] = (),  # noqa: A002 - the field of County
    progress: Progress | None = None,
) -> County:
    """Read every source and bring all layers into one projected CRS.

    Parameters
    ----------
    name
        Name shown to people.
    sources
        Files of the layers; several may feed one table.
    base
        Folder against which paths are resolved.
    area_margin_m
        Margin around the roads where no zone of kind ``boundary`` is given.
    terrain
        Paths of elevation tiles.
    crs
        Projected CRS in metres; chosen from the place of the first layer with geometry if None.
    credits
        Lines shown wherever the data is.
    progress
        Called with a message and the share done, 0 to 1.

    Returns
    -------
    County
        Every input table, checked by its schema; rows with faults in ``quarantine``.

    Raises
    ------
    LayersError
        With the faults of every file that cannot be used as a whole, and the good part.
    """
    tell = progress or (lambda _message, _share: None)
    layers, faults = _read_all(sources, base, tell)
    heights, tiles, terrain_faults = _read_terrain(terrain, base)
    target, crs_faults = _target(crs, layers)
    faults += [*terrain_faults, *crs_faults]
    if target is not None:
        layers, moving_faults = _moved(layers, target)
        faults += moving_faults
    tell("核对 / cross-checks", 0.9)
    failed = {fault.layer for fault in faults}
    sieve = _sieved(layers, target, heights, terrain, failed, area_margin_m)
    own = [layer.quarantine for layer in layers.values()]
    records = quarantine.frame([*own, *sieve.records], target)
    inputs = (*_inputs(layers, sieve), *tiles)
    if faults or target is None:
        raise LayersError(faults or [Fault("layers_without_place")], inputs, records)
    return County(
        name=name,
        crs=target,
        frames=_complete(sieve, target),
        terrain=heights,
        inputs=inputs,
        quarantine=records,
        generated=frozenset(source.layer for source in sources if source.generated),
        credits=tuple(credits),
        notices=tuple(chain.from_iterable(layer.notices for layer in layers.values())),
    )


def _read_all(
    sources: Sequence[Source], base: Path, tell: Progress
) -> tuple[dict[int, Layer], list[Fault]]:
    """Read the sources; keys that are made carry the source's number within its table."""
    layers: dict[int, Layer] = {}
    faults: list[Fault] = []
    met: dict[str, int] = {}
    for position, source in enumerate(sources):
        tell(f"{BY_NAME[source.layer].zh} / {source.path}", 0.8 * position / len(sources))
        met[source.layer] = number = met.get(source.layer, 0) + 1
        prefix = source.layer if number == 1 else f"{source.layer}{number}"
        try:
            layers[position] = read(source, base=base, prefix=prefix)
        except InputError as error:
            faults += error.faults
    return layers, faults


def _read_terrain(
    paths: Sequence[str], base: Path
) -> tuple[Terrain | None, tuple[InputFile, ...], list[Fault]]:
    if not paths:
        return None, (), []
    try:
        for path in paths:
            refuse_address(path, layer="terrain")
        heights = terrains.read([base / path for path in paths])
    except InputError as error:
        return None, (), list(error.faults)
    tiles = tuple(InputFile("terrain", path, sha256(base / path), 1, 1, 0) for path in paths)
    return heights, tiles, []


def _target(crs: str | None, layers: Mapping[int, Layer]) -> tuple[CRS | None, list[Fault]]:
    """Return the county's CRS: the one asked for, or the one that suits the first layer."""
    try:
        if crs is not None:
            target = coordinates.check(crs, file="study", layer="crs")
            coordinates.require_metres(target)
            return target, []
        for layer in layers.values():
            if isinstance(layer.frame, gpd.GeoDataFrame) and len(layer.frame):
                return coordinates.choose(_lonlat_bounds(layer.frame)), []
    except InputError as error:
        return None, list(error.faults)
    return None, []


def _lonlat_bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    geographic = coordinates.transform(frame.geometry.to_numpy(), frame.crs, coordinates.WGS84)
    west, south, east, north = shapely.total_bounds(geographic)
    return float(west), float(south), float(east), float(north)


def _moved(layers: Mapping[int, Layer], target: CRS) -> tuple[dict[int, Layer], list[Fault]]:
    """Bring layers and their quarantine records into the county's CRS."""
    moved: dict[int, Layer] = {}
    faults: list[Fault] = []
    for position, layer in layers.items():
        if not isinstance(layer.frame, gpd.GeoDataFrame):
            moved[position] = layer
            continue
        try:
            moved[position] = _in_crs(layer, target)
        except InputError as error:
            path, name = layer.source.path, layer.source.layer
            faults += [replace(fault, file=path, layer=name) for fault in error.faults]
    return moved, faults


def _in_crs(layer: Layer, target: CRS) -> Layer:
    source = CRS.from_user_input(layer.frame.crs)
    shapes = coordinates.transform(layer.frame.geometry.to_numpy(), source, target)
    frame = layer.frame.drop(columns="geometry")
    set_aside = layer.quarantine["geometry"].to_numpy(dtype=object)
    return replace(
        layer,
        frame=gpd.GeoDataFrame(frame, geometry=shapes, crs=target),
        quarantine=layer.quarantine.assign(
            geometry=list(coordinates.transform(set_aside, source, target))
        ),
    )


def _sieved(
    layers: Mapping[int, Layer],
    target: CRS | None,
    heights: Terrain | None,
    terrain: Sequence[str],
    failed: set[str],
    area_margin_m: float,
) -> _Sieve:
    """Check the layers against one another; tables of failed files are not held against others."""
    sieve = _Sieve(_stacks(layers))
    for name, stack in sieve.stacks.items():
        nothing = np.zeros(len(stack.frame), dtype=bool)
        flaws = list(rows.duplicates(stack.frame, stack.table, stack.labels, nothing))
        sieve = sieve.drop(name, flaws)
    if target is not None and not failed & {"roads", "zones"}:
        sieve = _inside(sieve, area_margin_m)
    if target is not None and heights is not None and "sites" in sieve.stacks:
        sieve = sieve.drop("sites", [_off_terrain(sieve.stacks["sites"], target, heights, terrain)])
    for (name, column), other in rows.REFERENCES.items():
        if name in sieve.stacks and other not in failed:
            sieve = sieve.drop(name, [_dangling(sieve, name, column, other)])
    return sieve


def _stacks(layers: Mapping[int, Layer]) -> dict[str, _Stack]:
    stacks: dict[str, _Stack] = {}
    for table in INPUTS:
        found = {
            position: layer
            for position, layer in layers.items()
            if layer.source.layer == table.name and len(layer.frame)
        }
        if not found:
            continue
        counts = [len(layer.frame) for layer in found.values()]
        paths = np.array([layer.source.path for layer in found.values()], dtype=object)
        stacks[table.name] = _Stack(
            table,
            pd.concat([layer.frame for layer in found.values()], ignore_index=True),
            np.repeat(np.array(list(found), dtype=np.intp), counts),
            np.repeat(paths, counts),
            np.concatenate([layer.labels for layer in found.values()]),
        )
    return stacks


def _inside(sieve: _Sieve, margin_m: float) -> _Sieve:
    area = study_area(sieve.frames(), margin_m=margin_m)
    if area is None:
        return sieve
    shapely.prepare(area)
    for name, stack in sieve.stacks.items():
        if stack.table.geometry == "none" or name == _RADIATES_IN:
            continue
        shapes = stack.frame.geometry.to_numpy()
        outside = ~np.asarray(shapely.intersects(area, shapes))
        if name == "zones":
            outside &= (stack.frame["kind"] != BOUNDARY).to_numpy()
        away = np.full(len(shapes), "", dtype=object)
        away[outside] = [f"{d / 1000:.1f}" for d in shapely.distance(shapes[outside], area)]
        sieve = sieve.drop(name, [Flaw(code="outside_area", rows=outside, each={"km": away})])
    return sieve


def _off_terrain(sites: _Stack, target: CRS, heights: Terrain, terrain: Sequence[str]) -> Flaw:
    xy = shapely.get_coordinates(sites.frame.geometry.to_numpy())
    covered = heights.covers(coordinates.transform_xy(xy, target, heights.crs))
    facts = {"terrain": ", ".join(terrain)}
    return Flaw(code="outside_terrain", rows=~covered, facts=facts)


def _dangling(sieve: _Sieve, name: str, column: str, other: str) -> Flaw:
    stack = sieve.stacks[name]
    target = sieve.stacks.get(other)
    key = BY_NAME[other].key
    keys = set() if target is None or key is None else set(target.frame[key])
    return rows.unreferenced(stack.frame, stack.table, column, other, keys)


def _inputs(layers: Mapping[int, Layer], sieve: _Sieve) -> tuple[InputFile, ...]:
    sources = [stack.source for stack in sieve.stacks.values()]
    used = np.bincount(
        np.concatenate([np.zeros(0, dtype=np.intp), *sources]),
        minlength=max(layers, default=-1) + 1,
    )
    return tuple(
        InputFile(
            layer.source.layer, layer.source.path, layer.sha256, layer.rows,
            int(used[position]), layer.rows - int(used[position]),
        )
        for position, layer in layers.items()
    )  # fmt: skip


def _complete(sieve: _Sieve, target: CRS) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Return every input table, empty where the study has none, after its schema has passed."""
    frames = {table.name: schemas.empty_frame(table, target) for table in INPUTS}
    for name, frame in sieve.frames().items():
        frames[name] = frame.reset_index(drop=True)
    for table in INPUTS:
        schemas.validate(frames[table.name], table)
    return frames
