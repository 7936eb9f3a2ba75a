from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coverage import check_model, p1812_kernels
from planner.coverage.propagation import PathLoss, effective_radius_km, path_loss

TOLERANCE_DB = 0.05
K_BETA = 3.0 * 6371.0
"""Effective radius exceeded for beta0 of time: the logs list the parts of diffraction for it."""


def logged(path: Path) -> dict[str, float]:
    """Return the numeric quantities of a result of validation; the first of a name counts."""
    found: dict[str, float] = {}
    with path.open(encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            if len(row) > 3 and row[3].strip():
                found.setdefault(row[0].strip(), float(row[3]))
    return found


def profile(path: Path) -> np.ndarray:
    """Return distance, height, cover code and cover height of each point, shape (n, 4)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("Number of Points")) + 1
    count = int(lines[first - 1].split(",")[1])
    rows = [[float(cell) for cell in line.split(",")[:4]] for line in lines[first : first + count]]
    return np.array(rows)


def predicted(points: np.ndarray, log: dict[str, float], radius_km: float) -> PathLoss:
    return path_loss(
        points[:, 0], points[:, 1], clutter_m=points[:, 3],
        tx_height_m=log["htg (m)"], rx_height_m=log["hrg (m)"], frequency_ghz=log["f (GHz)"],
        radius_km=radius_km, sea_share=log["w"], vertical=log["pol"] == 2,
    )  # fmt: skip


def test_every_diffraction_term_of_the_63_validated_cases_is_met(shared_data: Path) -> None:
    folder = shared_data / "radio" / "py1812" / "tests"
    if not folder.is_dir():
        pytest.skip("the validated results of P.1812 are absent")
    results = sorted((folder / "validation_results").glob("*_log.csv"))
    worst = 0.0
    for result in results:
        log = logged(result)
        name = result.name.removesuffix("_log.csv").rsplit("_", 1)[0]
        points = profile(folder / "validation_profiles" / f"{name}.csv")
        median = predicted(points, log, effective_radius_km(log["DN"]))
        beta = predicted(points, log, K_BETA)
        differences = {
            "Lbfs": median.free_space_db, "Ld50 (dB)": median.diffraction_db,
            "Lbd50 (dB)": median.total_db, "Lbulla (dB)": beta.bullington_db,
            "Lbulls (dB)": beta.smooth_db, "Ldsph (dB)": beta.spherical_db,
            "Ldb (dB)": beta.diffraction_db,
        }  # fmt: skip
        worst = max(worst, *(abs(value - log[key]) for key, value in differences.items()))
    assert len(results) == 63
    assert worst <= TOLERANCE_DB


def test_of_the_total_at_half_of_the_time_troposcatter_alone_is_missing(shared_data: Path) -> None:
    folder = shared_data / "radio" / "py1812" / "tests"
    if not folder.is_dir():
        pytest.skip("the validated results of P.1812 are absent")
    cases = 0
    for result in sorted((folder / "validation_results").glob("*_log.csv")):
        log = logged(result)
        if log["p (%)"] != 50.0:
            continue
        name = result.name.removesuffix("_log.csv").rsplit("_", 1)[0]
        points = profile(folder / "validation_profiles" / f"{name}.csv")
        total = predicted(points, log, effective_radius_km(log["DN"])).total_db
        if points[-1, 0] < 50.0:
            assert total == pytest.approx(log["Lb (dB)"], abs=TOLERANCE_DB)
        # equation 63 with Lbam = Lbd50: ducting (Lba) changes none of these cases
        scattered = -5.0 * np.log10(10.0 ** (-0.2 * log["Lbs (dB)"]) + 10.0 ** (-0.2 * total))
        assert max(scattered, log["Lb0p"]) == pytest.approx(log["Lb (dB)"], abs=TOLERANCE_DB)
        cases += 1
    assert cases == 19


def test_a_validated_case_of_one_kilometre_is_met() -> None:
    # ITU-R validation example b2iseac_rural_land_1km: six points, 95.3 MHz, horizontal
    loss = path_loss(
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [754.4, 754.4, 729.9, 685.3, 634.3, 610.3],
        clutter_m=10.0, tx_height_m=60.0, rx_height_m=7.0, frequency_ghz=0.0953,
        radius_km=effective_radius_km(45.0), vertical=False,
    )  # fmt: skip
    assert loss.free_space_db == pytest.approx(72.14737981, abs=1e-6)
    assert loss.diffraction_db == pytest.approx(15.34252882, abs=1e-6)
    assert loss.total_db == pytest.approx(87.48990862, abs=1e-6)


def test_a_clear_path_high_above_the_ground_costs_free_space_only() -> None:
    distance = np.linspace(0.0, 5.0, 101)
    loss = path_loss(
        distance, np.zeros(101), tx_height_m=300.0, rx_height_m=300.0, frequency_ghz=1.8,
        radius_km=effective_radius_km(45.0),
    )  # fmt: skip
    assert loss.diffraction_db == 0.0
    assert loss.total_db == pytest.approx(92.4 + 20.0 * np.log10(1.8 * 5.0))


def test_a_higher_ridge_never_costs_less() -> None:
    distance = np.linspace(0.0, 6.0, 121)
    losses = [
        path_loss(
            distance, top * np.exp(-(((distance - 3.0) / 0.3) ** 2)), tx_height_m=30.0,
            rx_height_m=1.5, frequency_ghz=0.9, radius_km=effective_radius_km(45.0),
        ).total_db
        for top in (0.0, 20.0, 60.0, 150.0, 400.0)
    ]  # fmt: skip
    assert losses == sorted(losses)


@settings(deadline=None)
@given(
    length=st.floats(0.06, 60.0), steps=st.floats(1.5, 400.0), tx=st.floats(1.0, 2000.0),
    rx=st.floats(1.0, 2000.0), ghz=st.floats(0.4, 4.0),
)  # fmt: skip
def test_the_smooth_profile_in_constant_time_is_the_scanned_one(
    length: float, steps: float, tx: float, rx: float, ghz: float
) -> None:
    n, step, radius, lam = int(steps + 0.5), length / steps, effective_radius_km(45.0), 0.2998 / ghz
    distance = np.append(step * np.arange(n), length)
    scanned = p1812_kernels.smooth_bullington(distance, n, tx, rx, radius, lam)
    found = p1812_kernels.even_smooth_bullington(length, n, step, tx, rx, radius, lam)
    assert found == pytest.approx(scanned, abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.floats(-500.0, 500.0), min_size=3, max_size=40), st.floats(0.5, 1.5))
def test_the_sums_of_an_even_profile_are_those_of_the_recommendation(
    rise: list[float], rest: float
) -> None:
    h = np.array([0.0, *rise[1:]])
    x = np.append(np.arange(len(h) - 1), len(h) - 2.0 + rest)
    v1 = np.sum(np.diff(x) * (h[1:] + h[:-1]))
    moments = h[1:] * (2 * x[1:] + x[:-1]) + h[:-1] * (x[1:] + 2 * x[:-1])
    inner = h[1:-1]
    found = p1812_kernels.even_sums(
        len(h) - 1, x[-1], inner.sum(), (inner * x[1:-1]).sum(), h[-2], h[-1]
    )
    assert found == pytest.approx((v1, np.sum(np.diff(x) * moments)), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_the_compiled_model_agrees_with_its_numpy_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 200))
    distance = np.concatenate([[0.0], np.sort(rng.uniform(0.01, 15.0, count - 1))])
    height = 300.0 + np.cumsum(rng.normal(0.0, rng.choice([0.2, 5.0, 30.0]), count))
    tx, rx, ghz = rng.uniform(10, 80), rng.uniform(1.5, 10), rng.uniform(0.7, 3.5)
    radius = effective_radius_km(45.0)
    loss = path_loss(
        distance, height, tx_height_m=tx, rx_height_m=rx, frequency_ghz=ghz, radius_km=radius
    )
    twin = check_model.Profiles(
        distance_km=distance[np.newaxis], ground_m=height[np.newaxis],
        tx_m=np.array([height[0] + tx]), rx_m=np.array([height[-1] + rx]), radius_km=radius,
    )  # fmt: skip
    assert [loss.total_db] == pytest.approx(check_model.loss_db(twin, np.array([ghz])), abs=1e-6)
