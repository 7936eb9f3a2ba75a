"""Finished studies whose documents are written."""

from __future__ import annotations

from types import ModuleType

import pytest

from planner.finished import Finished

FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="session")
def study(factory: ModuleType) -> Finished:
    """A small town, every table filled."""
    return factory.finished(factory.result(blocks=3))


@pytest.fixture(scope="session")
def nasty(factory: ModuleType) -> Finished:
    """The same town, every name of which is a formula, then markup, then a control character."""
    made = factory.result(blocks=3, text="</w:t><&\x07\"'")
    segments = made.segments.assign(name=FORMULA)
    openings = made.trench.openings.assign(name=FORMULA)
    made.trench.openings = openings
    return factory.finished(factory.replace(made, segments=segments), name=FORMULA)


@pytest.fixture(scope="session")
def nothing(factory: ModuleType) -> Finished:
    """A study in which every table is empty and nothing is planned."""
    return factory.finished(factory.emptied(factory.result(blocks=3)))
