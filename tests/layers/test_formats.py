from __future__ import annotations

import hashlib
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import InputError
from layers.formats import encoding
from layers.read import Source, read

if TYPE_CHECKING:
    from tests.layers.conftest import Study

EPSG = "EPSG:4545"


def written(folder: Path, text: str, codec: str = "utf-8") -> Path:
    (folder / "a.csv").write_bytes(text.encode(codec))
    return folder


def sites(folder: Path, **options: object) -> gpd.GeoDataFrame:
    return read(Source(layer="sites", path="a.csv", **options), base=folder).frame


class TestTables:
    def test_degrees_become_points(self, tmp_path: Path) -> None:
        written(tmp_path, "站号,经度,纬度\nS1,107.7,29.3\n", "gbk")
        frame = sites(tmp_path, crs="EPSG:4490")
        assert shapely.get_coordinates(frame.geometry).tolist() == [[107.7, 29.3]]

    def test_degrees_without_a_declared_crs_are_refused(self, tmp_path: Path) -> None:
        written(tmp_path, "站号,经度,纬度\nS1,107.7,29.3\n")
        with pytest.raises(InputError) as caught:
            sites(tmp_path)
        assert caught.value.faults[0].code == "crs_missing"

    @pytest.mark.parametrize("row", ["471000,3242000", "3242000,471000"])
    def test_survey_tables_with_x_north_are_told_by_their_size(
        self, tmp_path: Path, row: str
    ) -> None:
        written(tmp_path, f"站号,X,Y\nS1,{row}\n")
        layer = read(Source(layer="sites", path="a.csv", crs=EPSG), base=tmp_path)
        assert shapely.get_coordinates(layer.frame.geometry).tolist() == [[471000.0, 3242000.0]]
        said = "notice_survey_axes" in [notice.code for notice in layer.notices]
        assert said == row.startswith("324")

    def test_position_that_is_no_number_is_a_row_fault(self, tmp_path: Path) -> None:
        written(tmp_path, "站号,经度,纬度\nS1,107.7,29.3\nS2,,29\nS3,东经107,29\n")
        layer = read(Source(layer="sites", path="a.csv", crs="EPSG:4490"), base=tmp_path)
        assert layer.quarantine["code"].tolist() == ["position_unknown"] * 2
        assert layer.quarantine["row"].tolist() == ["3 (S2)", "4 (S3)"]

    def test_row_with_exchanged_axes_is_set_aside_not_the_file(self, tmp_path: Path) -> None:
        written(tmp_path, "站号,经度,纬度\nS1,107.7,29.3\nS2,29.3,107.7\nS3,107.8,29.3\n")
        layer = read(Source(layer="sites", path="a.csv", crs="EPSG:4490"), base=tmp_path)
        assert layer.quarantine["code"].tolist() == ["geometry_off_globe"]
        assert layer.frame["site_id"].tolist() == ["S1", "S3"]

    def test_lines_may_be_given_as_text(self, tmp_path: Path) -> None:
        written(tmp_path, 'DLBH,wkt\nD1,"LINESTRING (471000 3242000, 471100 3242000)"\nD2,LINE\n')
        layer = read(Source(layer="roads", path="a.csv", crs=EPSG), base=tmp_path)
        assert layer.frame.geometry.length.tolist() == [100.0]
        assert layer.quarantine["code"].tolist() == ["position_unknown"]

    def test_table_without_positions_is_refused_where_geometry_is_needed(
        self, tmp_path: Path
    ) -> None:
        written(tmp_path, "站号,名称\nS1,甲\n")
        with pytest.raises(InputError) as caught:
            sites(tmp_path, crs=EPSG)
        assert caught.value.faults[0].code == "geometry_absent"

    def test_row_with_more_cells_than_headings_is_set_aside(self, tmp_path: Path) -> None:
        written(tmp_path, "权属单位,队数\n水务公司,2\n燃气,公司,3\n")
        layer = read(Source(layer="crews", path="a.csv"), base=tmp_path)
        assert layer.frame["crews"].tolist() == [2.0]
        assert "row_too_long" in layer.quarantine["code"].tolist()

    def test_blank_lines_are_no_records_and_do_not_shift_row_numbers(self, tmp_path: Path) -> None:
        written(tmp_path, "权属单位;队数\n\n甲;2\n;\n乙;x\n")
        layer = read(Source(layer="crews", path="a.csv"), base=tmp_path)
        assert layer.rows == 2
        assert layer.quarantine["row"].tolist() == ["5 (乙)"]

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    def test_encoding_is_found(self, tmp_path: Path, codec: str) -> None:
        written(tmp_path, "权属单位,队数\n水务公司,2\n", codec)
        assert (
            read(Source(layer="crews", path="a.csv"), base=tmp_path).frame["owner"][0] == "水务公司"
        )

    def test_wrongly_declared_encoding_is_a_fault(self, tmp_path: Path) -> None:
        written(tmp_path, "权属单位,队数\n水务公司,2\n", "gbk")
        with pytest.raises(InputError, match="not in utf-8"):
            read(Source(layer="crews", path="a.csv", encoding="utf-8"), base=tmp_path)

    def test_sheet_is_named_or_bears_the_table_s_name(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["说明"])
        sheet = book.create_sheet("施工队")
        sheet.append(["权属单位", "队数"])
        sheet.append(["水务公司", 2])
        book.save(tmp_path / "a.xlsx")
        source = Source(layer="crews", path="a.xlsx")
        assert len(read(source, base=tmp_path).frame) == 1
        with pytest.raises(InputError) as caught:
            read(Source(layer="crews", path="a.xlsx", sublayer="没有"), base=tmp_path)
        assert caught.value.faults[0].facts["known"] == "Sheet, 施工队"
        with pytest.raises(InputError) as caught:
            read(Source(layer="prices", path="a.xlsx"), base=tmp_path)
        assert caught.value.faults[0].code == "sublayer_needed"

    def test_condition_on_a_table_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path, "权属单位,队数\n水务公司,2\n")
        with pytest.raises(InputError, match="where is not supported"):
            read(Source(layer="crews", path="a.csv", where="1=1"), base=tmp_path)

    def test_file_without_keys_gets_stable_ones_and_says_so(self, tmp_path: Path) -> None:
        written(tmp_path, "开始日期,结束日期\n2026-06-06,2026-06-09\n2026-02-15,2026-02-23\n")
        layer = read(Source(layer="events", path="a.csv"), base=tmp_path, prefix="events2")
        assert layer.frame["event_id"].tolist() == ["events2-2", "events2-3"]
        assert [notice.code for notice in layer.notices] == ["notice_keys_made"]


