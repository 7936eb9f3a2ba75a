from __future__ import annotations

import pytest

from maps import lean, offline
from maps.page import SCRIPTS


def test_texts_and_templates_keep_their_blanks() -> None:
    given = 'const a = word( "b , c" ) + `${d} , e`;'
    assert lean.script(given) == 'const a=word("b , c")+ `${d} , e`;'


def test_sums_and_differences_lose_their_blanks() -> None:
    assert lean.script("const a = (b + 1) - c[0] - d;") == "const a=(b+1)-c[0]-d;"


def test_signs_that_blanks_keep_apart_stay_apart() -> None:
    assert lean.script("a - -b") == "a - -b"
    assert lean.script("return /a b/ in c") == "return /a b/ in c"


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_has_a_text_that_runs_over_a_line(name: str) -> None:
    lines = offline.asset(name).splitlines()
    code = [line for line in lines if not line.strip().startswith("//")]
    assert [line for line in code if line.count("`") % 2] == []


def test_selectors_keep_the_blanks_that_mean_something() -> None:
    assert lean.style(".a .b:hover { width: calc(100% - 4px) }") == (
        ".a .b:hover{width:calc(100% - 4px)}"
    )
