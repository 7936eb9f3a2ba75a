from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import InputError
from layers.county import County
from planner.coverage import evidence, run
from planner.coverage.evidence import Evidence
from planner.settings import Settings


@pytest.fixture
def kept(county: County, settings: Settings) -> dict[str, Evidence]:
    result = run.solve(county, settings)
    assert result is not None
    return dict(result.evidence)


def test_evidence_comes_back_as_it_was_written(kept: dict[str, Evidence], tmp_path: Path) -> None:
    path = tmp_path / "bound.npz"
    evidence.save(kept, path)
    again = evidence.load(path)
    assert list(again) == list(kept) == ["cmcc", "ctcc", "wifi"]
    for name, found in kept.items():
        for part in (field.name for field in fields(Evidence) if field.name != "certificate"):
            np.testing.assert_array_equal(getattr(found, part), getattr(again[name], part))
        for part in type(found.certificate).__slots__:
            stored = getattr(again[name].certificate, part)
            np.testing.assert_array_equal(getattr(found.certificate, part), stored)


def test_no_choice_at_all_can_be_kept(tmp_path: Path) -> None:
    evidence.save({}, tmp_path / "bound.npz")
    assert evidence.load(tmp_path / "bound.npz") == {}


def test_a_file_that_is_missing_or_none_of_ours_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "bound.npz"
    with pytest.raises(InputError) as caught:
        evidence.load(path)
    assert caught.value.faults[0].code == "file_missing"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError) as caught:
        evidence.load(path)
    assert caught.value.faults[0].code == "file_unreadable"


@pytest.mark.parametrize(
    ("part", "change"),
    [("cmcc.cover", lambda a: a[:-1]), ("cmcc.people", lambda a: a[1:]),
     ("cmcc.weight", lambda a: a.astype(np.float64)), ("cmcc.point", lambda a: a + 10**6),
     ("cmcc.row", lambda a: a[::-1].copy()), ("cmcc.site_kind", lambda a: a[:-1]),
     ("cmcc.budget", lambda a: np.append(a, a)), ("choices", lambda a: np.append(a, "none"))],
)  # fmt: skip
def test_arrays_that_do_not_belong_together_are_an_input_error(
    kept: dict[str, Evidence], tmp_path: Path, part: str, change: Callable[[Any], Any]
) -> None:
    path = tmp_path / "bound.npz"
    evidence.save(kept, path)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays[part] = change(arrays[part])
    np.savez_compressed(path, **arrays)
    with pytest.raises(InputError) as caught:
        evidence.load(path)
    assert caught.value.faults[0].code == "file_unreadable"
