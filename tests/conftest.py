"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data that is never part of the project; tests skip where it is absent."""
    root = Path(os.environ.get("TONGGOU_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not root.is_dir():
        pytest.skip("real data is absent: set TONGGOU_DATA to a folder like ../shared/data")
    return root
