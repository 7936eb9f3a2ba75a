"""What proves a lower bound: multipliers of rows that every plan keeps.

A plan is z for each trench, y for each utility and arc along which something flows, w for each
utility and node that gives, all 0 or 1. The rows are ``z >= y + y'`` of each utility and edge,
with the multiplier `share`, and cuts and passes, see `planner.extension.joint.rows`. The bound is
what the rows ask for, weighed, plus every negative price that is left: prices less weighed rows,
of each column. It holds for any multipliers at least 0, in whole thousandths of a yuan.

The network that the multipliers speak of is reduced from the problem's by the steps of `trace`,
each of which can be verified without a search.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from geo.errors import fail
from planner.extension.joint.model import Ints

ENTER, LEAVE, PASS_OUT, PASS_IN = 0, 1, 2, 3
"""Kinds of rows: something enters a set, or uses its sources; a source's flow leaves a set; what
leaves a node has entered it; what enters a node that is no terminal leaves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A lower bound on the cost of every plan.

    Parameters
    ----------
    trace
        Steps of the reduction: kind, edge, count and that many edges, see
        `planner.extension.joint.reduce_kernels.Lists`.
    edges
        Edges of the reduced network in the order of `share`.
    share
        Multipliers of the links, shape (utilities, edges of the reduced network).
    kind, utility, weight
        Of each row, shape (rows,).
    set_ptr, set_nodes
        Row r speaks of the nodes set_nodes[set_ptr[r]:set_ptr[r + 1]] of the problem; for a pass,
        these are the place of an edge in `edges` and 0 or 1 for its direction.
    source_ptr, source_nodes
        Likewise the sources U of a set to be entered, and the source of a set to be left.
    step
        Of each set to be entered, the thousandths of a unit in which amounts are rounded up; 0 for
        all that it lacks.
    least
        Of each set to be entered, the thousandths of a unit that a node has to ask for or to give
        at once to count; 0 if all count.
    """

    trace: Ints
    edges: Ints
    share: Ints
    kind: Ints
    utility: Ints
    weight: Ints
    set_ptr: Ints
    set_nodes: Ints
    source_ptr: Ints
    source_nodes: Ints
    step: Ints
    least: Ints


def save(certificate: Certificate, path: Path) -> None:
    """Write a certificate as one compressed numpy file."""
    arrays = {name: getattr(certificate, name) for name in Certificate.__slots__}
    np.savez_compressed(path, **arrays)


def load(path: Path) -> Certificate:
    """Read what `save` wrote.

    Raises
    ------
    InputError
        If the file is missing or is not a certificate.
    """
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in Certificate.__slots__}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise fail("file_unreadable", file=path, detail=error) from error
    strange = [name for name, values in arrays.items() if values.dtype != np.int64]
    if strange:
        raise fail("file_unreadable", file=path, detail=", ".join(strange))
    return Certificate(**arrays)