class TestVectors:
    def test_condition_and_record_numbers_are_the_file_s(self, study: Study) -> None:
        study = study.spoil("works", 1, "管径", "abc")
        source = study.write("works")
        source = Source(layer="works", path=source.path, where="工程编号 = 'W2'")
        layer = read(source, base=study.folder)
        assert layer.rows == 1
        assert layer.quarantine["row"].tolist() == ["2 (W2)"]

    def test_wrong_condition_is_a_fault_with_its_text(self, study: Study) -> None:
        path = study.write("works").path
        with pytest.raises(InputError) as caught:
            read(Source(layer="works", path=path, where="nothing >"), base=study.folder)
        assert caught.value.faults[0].code == "where_invalid"
        assert "nothing >" in caught.value.text("zh")

    def test_sublayer_must_be_named_where_several_could_be_meant(self, study: Study) -> None:
        path = study.folder / "all.gpkg"
        for name in ("a", "b"):
            pyogrio.write_dataframe(study["roads"], path, layer=name)
        with pytest.raises(InputError) as caught:
            read(Source(layer="roads", path=path.name), base=study.folder)
        assert caught.value.faults[0].facts == {"known": "a, b"}
        assert (
            len(read(Source(layer="roads", path=path.name, sublayer="b"), base=study.folder).frame)
            == 2
        )

    def test_geojson_is_read(self, study: Study) -> None:
        path = study.folder / "a.geojson"
        study["parcels"].to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
        layer = read(Source(layer="parcels", path=path.name), base=study.folder)
        assert layer.frame.crs.to_epsg() == 4326
        assert layer.labels.tolist() == ["1 (P1)", "2 (P2)", "3 (P3)"]

    def test_shapefile_whose_utf8_names_are_cut_inside_a_character_is_read(
        self, study: Study
    ) -> None:
        path = study.folder / "cut.shp"
        roads = study["roads"].assign(道路红线宽度=12.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # names are cut to 10 bytes: the point
            pyogrio.write_dataframe(roads, path, encoding="UTF-8")
        layer = read(Source(layer="roads", path=path.name), base=study.folder)
        assert layer.frame["width_m"].tolist() == [12.0, 12.0]
        assert layer.frame["road_class"].tolist() == ["arterial", "branch"]

    def test_cpg_that_lies_is_not_believed(self, study: Study) -> None:
        path = study.folder / "lie.shp"
        plain = study["parcels"].rename(columns={"地块编号": "DKBH", "名称": "MC"})
        pyogrio.write_dataframe(plain, path, encoding="GBK")
        path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
        layer = read(Source(layer="parcels", path=path.name), base=study.folder)
        assert layer.frame["name"].tolist() == ["一号", "二号", "三号"]

    def test_heights_are_dropped_and_single_parts_unwrapped(self, study: Study) -> None:
        lifted = study["roads"].copy()
        lines = shapely.force_3d(lifted.geometry.to_numpy(), 300.0)
        lifted["geometry"] = [shapely.MultiLineString([line]) for line in lines]
        layer = read(study.with_layer("roads", lifted).write("roads"), base=study.folder)
        assert layer.frame.geometry.tolist() == study["roads"].geometry.tolist()

    def test_file_that_is_damaged_is_a_fault(self, study: Study) -> None:
        path = study.folder / study.write("roads").path
        path.write_bytes(path.read_bytes()[:600])
        with pytest.raises(InputError) as caught:
            read(Source(layer="roads", path=path.name), base=study.folder)
        assert caught.value.faults[0].code == "file_unreadable"
        assert str(study.folder) not in caught.value.text("zh")

    def test_sha256_is_of_the_file_s_bytes(self, study: Study) -> None:
        source = study.write("roads")
        data = (study.folder / source.path).read_bytes()
        assert read(source, base=study.folder).sha256 == hashlib.sha256(data).hexdigest()

    def test_constants_scale_and_codes_of_the_study_are_applied(self, study: Study) -> None:
        works = study["works"].drop(columns="管线种类").assign(GJ=0.2, FF=["A", "B"])
        path = study.with_layer("works", works.drop(columns="管径")).write("works").path
        source = Source(
            layer="works", path=path, values={"utility": "燃气", "fixed": "是"},
            columns={"method": "FF"}, scale={"diameter_mm": 1000.0},
            codes={"method": {"A": "open_cut", "B": "trenchless"}},
        )  # fmt: skip
        frame = read(source, base=study.folder).frame
        assert frame["utility"].tolist() == ["gas", "gas"]
        assert frame["fixed"].tolist() == [True, True]
        assert frame["diameter_mm"].tolist() == [200.0, 200.0]
        assert frame["method"].tolist() == ["open_cut", "trenchless"]

    def test_constant_that_is_wrong_is_a_fault(self, study: Study) -> None:
        path = study.write("works").path
        with pytest.raises(InputError) as caught:
            read(Source(layer="works", path=path, values={"utility": "氢气"}), base=study.folder)
        assert caught.value.faults[0].code == "cell_unknown_code"


def test_hundred_thousand_works_all_arrive(study: Study) -> None:
    count = 100_000
    number = np.arange(count)
    x, y = 471_000.0 + number % 1000, 3_242_000.0 + number // 1000
    ends = np.stack([np.column_stack([x, y]), np.column_stack([x + 50, y + 20])], axis=1)
    works = gpd.GeoDataFrame(
        pd.concat([study["works"].iloc[[0]]] * count, ignore_index=True).assign(
            工程编号=[f"W{i}" for i in range(count)], 名称=[f"工程 {i}" for i in range(count)]
        ),
        geometry=shapely.linestrings(ends), crs=4545,
    )  # fmt: skip
    source = study.with_layer("works", works).write("works")
    layer = read(source, base=study.folder)
    assert len(layer.frame) == layer.rows == count
    assert layer.frame["work_id"].is_unique
    assert layer.quarantine.empty


def test_encoding_that_nothing_fits_is_unknown() -> None:
    assert encoding.sniff([b"\xff\xff\xff"]) is None
    assert encoding.sniff(["臺北".encode("big5")], declared="big5") == "big5"
    assert encoding.sniff(["台北".encode("gbk")], declared="no such name") == "gb18030"


class TestRecordByRecord:
    @staticmethod
    def ring(*points: tuple[float, float]) -> bytes:
        """Return a polygon of one ring as WKB, however broken the ring is."""
        head = struct.pack("<BIII", 1, 3, 1, len(points))
        return head + b"".join(struct.pack("<dd", *point) for point in points)

    def broken_file(self, folder: Path) -> None:
        good = self.ring(
            (500_000, 3_200_000), (500_010, 3_200_000), (500_010, 3_200_010), (500_000, 3_200_000)
        )
        two_points = self.ring((500_020, 3_200_000), (500_030, 3_200_000))
        pyogrio.raw.write(
            folder / "parcels.gpkg",
            np.array([good, two_points, good], dtype=object),
            [np.array(["P1", "P2", "P3"], dtype=object)],
            ["地块编号"],
            geometry_type="Polygon",
            crs=EPSG,
            driver="GPKG",
        )

    def test_a_shape_that_cannot_be_built_does_not_spoil_the_file(self, tmp_path: Path) -> None:
        self.broken_file(tmp_path)
        layer = read(Source(layer="parcels", path="parcels.gpkg"), base=tmp_path)
        assert layer.frame["parcel_id"].tolist() == ["P1", "P3"]
        assert layer.quarantine["code"].tolist() == ["geometry_unreadable"]
        assert "P2" in layer.quarantine["row"].iloc[0]

    def test_the_condition_holds_for_the_shapes_too(self, tmp_path: Path) -> None:
        self.broken_file(tmp_path)
        source = Source(layer="parcels", path="parcels.gpkg", where="地块编号 <> 'P1'")
        layer = read(source, base=tmp_path)
        assert layer.rows == 2
        assert layer.frame["parcel_id"].tolist() == ["P3"]
