from __future__ import annotations

import math

import pandas as pd
import pytest

from planner.coverage.bands import downlink_mhz, is_nr


def cells(**columns: object) -> pd.DataFrame:
    empty = {"frequency_mhz": [None], "earfcn": [None], "band": [None]}
    return pd.DataFrame({**empty, **{name: [value] for name, value in columns.items()}})


@pytest.mark.parametrize(
    ("band", "mhz"),
    [("B3", 1842.5), ("FDD1800", 1842.5), ("3", 1842.5), ("Band 8", 942.5), ("L800", 881.5),
     ("D1", 2593.0), ("F频段", 1900.0), ("TDD-E", 2350.0), ("A", 2017.5)],
)  # fmt: skip
def test_a_band_in_any_of_its_spellings_gives_the_centre_of_its_downlink(
    band: str, mhz: float
) -> None:
    assert downlink_mhz(cells(band=band)).tolist() == [mhz]


@pytest.mark.parametrize(
    ("earfcn", "mhz"), [(1300, 1815.0), (3590, 939.0), (38950, 2330.0), (100, 2120.0)]
)
def test_a_channel_number_gives_its_carrier(earfcn: int, mhz: float) -> None:
    assert downlink_mhz(cells(earfcn=earfcn)).tolist() == [mhz]


def test_a_stated_frequency_counts_before_channel_and_band() -> None:
    assert downlink_mhz(cells(frequency_mhz=1820.0, earfcn=1300, band="B8")).tolist() == [1820.0]


@pytest.mark.parametrize("row", [{}, {"band": "什么"}, {"earfcn": 60_000}, {"earfcn": 3000}])
def test_what_says_nothing_known_gives_no_frequency(row: dict[str, object]) -> None:
    assert math.isnan(downlink_mhz(cells(**row))[0])


@pytest.mark.parametrize(
    ("row", "nr"),
    [({"band": "n28"}, True), ({"band": "B28"}, True), ({"band": "700M"}, True),
     ({"band": "n41"}, True), ({"band": "5G NR"}, True), ({"frequency_mhz": 763.0}, True),
     ({"band": "B41"}, False), ({"band": "D"}, False), ({"band": "1700"}, False), ({}, False)],
)  # fmt: skip
def test_nr_is_told_from_lte_by_its_band_or_by_700_mhz(row: dict[str, object], nr: bool) -> None:
    assert is_nr(cells(**row)).tolist() == [nr]
