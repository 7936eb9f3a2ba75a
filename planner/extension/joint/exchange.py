"""Read and answer instances of the exchange format ``extension-1``, the core of joint routing.

An instance is one JSON object::

    {"format": "extension-1", "nodes": [[x, y], ...],
     "edges": [[u, v, length_m, trench_yuan], ...],
     "utilities": [{"name", "line_yuan_per_m", "sources": [{"node", "capacity"}, ...],
                    "terminals": [{"node", "demand"}, ...]}]}

The answer is ``{"edges": {utility: [edge index, ...]}}``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from geo import documents
from geo.errors import Fault, InputError, fail
from planner.extension.joint.model import Flags, Floats, Model, Points

FORMAT = "extension-1"
_SHOWN = 5

Document = Mapping[str, Any]
Check = Callable[[object], bool]


def read(path: Path) -> Model:
    """Read an instance from a file.

    Parameters
    ----------
    path
        JSON in UTF-8.

    Raises
    ------
    InputError
        With every fault: no such file, not JSON, another format, records that lack a value or hold
        an impossible one, nodes that do not exist, names that occur twice.
    """
    return model_of(documents.load(path), file=str(path))


def model_of(document: object, *, file: str = "") -> Model:
    """Return the problem that an instance states.

    Parameters
    ----------
    document
        The instance as `json.loads` returns it.
    file
        Name of the file, for messages.

    Raises
    ------
    InputError
        See `read`.

    Examples
    --------
    >>> water = {"name": "water", "line_yuan_per_m": 350.0, "sources": [{"node": 0, "capacity": 5}],
    ...          "terminals": [{"node": 1, "demand": 3}]}
    >>> model_of({"format": "extension-1", "nodes": [[0, 0], [9, 0]], "edges": [[0, 1, 9, 7200]],
    ...           "utilities": [water]}).line_yuan.tolist()
    [[3150.0]]
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise fail("exchange_format", format=FORMAT, file=file)
    for find in (_frame_faults, _value_faults, _key_faults):
        faults = list(find(document, file))
        if faults:
            raise InputError(faults)
    return _model(document)


def answer(model: Model, used: Flags) -> dict[str, dict[str, list[int]]]:
    """Return a plan in the exchange format.

    Parameters
    ----------
    used
        Whether a utility uses an edge, shape (utilities, edges).
    """
    chosen = zip(model.names, used, strict=True)
    return {"edges": {name: np.flatnonzero(row).tolist() for name, row in chosen}}


def write(path: Path, model: Model, used: Flags) -> None:
    """Write a plan in the exchange format."""
    path.write_text(json.dumps(answer(model, used)) + "\n", encoding="utf-8")


def _model(document: Document) -> Model:
    edges = np.array(document["edges"], dtype=np.float64).reshape(-1, 4)
    rows = document["utilities"]
    per_m = np.array([row["line_yuan_per_m"] for row in rows], dtype=np.float64)
    return Model(
        nodes=len(document["nodes"]),
        u=edges[:, 0].astype(np.int64),
        v=edges[:, 1].astype(np.int64),
        trench_yuan=edges[:, 3],
        line_yuan=per_m[:, None] * edges[:, 2],
        names=tuple(row["name"] for row in rows),
        sources=tuple(_points(row["sources"], "capacity") for row in rows),
        terminals=tuple(_points(row["terminals"], "demand") for row in rows),
    )


def _points(rows: Sequence[Document], amount: str) -> Points:
    node = np.array([row["node"] for row in rows], dtype=np.int64)
    amounts: Floats = np.array([row[amount] for row in rows], dtype=np.float64)
    return Points(node, amounts)


def _frame_faults(document: Document, file: str) -> Iterator[Fault]:
    for column in ("nodes", "edges", "utilities"):
        if not isinstance(document.get(column), list):
            yield Fault("exchange_list", file=file, column=column)


def _value_faults(document: Document, file: str) -> Iterator[Fault]:
    nodes, edges, utilities = document["nodes"], document["edges"], document["utilities"]
    yield from _wrong(nodes, _is_position, "joint_position", file=file, column="nodes")
    yield from _wrong(edges, _is_edge, "joint_edge", file=file, column="edges")
    yield from _wrong(utilities, _is_utility, "joint_utility", file=file, column="utilities")


def _key_faults(document: Document, file: str) -> Iterator[Fault]:
    count, utilities = len(document["nodes"]), document["utilities"]
    names = Counter(row["name"] for row in utilities)
    twice = tuple(name for name, times in names.items() if times > 1)
    if twice:
        yield Fault("joint_twice", file=file, column="utilities", rows=twice, count=len(twice))
    at_edge = _among(count)
    yield from _wrong(
        document["edges"],
        lambda edge: all(map(at_edge, cast("list[object]", edge)[:2])),
        "joint_node",
        file=file,
        column="edges",
    )
    for row in utilities:
        for table, amount in (("sources", "capacity"), ("terminals", "demand")):
            check = _point_check(count, amount)
            place = {"file": file, "layer": row["name"], "column": table}
            yield from _wrong(row[table], check, "joint_point", amount=amount, **place)


def _wrong(rows: Sequence[object], check: Check, code: str, **place: str) -> Iterator[Fault]:
    wrong = [str(number) for number, row in enumerate(rows, start=1) if not check(row)]
    if wrong:
        facts = {"amount": place.pop("amount", "")}
        yield Fault(code, facts, rows=tuple(wrong[:_SHOWN]), count=len(wrong), **place)


def _is_amount(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(cast("float", value)) and cast("float", value) >= 0


def _is_position(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(one, int | float) and math.isfinite(one) for one in value)
    )


def _is_edge(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(type(end) is int for end in value[:2])
        and all(map(_is_amount, value[2:]))
    )


def _is_utility(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and value["name"] != ""
        and _is_amount(value.get("line_yuan_per_m"))
        and isinstance(value.get("sources"), list)
        and isinstance(value.get("terminals"), list)
    )


def _among(count: int) -> Check:
    return lambda value: type(value) is int and 0 <= value < count


def _point_check(count: int, amount: str) -> Check:
    is_node = _among(count)
    return lambda row: (
        isinstance(row, Mapping) and is_node(row.get("node")) and _is_amount(row.get(amount))
    )
