"""The catalogue of sentences."""

from __future__ import annotations

import re

import pytest

from geo.messages import Language, codes, message

HAN = re.compile("[\u4e00-\u9fff]")
LATIN_WORDS = re.compile("[a-z]{3,} [a-z]{3,}")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def _placeholders(code: str, language: Language) -> set[str]:
    """Ask for the sentence until nothing is missing."""
    facts: dict[str, str] = {}
    while True:
        try:
            message(code, language, **facts)
        except KeyError as error:
            facts[error.args[0]] = "?"
        else:
            return set(facts)


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_sentence_has_the_same_placeholders_in_both_languages(code: str) -> None:
    assert _placeholders(code, "zh") == _placeholders(code, "en")


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_sentence_is_written_in_its_language(code: str) -> None:
    facts = dict.fromkeys(_placeholders(code, "en"), "")
    chinese, english = (message(code, language, **facts) for language in LANGUAGES)
    assert HAN.search(chinese) or not LATIN_WORDS.search(chinese)
    assert LATIN_WORDS.search(english) or not HAN.search(english)


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        message("no_such_code")


def test_a_missing_fact_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="name"):
        message("setting_unknown", "en")
