"""From the sources of a study to its county: every layer read, checked against the others.

All sources are read before anything is raised, so that a user learns of every fault at once.
Faults of rows go to quarantine; faults of files raise `LayersError`, which carries what was good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo import crs as coordinates
from geo import terrain as terrains
from geo.errors import Fault, InputError
from geo.terrain import Kind, Terrain
from layers import datums, quarantine, schemas
from layers.county import County, InputFile
from layers.flaw import Bools, Flaw, Objects
from layers.read import Layer, Source, read
from layers.sieve import Sieve, sieved
from layers.source import is_address, refuse_address, sha256, shown
from layers.tables import BY_NAME, INPUTS

Progress = Callable[[str, float], None]


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


def county(
    name: str,
    sources: Sequence[Source],
    *,
    base: Path,
    area_margin_m: float,
    terrain: Sequence[str] = (),
    terrain_kind: Kind | None = None,
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
    terrain, terrain_kind
        Paths of elevation tiles, and what their heights are of; None to go by the files.
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
    heights, tiles, terrain_faults = _read_terrain(terrain, terrain_kind, base)
    target, crs_faults = _target(crs, layers)
    faults += [*terrain_faults, *crs_faults]
    if target is not None:
        layers, moving_faults = _moved(layers, target)
        faults += moving_faults
    tell("核对 / cross-checks", 0.9)
    failed = {fault.layer for fault in faults}
    sieve = sieved(
        layers, target, heights=heights, terrain=terrain, failed=failed,
        area_margin_m=area_margin_m,
    )  # fmt: skip
    if target is not None:
        faults += _suspicions(layers, sieve, target)
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
        notices=_notices(layers, sieve),
    )


def _read_all(
    sources: Sequence[Source], base: Path, tell: Progress
) -> tuple[dict[int, Layer], list[Fault]]:
    """Read the sources; keys that are made carry the source's number within its table."""
    layers: dict[int, Layer] = {}
    faults: list[Fault] = []
    met: dict[str, int] = {}
    for position, source in enumerate(sources):
        tell(f"{BY_NAME[source.layer].zh} / {source.shown}", 0.8 * position / len(sources))
        met[source.layer] = number = met.get(source.layer, 0) + 1
        prefix = source.layer if number == 1 else f"{source.layer}{number}"
        try:
            layers[position] = read(source, base=base, prefix=prefix)
        except InputError as error:
            faults += error.faults
    return layers, faults


def _read_terrain(
    paths: Sequence[str], kind: Kind | None, base: Path
) -> tuple[Terrain | None, tuple[InputFile, ...], list[Fault]]:
    if not paths:
        return None, (), []
    missing = [
        Fault("file_missing", file=path, layer="terrain")
        for path in paths
        if not is_address(path) and not (base / path).is_file()
    ]
    if missing:
        return None, (), missing
    try:
        for path in paths:
            refuse_address(path, layer="terrain")
        heights = terrains.read([base / path for path in paths], kind=kind)
    except InputError as error:
        return None, (), list(error.faults)
    tiles = tuple(InputFile("terrain", shown(path), sha256(base / path), 1, 1, 0) for path in paths)
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
            path, name = layer.source.shown, layer.source.layer
            faults += [replace(fault, file=path, layer=name) for fault in error.faults]
    return moved, faults


def _in_crs(layer: Layer, target: CRS) -> Layer:
    source = CRS.from_user_input(layer.frame.crs)
    try:
        shapes = coordinates.transform(layer.frame.geometry.to_numpy(), source, target)
    except InputError:
        lost = shapely.is_missing(
            _shown_in_crs(layer.frame.geometry.to_numpy(dtype=object), source, target)
        )
        if lost.all():
            raise
        return _in_crs(_without(layer, lost), target)
    frame = layer.frame.drop(columns="geometry")
    shown = layer.quarantine["geometry"].to_numpy(dtype=object)
    set_aside = _shown_in_crs(shown, source, target)
    return replace(
        layer,
        frame=gpd.GeoDataFrame(frame, geometry=shapes, crs=target),
        quarantine=layer.quarantine.assign(geometry=pd.Series(set_aside, dtype=object)),
    )


def _without(layer: Layer, lost: Bools) -> Layer:
    """Set aside records that lie so far off that the county's CRS does not reach them."""
    count = len(layer.frame)
    set_aside = quarantine.records(
        [Flaw(code="geometry_off_globe", rows=lost)], layer=layer.source.layer,
        files=np.full(count, layer.source.shown, dtype=object), rows=layer.labels,
        geometry=layer.frame.geometry.to_numpy(dtype=object),
    )  # fmt: skip
    return replace(
        layer,
        frame=layer.frame[~lost].reset_index(drop=True),
        labels=layer.labels[~lost],
        quarantine=pd.concat([layer.quarantine, set_aside], ignore_index=True),
    )


def _shown_in_crs(shapes: Objects, source: CRS, target: CRS) -> Objects:
    """Return quarantined shapes in the county's CRS; None where one lies beyond any map."""
    try:
        return coordinates.transform(shapes, source, target)
    except InputError:
        if len(shapes) == 1:
            return np.array([None], dtype=object)
    halves = np.array_split(shapes, 2)
    return np.concatenate([_shown_in_crs(half, source, target) for half in halves])


def _suspicions(layers: Mapping[int, Layer], sieve: Sieve, target: CRS) -> list[Fault]:
    """Return a fault for each file of measurements that fits the roads in another datum only."""
    if "measurements" not in sieve.stacks or "roads" not in sieve.stacks:
        return []
    stack = sieve.stacks["measurements"]
    roads: Objects = sieve.stacks["roads"].frame.geometry.to_numpy()
    points: Objects = stack.frame.geometry.to_numpy()
    found = (
        datums.suspicion(points[stack.source == position], target, roads, layer.source, layer.datum)
        for position, layer in layers.items()
        if layer.source.layer == "measurements"
    )
    return [fault for fault in found if fault is not None]


def _inputs(layers: Mapping[int, Layer], sieve: Sieve) -> tuple[InputFile, ...]:
    """Count what became of each source's records; those clipped away count as not read."""
    sources = [stack.source for stack in sieve.stacks.values()]
    used = np.bincount(
        np.concatenate([np.zeros(0, dtype=np.intp), *sources]),
        minlength=max(layers, default=-1) + 1,
    )
    clipped = Counter(sieve.clipped)
    return tuple(
        InputFile(
            layer.source.layer, layer.source.shown, layer.sha256, layer.rows - clipped[position],
            int(used[position]), layer.rows - clipped[position] - int(used[position]),
        )
        for position, layer in layers.items()
    )  # fmt: skip


def _notices(layers: Mapping[int, Layer], sieve: Sieve) -> tuple[Fault, ...]:
    clipped = Counter(sieve.clipped)
    said = chain.from_iterable(layer.notices for layer in layers.values())
    left_out = (
        layers[position].source.fault("notice_clipped", left_out=count)
        for position, count in sorted(clipped.items())
    )
    return (*said, *left_out)


def _complete(sieve: Sieve, target: CRS) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Return every input table, empty where the study has none, after its schema has passed."""
    frames = {table.name: schemas.empty_frame(table, target) for table in INPUTS}
    for name, frame in sieve.frames().items():
        frames[name] = frame.reset_index(drop=True)
    for table in INPUTS:
        schemas.validate(frames[table.name], table)
    return frames
