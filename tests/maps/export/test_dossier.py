"""Organisation plans: one for each joint opening, with names, dates, clauses, pictures, money."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.document import Document
from PIL import Image

from maps.export import dossier, fonts
from maps.export.facts import Facts, joint
from planner.finished import Finished


def text_of(made: Document) -> str:
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in made.paragraphs), *cells])


def pictures_of(made: Document) -> list[Image.Image]:
    parts = made.part.package.iter_parts()
    blobs = [part.blob for part in parts if part.partname.ext == "png"]
    return [Image.open(io.BytesIO(blob)) for blob in blobs]


@pytest.fixture(scope="module")
def facts(study: Finished) -> list[Facts]:
    return list(joint(study, "zh", "zh"))


@pytest.fixture(scope="module")
def written(study: Finished, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return dossier.write(study, tmp_path_factory.mktemp("plans") / "dossier")


@pytest.fixture(scope="module")
def first(written: tuple[Path, ...]) -> Document:
    return docx.Document(str(written[0]))


def test_each_joint_opening_has_one_plan(study: Finished, written: tuple[Path, ...]) -> None:
    openings = study["openings"]
    expected = list(openings.loc[openings["joint"], "opening_id"])
    assert expected
    assert [path.name.partition("_")[0] for path in written] == expected
    assert sorted(written[0].parent.iterdir()) == sorted(written)


def test_a_plan_names_road_window_owners_and_works(first: Document, facts: list[Facts]) -> None:
    said, one = text_of(first), facts[0]
    assert one.row.name in said
    for day in (one.row.starts_on, one.row.ends_on):
        assert str(day.date()) in said
    for row in one.participants.itertuples():
        assert str(row.owner) in said
        assert str(row.work_id) in said
    assert f"占道 {one.row.days} 天" in said
    assert f"各单位分别实施共需占道 {one.separate_days} 天" in said


def test_a_plan_has_every_part_in_order(first: Document) -> None:
    heads = [one.text for one in first.paragraphs if one.style.name == "Heading 1"]
    assert [text.partition("、")[2].partition("（")[0] for text in heads] == [
        "工程概况", "参建单位与分工", "位置图", "横断面", "施工进度与次序", "交通组织", "路面恢复",
        "安全措施", "许可与时限", "费用分摊", "依据", "编制与审批",
    ]  # fmt: skip
    assert heads[10].startswith("十一、")


def test_a_plan_quotes_the_rule_and_the_permits_clauses(first: Document) -> None:
    said = text_of(first)
    assert "綦经信〔2022〕87号" in said
    assert "同一路段、同一时段" in said
    assert "国务院令第198号" in said
    assert "第33条" in said
    assert "合计 12 个工作日；最迟于 20" in said


def test_a_plan_shows_map_sections_and_bars(first: Document, facts: list[Facts]) -> None:
    shown = pictures_of(first)
    captions = [one.text for one in first.paragraphs if one.style.name == "Caption"]
    assert len(captions) == 2 + len(facts[0].sections)
    assert captions[0].startswith("图幅宽 160 mm 时比例尺 1:")
    assert all(min(picture.size) > 80 for picture in shown)
    assert all(len(picture.getcolors(1 << 20)) > 8 for picture in shown)


def test_money_is_labelled_and_adds_up(first: Document, facts: list[Facts]) -> None:
    [grid] = [one for one in first.tables if one.rows[0].cells[-1].text == "沙普利分摊"]
    shares = [float(row.cells[3].text.replace(",", "")) for row in grid.rows[1:]]
    assert sum(shares[:-1]) == pytest.approx(shares[-1], abs=0.02)
    assert shares[-1] == pytest.approx(facts[0].row.cost_yuan, abs=0.01)
    assert "假设单价" in text_of(first)


def test_nobody_is_named_and_places_for_signatures_are_empty(first: Document) -> None:
    assert first.core_properties.author == "tonggou"
    assert [row.cells[1].text.strip() for row in first.tables[-1].rows] == ["", "", ""]


def test_names_that_are_markup_stay_text(nasty: Finished, tmp_path: Path) -> None:
    written = dossier.write(nasty, tmp_path)
    said = text_of(docx.Document(str(written[0])))
    assert "=cmd|' /C calc'!A0" in said
    assert "</w:t><&\"'" in said


def test_without_a_chinese_font_pictures_speak_english_and_the_plan_says_so(
    study: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    made = docx.Document(str(dossier.write(study, tmp_path)[0]))
    assert "没有中文字体" in text_of(made)
    assert len(pictures_of(made)) >= 2


def test_english_plans_have_english_headings(study: Finished, tmp_path: Path) -> None:
    made = docx.Document(str(dossier.write(study, tmp_path, language="en")[0]))
    heads = [one.text for one in made.paragraphs if one.style.name.startswith("Heading 1")]
    assert heads[0] == "1. The project"
    assert all(head.isascii() for head in heads)


def test_a_study_without_joint_openings_leaves_no_old_plan(
    nothing: Finished, tmp_path: Path
) -> None:
    (tmp_path / "old.docx").write_bytes(b"x")
    assert dossier.write(nothing, tmp_path) == ()
    assert list(tmp_path.iterdir()) == []
