"""Real networks that ship inside the packages pandapower and pandapipes, as existing lines.

A source ``pandapower:lv_schutterwald`` or ``pandapipes:schutterwald_gas`` names a network of
``pandapower.networks`` or ``pandapipes.networks`` (extra ``studies``). Power lines carry WGS 84
positions (GeoJSON); pipes carry plain coordinates of a system that only the study can name.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import fail

PREFIXES = ("pandapower:", "pandapipes:")

_CONSUMERS = {
    "pandapower": (("load", "bus"),),
    "pandapipes": (("sink", "junction"), ("heat_consumer", "from_junction")),
}


def is_network(path: str) -> bool:
    """Return whether a source names a packaged network instead of a file."""
    return path.startswith(PREFIXES)


def read_network(path: str) -> gpd.GeoDataFrame:
    """Read the lines of one packaged network.

    Parameters
    ----------
    path
        ``pandapower:NAME`` or ``pandapipes:NAME``.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a line, with the columns ``pipe_id``, ``utility``, ``subtype`` (``service`` where
        the line ends at a single consumer, else ``distribution``), ``diameter_mm``,
        ``voltage_kv``, ``material`` and ``geometry``; EPSG:4326 for power, no CRS for pipes.
        Lines of equal geometry (the return pipes of a heat network) are kept once; elements of
        no length (valves and feeders modelled as pipes) are not lines in the ground.

    Raises
    ------
    InputError
        If the package is not installed, has no such network, or has it without a map.

    Examples
    --------
    >>> is_network("pandapower:lv_schutterwald"), is_network("pipes.gpkg")
    (True, False)
    """
    package, _, name = path.partition(":")
    network = _load(package, name, path)
    if not _is_drawn(network, package):
        raise fail("network_not_drawn", file=path, name=name)
    return _power_lines(network, name) if package == "pandapower" else _pipes(network, name)


def _is_drawn(network: Any, package: str) -> bool:
    """Return whether every line of the network has a place on the map."""
    if package == "pandapower":
        lines = getattr(network, "line", pd.DataFrame())
        return len(lines) > 0 and "geo" in lines and bool(lines["geo"].notna().all())
    pipes, nodes = (getattr(network, name, None) for name in ("pipe", "junction_geodata"))
    return pipes is not None and len(pipes) > 0 and nodes is not None and len(nodes) > 0


def _load(package: str, name: str, path: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the packages warn about their own pandas use
        try:
            module = importlib.import_module(f"{package}.networks")
        except ImportError as error:
            raise fail("network_package_missing", file=path, package=package) from error
        make: Callable[[], Any] | None = getattr(module, name, None)
        if name.startswith("_") or not callable(make):
            raise fail("network_unknown", file=path, package=package, name=name)
        try:
            return make()
        except TypeError as error:  # a helper of the package that wants arguments
            raise fail("network_unknown", file=path, package=package, name=name) from error


def _power_lines(network: Any, name: str) -> gpd.GeoDataFrame:
    lines = network.line
    coordinates = [json.loads(text)["coordinates"] for text in lines["geo"]]
    ends = lines[["from_bus", "to_bus"]].to_numpy()
    return _frame(
        name,
        lines.index,
        coordinates,
        crs="EPSG:4326",
        utility="power",
        service=_ends_at_consumer(network, "pandapower", ends),
        diameter_mm=np.full(len(lines), np.nan),
        voltage_kv=network.bus["vn_kv"].reindex(ends[:, 0]).to_numpy(),
        material=lines["std_type"],
    )


def _pipes(network: Any, name: str) -> gpd.GeoDataFrame:
    pipes = network.pipe
    ends = pipes[["from_junction", "to_junction"]].to_numpy()
    shapes = network.get("pipe_geodata")
    if shapes is not None and len(shapes):
        coordinates = shapes["coords"].reindex(pipes.index).tolist()
    else:
        nodes = network.junction_geodata[["x", "y"]]
        coordinates = np.stack(
            [nodes.loc[ends[:, 0]].to_numpy(), nodes.loc[ends[:, 1]].to_numpy()], axis=1
        ).tolist()
    return _frame(
        name,
        pipes.index,
        coordinates,
        crs=None,
        utility="gas" if network.fluid.is_gas else "heat",
        service=_ends_at_consumer(network, "pandapipes", ends),
        diameter_mm=_diameters(pipes),
        voltage_kv=np.full(len(pipes), np.nan),
        material=pipes["stanet_std_type"] if "stanet_std_type" in pipes else pipes["std_type"],
    )


def _diameters(pipes: pd.DataFrame) -> np.ndarray:
    if "diameter_m" in pipes:  # outer diameter of a heat pipe; its inner one is a placeholder
        return pipes["diameter_m"].to_numpy() * 1000.0
    return pipes["inner_diameter_mm"].to_numpy(dtype=float)


def _ends_at_consumer(network: Any, package: str, ends: np.ndarray) -> np.ndarray:
    """Mark lines one end of which serves a consumer and nothing else."""
    nobody = np.zeros(0, dtype=ends.dtype)
    consumers = np.concatenate(
        [nobody]
        + [
            network[element][column].to_numpy()
            for element, column in _CONSUMERS[package]
            if element in network and len(network[element])
        ]
    )
    nodes, degree = np.unique(ends, return_counts=True)
    terminal = nodes[(degree == 1) & np.isin(nodes, consumers)]
    return np.asarray(np.isin(ends, terminal).any(axis=1))


def _frame(
    name: str,
    index: pd.Index,
    coordinates: list[Any],
    *,
    crs: str | None,
    utility: str,
    service: np.ndarray,
    diameter_mm: np.ndarray,
    voltage_kv: np.ndarray,
    material: pd.Series,
) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "pipe_id": [f"{name}-{number}" for number in index],
            "utility": utility,
            "subtype": np.where(service, "service", "distribution"),
            "diameter_mm": diameter_mm,
            "voltage_kv": voltage_kv,
            "material": material.to_numpy(),
        },
        geometry=[shapely.LineString(points) for points in coordinates],
        crs=crs,
    )
    first = ~frame.geometry.normalize().to_wkb().duplicated()
    return frame[first & (shapely.length(frame.geometry.to_numpy()) > 0)].reset_index(drop=True)
