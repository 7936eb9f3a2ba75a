"""Maximum coverage with a budget: which candidate reaches which point, and what each is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

LARGEST = 2**42
"""Most that weights, charges and the budget may add up to, so that no product overflows."""


class Sight(NamedTuple):
    """Which candidate reaches which point, by candidates and by points.

    Candidate i reaches points[row[i]:row[i + 1]], ascending; point j is reached from
    sites[column[j]:column[j + 1]], ascending.
    """

    row: Ints
    points: Places
    column: Ints
    sites: Places


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Choose candidates of the greatest value whose sizes add up to at most the budget.

    The value of a choice is the weight of the points that at least one of its candidates reaches,
    less the charges of its candidates. All numbers are whole, so values and bounds are exact.

    Parameters
    ----------
    sight
        Which candidate reaches which point.
    weight
        Of each point, at least 0.
    charge
        Of each candidate, at least 0: the weight that it has to be worth.
    size
        Of each candidate, above 0: 1 where sites are counted, yuan where money is.
    budget
        Most that the sizes of a choice may add up to.

    References
    ----------
    Church and ReVelle (1974), The maximal covering location problem; Khuller, Moss and Naor (1999),
    The budgeted maximum coverage problem.
    """

    sight: Sight
    weight: Ints
    charge: Ints
    size: Ints
    budget: int

    @property
    def candidates(self) -> int:
        """Number of candidates."""
        return len(self.size)

    @property
    def most_sites(self) -> int:
        """Number of candidates, the smallest first, that fit into the budget."""
        return int(np.searchsorted(np.cumsum(np.sort(self.size)), self.budget, side="right"))

    def reached(self, chosen: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Return which points the chosen candidates reach, shape (points,)."""
        covered = np.zeros(len(self.weight), dtype=bool)
        for site in chosen:
            covered[self.sight.points[self.sight.row[site] : self.sight.row[site + 1]]] = True
        return covered

    def value(self, chosen: Iterable[int]) -> int:
        """Return the weight that the chosen candidates reach, less their charges."""
        sites = list(chosen)
        return int(self.weight[self.reached(sites)].sum() - self.charge[sites].sum())


def of(
    reach: scipy.sparse.csr_array, weight: Ints, *, size: Ints, budget: int, charge: Ints
) -> Problem:
    """Return the problem of a matrix, candidates by points, whose entries say what is reached.

    Parameters
    ----------
    reach
        Shape (candidates, points); what is stored and not 0 counts.
    weight, size, budget, charge
        See `Problem`.

    Raises
    ------
    ValueError
        If shapes do not fit, a number lies below its range, or the sums are too large.

    Examples
    --------
    >>> import numpy as np, scipy.sparse
    >>> reach = scipy.sparse.csr_array(np.array([[1, 1, 0], [0, 1, 1]]))
    >>> ones, none = np.ones(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    >>> asked = of(reach, np.array([5, 1, 7]), size=ones, budget=1, charge=none)
    >>> asked.value([0]), asked.value([1])
    (6, 8)
    """
    rows = scipy.sparse.csr_array(reach != 0)
    rows.sort_indices()
    columns = rows.tocsc()
    columns.sort_indices()
    sizes, charges, weights = (np.asarray(v, dtype=np.int64) for v in (size, charge, weight))
    if (len(sizes), len(weights)) != rows.shape or len(charges) != len(sizes):
        msg = f"{rows.shape} entries, {len(sizes)} sizes, {len(charges)} charges, {len(weights)}"
        raise ValueError(msg + " weights")
    if (weights < 0).any() or (charges < 0).any() or (sizes < 1).any() or budget < 0:
        msg = "weights, charges and the budget are at least 0, sizes above 0"
        raise ValueError(msg)
    if max(weights.sum(), charges.sum(), sizes.max(initial=0), budget) > LARGEST:
        msg = f"weights, charges, sizes or the budget exceed {LARGEST}"
        raise ValueError(msg)
    sight = Sight(
        rows.indptr.astype(np.int64), rows.indices.astype(np.int32),
        columns.indptr.astype(np.int64), columns.indices.astype(np.int32),
    )  # fmt: skip
    return Problem(sight, weights, charges, sizes, int(budget))
