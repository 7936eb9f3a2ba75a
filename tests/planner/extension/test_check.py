"""Every rule of the independent check finds the error that is planted for it."""

from collections.abc import Callable
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from layers.county import County
from planner.checking import Checks
from planner.extension.run import ExtensionResult

Town = tuple[County, gpd.GeoDataFrame]
Plant = Callable[[ExtensionResult], dict[str, object]]


def _connections(column: str, value: object, row: int = 0) -> Plant:
    def plant(result: ExtensionResult) -> dict[str, object]:
        changed = result.connections.copy()
        changed.loc[changed.index[row], column] = value
        return {"connections": changed}

    return plant


def _trenches(column: str, value: object) -> Plant:
    def plant(result: ExtensionResult) -> dict[str, object]:
        changed = result.trenches.copy()
        street = changed.index[changed["segment_id"] != ""][0]
        changed.loc[street, column] = value
        return {"trenches": changed}

    return plant


def _figures(name: str, value: object) -> Plant:
    return lambda result: {"figures": {**result.figures, name: value}}


def _moved(result: ExtensionResult) -> dict[str, object]:
    """Move a route 30 m aside of its streets, ends included."""
    changed = result.connections.copy()
    shapes = changed.geometry.to_numpy(copy=True)
    shapes[0] = shapely.affinity.translate(shapes[0], 30.0, 30.0)
    return {"connections": changed.set_geometry(gpd.GeoSeries(shapes, crs=changed.crs))}


def _straight(result: ExtensionResult) -> dict[str, object]:
    """Replace the longest route by the straight line between its ends, through the blocks."""
    changed = result.connections.copy()
    shapes = changed.geometry.to_numpy(copy=True)
    row = int(shapely.length(shapes).argmax())
    shapes[row] = shapely.LineString([shapes[row].coords[0], shapes[row].coords[-1]])
    return {"connections": changed.set_geometry(gpd.GeoSeries(shapes, crs=changed.crs))}


def _forgotten(result: ExtensionResult) -> dict[str, object]:
    return {"connections": result.connections.iloc[1:].reset_index(drop=True)}


def _undug(result: ExtensionResult) -> dict[str, object]:
    return {"trenches": result.trenches.iloc[1:].reset_index(drop=True)}


def _wrong_class(result: ExtensionResult) -> dict[str, object]:
    changed = result.connections.copy()
    water = changed.index[changed["utility"] == "water"][0]
    changed.loc[water, "tie_in_id"] = "T1"
    return {"connections": changed}


def _crowded(result: ExtensionResult) -> dict[str, object]:
    changed = result.connections.copy()
    changed.loc[changed["utility"] == "gas", "tie_in_id"] = "T1"
    return {"connections": changed}


@pytest.mark.parametrize(
    ("rule", "plant"),
    [
        ("accounted", _forgotten),
        ("accounted", _connections("application_id", "nobody")),
        ("tie_in", _connections("tie_in_id", "nowhere")),
        ("class", _wrong_class),
        ("capacity", _crowded),
        ("capacity", _connections("demand", 1.0)),
        ("ends", _moved),
        ("corridor", _straight),
        ("length", _connections("length_m", 1.0)),
        ("length", _connections("outside_m", 1.0)),
        ("trenched", _undug),
        ("trenched", _straight),
        ("in_work", _trenches("in_work", True)),
        ("price", _trenches("cost_yuan", 1.0)),
        ("sums", _connections("cost_yuan", 1.0)),
        ("sums", _figures("trench_m", 1.0)),
        ("sums", _figures("line_m", 1.0)),
        ("sums", _figures("bored", 1)),
        ("sums", _figures("unreachable", [])),
        ("order", _figures("cost_overlay_yuan", 1.0)),
        ("order", _figures("cost_separate_yuan", 1.0)),
    ],
)
def test_a_planted_error_is_found_under_its_rule(
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
    town: Callable[[int], Town],
    rule: str,
    plant: Plant,
) -> None:
    county, segments = town(5)
    result = route(county, segments)
    assert len(result.unreachable) > 0
    assert prove(county, segments, result).failures == ()
    found = {failure.rule for failure in prove(county, segments, result, **plant(result)).failures}
    assert rule in found


@pytest.mark.parametrize("rule", ["no_corridor", "disconnected", "no_tie_in", "capacity", "unit"])
def test_a_reason_that_does_not_hold_is_found(
    build: SimpleNamespace,
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
    rule: str,
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in("W", "water", 0, 0)],
        [build.application("A", "P", "water")],
    )
    segments = build.streets([(0, 0), (400, 0)])
    result = route(county, segments)
    empty = result.connections.iloc[:0], result.trenches.iloc[:0]
    invented = result.unreachable.copy()
    invented.loc[0, ["application_id", "parcel_id", "utility", "rule"]] = ["A", "P", "water", rule]
    failures = prove(
        county,
        segments,
        result,
        connections=empty[0],
        trenches=empty[1],
        unreachable=invented,
    ).failures
    assert "reason" in {failure.rule for failure in failures}


def test_supplies_that_share_a_trench_are_found(
    build: SimpleNamespace,
    route: Callable[..., ExtensionResult],
    prove: Callable[..., Checks],
) -> None:
    county = build.county(
        [build.parcel("P", 300, 10)],
        [build.tie_in(name, "power", 0, 0, voltage_kv=10.0) for name in "EF"],
        [build.application("A", "P", "power", load_kva=500.0, dual_source=True)],
    )
    segments = build.streets([(0, 0), (400, 0)])
    result = route(county, segments)
    assert result.connections["application_id"].tolist() == ["A"]
    twice = result.connections.loc[[0, 0]].reset_index(drop=True)
    twice.loc[1, ["application_id", "tie_in_id"]] = ["A/2", "F"]
    shared = result.trenches.assign(applications="A,A/2")
    failures = prove(
        county,
        segments,
        result,
        connections=twice,
        trenches=shared,
        unreachable=result.unreachable.iloc[:0],
    ).failures
    assert "dual" in {failure.rule for failure in failures}
