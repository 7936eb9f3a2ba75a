"""Checks of whole rows: order of dates, keys, references, and what messages call a row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import Fault
from layers.flaw import Bools, Flaw, Objects, quoted
from layers.tables import Table

_IN_ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "works": (("earliest", "latest"), ("earliest", "wanted"), ("wanted", "latest")),
    "events": (("starts_on", "ends_on"),),
    "roads": (("opened_on", "overhauled_on"),),
}
"""Pairs of dates of which the second must not come before the first."""

_ECI_END = 2**28

REFERENCES: Mapping[tuple[str, str], str] = {
    ("applications", "parcel_id"): "parcels",
    ("cells", "site_id"): "sites",
}
"""Table and column to the table whose key the column holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """A frame with its key column filled, its flaws, and a notice where keys were made."""

    frame: gpd.GeoDataFrame | pd.DataFrame
    flaws: tuple[Flaw, ...] = ()
    notices: tuple[Fault, ...] = ()


def dates_reversed(frame: pd.DataFrame, table: Table, found: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield rows in which a date comes before one that must not be later.

    Parameters
    ----------
    frame
        The table's columns.
    table
        The table.
    found
        Canonical column to heading.
    """
    for first, second in _IN_ORDER.get(table.name, ()):
        rows = (frame[second] < frame[first]).to_numpy()
        if rows.any():
            yield Flaw(
                code="dates_reversed",
                rows=rows,
                column=found.get(second, second),
                facts={"first": found.get(first, first), "second": found.get(second, second)},
                each={"from": _days(frame[first]), "to": _days(frame[second])},
            )


def eci_beyond(frame: pd.DataFrame, table: Table, found: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield cells whose identity, under the heading ECI, is no number of 28 bits.

    Parameters
    ----------
    frame
        The table's columns.
    table
        The table; only ``cells`` is looked at.
    found
        Canonical column to heading.

    References
    ----------
    3GPP TS 36.413, 9.2.1.38: E-UTRAN cell identity, 20 bits of the eNodeB and 8 of the cell.
    """
    heading = found.get("cell_id", "")
    if table.name != "cells" or heading.strip().casefold() != "eci":
        return
    number = pd.to_numeric(frame["cell_id"], errors="coerce").to_numpy(np.float64)
    whole = (number >= 0.0) & (number < _ECI_END) & (number % 1.0 == 0.0)
    wrong = ~whole & frame["cell_id"].notna().to_numpy()
    if wrong.any():
        shown = frame["cell_id"].to_numpy(dtype=object)
        facts = {"most": _ECI_END - 1}
        yield Flaw(code="cell_eci", rows=wrong, column=heading, facts=facts, each={"value": shown})


def _days(dates: pd.Series) -> Objects:
    return np.asarray(dates.dt.strftime("%Y-%m-%d"), dtype=object)


def with_keys(
    frame: gpd.GeoDataFrame | pd.DataFrame,
    table: Table,
    found: Mapping[str, str],
    numbers: Objects,
    prefix: str,
    file: str,
) -> Keyed:
    """Fill the key column where the file has none: prefix and row number, and a notice.

    Where the file has keys, a row without one is a flaw.

    Parameters
    ----------
    frame
        The table's columns.
    table
        The table.
    found
        Canonical column to heading.
    numbers
        Row numbers of the file, shape (n,).
    prefix
        What a made key begins with.
    file
        Named in the notice.
    """
    if table.key is None:
        return Keyed(frame)
    missing = frame[table.key].isna().to_numpy()
    if not missing.any():
        return Keyed(frame)
    if not missing.all():
        column = found.get(table.key, table.key)
        empty = Flaw(code="cell_empty", rows=missing, column=column)
        return Keyed(frame, () if not table[table.key].nullable else (empty,))
    if table[table.key].required:
        return Keyed(frame)
    made = [f"{prefix}-{number}" for number in numbers]
    facts = {"example": made[0]}
    notice = Fault("notice_keys_made", facts, file=file, layer=table.name, column=table.key)
    return Keyed(frame.assign(**{table.key: pd.Series(made, dtype=object)}), (), (notice,))


def duplicates(
    frame: pd.DataFrame, table: Table, labels: Objects, ignored: Bools
) -> Iterator[Flaw]:
    """Yield rows whose key an earlier row has; the earlier one stays.

    Parameters
    ----------
    frame
        The table's columns.
    table
        The table.
    labels
        What messages call a row, shape (n,).
    ignored
        Rows already set aside: they neither repeat nor are repeated.
    """
    if table.key is None:
        return
    keys = frame[table.key].where(~ignored)
    repeated = (keys.duplicated() & keys.notna()).to_numpy()
    if not repeated.any():
        return
    first = pd.Series(labels, index=keys.to_numpy())[keys.notna().to_numpy()]
    earlier = keys.map(first[~first.index.duplicated()]).to_numpy(dtype=object)
    yield Flaw(
        code="key_duplicate",
        rows=repeated,
        column=table.key,
        each={"value": frame[table.key].to_numpy(dtype=object), "first": earlier},
    )


def unreferenced(
    frame: pd.DataFrame, table: Table, column: str, target: str, keys: Collection[str]
) -> Flaw:
    """Return the rows that refer to what is not there.

    Parameters
    ----------
    frame
        The table's columns.
    table
        The table.
    column
        Its column that holds keys of another table.
    target
        That table's name.
    keys
        Keys that exist and were not set aside.
    """
    rows = ~frame[column].isin(keys).to_numpy()
    shown = frame[column].to_numpy(dtype=object)
    return Flaw(
        code="reference_missing", rows=rows, column=column,
        facts={"table": table.name, "target": target}, each={"value": shown},
    )  # fmt: skip


def labels(frame: pd.DataFrame, table: Table, numbers: Objects) -> Objects:
    """Return what messages call each row: its number in the file, and its key where it has one."""
    if table.key is None:
        return numbers
    keys = frame[table.key]
    named = [
        f"{number} ({quoted(key)})" if isinstance(key, str) and key != number else number
        for number, key in zip(numbers, keys, strict=True)
    ]
    return np.array(named, dtype=object)
