from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from geo.errors import InputError
from planner import studyfile
from planner.studyfile import Study

HEAD = "[study]\nstart = 2026-01-05\n"
ROADS = '[[layers.roads]]\npath = "roads.gpkg"\n'
WHOLE = """
[study]
name = "试验县"
profile = "wulong-2018"
start = 2026-03-02
days = 200
crs = "EPSG:4545"
credits = ["© somebody"]

[[layers.roads]]
path = "a.gpkg"
sublayer = "lines"
crs = "EPSG:4490"
encoding = "gbk"
where = "a = 1"
columns = { name = "NM" }
values = { surface = "asphalt", opened_on = 2020-01-01 }
scale = { width_m = 0.01 }
codes = { road_class = { "1" = "arterial" } }
generated = true
clip = true

[[layers.roads]]
path = "b.gpkg"

[[layers.works]]
path = "c.gpkg"

[terrain]
paths = ["dem.tif"]
generated = true

[generate]
layers = ["works", "crews"]
seed = 7

[derive]
layers = ["roads"]

[settings]
"ground.snap_m" = 3.0
"""


def load(text: str, folder: Path) -> Study:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return studyfile.load(path)


def codes(text: str, folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(text, folder)
    assert all(fault.file == str(folder / "study.toml") for fault in caught.value.faults)
    assert caught.value.text("zh")
    return [fault.code for fault in caught.value.faults]


def test_every_key_arrives(tmp_path: Path) -> None:
    study = load(WHOLE, tmp_path)
    assert (study.name, study.profile, study.crs) == ("试验县", "wulong-2018", "EPSG:4545")
    assert (study.start, study.days, study.seed) == (dt.date(2026, 3, 2), 200, 7)
    assert study.base == tmp_path
    assert study.credits == ("© somebody",)
    assert (study.terrain, study.terrain_generated) == (("dem.tif",), True)
    assert (study.generate, study.derive) == (("works", "crews"), ("roads",))
    assert study.settings == {"ground.snap_m": 3.0}
    assert [(s.layer, s.path) for s in study.sources] == [
        ("roads", "a.gpkg"), ("roads", "b.gpkg"), ("works", "c.gpkg"),
    ]  # fmt: skip
    first = study.sources[0]
    assert (first.sublayer, first.crs, first.encoding) == ("lines", "EPSG:4490", "gbk")
    assert (first.where, first.columns) == ("a = 1", {"name": "NM"})
    assert first.values == {"surface": "asphalt", "opened_on": dt.date(2020, 1, 1)}
    assert (first.scale, first.codes) == ({"width_m": 0.01}, {"road_class": {"1": "arterial"}})
    assert (first.generated, first.clip) == (True, True)


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    study = load(HEAD + ROADS, tmp_path)
    assert (study.name, study.profile, study.days, study.seed) == ("study", "qijiang-2022", 365, 1)
    assert (study.crs, study.terrain, study.terrain_generated) == (None, (), False)
    assert (study.generate, study.derive, study.credits) == ((), (), ())
    assert study.settings == {}
    assert not study.sources[0].clip
    assert not study.sources[0].generated


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(HEAD + ROADS, encoding="utf-8-sig")
    assert studyfile.load(path).start == dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "here/a"), ("", "here/a"), ("/there", "/there/a")]
)
def test_a_variable_or_its_default_stands_in_paths(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None, expected: str
) -> None:
    monkeypatch.delenv("TONGGOU_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("TONGGOU_DATA", value)
    path = '"${TONGGOU_DATA:-here}/a"'
    text = f"{HEAD}[[layers.roads]]\npath = {path}\n[terrain]\npaths = [{path}]\n"
    study = load(text, tmp_path)
    assert study.sources[0].path == expected
    assert study.terrain == (expected,)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        studyfile.load(tmp_path / "none.toml")


def test_a_file_in_another_encoding_is_told_from_bad_toml(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes('[study]\nname = "县"\n'.encode("gbk"))
    with pytest.raises(InputError) as caught:
        studyfile.load(path)
    assert caught.value.faults[0].code == "study_not_utf8"


FAULTS = {
    "no TOML": ("[study\n", "study_not_toml"),
    "no start": ("[study]\n" + ROADS, "study_key_missing"),
    "no study": (ROADS, "study_key_missing"),
    "unknown section": (HEAD + ROADS + "[extra]\n", "study_unknown_section"),
    "unknown key": (HEAD + "nam = 'x'\n" + ROADS, "study_unknown_key"),
    "start is text": ("[study]\nstart = 'soon'\n" + ROADS, "study_key_kind"),
    "start has a time": ("[study]\nstart = 2026-01-05T08:00:00\n" + ROADS, "study_key_kind"),
    "start is long ago": ("[study]\nstart = 1026-01-05\n" + ROADS, "study_start"),
    "days is text": (HEAD + "days = 'many'\n" + ROADS, "study_key_kind"),
    "days is a flag": (HEAD + "days = true\n" + ROADS, "study_key_kind"),
    "no days": (HEAD + "days = 0\n" + ROADS, "study_days"),
    "days beyond a century": (HEAD + "days = 99999999\n" + ROADS, "study_days"),
    "credits of numbers": (HEAD + "credits = [1]\n" + ROADS, "study_list_kind"),
    "study is no table": ("study = 1\n" + ROADS, "study_section_kind"),
    "layers is no table": ("layers = 1\n" + HEAD, "study_section_kind"),
    "terrain is no table": ("terrain = 'a.tif'\n" + HEAD + ROADS, "study_section_kind"),
    "terrain is one path": (HEAD + ROADS + "[terrain]\npaths = 'a.tif'\n", "study_key_kind"),
    "terrain is of no known kind": (
        HEAD + ROADS + "[terrain]\npaths = ['a.tif']\nkind = 'dsm'\n", "setting_choice",
    ),
    "terrain's kind is a number": (
        HEAD + ROADS + "[terrain]\npaths = ['a.tif']\nkind = 1\n", "study_key_kind",
    ),
    "unknown layer": (HEAD + "[[layers.road]]\npath = 'a'\n", "study_unknown_layer"),
    "result as a layer": (HEAD + "[[layers.openings]]\npath = 'a'\n", "study_unknown_layer"),
    "no layers": (HEAD, "study_without_layers"),
    "layer is text": (HEAD + "[layers]\nroads = 'a'\n", "study_layer_not_list"),
    "layer is a table": (HEAD + "[layers.roads]\npath = 'a'\n", "study_layer_not_list"),
    "layer is a list of texts": (HEAD + "[layers]\nroads = ['a']\n", "study_layer_not_list"),
    "layer is empty": (HEAD + "[layers]\nroads = []\n", "study_layer_not_list"),
    "no path": (HEAD + "[[layers.roads]]\ncrs = 'EPSG:4545'\n", "study_key_missing"),
    "unknown key of a layer": (HEAD + ROADS + "crss = 'x'\n", "study_unknown_key"),
    "path is a number": (HEAD + "[[layers.roads]]\npath = 1\n", "study_key_kind"),
    "a column is a number": (HEAD + ROADS + "columns = { name = 1 }\n", "study_entry_kind"),
    "a scale is text": (HEAD + ROADS + "scale = { width_m = 'x' }\n", "study_entry_kind"),
    "a scale is a flag": (HEAD + ROADS + "scale = { width_m = true }\n", "study_entry_kind"),
    "a scale is infinite": (HEAD + ROADS + "scale = { width_m = inf }\n", "study_entry_kind"),
    "a code is text": (HEAD + ROADS + "codes = { road_class = 'x' }\n", "study_entry_kind"),
    "a code means a number": (
        HEAD + ROADS + "codes = { road_class = { a = 1 } }\n", "study_entry_kind",
    ),
    "a value is a list": (HEAD + ROADS + "values = { surface = ['x'] }\n", "study_entry_kind"),
    "unknown name to generate": (
        HEAD + ROADS + "[generate]\nlayers = ['x']\n", "study_unknown_layer",
    ),
    "a result to generate": (
        HEAD + ROADS + "[generate]\nlayers = ['openings']\n", "study_unknown_layer",
    ),
    "text to derive": (HEAD + ROADS + "[derive]\nlayers = 'roads'\n", "study_key_kind"),
    "unknown setting": (HEAD + ROADS + "[settings]\n'a.b' = 1\n", "setting_unknown"),
    "setting of another kind": (
        HEAD + ROADS + "[settings]\n'ground.snap_m' = 'far'\n", "setting_kind",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str, tmp_path: Path) -> None:
    text, code = FAULTS[name]
    assert set(codes(text, tmp_path)) == {code} or code == "study_section_kind"
    assert code in codes(text, tmp_path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "[study]\ndays = 0\n[[layers.road]]\npath = 'a'\n[extra]\n[settings]\n'a.b' = 1\n"
    assert sorted(codes(text, tmp_path)) == [
        "setting_unknown", "study_days", "study_key_missing", "study_unknown_layer",
        "study_unknown_section",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["schutterwald", "andorra"])
def test_the_studies_of_the_project_are_sound(name: str) -> None:
    folder = Path(__file__).parents[2] / "studies"
    assert studyfile.load(folder / f"{name}.toml").sources
