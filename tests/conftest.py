"""Fixtures that every test may use."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from layers.county import County
from layers.sample import make
from planner import study, studyfile
from planner.study import StudyResult

settings.register_profile("claims", deadline=None)
settings.load_profile("claims")  # a busy machine proves nothing wrong


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data that is never part of the project; tests skip where it is absent."""
    root = Path(os.environ.get("TONGGOU_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not root.is_dir():
        pytest.skip("real data is absent: set TONGGOU_DATA to a folder like ../shared/data")
    return root


@pytest.fixture(scope="session")
def sample_county() -> County:
    """The sample county at its smallest: a town of 20 km²."""
    return make.sample(area_km2=20.0, seed=1)


@pytest.fixture(scope="session")
def sample_input(sample_county: County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sample county's files and its study.toml; copy it before changing it.

    The joint plan is searched shortly and checked at few points: what is tested is that the parts
    agree.
    """
    study_file = make.write(sample_county, tmp_path_factory.mktemp("sample") / "input")
    with study_file.open("a", encoding="utf-8") as file:
        file.write('\n[settings]\n"trench.search_effort" = 0.05\n')
        file.write('"extension.search_effort" = 0.1\n"trench.robust_most_owners" = 3\n')
        file.write('"coverage.check_points" = 40\n')
    return study_file.parent


@pytest.fixture(scope="session")
def sample_result(sample_input: Path) -> StudyResult:
    """The sample county's study, run from its files."""
    return study.run(studyfile.load(sample_input / "study.toml"))


@pytest.fixture(scope="session")
def factory() -> Iterator[ModuleType]:
    """A finished study made by hand, for whoever shows results: ``factory.result()``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent / "maps")
        yield importlib.import_module("town.factory")
