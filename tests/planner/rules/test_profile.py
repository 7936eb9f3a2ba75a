"""Profiles: every rule is cited, and every quote stands in its source, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import InputError
from geo.messages import message
from layers.tables import APPLICANTS, BUSINESSES, UTILITIES
from planner.rules.citation import Citation, Words, joined
from planner.rules.national import national
from planner.rules.profile import Profile, load, names

PROFILES = ("feicheng-2018", "qijiang-2022", "wulong-2018", "wushan-2021")


def _citations(profile: Profile) -> list[Citation]:
    entries = (
        *profile.deadlines,
        *profile.permits,
        *profile.payers,
        *profile.flows,
        *profile.notices,
        *profile.principles.values(),
    )
    filing = (profile.filing,) if profile.filing else ()
    cited = [entry.source for entry in (*entries, *filing)]
    staged = (*profile.deadlines, *profile.flows)
    cited += [stage.source for entry in staged for stage in entry.stages if stage.source]
    cited += [rule.excluded_source for rule in profile.deadlines if rule.excluded_source]
    return cited


def test_the_four_profiles_of_the_source_documents_exist() -> None:
    assert names() == PROFILES


@pytest.mark.parametrize("name", PROFILES)
def test_every_quote_stands_in_its_source_document_word_for_word(
    name: str, shared_data: Path
) -> None:
    sources = shared_data.parent / "sources"
    if not sources.is_dir():
        pytest.skip("the source documents are absent: they lie beside the data folder")
    profile = load(name)
    assert any(profile.files.values())
    for file, quotes in profile.files.items():
        text = (sources / file).read_text(encoding="utf-8")
        assert [quote for quote in quotes if quote not in text] == [], file


@pytest.mark.parametrize("name", PROFILES)
def test_every_rule_cites_document_number_place_and_quote(name: str) -> None:
    profile = load(name)
    quotes = {quote for found in profile.files.values() for quote in found}
    for citation in _citations(profile):
        assert citation.document
        assert citation.number
        assert citation.place
        assert citation.quote in quotes


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_uses_only_the_words_of_the_tables(name: str) -> None:
    profile = load(name)
    for rule in profile.deadlines:
        assert rule.utility in UTILITIES
        assert rule.applicants <= set(APPLICANTS)
        assert rule.businesses <= set(BUSINESSES)
        assert rule.levels <= {"low", "medium", "high"}
        assert rule.unit in {"WD", "d"}
    for rule in (*profile.payers, *profile.flows):
        assert rule.utilities <= set(UTILITIES)


@pytest.mark.parametrize("name", PROFILES)
def test_everything_a_person_reads_is_in_both_languages(name: str) -> None:
    profile = load(name)
    entries = (*profile.permits, *profile.payers, *profile.flows, *profile.principles.values())
    texts = [profile.title, *(entry.name for entry in entries)]
    texts += [stage.name for rule in profile.deadlines for stage in rule.stages]
    assert all(text.zh and text.en for text in texts)
    notes = [rule.note for rule in (*profile.deadlines, *profile.payers, *profile.permits)]
    assert all(bool(note.zh) == bool(note.en) for note in notes)


def test_an_unknown_profile_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(InputError, match="wushan-2021") as caught:
        load("wushan")
    assert "没有名为 wushan" in caught.value.text("zh")


def test_a_citation_reads_as_one_line_with_number_place_and_words() -> None:
    source = load("wushan-2021").deadlines[0].source
    assert source.text("zh") == (
        "《巫山县2021年深化“放管服”改革优化营商环境实施方案》巫山府办发〔2021〕66号 6："
        "「获得用水一般项目用户全流程总用时不超过9个工作日」"
    )
    assert source.text("en").endswith("6: 「获得用水一般项目用户全流程总用时不超过9个工作日」")


def test_a_citation_without_a_quote_claims_none() -> None:
    article = national().articles["31"]
    assert article.text("zh") == "《城市道路管理条例》国务院令第198号（2019年修订） 第31条"


def test_the_slip_of_four_working_days_is_quoted_as_it_stands_beside_the_twelve() -> None:
    quote = load("feicheng-2018").principles["slip_4_working_days"].source.quote
    assert "4个工作日以内" in quote
    assert "12个工作日" in quote


def test_the_principle_of_the_same_segment_and_period_is_cited_from_002() -> None:
    source = load("qijiang-2022").principles["same_segment_same_period"].source
    assert source.number == "綦经信〔2022〕87号"
    assert "“同一路段、同一时段”" in source.quote


def test_notices_before_interruptions_are_those_of_000() -> None:
    hours = {notice.utility: notice.hours for notice in load("wulong-2018").notices}
    assert hours == {"water": (72,), "power": (168, 72, 24), "gas": (48,)}


def test_empty_words_leave_no_trace_when_joined() -> None:
    assert joined(Words(), Words("甲", "a"), Words("乙", "b")) == Words("甲；乙", "a; b")
    assert not joined(Words())


def test_the_moratorium_of_decree_198_names_five_and_three_years() -> None:
    quote = national().articles["33"].quote
    assert "5年内" in quote
    assert "3年内" in quote
    assert message("citation", "zh", document="", number="", place="", quote=quote)
