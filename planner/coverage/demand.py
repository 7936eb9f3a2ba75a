"""Whom infill may serve: places with their people, and ground with its area and its roads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layers.county import County
from planner.coverage.evidence import MILLI
from planner.coverage.gaps import road_pieces, wanted_dbm
from planner.coverage.grid import Grid
from planner.coverage.homes import people
from planner.coverage.signal import Signal
from planner.settings import Settings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Demand:
    """Points that a site may serve: first the county's places, then pixels.

    Parameters
    ----------
    xy
        Shape (n, 2).
    people, area_km2, way_m
        What each point stands for: places their people, pixels the area and the roads of the
        ``coverage.infill_sample_px`` squared pixels around them.
    pixel
        Rows and columns of the pixels.
    """

    xy: Floats
    people: Floats
    area_km2: Floats
    way_m: Floats
    pixel: tuple[Ints, Ints]

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.xy) - len(self.pixel[0])


def find(county: County, grid: Grid, signals: Mapping[str, Signal], settings: Settings) -> Demand:
    """Return the places, and every so many pixels that some operator does not reach."""
    every = settings.count("coverage.infill_sample_px")
    sampled = np.zeros(grid.shape, dtype=bool)
    sampled[every // 2 :: every, every // 2 :: every] = True
    row, column = np.nonzero(sampled & wanting(signals, settings))
    places = county["places"]
    none_of_places, none = np.zeros(len(places)), np.zeros(len(row))
    area_km2 = np.full(len(row), grid.pixel_km2 * every**2)
    return Demand(
        xy=np.concatenate(
            [
                shapely.get_coordinates(places.geometry.to_numpy()).reshape(-1, 2),
                grid.centres(row, column),
            ]
        ),
        people=np.concatenate([people(places, settings), none]),
        area_km2=np.concatenate([none_of_places, area_km2]),
        way_m=np.concatenate([none_of_places, _ways(county, grid, every)[row, column]]),
        pixel=(row, column),
    )


def wanting(signals: Mapping[str, Signal], settings: Settings) -> Flags:
    """Return the pixels that some operator does not reach."""
    wanted = wanted_dbm(settings)
    return np.asarray(np.any([one.rsrp_dbm < wanted for one in signals.values()], axis=0))


def lacking(demand: Demand, signal: Signal, place_dbm: Singles, settings: Settings) -> Flags:
    """Return which points lack an operator's signal, shape (n,)."""
    wanted = wanted_dbm(settings)
    return np.concatenate([place_dbm < wanted, signal.rsrp_dbm[demand.pixel] < wanted])


def weights(people: Floats, area_km2: Floats, way_m: Floats, settings: Settings) -> Ints:
    """Return what points are worth, in thousandths of a person.

    Area and roads amount to few people each, so that of equal people the larger area and the longer
    road come first: ``coverage.infill_people_per_km2`` and ``infill_people_per_road_km``.
    """
    worth = (
        people
        + settings.number("coverage.infill_people_per_km2") * area_km2
        + settings.number("coverage.infill_people_per_road_km") * way_m / 1000.0
    )
    return np.rint(MILLI * worth).astype(np.int64)


def _ways(county: County, grid: Grid, every: int) -> Floats:
    """Return the metres of road in the square of `every` pixels a side around each pixel.

    Only its value at the sampled pixels counts, whose squares tile the grid.
    """
    metres = np.zeros(grid.shape)
    row, column, length_m = road_pieces(county["roads"], grid)
    rows, columns = grid.shape
    half = every // 2
    row = np.minimum(row // every * every + half, rows - 1)
    column = np.minimum(column // every * every + half, columns - 1)
    np.add.at(metres, (row, column), length_m)
    return metres
