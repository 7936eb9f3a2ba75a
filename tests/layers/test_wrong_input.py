"""Wrong input ends in a message that names file, layer, column, rows and remedy, in zh and en."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import Fault, InputError
from layers.assemble import LayersError
from layers.county import County, InputFile
from layers.read import Source, read

if TYPE_CHECKING:
    from tests.layers.conftest import Study


def told(county: County, code: str) -> pd.Series:
    """Return the one quarantine record of this code."""
    found = county.quarantine[county.quarantine["code"] == code]
    assert len(found) == 1, county.quarantine[["code", "reason_en"]].to_string()
    return found.iloc[0]


def says(record: pd.Series, *, zh: tuple[str, ...], en: tuple[str, ...]) -> None:
    place = (record["file"], record["layer"], record["column"], record["row"])
    assert all(part in record["reason_zh"] for part in (*place, *zh)), record["reason_zh"]
    assert all(part in record["reason_en"] for part in (*place, *en)), record["reason_en"]


def refused(
    study: Study, sources: list[Source] | None = None, **options: str
) -> tuple[Fault, LayersError]:
    with pytest.raises(LayersError) as caught:
        study.county(sources, **options)
    assert len(caught.value.faults) == 1, str(caught.value)
    return caught.value.faults[0], caught.value


def counts(inputs: tuple[InputFile, ...]) -> dict[str, tuple[int, int, int]]:
    return {source.layer: (source.rows, source.used, source.quarantined) for source in inputs}


class TestFilesAtFault:
    def test_sound_study_has_nothing_to_say(self, study: Study) -> None:
        county = study.county()
        assert county.quarantine.empty
        assert county.crs.to_epsg() == 4545
        assert counts(county.inputs)["works"] == (2, 2, 0)

    def test_missing_file_is_named_and_the_rest_is_reported(self, study: Study) -> None:
        sources = [*study.sources(), Source(layer="pipes", path="管线.gpkg")]
        fault, error = refused(study, sources)
        assert (fault.code, fault.file, fault.layer) == ("file_missing", "管线.gpkg", "pipes")
        assert "检查研究文件中的路径" in fault.text("zh")
        assert "check the path" in fault.text("en")
        assert counts(error.inputs)["works"] == (2, 2, 0)
        assert "pipes" not in counts(error.inputs)

    def test_missing_required_column_is_named_with_what_would_be_accepted(
        self, study: Study
    ) -> None:
        fault, error = refused(study.with_layer("works", study["works"].drop(columns="最迟完工")))
        assert (fault.code, fault.file, fault.layer) == ("column_missing", "works.gpkg", "works")
        assert fault.column == "最迟完工 (latest)"
        for language, remedy in (("zh", "请改列名"), ("en", "rename the column")):
            text = fault.text(language)
            assert all(part in text for part in ("ZCWG", "最早开工", remedy)), text
        assert counts(error.inputs)["roads"] == (2, 2, 0)

    def test_longitudes_under_a_crs_in_metres_are_refused(self, study: Study) -> None:
        degrees = study["parcels"].to_crs(4490).set_crs(4545, allow_override=True)
        fault, _ = refused(study.with_layer("parcels", degrees))
        assert (fault.file, fault.layer) == ("parcels.gpkg", "parcels")
        assert fault.code == "coordinates_degrees"

    def test_xian_1980_is_refused(self, study: Study) -> None:
        old = study["roads"].set_crs(2381, allow_override=True)
        fault, error = refused(study.with_layer("roads", old))
        assert (fault.file, fault.layer) == ("roads.gpkg", "roads")
        assert "Xian 1980" in fault.text("zh")
        assert "Xian 1980" in fault.text("en")
        assert counts(error.inputs)["parcels"] == (3, 3, 0)

    def test_layer_without_crs_is_refused(self, study: Study) -> None:
        sources = study.sources()
        path = study.folder / "parcels.shp"
        plain = study["parcels"].rename(columns={"地块编号": "DKBH", "名称": "MC"})
        pyogrio.write_dataframe(plain, path, encoding="GBK")
        path.with_suffix(".prj").unlink()
        sources[1] = Source(layer="parcels", path="parcels.shp")
        fault, _ = refused(study, sources)
        assert (fault.code, fault.file, fault.layer) == ("crs_missing", "parcels.shp", "parcels")
        sources[1] = replace(sources[1], crs="EPSG:4545")
        assert len(study.county(sources)["parcels"]) == 3

    def test_empty_layer_is_refused(self, study: Study) -> None:
        fault, error = refused(study.with_layer("parcels", study["parcels"].iloc[:0]))
        assert (fault.code, fault.file, fault.layer) == ("layer_empty", "parcels.gpkg", "parcels")
        assert "检查导出范围" in fault.text("zh")
        # applications are not blamed for parcels that could not be read
        assert counts(error.inputs)["applications"] == (3, 3, 0)
        assert error.quarantine.empty

    def test_missing_terrain_is_refused_and_layers_are_reported(self, study: Study) -> None:
        fault, error = refused(replace(study, terrain=("没有.tif",)))
        assert (fault.code, fault.layer) == ("file_missing", "terrain")
        assert counts(error.inputs)["sites"] == (2, 2, 0)

    def test_all_faults_of_all_files_are_told_at_once(self, study: Study) -> None:
        spoilt = study.with_layer("parcels", study["parcels"].iloc[:0])
        spoilt = spoilt.with_layer("works", study["works"].drop(columns=["最迟完工", "管线种类"]))
        spoilt = spoilt.spoil("events", 0, "结束日期", "2026-06-01")
        with pytest.raises(LayersError) as caught:
            spoilt.county()
        assert [fault.code for fault in caught.value.faults] == [
            "layer_empty", "column_missing", "column_missing",
        ]  # fmt: skip
        assert caught.value.quarantine["code"].tolist() == ["dates_reversed"]

    def test_study_whose_layers_all_lack_a_place_is_refused(self, study: Study) -> None:
        fault, _ = refused(study, [study.write("events")])
        assert fault.code == "layers_without_place"

    @pytest.mark.parametrize(
        "path",
        ["https://example.org/a.gpkg", "/vsicurl/https://example.org/a.gpkg", "PG:dbname=x",
         "/vsizip/a.zip/a.shp"],
    )  # fmt: skip
    def test_address_is_never_opened(self, study: Study, path: str) -> None:
        fault, _ = refused(study, [study.write("roads"), Source(layer="parcels", path=path)])
        assert (fault.code, fault.file) == ("source_not_local", path)

    def test_file_that_belies_its_ending_is_never_opened(self, study: Study) -> None:
        trap = study.folder / "a.geojson"
        trap.write_text("<OGRVRTDataSource></OGRVRTDataSource>", encoding="utf-8")
        fault, _ = refused(study, [study.write("roads"), Source(layer="parcels", path=trap.name)])
        assert fault.code == "source_kind_differs"

    def test_shapefile_without_its_dbf_is_refused(self, study: Study, tmp_path: Path) -> None:
        drawn = study["roads"][["geometry"]].assign(road_id="R")
        drawn.to_file(tmp_path / "半份.shp")
        (tmp_path / "半份.dbf").unlink()
        source = Source(layer="roads", path=str(tmp_path / "半份.shp"))
        with pytest.raises(InputError) as caught:
            read(source, base=tmp_path)
        assert [fault.code for fault in caught.value.faults] == ["source_part_missing"]
        assert ".dbf" in caught.value.text("zh")

    def test_folder_of_an_absolute_path_is_not_told(self, study: Study, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        study["works"].assign(最迟完工="2020-01-01").to_file(home / "工程13800138000.gpkg")
        sources = [source for source in study.sources() if source.layer != "works"]
        county = study.county(
            [*sources, Source(layer="works", path=str(home / "工程13800138000.gpkg"))]
        )
        assert {source.path for source in county.inputs if source.layer == "works"} == {
            "工程***.gpkg"
        }
        assert "home" not in county.quarantine.drop(columns="geometry").to_csv()

    def test_every_missing_tile_is_named(self, study: Study) -> None:
        lost = replace(study, terrain=("a.tif", "b.hgt"))
        with pytest.raises(LayersError) as caught:
            lost.county()
        assert [fault.file for fault in caught.value.faults] == ["a.tif", "b.hgt"]

    def test_crs_of_the_study_must_be_in_metres(self, study: Study) -> None:
        fault, _ = refused(study, crs="EPSG:4490")
        assert fault.code == "crs_not_metres"


class TestRowsAtFault:
    def test_parcel_outside_the_area_is_set_aside_with_what_refers_to_it(
        self, study: Study
    ) -> None:
        far = study["parcels"].copy()
        far.loc[1, "geometry"] = shapely.affinity.translate(far.geometry.iloc[1], 30_000)
        county = study.with_layer("parcels", far).county()
        record = told(county, "outside_area")
        says(record, zh=("28.", "研究范围", "核对坐标系"), en=("28.", "study area", "check"))
        assert (record["row"], record.geometry.geom_type) == ("2 (P2)", "Polygon")
        assert told(county, "reference_missing")["row"] == "3 (A2)"
        assert county["applications"]["application_id"].tolist() == ["A1", "A3"]
        assert counts(county.inputs)["parcels"] == (3, 2, 1)

    def test_file_that_reaches_beyond_on_purpose_is_clipped_with_a_notice(
        self, study: Study
    ) -> None:
        far = study["parcels"].copy()
        far.loc[1, "geometry"] = shapely.affinity.translate(far.geometry.iloc[1], 30_000)
        study = study.with_layer("parcels", far)
        sources = [replace(source, clip=source.layer == "parcels") for source in study.sources()]
        county = study.county(sources)
        assert counts(county.inputs)["parcels"] == (2, 2, 0)
        (notice,) = (notice for notice in county.notices if notice.code == "notice_clipped")
        assert (notice.file, notice.facts["left_out"]) == ("parcels.gpkg", 1)
        assert told(county, "reference_missing")["row"] == "3 (A2)"

    def test_boundary_zone_bounds_the_area_instead_of_the_roads(self, study: Study) -> None:
        west = shapely.box(*(study["roads"].total_bounds[:2] - 50), 471_420, 3_243_000)
        zones = gpd.GeoDataFrame({"类别": ["研究范围"]}, geometry=[west], crs=4545)
        county = study.with_layer("zones", zones).county()
        assert county["parcels"]["parcel_id"].tolist() == ["P1", "P2"]
        assert county["sites"]["site_id"].tolist() == ["S1", "S2"]

    def test_site_that_the_terrain_does_not_cover_is_set_aside_with_its_cells(
        self, study: Study
    ) -> None:
        sites = study["sites"].copy()
        sites.loc[0, "geometry"] = shapely.affinity.translate(sites.geometry.iloc[0], -9_000)
        county = study.with_layer("sites", sites).county()
        says(
            told(county, "outside_terrain"),
            zh=("dem.tif", "请补充覆盖站址的地形分幅"), en=("dem.tif", "add the tile"),
        )  # fmt: skip
        assert county["cells"]["cell_id"].tolist() == ["C2", "C3"]

    def test_work_that_ends_before_it_starts_is_set_aside(self, study: Study) -> None:
        county = study.spoil("works", 1, "最迟完工", "2026-03-31").county()
        record = told(county, "dates_reversed")
        assert record["row"] == "2 (W2)"
        facts = ("最迟完工", "最早开工", "2026-03-31", "2026-04-01")
        says(record, zh=(*facts, "请改正日期"), en=(*facts, "correct the dates"))
        assert county["works"]["work_id"].tolist() == ["W1"]

    def test_event_that_ends_before_it_starts_is_set_aside(self, study: Study) -> None:
        county = study.spoil("events", 0, "结束日期", "2026-06-01").county()
        assert told(county, "dates_reversed")["row"] == "2"
        assert county["events"].empty

    def test_cell_that_starts_with_an_equals_sign_is_set_aside(self, study: Study) -> None:
        county = study.spoil("parcels", 2, "名称", "=HYPERLINK(A1)").county()
        record = told(county, "cell_formula")
        assert (record["row"], record["column"]) == ("3 (P3)", "名称")
        says(record, zh=("=HYPERLINK(A1)", "重新填写"), en=("=HYPERLINK(A1)", "paste its value"))
        assert county["parcels"]["parcel_id"].tolist() == ["P1", "P2"]

    def test_second_record_of_a_key_is_set_aside(self, study: Study) -> None:
        county = study.spoil("works", 1, "工程编号", "W1").county()
        says(told(county, "key_duplicate"), zh=("W1", "第 1 (W1) 行"), en=("W1", "row 1 (W1)"))
        assert county["works"]["diameter_mm"].tolist() == [200.0]

    def test_key_that_two_files_share_is_set_aside_in_the_second(self, study: Study) -> None:
        more = study.folder / "more.gpkg"
        pyogrio.write_dataframe(study["works"].iloc[:1], more, layer="works")
        sources = [*study.sources(), Source(layer="works", path=more.name)]
        county = study.county(sources)
        assert told(county, "key_duplicate")["file"] == "more.gpkg"
        used = [(s.path, s.used) for s in county.inputs if s.layer == "works"]
        assert used == [("works.gpkg", 2), ("more.gpkg", 0)]

    def test_negative_diameter_is_set_aside(self, study: Study) -> None:
        county = study.spoil("works", 0, "管径", -200.0).county()
        says(told(county, "cell_out_of_range"), zh=("-200", "0 … 10000 mm"), en=("-200", "check"))

    def test_negative_antenna_height_is_set_aside(self, study: Study) -> None:
        county = study.spoil("cells", 0, "挂高", -3).county()
        assert told(county, "cell_out_of_range")["column"] == "挂高"

    def test_antenna_on_the_ground_is_set_aside(self, study: Study) -> None:
        county = study.spoil("cells", 0, "挂高", 0).county()
        says(told(county, "cell_out_of_range"), zh=("0.5 … 500 m",), en=("check the number",))
        assert county["cells"]["cell_id"].tolist() == ["C2", "C3"]

    @pytest.mark.parametrize("carrier", ["1850000", "1.8", "1850 kHz"])
    def test_carrier_in_another_unit_than_its_heading_is_set_aside(
        self, study: Study, carrier: str
    ) -> None:
        cells = study["cells"].assign(下行频率=["1850", carrier, "939"])
        county = study.with_layer("cells", cells).county()
        says(told(county, "cell_out_of_range"), zh=("30 … 6000 MHz",), en=("and its unit",))
        assert county["cells"]["frequency_mhz"].tolist() == [1850.0, 939.0]

    def test_carrier_that_states_its_unit_is_converted(self, study: Study) -> None:
        cells = study["cells"].assign(下行频率=["1.85 GHz", "1850000 kHz", "1850 MHz"])
        found = study.with_layer("cells", cells).county()["cells"]["frequency_mhz"]
        assert found.tolist() == [1850.0] * 3

    def test_eci_beyond_28_bits_is_set_aside(self, study: Study) -> None:
        cells = study["cells"].rename(columns={"小区编号": "ECI"})
        ecis = [str(2**28 - 1), str(2**28), "460-00-5-1"]
        county = study.with_layer("cells", cells.assign(ECI=ecis)).county()
        assert county["cells"]["cell_id"].tolist() == [ecis[0]]
        found = county.quarantine[county.quarantine["code"] == "cell_eci"]
        assert found["row"].tolist() == [f"3 ({ecis[1]})", f"4 ({ecis[2]})"]
        says(found.iloc[0], zh=(ecis[1], "eNodeBID × 256"), en=("268435455", "correct it"))

    def test_cell_number_that_is_no_eci_may_be_any_text(self, study: Study) -> None:
        county = study.spoil("cells", 0, "小区编号", "460-00-5-1").county()
        assert county["cells"]["cell_id"].iloc[0] == "460-00-5-1"

    def test_unknown_utility_is_set_aside_with_the_known_ones(self, study: Study) -> None:
        county = study.spoil("works", 0, "管线种类", "氢气").county()
        says(told(county, "cell_unknown_code"), zh=("氢气", "给水 water"), en=("氢气", "heat"))

    def test_cell_of_an_unknown_site_is_set_aside(self, study: Study) -> None:
        county = study.spoil("cells", 2, "站址编号", "S9").county()
        says(told(county, "reference_missing"), zh=("S9", "sites"), en=("S9", "correct the key"))

    def test_invalid_polygon_is_set_aside_not_mended(self, study: Study) -> None:
        bow = study["parcels"].copy()
        bow.loc[0, "geometry"] = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
        county = study.with_layer("parcels", bow).county()
        assert "Self-intersection" in told(county, "geometry_invalid")["reason_zh"]

    def test_place_beyond_the_globe_is_set_aside_without_a_shape(self, study: Study) -> None:
        odd = study["parcels"].to_crs(4490)
        odd.loc[0, "geometry"] = shapely.box(107, 120, 108, 130)
        county = study.with_layer("parcels", odd).county()
        assert told(county, "geometry_off_globe").geometry is None
        assert county["parcels"]["parcel_id"].tolist() == ["P2", "P3"]

    @pytest.mark.parametrize("x", [1e20, 4e7])
    def test_metres_beyond_the_projection_set_one_record_aside(
        self, study: Study, x: float
    ) -> None:
        square = shapely.box(x, 3.2e6, 2 * x, 3.3e6)
        county = study.spoil("parcels", 0, "geometry", square).county()
        told(county, "geometry_off_globe")
        assert counts(county.inputs)["parcels"] == (3, 2, 1)

    def test_row_without_geometry_and_row_of_another_kind_are_set_aside(self, study: Study) -> None:
        odd = study["parcels"].copy()
        odd.loc[0, "geometry"] = None
        odd.loc[1, "geometry"] = odd.geometry.iloc[1].centroid
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the writer remarks on mixed kinds
            county = study.with_layer("parcels", odd).county()
        assert told(county, "geometry_missing")["row"] == "1 (P1)"
        says(told(county, "geometry_kind"), zh=("Point", "面"), en=("Point", "polygon"))
        assert county["parcels"]["parcel_id"].tolist() == ["P3"]

    def test_one_row_with_two_faults_is_counted_once(self, study: Study) -> None:
        county = study.spoil("works", 0, "管径", "abc").spoil("works", 0, "权属单位", "").county()
        assert sorted(county.quarantine["code"]) == ["cell_empty", "cell_not_number"]
        assert counts(county.inputs)["works"] == (2, 1, 1)

    def test_telephone_number_in_a_text_is_set_aside_and_not_repeated(self, study: Study) -> None:
        county = study.spoil("parcels", 0, "名称", "王某 13800138000").county()
        record = told(county, "cell_personal")
        assert not any("13800138000" in str(cell) for cell in county.quarantine.to_numpy().ravel())
        assert "请删除" in record["reason_zh"]
