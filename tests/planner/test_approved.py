"""A study re-run on the plan of an earlier one: held, added to, and proven from its files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from geo.errors import InputError
from layers.county import County
from layers.read import Source
from layers.tables import APPROVED
from planner import archive, study, studyfile
from planner.approved import starts, with_approved
from planner.study import StudyResult
from planner.studyfile import Study

Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def asked(sample_input: Path) -> Study:
    """The sample's roads, works and crews, which are soon planned."""
    whole = studyfile.load(sample_input / "study.toml")
    kept = tuple(s for s in whole.sources if s.layer in {"roads", "works", "crews", "events"})
    return replace(whole, sources=kept, terrain=())


@pytest.fixture(scope="module")
def first(asked: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResult, Path]:
    """The earlier study and its GeoPackage."""
    folder = tmp_path_factory.mktemp("earlier")
    result = study.run(asked)
    archive.save(result, folder)
    return result, folder / "study.gpkg"


def test_the_starts_of_a_study_come_back_as_dates(first: tuple[StudyResult, Path]) -> None:
    result, path = first
    found = starts(path)
    assert list(found.columns) == list(APPROVED.names)
    begun = dict(zip(found["work_id"], found["starts_on"], strict=True))
    problem = result.trench.problem
    assert begun == {
        problem.works[work].id: pd.Timestamp(problem.day(start))
        for work, start in result.trench.plan.starts.items()
    }


def test_a_plan_run_again_keeps_every_date(
    asked: Study, first: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    before, path = first
    again = study.run(replace(asked, approved=str(path)))
    assert again.trench.plan.starts == before.trench.plan.starts
    assert not again.checks.failed
    (entry,) = (file for file in again.county.inputs if file.layer == "approved")
    assert (entry.path, entry.rows, len(entry.sha256)) == ("study.gpkg", len(starts(path)), 64)
    archive.save(again, tmp_path)
    assert not archive.check(tmp_path).failures


def test_a_late_joiner_fits_in_and_the_approved_works_stay(
    asked: Study, first: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    before, path = first
    works = before.county["works"]
    late = works.iloc[[0]].assign(work_id="LATE", owner="新来公司", fixed=False)
    late.to_file(tmp_path / "late.gpkg")
    source = Source(layer="works", path=str(tmp_path / "late.gpkg"))
    again = study.run(replace(asked, sources=(*asked.sources, source), approved=str(path)))
    assert again.trench.figures["works"] == len(works) + 1
    dates = dict(again.trench.starts.itertuples(index=False))
    assert all(dates[key] == period for key, period in before.trench.starts.itertuples(index=False))


def test_a_work_that_is_gone_is_named(
    asked: Study, first: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    before, path = first
    gone = before.trench.starts["work_id"].iloc[0]
    works = before.county["works"].query("work_id != @gone")
    works.to_file(tmp_path / "works.gpkg")
    kept = tuple(s for s in asked.sources if s.layer != "works")
    source = Source(layer="works", path=str(tmp_path / "works.gpkg"))
    again = study.run(replace(asked, sources=(*kept, source), approved=str(path)))
    (note,) = (note for note in again.notes if note.code == "approved_gone")
    assert note.rows == (gone,)


def test_the_study_file_names_the_earlier_study(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    text = '[study]\nstart = 2026-01-05\napproved = "${EARLIER:-2025/study.gpkg}"\n'
    text += '[[layers.roads]]\npath = "a.gpkg"\n'
    path.write_text(text, encoding="utf-8")
    assert studyfile.load(path).approved == "2025/study.gpkg"
    path.write_text(text.replace('"${EARLIER:-2025/study.gpkg}"', "7"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        studyfile.load(path)
    assert [fault.code for fault in caught.value.faults] == ["study_key_kind"]


def missing(path: Path) -> None:
    path.unlink()


def no_database(path: Path) -> None:
    path.write_bytes(b"a spreadsheet")


def foreign(path: Path) -> None:
    path.unlink()
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="roads", driver="GPKG")


def without_plan(path: Path) -> None:
    path.unlink()
    meta = pd.DataFrame({"key": ["start"], "value": ["2026-01-01"]})
    pyogrio.write_dataframe(meta, path, layer="meta", driver="GPKG")


def with_a_wrong_day(path: Path) -> None:
    meta = pd.DataFrame({"key": ["start", "settings"], "value": ["soon", "{}"]})
    pyogrio.write_dataframe(meta, path, layer="meta", driver="GPKG")


def of_other_works(path: Path) -> None:
    table = pd.DataFrame({"work_id": ["elsewhere"], "period": [3]})
    pyogrio.write_dataframe(table, path, layer="starts", driver="GPKG")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (missing, "file_missing"),
        (no_database, "store_foreign"),
        (foreign, "store_foreign"),
        (without_plan, "store_incomplete"),
        (with_a_wrong_day, "file_unreadable"),
        (of_other_works, "approved_foreign"),
    ],
)
def test_a_file_that_is_no_earlier_plan_is_refused_with_its_remedy(
    first: tuple[StudyResult, Path], tmp_path: Path, spoil: Spoil, code: str
) -> None:
    result, path = first
    copy = tmp_path / "study.gpkg"
    copy.write_bytes(path.read_bytes())
    spoil(copy)
    with pytest.raises(InputError) as caught:
        with_approved(result.county, "study.gpkg", base=tmp_path)
    assert [fault.code for fault in caught.value.faults] == [code]
    for language in ("zh", "en"):
        assert "study.gpkg" in caught.value.text(language)


def test_an_address_is_no_earlier_study(first: tuple[StudyResult, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        with_approved(first[0].county, "https://example.org/study.gpkg", base=tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["source_not_local"]


def test_dates_from_a_study_and_from_a_layer_are_not_mixed(
    first: tuple[StudyResult, Path],
) -> None:
    result, path = first
    dated = replace(result.county, frames={**result.county.frames, "approved": starts(path)})
    with pytest.raises(InputError, match="not both"):
        with_approved(dated, str(path), base=path.parent)


def test_a_list_of_approved_dates_is_a_layer_too(
    asked: Study, first: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    before, _ = first
    work = min(before.trench.plan.starts)
    key = before.trench.problem.works[work].id
    day = before.trench.problem.day(before.trench.plan.starts[work]).isoformat()
    (tmp_path / "已批准.csv").write_text(f"工程编号,批准开工日期\n{key},{day}\n", encoding="utf-8")
    source = Source(layer="approved", path=str(tmp_path / "已批准.csv"))
    county: County = study.run(replace(asked, sources=(*asked.sources, source))).county
    assert county["approved"].to_dict("list") == {
        "work_id": [key],
        "starts_on": [pd.Timestamp(day)],
    }
