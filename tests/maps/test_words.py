from __future__ import annotations

import re
from importlib import resources

from geo.messages import codes
from layers.tables import INPUTS, KEY_AREAS, OPERATORS, SITE_KINDS, UTILITIES
from maps.page import SCRIPTS
from maps.words import words
from planner.coverage.clutter import COVERS


def test_both_languages_fill_the_same_places() -> None:
    zh, en = words("zh"), words("en")
    places = re.compile(r"\{(\w+)\}")
    assert {k: sorted(places.findall(v)) for k, v in zh.items()} == {
        k: sorted(places.findall(v)) for k, v in en.items()
    }


def test_every_coded_value_has_a_word() -> None:
    said = words("zh")
    keys = [
        *(f"utility.{name}" for name in UTILITIES),
        *(f"operator.{name}" for name in OPERATORS),
        *(f"initial.{name}" for name in OPERATORS),
        *(f"area.{name}" for name in KEY_AREAS),
        *(f"site.{name}" for name in SITE_KINDS),
        *(f"cover.{name}" for name in ("all", *COVERS)),
        *(f"layer.{table.name}" for table in INPUTS),
    ]
    assert [key for key in keys if key not in said] == []


def test_every_word_that_a_script_or_the_page_asks_for_exists() -> None:
    said = words("zh")
    folder = resources.files("maps").joinpath("assets")
    texts = [
        folder.joinpath(name).read_text(encoding="utf-8") for name in (*SCRIPTS, "report.html")
    ]
    asked = re.findall(
        r"""(?:word\(|words\[)["']([a-z_]+\.[a-z_0-9]*[a-z0-9])["']""", "".join(texts)
    )
    assert len(asked) > 50
    assert sorted({key for key in asked if key not in said}) == []


def test_every_rule_that_the_catalogue_explains_has_a_short_word() -> None:
    explained = (code for code in codes() if code.startswith(("reopening_", "unplaced_")))
    rules = {code.split("_", 1)[1] for code in explained if "_change_" not in code}
    rules |= {code.removeprefix("rule_") for code in codes() if code.startswith("rule_")}
    assert len(rules) > 12
    assert sorted(rule for rule in rules if f"rule.{rule}" not in words("zh")) == []
