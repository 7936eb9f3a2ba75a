"""Styles of QGIS inside the GeoPackage: sound text for layers that exist, and out of the way."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from lxml import etree

from geo.messages import Language
from layers import store
from layers.tables import BY_NAME
from maps.export import styles
from planner.finished import Finished


@pytest.fixture(scope="module")
def package(study: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "study.gpkg"
    store.write(path, study.county, study.tables, {"name": study.name})
    styles.write(path)
    return path


def table(package: Path) -> pd.DataFrame:
    return pyogrio.read_dataframe(package, layer="layer_styles")


def test_every_default_style_names_a_layer_and_its_geometry(package: Path) -> None:
    found, layers = table(package), {name for name, kind in pyogrio.list_layers(package) if kind}
    assert set(found["f_table_name"]) <= layers
    assert {"openings", "trenches", "connections", "gaps", "infill", "villages", "parcels"} <= set(
        found["f_table_name"]
    )
    assert found["useAsDefault"].all()
    assert set(found["f_geometry_column"]) == {"geom"}
    assert set(found["f_table_schema"]) == set(found["f_table_catalog"]) == {""}
    for name in found["f_table_name"]:
        assert pyogrio.read_info(package, layer=name)["geometry_name"] == "geom"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_is_sound_and_its_rules_have_symbols(package: Path, language: Language) -> None:
    styles.write(package, language=language)
    for text in table(package)["styleQML"]:
        root = etree.fromstring(text.encode())
        assert root.tag == "qgis"
        rules = root.findall(".//rule")
        symbols = {one.get("name"): one for one in root.findall(".//symbol")}
        assert rules
        assert [rule.get("symbol") for rule in rules] == list(symbols)
        assert all(rule.get("label") for rule in rules)
        assert all(one.findall("layer/prop") for one in symbols.values())


def test_symbols_are_of_the_kind_of_their_layer(package: Path) -> None:
    kinds = {"point": "marker", "line": "line", "polygon": "fill"}
    for row in table(package).itertuples():
        root = etree.fromstring(row.styleQML.encode())
        found = {one.get("type") for one in root.findall(".//symbol")}
        assert found == {kinds[BY_NAME[row.f_table_name].geometry]}, row.f_table_name


def test_filters_name_columns_that_exist(package: Path) -> None:
    for row in table(package).itertuples():
        columns = {f'"{name}"' for name in BY_NAME[row.f_table_name].names}
        root = etree.fromstring(row.styleQML.encode())
        for rule in root.findall(".//rule"):
            text = rule.get("filter")
            assert text in {"", "ELSE"} or any(name in text for name in columns), text


def test_the_store_reads_a_study_with_styles_as_one_without(
    package: Path, study: Finished, tmp_path: Path
) -> None:
    plain = tmp_path / "study.gpkg"
    store.write(plain, study.county, study.tables, {"name": study.name})
    with_styles, without = store.read(package), store.read(plain)
    assert with_styles.results.keys() == without.results.keys()
    assert "layer_styles" not in with_styles.results
    pd.testing.assert_frame_equal(with_styles.results["openings"], without.results["openings"])


def test_writing_again_replaces_and_leaves_the_layers_alone(package: Path) -> None:
    styles.write(package)
    before = [tuple(row) for row in pyogrio.list_layers(package)]
    first = table(package)
    styles.write(package)
    assert [tuple(row) for row in pyogrio.list_layers(package)] == before
    pd.testing.assert_frame_equal(table(package), first)


def test_layers_that_a_study_lacks_get_no_style(study: Finished, tmp_path: Path) -> None:
    path = tmp_path / "study.gpkg"
    few = {name: study.tables[name] for name in ("segments", "openings")}
    store.write(path, study.county, few, {})
    assert "gaps" not in styles.write(path)
