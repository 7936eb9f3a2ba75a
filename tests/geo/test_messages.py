"""The catalogue of sentences."""

from __future__ import annotations

import re
import string
import tomllib
from importlib import resources

import pytest

from geo.messages import codes, message

CATALOGUE: dict[str, dict[str, str]] = tomllib.loads(
    resources.files("geo").joinpath("messages.toml").read_text(encoding="utf-8")
)
HAN = re.compile("[\u4e00-\u9fff]")
LATIN_WORDS = re.compile("[a-z]{3,} [a-z]{3,}")


def _facts(sentence: str, language: str) -> set[str]:
    """Return the placeholders; what is itself a text may come once in each language."""
    names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    return {name.removesuffix(f"_{language}") for name in names}


def _words(sentence: str) -> str:
    return "".join(text for text, _, _, _ in string.Formatter().parse(sentence))


def test_every_code_of_the_file_is_known() -> None:
    assert codes() == frozenset(CATALOGUE)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_sentence_has_the_same_placeholders_in_both_languages(code: str) -> None:
    assert set(CATALOGUE[code]) == {"zh", "en"}
    chinese, english = (_facts(CATALOGUE[code][language], language) for language in ("zh", "en"))
    assert chinese == english


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_sentence_is_written_in_its_language(code: str) -> None:
    chinese, english = (_words(CATALOGUE[code][language]) for language in ("zh", "en"))
    assert HAN.search(chinese) or not LATIN_WORDS.search(chinese)
    assert LATIN_WORDS.search(english) or not HAN.search(english)


def test_facts_are_filled_in_in_the_language_asked_for() -> None:
    assert message("setting_unknown", name="a.b").startswith("未知的设置项 a.b；")
    assert message("setting_unknown", "en", name="a.b").startswith("unknown setting a.b;")


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        message("no_such_code")


def test_a_missing_fact_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="name"):
        message("setting_unknown", "en")
