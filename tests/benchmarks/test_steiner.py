"""The benchmark of Steiner trees prints what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIELDS = {
    "instance", "nodes", "edges", "terminals", "upper", "lower", "gap", "optimum", "mehlhorn",
    "mehlhorn_seconds", "seconds",
}  # fmt: skip
SQUARE = """SECTION Graph
Nodes 5
Edges 8
E 1 2 4
E 2 3 4
E 3 4 4
E 4 1 4
E 1 5 3
E 2 5 3
E 3 5 3
E 4 5 3
END
SECTION Terminals
Terminals 4
T 1
T 2
T 3
T 4
END
EOF
"""
APART = SQUARE.replace("Nodes 5", "Nodes 6").replace("T 4\n", "T 6\n")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "benchmarks.steiner", *arguments],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_a_line_names_bound_optimum_and_peers(tmp_path: Path) -> None:
    (tmp_path / "a.stp").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "b.gr").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "optima.csv").write_text("filename,opt\na.stp,12\n", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.stp", "b.gr")]
    solution = tmp_path / "solution.json"
    done = run(
        *files, "--json", "--seconds", "20", "--optima", str(tmp_path / "optima.csv"),
        "--solution", str(solution),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, other = (json.loads(line) for line in done.stdout.splitlines())
    assert set(one) >= FIELDS
    assert (one["instance"], one["nodes"], one["edges"], one["terminals"]) == ("a.stp", 5, 8, 4)
    assert (one["upper"], one["lower"], one["gap"], one["optimum"]) == (12.0, 12.0, 0.0, 12.0)
    assert other["optimum"] is None
    assert min(one["mehlhorn"], one["rustworkx"]) >= one["upper"]
    edges = json.loads(solution.read_text(encoding="utf-8"))["edges"]
    assert {name: len(chosen) in {3, 4} for name, chosen in edges.items()} == {
        "a.stp": True,
        "b.gr": True,
    }


def test_peers_can_be_left_out_and_one_file_gives_a_list(tmp_path: Path) -> None:
    (tmp_path / "a.stp").write_text(SQUARE, encoding="utf-8")
    solution = tmp_path / "solution.json"
    done = run(
        str(tmp_path / "a.stp"), "--json", "--no-peer", "--seconds", "20",
        "--solution", str(solution),
    )  # fmt: skip
    (line,) = (json.loads(text) for text in done.stdout.splitlines())
    assert "mehlhorn" not in line
    assert isinstance(json.loads(solution.read_text(encoding="utf-8"))["edges"], list)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (APART, "no way to the others (6)"),
        (SQUARE.replace("E 1 2 4", "E 1 2 -4"), "negative"),
        ("", "check its lines"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.stp").write_text(text, encoding="utf-8")
    done = run(str(tmp_path / "a.stp"))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
