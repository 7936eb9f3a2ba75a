"""Edges of one kind, before they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.extension.arrays import Floats, Ints, Objects
from planner.extension.corridor import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Edges of one kind; arrays are (e,), see `planner.extension.corridor.Corridor`."""

    kind: Kind
    u: Ints
    v: Ints
    shape: Objects
    segment: Ints
    side: Ints
    from_m: Floats
    to_m: Floats
    surface: Objects
    pipe: Ints

    def __len__(self) -> int:
        return len(self.u)

    @classmethod
    def of(
        cls,
        kind: Kind,
        u: Ints,
        v: Ints,
        shape: Objects,
        *,
        segment: Ints | None = None,
        side: Ints | None = None,
        along_m: tuple[Floats, Floats] | None = None,
        surface: Objects | str = "",
        pipe: Ints | None = None,
    ) -> Edges:
        """Return edges; what is not given is none: no segment, no side, no surface, no pipe."""
        count = len(u)
        none, zeros = np.full(count, -1, dtype=np.int64), np.zeros(count)
        return cls(
            kind=kind,
            u=u,
            v=v,
            shape=shape,
            segment=none if segment is None else segment,
            side=np.zeros(count, dtype=np.int64) if side is None else side,
            from_m=zeros if along_m is None else along_m[0],
            to_m=zeros if along_m is None else along_m[1],
            surface=np.full(count, surface, dtype=object) if isinstance(surface, str) else surface,
            pipe=none if pipe is None else pipe,
        )


def joined(parts: Sequence[Edges], name: str) -> NDArray[Any]:
    """Return one array of all edges, in the order of the parts."""
    found: NDArray[Any] = np.concatenate([getattr(part, name) for part in parts])
    return found


def kinds(parts: Sequence[Edges]) -> Ints:
    """Return the kind of all edges, in the order of the parts."""
    return np.concatenate([np.full(len(part), part.kind, dtype=np.int64) for part in parts])


def lengths_m(parts: Sequence[Edges]) -> Floats:
    """Return the length of all edges in plan, in the order of the parts."""
    return np.concatenate([shapely.length(part.shape) for part in parts])
