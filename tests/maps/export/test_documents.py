"""All documents together: their names, their words, and that they come out the same again."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
import zipfile
from pathlib import Path

from layers import store
from maps.export import documents, plain
from maps.words import document_words
from planner.archive import STORE
from planner.finished import Finished


def test_everything_is_written_and_written_again_alike(study: Finished, tmp_path: Path) -> None:
    store.write(tmp_path / STORE, study.county, study.tables, {})
    written = documents.write(study, tmp_path)
    first = {path: path.read_bytes() for path in written}
    assert {path.name for path in written} >= {"plan.xlsx", "plan.dxf"}
    assert all(len(content) > 1_000 for content in first.values())
    time.sleep(2.1)  # the times inside ZIP archives are even seconds
    assert documents.write(study, tmp_path) == written
    assert {path: path.read_bytes() for path in written} == first


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    zh, en = document_words("zh"), document_words("en")
    places = re.compile(r"\{(\w+)\}")
    assert {key: sorted(places.findall(text)) for key, text in zh.items()} == {
        key: sorted(places.findall(text)) for key, text in en.items()
    }


def test_an_office_file_states_the_day_it_is_given() -> None:
    made = io.BytesIO()
    core = b"<x><dcterms:created t='a'>2020-05-05T01:02:03Z</dcterms:created></x>"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("docProps/core.xml", core)
        archive.writestr("word/document.xml", b"<dcterms:created>kept</dcterms:created>")
    again = zipfile.ZipFile(io.BytesIO(plain.steady(made.getvalue(), dt.date(2026, 1, 2))))
    assert b">2026-01-02T00:00:00Z<" in again.read("docProps/core.xml")
    assert b"kept" in again.read("word/document.xml")
    assert {entry.date_time for entry in again.infolist()} == {(1980, 1, 1, 0, 0, 0)}
