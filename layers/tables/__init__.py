"""Every table and every column once: kind, unit, Chinese and English label, aliases, limits.

A file maps itself onto a table when its columns bear the canonical name, the Chinese label or
one of the aliases (the pinyin initials of CJJ 61 tables among them); coded columns translate
their values the same way. Results are tables too, so that a report, a spreadsheet and the
independent check read the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping

from layers.tables.inputs import (
    APPLICATIONS,
    CELLS,
    CREWS,
    EVENTS,
    PARCELS,
    PIPES,
    PLACES,
    PRICES,
    ROADS,
    SEGMENTS,
    SITES,
    TIE_INS,
    WORKS,
    ZONES,
)
from layers.tables.results import (
    CONNECTIONS,
    GAPS,
    INFILL,
    OPENINGS,
    PARTICIPANTS,
    QUARANTINE,
    REOPENINGS,
    STARTS,
    TRENCHES,
    UNPLACED,
    UNREACHABLE,
    VILLAGES,
)
from layers.tables.schema import Column, Geometry, Kind, Table
from layers.tables.vocabulary import (
    APPLICANTS,
    BUSINESSES,
    EVENT_KINDS,
    KEY_AREAS,
    METHODS,
    OPERATORS,
    PLACE_KINDS,
    ROAD_CLASSES,
    SIDES,
    SUBTYPES,
    SURFACES,
    UTILITIES,
    ZONE_KINDS,
)

INPUTS = (
    ROADS,
    PIPES,
    TIE_INS,
    PARCELS,
    APPLICATIONS,
    WORKS,
    CREWS,
    SITES,
    CELLS,
    PLACES,
    ZONES,
    EVENTS,
    PRICES,
)
RESULTS = (
    SEGMENTS,
    OPENINGS,
    PARTICIPANTS,
    REOPENINGS,
    UNPLACED,
    STARTS,
    CONNECTIONS,
    TRENCHES,
    UNREACHABLE,
    GAPS,
    VILLAGES,
    INFILL,
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in (*INPUTS, *RESULTS, QUARANTINE)}

__all__ = [
    "APPLICANTS",
    "APPLICATIONS",
    "BUSINESSES",
    "BY_NAME",
    "CELLS",
    "CONNECTIONS",
    "CREWS",
    "EVENTS",
    "EVENT_KINDS",
    "GAPS",
    "INFILL",
    "INPUTS",
    "KEY_AREAS",
    "METHODS",
    "OPENINGS",
    "OPERATORS",
    "PARCELS",
    "PARTICIPANTS",
    "PIPES",
    "PLACES",
    "PLACE_KINDS",
    "PRICES",
    "QUARANTINE",
    "REOPENINGS",
    "RESULTS",
    "ROADS",
    "ROAD_CLASSES",
    "SEGMENTS",
    "SIDES",
    "SITES",
    "STARTS",
    "SUBTYPES",
    "SURFACES",
    "TIE_INS",
    "TRENCHES",
    "UNPLACED",
    "UNREACHABLE",
    "UTILITIES",
    "VILLAGES",
    "WORKS",
    "ZONES",
    "ZONE_KINDS",
    "Column",
    "Geometry",
    "Kind",
    "Table",
]
