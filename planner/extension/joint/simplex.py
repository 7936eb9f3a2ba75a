"""A linear programme that grows and is solved again from where it was, by scipy's HiGHS.

`scipy.optimize.linprog` begins anew each time; this file, the only one to do so, asks the solver
behind it, which is no public part of scipy, and keeps its basis when rows and columns are added and
rows that bind nothing are dropped. ``highspy`` itself is never imported: it cannot live beside
ortools in one process.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize._highspy._core import HighsBasisStatus, HighsModelStatus
from scipy.optimize._highspy._core import _Highs as Highs
from scipy.sparse import csc_array, csr_array

from planner.extension.joint.model import Flags, Floats

LEAST_S = 0.1
"""A limit of time below this is not worth a call."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solved programme says.

    Parameters
    ----------
    point
        Of the columns, from 0 to 1.
    dual
        Of the rows, at least 0.
    value
        Price of the point.
    """

    point: Floats
    dual: Floats
    value: float


def _solver() -> Highs:
    solver = Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


@dataclass(slots=True)
class Simplex:
    """Minimise price x over 0 <= x <= 1 with rows that ask for at least something."""

    solver: Highs = field(default_factory=_solver)

    def add_columns(self, price: Floats, table: csc_array) -> None:
        """Add columns with what they contribute to the rows so far, shape (rows, columns)."""
        count = price.size
        self.solver.addCols(
            count,
            price,
            np.zeros(count),
            np.ones(count),
            table.nnz,
            table.indptr[:-1].astype(np.int32),
            table.indices.astype(np.int32),
            table.data.astype(np.float64),
        )

    def add_rows(self, least: Floats, table: csr_array) -> None:
        """Add rows over the columns so far, shape (rows, columns)."""
        self.solver.addRows(
            least.size,
            least,
            np.full(least.size, np.inf),
            table.nnz,
            table.indptr[:-1].astype(np.int32),
            table.indices.astype(np.int32),
            table.data.astype(np.float64),
        )

    def solve(self, seconds: float) -> Answer | None:
        """Return the optimum; None if it is not found in time."""
        limit = self.solver.getRunTime() + max(seconds, LEAST_S)
        self.solver.setOptionValue("time_limit", limit)
        self.solver.run()
        if self.solver.getModelStatus() != HighsModelStatus.kOptimal:
            return None
        solution = self.solver.getSolution()
        dual = np.maximum(np.array(solution.row_dual), 0.0)
        return Answer(np.array(solution.col_value), dual, self.solver.getObjectiveValue())

    def binding(self) -> Flags:
        """Return which rows hold the last point in its corner."""
        status = self.solver.getBasis().row_status
        slack = HighsBasisStatus.kBasic
        return np.fromiter((one != slack for one in status), dtype=np.bool_, count=len(status))

    def keep_rows(self, kept: Flags) -> None:
        """Drop the other rows, none of which may be binding."""
        basis = self.solver.getBasis()
        pairs = zip(basis.row_status, kept.tolist(), strict=True)
        basis.row_status = [status for status, stays in pairs if stays]
        dropped = np.flatnonzero(~kept).astype(np.int32)
        self.solver.deleteRows(dropped.size, dropped)
        self.solver.setBasis(basis)
