from __future__ import annotations

import base64
import hashlib
import re

import pytest

from maps import offline

PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def _page(head: str = "", body: str = "") -> str:
    return PAGE.format(head=head, body=body)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_names_each_script_and_style_and_nothing_else() -> None:
    sealed = offline.seal(_page("<style>b{color:red}</style>", "<script>let a = 1 < 2;</script>"))
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', sealed)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == f"'{_digest('let a = 1 < 2;')}'"
    assert rules["style-src"] == f"'{_digest('b{color:red}')}'"


def test_data_blocks_need_no_hash() -> None:
    block = '<script type="application/json">{"a":1}</script>'
    sealed = offline.seal(_page(body=block + "<script>1</script>"))
    assert _digest('{"a":1}') not in sealed


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<img src="tile.png">',
        '<a href="https://example.org">x</a>',
        "<style>@import 'x.css';</style>",
        "<style>b{background:url(https://example.org/x.png)}</style>",
        '<b style="color:red">x</b>',
        '<b onclick="go()">x</b>',
    ],
)
def test_whatever_would_load_or_run_unnamed_is_refused(body: str) -> None:
    with pytest.raises(offline.NotOfflineError):
        offline.seal(_page(body=body))


def test_pictures_inside_the_file_are_allowed() -> None:
    style = "<style>b{background:url(data:image/png;base64,AA==)}</style>"
    assert "img-src data:" in offline.seal(_page(style, '<img src="data:image/png;base64,AA==">'))


def test_leaflet_points_to_no_other_file() -> None:
    assert "url(" not in offline.leaflet_style()
    assert ".leaflet-pane" in offline.leaflet_style()
    assert "popup" not in offline.leaflet_style()
    assert "sourceMappingURL" not in offline.leaflet_script()


def test_a_deflated_script_is_named_by_the_hash_of_what_it_becomes() -> None:
    plain = "let leaflet = '</b>';"
    text = offline.deflated(plain)
    block = f'<script type="{offline.DEFLATED}" id="leaflet">{text}</script>'
    sealed = offline.seal(_page(body=block))
    assert _digest(plain) in sealed
    assert _digest(text) not in sealed
