"""Instances of the Steiner tree problem: SteinLib's .stp, PACE's .gr, and the list of optima."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.errors import Fault, InputError, fail

MOST_NAMED = 5
"""Lines at fault that a message names."""
LENGTHS = {"E": 4, "T": 2, "NODES": 2, "EDGES": 2, "TERMINALS": 2}
"""Words of the lines that are read; all others are passed over."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A graph with terminals; nodes are counted from 0.

    Parameters
    ----------
    name
        Name of its file.
    nodes
        Number of nodes.
    edge_u, edge_v, edge_cost
        Ends and cost of each edge.
    terminals
        Nodes to be connected.
    """

    name: str
    nodes: int
    edge_u: NDArray[np.int64]
    edge_v: NDArray[np.int64]
    edge_cost: NDArray[np.float64]
    terminals: NDArray[np.int64]


def read(path: Path) -> Instance:
    """Return the instance of a .stp or .gr file.

    Raises
    ------
    InputError
        If the file is missing, is no such file, or says something else than it holds.
    """
    try:
        lines = path.read_text(encoding="latin-1").splitlines()
    except FileNotFoundError:
        raise fail("file_missing", file=str(path)) from None
    except OSError as error:
        raise fail("file_unreadable", file=str(path), detail=error.strerror) from None
    words: dict[str, list[list[str]]] = {key: [] for key in LENGTHS}
    wrong = []
    for number, line in enumerate(lines, 1):
        parts = line.split()
        key = parts[0].upper() if parts else ""
        if key in words:
            words[key].append(parts[1:])
            if len(parts) != LENGTHS[key]:
                wrong.append(number)
    _refuse(path, wrong)
    try:
        ends = np.array(words["E"], dtype=np.float64).reshape(-1, 3)
        terminals = np.array(words["T"], dtype=np.int64).reshape(-1)
        said = {key: int(words[key][0][0]) for key in ("NODES", "EDGES", "TERMINALS")}
    except (ValueError, IndexError) as error:
        raise fail("steiner_file_unreadable", file=str(path), detail=error) from None
    _compare(path, said, {"EDGES": len(ends), "TERMINALS": len(terminals)})
    return Instance(
        name=path.name,
        nodes=said["NODES"],
        edge_u=ends[:, 0].astype(np.int64) - 1,
        edge_v=ends[:, 1].astype(np.int64) - 1,
        edge_cost=ends[:, 2],
        terminals=terminals - 1,
    )


def _refuse(path: Path, wrong: list[int]) -> None:
    if wrong:
        rows = tuple(map(str, wrong[:MOST_NAMED]))
        raise InputError([Fault("steiner_file_line", file=str(path), rows=rows, count=len(wrong))])


def _compare(path: Path, said: dict[str, int], held: dict[str, int]) -> None:
    faults = [
        Fault(
            "steiner_file_count",
            {"what": key.capitalize(), "said": said[key], "held": count},
            file=str(path),
        )
        for key, count in held.items()
        if said[key] != count
    ]
    if faults:
        raise InputError(faults)


def optima(path: Path) -> dict[str, float]:
    """Return the best known cost of each instance by the name of its file.

    The list has a column `filename` or `file`, and `opt`, or `lower` and `upper`, which count where
    they are equal.

    Raises
    ------
    InputError
        If the list is missing or has other columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise fail("file_missing", file=str(path)) from None
    found = {}
    for row in rows:
        name = row.get("filename") or row.get("file")
        cost = row["opt"] if "opt" in row else _agreed(row)
        if name is None or cost is None:
            raise fail("steiner_optima_columns", file=str(path))
        if cost:
            found[name] = float(cost)
    return found


def _agreed(row: dict[str, str]) -> str | None:
    """Return the number on which both bounds agree; None without them."""
    lower, upper = row.get("lower"), row.get("upper")
    return upper if lower == upper else ""
