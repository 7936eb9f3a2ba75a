"""What infill was chosen from and what proves its bound, kept beside a result for the check."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from geo.errors import fail
from planner.coverage.siting.certificate import Certificate

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]

WIFI = "wifi"
"""Name of the choice of Wi-Fi points, beside those of the operators."""
MILLI = 1000
"""Units of weight in a person, or in a metre of way for Wi-Fi."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Evidence:
    """One choice: of an operator's sites, or of Wi-Fi points.

    Parameters
    ----------
    candidate_id, site_kind, site_x_m, site_y_m, height_m
        Of each candidate of the certificate.
    point_x_m, point_y_m
        Of each point of the certificate.
    people, area_km2, way_m
        What each point stands for.
    certificate
        The problem and the multipliers.
    """

    candidate_id: Texts
    site_kind: Texts
    site_x_m: Floats
    site_y_m: Floats
    height_m: Floats
    point_x_m: Floats
    point_y_m: Floats
    people: Floats
    area_km2: Floats
    way_m: Floats
    certificate: Certificate


_PLAIN = tuple(field.name for field in fields(Evidence) if field.name != "certificate")
_PROOF = tuple(field.name for field in fields(Certificate))


def save(evidence: Mapping[str, Evidence], path: Path) -> None:
    """Write the evidence of all choices as one compressed numpy file."""
    arrays: dict[str, Any] = {"choices": np.array(list(evidence), dtype=np.str_)}
    for name, found in evidence.items():
        arrays |= {f"{name}.{part}": getattr(found, part) for part in _PLAIN}
        arrays |= {f"{name}.{part}": getattr(found.certificate, part) for part in _PROOF}
    np.savez_compressed(path, **arrays)


def load(path: Path) -> dict[str, Evidence]:
    """Read what `save` wrote.

    Raises
    ------
    InputError
        If the file is missing or is not what `save` writes.
    """
    if not path.is_file():
        raise fail("file_missing", file=path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        return {str(name): _one(arrays, str(name)) for name in arrays["choices"]}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise fail("file_unreadable", file=path, detail=error) from error


def _one(arrays: Mapping[str, Any], name: str) -> Evidence:
    """Return one choice; its arrays must be of the kinds and lengths that belong together."""
    plain = {part: arrays[f"{name}.{part}"] for part in _PLAIN}
    proof = {part: arrays[f"{name}.{part}"] for part in _PROOF}
    strange = [part for part, values in proof.items() if values.dtype != np.int64]
    strange += [
        part for part, values in plain.items()
        if values.dtype.kind != ("U" if part in {"candidate_id", "site_kind"} else "f")
    ]  # fmt: skip
    sites, points = len(proof["size"]), len(proof["weight"])
    of_sites = {"charge", "candidate_id", "site_kind", "site_x_m", "site_y_m", "height_m"}
    of_points = {"cover", "point_x_m", "point_y_m", "people", "area_km2", "way_m"}
    every = plain | proof
    strange += [part for part in of_sites if len(every[part]) != sites]
    strange += [part for part in of_points if len(every[part]) != points]
    row, reached = proof["row"], proof["point"]
    if len(row) != sites + 1 or row[0] != 0 or row[-1] != len(reached) or (np.diff(row) < 0).any():
        strange.append("row")
    if len(reached) and not 0 <= reached.min() <= reached.max() < points:
        strange.append("point")
    strange += [part for part in ("budget", "price") if len(proof[part]) != 1]
    if strange:
        msg = ", ".join(sorted(strange))
        raise ValueError(msg)
    return Evidence(**plain, certificate=Certificate(**proof))
