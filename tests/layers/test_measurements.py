"""Drive tests: encodings, workbooks, shifted coordinates, and rows that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import CGCS2000, transform_xy
from geo.datum import Datum, from_wgs84
from geo.errors import InputError
from layers.county import County
from layers.read import Source

if TYPE_CHECKING:
    from tests.layers.conftest import Study


def drive(study: Study, datum: Datum = "WGS 84") -> pd.DataFrame:
    """Return a drive along the study's roads, 20 m apart, its degrees those of a datum."""
    roads = study["roads"]
    points = [
        line.interpolate(at) for line in roads.geometry for at in np.arange(0.0, line.length, 20.0)
    ]
    xy = shapely.get_coordinates(points)
    shown = from_wgs84(transform_xy(xy, roads.crs, CGCS2000), datum)
    count = len(shown)
    return pd.DataFrame(
        {
            "时间": [f"2026-03-05 10:{n // 60:02d}:{n % 60:02d}.138" for n in range(count)],
            "经度": shown[:, 0].round(7), "纬度": shown[:, 1].round(7),
            "运营商": ["移动", "中国电信"] * (count // 2) + ["联通"] * (count % 2),
            "RSRP(dBm)": np.linspace(-70, -120, count).round(1),
            "小区": [f"{500_000 + n % 3}-{n % 3 + 1}" for n in range(count)],
            "PCI": np.arange(count) % 504, "频点": 1300, "速度(km/h)": 36.5,
        }
    )  # fmt: skip


def county(study: Study, frame: pd.DataFrame, *, file: str = "路测.csv", codec: str = "utf-8-sig",
           **options: object) -> County:  # fmt: skip
    path = study.folder / file
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False, sheet_name="DT")
    else:
        frame.to_csv(path, index=False, encoding=codec)
    source = Source(layer="measurements", path=file, **{"crs": "EPSG:4326", **options})
    return study.county([*study.sources(), source])


def off_roads_m(found: County) -> np.ndarray:
    roads = found["roads"].union_all()
    return found["measurements"].distance(roads).to_numpy()


@pytest.mark.parametrize(
    ("file", "codec"),
    [("路测.csv", "gbk"), ("路测.csv", "utf-8-sig"), ("路测.csv", "utf-8"), ("路测.xlsx", "")],
)
def test_a_drive_test_is_read_with_its_chinese_headings(
    study: Study, file: str, codec: str
) -> None:
    given = drive(study)
    found = county(study, given, file=file, codec=codec)["measurements"]
    assert len(found) == len(given) > 60
    first = found.iloc[0]
    assert (first["operator"], first["rsrp_dbm"], first["pci"]) == ("cmcc", -70.0, 0)
    assert (first["earfcn"], first["speed_kmh"]) == (1300, 36.5)
    assert first["cell_id"] == "500000-1"
    assert first["measured_at"].startswith("2026-03-05 10:00:00")
    assert set(found["operator"]) == {"cmcc", "ctcc"}


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_declared_datum_is_brought_back_onto_the_roads_and_said(
    study: Study, datum: Datum
) -> None:
    found = county(study, drive(study, datum), crs=datum)
    assert off_roads_m(found).max() < 0.1
    told = [notice for notice in found.notices if notice.code == "notice_datum"]
    assert len(told) == 1
    assert datum in told[0].text("zh")
    assert 100 < int(told[0].facts["metres"]) < 1500


@pytest.mark.parametrize(
    ("datum", "heading"),
    [("GCJ-02", "经度（GCJ-02）"), ("BD-09", "百度经度"), ("WGS 84", "GPS经度")],
)
def test_a_datum_that_the_heading_names_needs_no_declaration(
    study: Study, datum: Datum, heading: str
) -> None:
    renamed = {"经度": heading, "纬度": heading.replace("经度", "纬度")}
    found = county(study, drive(study, datum).rename(columns=renamed), crs=None)
    assert off_roads_m(found).max() < 0.1
    codes = [notice.code for notice in found.notices]
    assert ("notice_datum_heading" in codes) == (datum != "WGS 84")


def test_a_heading_and_a_declaration_that_contradict_are_a_fault(study: Study) -> None:
    renamed = drive(study).rename(columns={"经度": "百度经度", "纬度": "百度纬度"})
    with pytest.raises(InputError) as caught:
        county(study, renamed, crs="EPSG:4326")
    assert [fault.code for fault in caught.value.faults] == ["datum_contradiction"]


@pytest.mark.parametrize(
    ("true", "said"),
    [("GCJ-02", "EPSG:4326"), ("BD-09", "EPSG:4326"), ("WGS 84", "GCJ-02"), ("BD-09", "GCJ-02")],
)
def test_a_wrong_datum_is_found_by_the_roads_and_the_remedy_named(
    study: Study, true: Datum, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        county(study, drive(study, true), crs=said)
    (fault,) = caught.value.faults
    assert fault.code == "datum_wrong"
    assert fault.file == "路测.csv"
    right = "EPSG:4326" if true == "WGS 84" else true
    for language in ("zh", "en"):
        assert f'crs = "{right}"' in fault.text(language)
    assert float(fault.facts["near"]) < 1.0
    assert float(fault.facts["far"]) > 100.0


def test_reports_that_follow_no_road_raise_no_suspicion(study: Study) -> None:
    chance = np.random.default_rng(5)
    frame = drive(study)
    frame["经度"] += chance.uniform(-3e-3, 3e-3, len(frame))
    frame["纬度"] += chance.uniform(-3e-3, 3e-3, len(frame))
    assert len(county(study, frame)["measurements"])


def test_a_handful_of_points_tells_no_datum(study: Study) -> None:
    assert len(county(study, drive(study, "GCJ-02").iloc[::8])["measurements"]) < 20


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("RSRP(dBm)", -20, "cell_out_of_range"), ("RSRP(dBm)", -150, "cell_out_of_range"),
     ("RSRP(dBm)", "", "cell_empty"), ("RSRP(dBm)", "弱", "cell_not_number"),
     ("经度", "", "position_unknown"), ("经度", 0.0, "outside_area"),
     ("经度", 108.9, "outside_area"), ("运营商", "虚拟", "cell_unknown_code"),
     ("PCI", 504, "cell_out_of_range"), ("速度(km/h)", -3, "cell_out_of_range")],
)  # fmt: skip
def test_a_row_that_cannot_be_used_goes_to_quarantine_alone(
    study: Study, column: str, value: object, code: str
) -> None:
    frame = drive(study).astype({column: object})
    frame.loc[4, column] = value
    found = county(study, frame)
    assert list(found.quarantine["code"]) == [code]
    assert list(found.quarantine["row"]) == ["6"]
    assert len(found["measurements"]) == len(frame) - 1


def test_an_empty_table_is_a_fault_of_the_file(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        county(study, drive(study).iloc[:0])
    assert [fault.code for fault in caught.value.faults] == ["layer_empty"]


def test_a_table_without_rsrp_says_which_headings_would_do(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        county(study, drive(study).drop(columns="RSRP(dBm)"))
    (fault,) = caught.value.faults
    assert fault.code == "column_missing"
    assert "RSRP" in fault.text("zh")


def test_one_operators_file_may_name_it_in_the_study(study: Study, tmp_path: Path) -> None:
    frame = drive(study).drop(columns="运营商")
    found = county(study, frame, values={"operator": "cucc"})["measurements"]
    assert set(found["operator"]) == {"cucc"}
