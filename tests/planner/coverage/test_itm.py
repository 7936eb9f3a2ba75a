from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from planner.coverage import check_itm
from planner.coverage.itm import CLIMATES, Ground, Loss, Quantile, path_loss
from planner.settings import defaults

TOLERANCE_DB = 0.01
"""The published losses are rounded to 0.01 dB."""
MODES = ("single", "accidental", "mobile", "broadcast")
HILLS_M = [
    553.89, 558.50, 564.38, 574.95, 576.39, 572.75, 582.21, 602.60, 620.72, 633.56, 642.07,
    648.36, 655.10, 664.58, 677.10, 690.67, 704.09, 711.94, 717.32, 725.35, 736.01, 748.46,
    762.38, 778.61, 787.06, 800.99, 828.25, 856.92, 867.41, 879.92, 894.17, 902.48, 915.81,
    925.38, 935.71, 943.70, 946.28, 941.71, 924.07, 901.91, 878.23, 850.45, 828.28, 803.48,
    780.64, 763.68, 743.87, 728.59, 715.06, 703.92, 699.99, 696.54, 694.99, 692.77, 687.86,
    693.26, 703.16, 711.97, 717.74, 725.06, 736.72, 747.64, 759.71, 775.19, 787.68, 798.30,
    811.48, 823.00, 828.44, 832.08, 834.16, 835.62, 834.68, 827.46, 812.62, 798.79, 791.27,
    789.41, 795.03,
]  # fmt: skip
"""Profile of the second published example, heights rounded to 0.01 m."""
AVERAGE = Ground()


def published(row: dict[str, str], profile: list[float]) -> Loss:
    number = {name: float(value) for name, value in row.items()}
    mode = int(number["mdvar"])
    return path_loss(
        profile[2:], step_m=profile[1], tx_height_m=number["h_tx__meter"],
        rx_height_m=number["h_rx__meter"], frequency_mhz=number["f__mhz"],
        vertical=number["pol"] == 1,
        ground=Ground(
            refractivity_n=number["N_0"], permittivity=number["epsilon"],
            conductivity_s_m=number["sigma"], climate=list(CLIMATES)[int(number["climate"]) - 1],
        ),
        wanted=Quantile(
            time=number["time"] / 100.0, place=number["location"] / 100.0,
            situation=number["situation"] / 100.0, mode=MODES[mode % 10],
            varies_by_place=mode // 10 % 2 == 0, varies_by_situation=mode < 20,
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> Path:
    folder = shared_data / "radio" / "ntia_itm"
    if not folder.is_dir():
        pytest.skip("the published examples of the model are absent")
    return folder


def profile(line: str) -> list[float]:
    return [float(cell) for cell in line.split(",")]


def test_every_published_point_to_point_loss_is_met(examples: Path) -> None:
    with (examples / "p2p.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lines = (examples / "pfls.csv").read_text(encoding="utf-8-sig").split()
    assert len(rows) == len(lines) == 5
    found = [published(row, profile(line)).total_db for row, line in zip(rows, lines, strict=True)]
    expected = [float(row["A__db"]) for row in rows]
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=TOLERANCE_DB)


def test_the_published_table_of_confidence_and_reliability_is_met(examples: Path) -> None:
    heights = profile((examples / "cmd_examples" / "pfl.txt").read_text(encoding="utf-8-sig"))
    row = {
        "h_tx__meter": "15", "h_rx__meter": "3", "climate": "5", "N_0": "301", "f__mhz": "3500",
        "pol": "1", "epsilon": "15", "sigma": "0.005", "mdvar": "1",
    }  # fmt: skip
    table = {
        (10, 10): 110.9, (10, 60): 117.2, (10, 90): 129.1, (65, 10): 110.9, (65, 60): 117.4,
        (65, 90): 129.2, (90, 10): 110.9, (90, 60): 117.5, (90, 90): 129.3, (50, 50): 114.5,
    }  # fmt: skip
    for (reliability, confidence), expected in table.items():
        shares = {"time": f"{reliability}", "location": f"{reliability}"}
        loss = published({**row, **shares, "situation": f"{confidence}"}, heights)
        assert loss.total_db == pytest.approx(expected, abs=0.06), (reliability, confidence)
        assert loss.reference_db == 0.0


def test_a_published_path_over_hills_is_met() -> None:
    loss = path_loss(
        HILLS_M, step_m=99.708992, tx_height_m=3.0, rx_height_m=1.5, frequency_mhz=480.0,
        ground=Ground(permittivity=15.0, conductivity_s_m=0.008),
        wanted=Quantile(time=0.22, situation=0.22, mode="mobile", varies_by_place=False),
    )  # fmt: skip
    assert loss.total_db == pytest.approx(157.10, abs=0.05)


@pytest.mark.parametrize("seed", range(60))
def test_the_compiled_model_agrees_with_its_plain_twin(seed: int) -> None:
    settings = defaults()
    rng = np.random.default_rng(seed)
    count, step = int(rng.integers(3, 300)), rng.uniform(20.0, rng.choice([100.0, 2000.0]))
    height = 300.0 + np.cumsum(rng.normal(0.0, rng.choice([0.0, 0.2, 5.0, 30.0]), count))
    mhz, tx = rng.uniform(450.0, 3500.0), rng.uniform(1.0, 80.0)
    loss = path_loss(
        height, step_m=step, tx_height_m=tx, rx_height_m=1.5, frequency_mhz=mhz,
        ground=Ground(refractivity_n=320.0, climate="continental_subtropical"),
    )  # fmt: skip
    twin = check_itm.loss_db(height, step * (count - 1), tx, mhz, settings)
    assert loss.total_db == pytest.approx(twin, abs=1e-3)


def test_a_clear_path_high_above_flat_ground_costs_free_space_within_a_fade_of_two_rays() -> None:
    loss = path_loss(
        np.zeros(101), step_m=50.0, tx_height_m=300.0, rx_height_m=300.0, frequency_mhz=1800.0,
        ground=AVERAGE,
    )  # fmt: skip
    assert loss.free_space_db == pytest.approx(32.45 + 20.0 * np.log10(1800.0 * 5.0), abs=1e-3)
    assert 0.0 <= loss.reference_db < 6.0
    assert loss.roughness_m == 0.0


def test_a_ridge_costs_more_the_higher_it_is() -> None:
    x = np.linspace(-1.0, 1.0, 101)
    losses = [
        path_loss(
            top * np.exp(-((x / 0.1) ** 2)), step_m=60.0, tx_height_m=30.0, rx_height_m=1.5,
            frequency_mhz=1842.5, ground=AVERAGE,
        ).total_db
        for top in (60.0, 120.0, 240.0, 480.0)
    ]  # fmt: skip
    assert losses == sorted(losses)
    assert losses[-1] - losses[0] > 10.0


@pytest.mark.parametrize("share", ["time", "place", "situation"])
@pytest.mark.parametrize("climate", CLIMATES)
def test_what_is_not_exceeded_more_often_is_a_greater_loss(share: str, climate: str) -> None:
    losses = [
        path_loss(
            HILLS_M, step_m=1000.0, tx_height_m=30.0, rx_height_m=1.5, frequency_mhz=900.0,
            ground=Ground(climate=climate), wanted=Quantile(**{share: value}),
        ).total_db
        for value in (0.01, 0.2, 0.5, 0.8, 0.99)
    ]  # fmt: skip
    assert losses == sorted(losses)
    assert losses[-1] > losses[0]
