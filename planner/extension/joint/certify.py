"""Multipliers of a reduced network as a certificate of the whole one."""

from __future__ import annotations

import numpy as np

from planner.extension.joint.certificate import ENTER, LEAVE, PASS_IN, PASS_OUT, Certificate
from planner.extension.joint.cuts import Cut
from planner.extension.joint.model import Ints
from planner.extension.joint.multipliers import Multipliers
from planner.extension.joint.reduce import Reduced
from planner.extension.joint.rows import Pass


def certified(small: Reduced, multipliers: Multipliers) -> Certificate:
    """Return multipliers as a certificate, with the problem's own nodes."""
    nothing = np.zeros(0, dtype=np.int64)
    rows = [_row(small, row) for row in multipliers.rows]
    sets, sources = [one for _, one, _ in rows], [one for _, _, one in rows]
    return Certificate(
        trace=small.trace,
        edges=small.edge,
        share=multipliers.share,
        kind=np.array([kind for kind, _, _ in rows], dtype=np.int64),
        utility=np.array([row.utility for row in multipliers.rows], dtype=np.int64),
        weight=np.array(multipliers.weights, dtype=np.int64),
        set_ptr=np.cumsum([0, *(one.size for one in sets)], dtype=np.int64),
        set_nodes=np.concatenate([nothing, *sets]),
        source_ptr=np.cumsum([0, *(one.size for one in sources)], dtype=np.int64),
        source_nodes=np.concatenate([nothing, *sources]),
        step=np.array([getattr(row, "step", 0) for row in multipliers.rows], dtype=np.int64),
        least=np.array([getattr(row, "least", 0) for row in multipliers.rows], dtype=np.int64),
    )


def _row(small: Reduced, row: Cut | Pass) -> tuple[int, Ints, Ints]:
    if isinstance(row, Pass):
        place = np.array([row.arc >> 1, row.arc & 1], dtype=np.int64)
        return PASS_OUT if row.leaves else PASS_IN, place, np.zeros(0, dtype=np.int64)
    kind = LEAVE if row.leaves else ENTER
    return kind, small.node[row.inside], small.node[row.sources]
