"""What proves a lower bound: clusters of segments, prices of starts, prices of crews.

All money is whole thousandths of a yuan, so that the bound can be recomputed exactly. Any
certificate that keeps `Cluster` and `Certificate` to their words proves its bound; how the prices
were found does not matter. `planner.trench.check.bound` proves it without the solver.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from geo.errors import fail

Prices = NDArray[np.int64]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Segments that are priced together, over the works on them.

    Parameters
    ----------
    segments, works
        Positions in the problem. A cluster that is not filled holds every work of the certificate
        on its segments.
    prices
        For each work one price for each of its allowed starts (`domains.starts`).
    priced
        Whether the trenches of every set of works that share an opening are counted; otherwise
        the segment's least possible trench is, as a constant.
    filled
        Whether gaps between the openings of these works count as what other works could fill at
        best; then any of a segment's works may be in the cluster.
    share
        Thousandths of the segments' prices that the cluster counts; the filled clusters of a
        segment share it.
    """

    segments: tuple[int, ...]
    works: tuple[int, ...]
    prices: tuple[Prices, ...]
    priced: bool = False
    filled: bool = False
    share: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A lower bound on the cost of every plan that places exactly these works.

    Parameters
    ----------
    works
        Positions in ``Problem.works``.
    clusters
        Each segment is in one cluster that is not filled, in filled ones, or in none.
    crew_prices
        By crew, what a crew costs in each period, at least 0.
    detours
        For each cluster the pairs of its works, as places i < j in ``Cluster.works``, that are
        kept from opening a road and its detour in one period.
    """

    works: tuple[int, ...]
    clusters: tuple[Cluster, ...]
    crew_prices: Mapping[str, Prices] = field(default_factory=lambda: MappingProxyType({}))
    detours: tuple[tuple[Pair, ...], ...] = ()


def save(certificate: Certificate, path: Path) -> None:
    """Write a certificate as one compressed numpy file."""
    outline = {
        "works": certificate.works,
        "clusters": [
            [one.segments, one.works, one.priced, one.filled, one.share]
            for one in certificate.clusters
        ],
        "crews": list(certificate.crew_prices),
        "detours": certificate.detours,
    }
    lengths = [prices.size for one in certificate.clusters for prices in one.prices]
    empty = np.zeros(0, dtype=np.int64)
    np.savez_compressed(
        path,
        outline=np.frombuffer(json.dumps(outline).encode(), dtype=np.uint8),
        lengths=np.array(lengths, dtype=np.int64),
        prices=np.concatenate([empty, *(p for one in certificate.clusters for p in one.prices)]),
        crew_prices=np.concatenate([empty, *certificate.crew_prices.values()]),
    )


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
            outline, lengths = json.loads(stored["outline"].tobytes()), stored["lengths"]
            if lengths.size != sum(len(works) for _, works, *_ in outline["clusters"]):
                raise fail("file_unreadable", file=path, detail="lengths")
            prices = iter(np.split(stored["prices"], np.cumsum(lengths)[:-1]))
            crews = outline["crews"]
            crew_prices = np.split(stored["crew_prices"], max(len(crews), 1))
            return Certificate(
                works=tuple(outline["works"]),
                clusters=tuple(
                    Cluster(
                        segments=tuple(segments),
                        works=tuple(works),
                        prices=tuple(islice(prices, len(works))),
                        priced=priced,
                        filled=filled,
                        share=share,
                    )
                    for segments, works, priced, filled, share in outline["clusters"]
                ),
                crew_prices=MappingProxyType(dict(zip(crews, crew_prices, strict=False))),
                detours=tuple(
                    tuple((int(i), int(j)) for i, j in pairs) for pairs in outline["detours"]
                ),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise fail("file_unreadable", file=path, detail=error) from error
