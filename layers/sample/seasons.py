"""Crews that dig and seasons in which nobody may, in the sample year."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from layers.sample.frames import Record

_WORKS_DAYS = 170.0
_CONNECTION_DAYS = 8.0
_CONNECTIONS_WITHIN_DAYS = 60.0


def crews(planned: Sequence[Record], connections: Mapping[str, int]) -> list[Record]:
    """Return how many works each owner can dig at a time: enough, with little to spare.

    Planned works spread over the dry half of the year; the connections of the applications, all
    accepted in the first months, want their crews within two of them.

    Parameters
    ----------
    planned
        Rows of the table of works.
    connections
        Owner to the number of connections that it has to make.
    """
    need: dict[str, float] = {
        owner: count * _CONNECTION_DAYS / _CONNECTIONS_WITHIN_DAYS
        for owner, count in connections.items()
    }
    for row in planned:
        owner = str(row["owner"])
        need[owner] = need.get(owner, 0.0) + float(str(row["duration_days"])) / _WORKS_DAYS
    return [
        {"owner": owner, "crews": max(1, math.ceil(crews))} for owner, crews in sorted(need.items())
    ]


def events(towns: Sequence[str]) -> list[Record]:
    """Return the no-dig periods of 2026; the first town is taken for the county seat.

    Days of the holidays as published for 2026; the college entrance examination is on 7 to 9
    June; the flood season closes rural roads; the seat keeps its tourist weeks free.
    """
    seat = towns[0] if towns else None
    rows: list[Record] = [
        {"name": "春节", "kind": "holiday", "starts_on": "2026-02-15", "ends_on": "2026-02-23"},
        {"name": "高考", "kind": "exam", "starts_on": "2026-06-05", "ends_on": "2026-06-09"},
        {
            "name": "中考", "kind": "exam", "starts_on": "2026-06-12", "ends_on": "2026-06-14",
            "town": seat,
        },
        {
            "name": "国庆旅游旺季", "kind": "tourism", "starts_on": "2026-09-28",
            "ends_on": "2026-10-08", "town": seat,
        },
        {
            "name": "主汛期", "kind": "rain", "starts_on": "2026-06-15", "ends_on": "2026-08-15",
            "road_class": "rural",
        },
    ]  # fmt: skip
    return [{"event_id": f"JW{i:02d}", **row} for i, row in enumerate(rows, 1)]
