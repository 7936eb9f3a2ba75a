"""Reading .stp and .gr files, and the list of optima."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.steiner_files import optima, read
from geo.errors import InputError

GOOD = """33D32945 STP File, STP Format Version 1.0
SECTION Graph
Nodes 3
Edges 2
E 1 2 4
E 2 3 1.5
END

SECTION Terminals
Terminals 2
T 1
T 3
END
EOF
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "case.stp"
    path.write_text(text, encoding="utf-8")
    return path


def test_nodes_are_counted_from_zero(tmp_path: Path) -> None:
    instance = read(written(tmp_path, GOOD))
    assert (instance.name, instance.nodes) == ("case.stp", 3)
    assert instance.edge_u.tolist() == [0, 1]
    assert instance.edge_v.tolist() == [1, 2]
    assert instance.edge_cost.tolist() == [4.0, 1.5]
    assert instance.terminals.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("E 2 3 1.5", "E 2 3", "wrong number of words"),
        ("E 2 3 1.5", "E 2 x 1.5", "check its lines"),
        ("Edges 2", "Edges 5", "Edges says 5, but there are 2"),
        ("Terminals 2", "Terminals 3", "Terminals says 3, but there are 2"),
        ("Nodes 3\n", "", "check its lines"),
    ],
)
def test_a_wrong_file_is_refused_with_its_remedy(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read(written(tmp_path, GOOD.replace(old, new)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.gr")
    with pytest.raises(InputError, match="does not exist"):
        optima(tmp_path / "none.csv")


def test_optima_are_read_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "optima.csv"
    path.write_text("filename,opt,lower,upper\na.stp,5,5,5\nb.stp,,3,4\n", encoding="utf-8")
    assert optima(path) == {"a.stp": 5.0}
    path.write_text("file,lower,upper\na.gr,5,5\nb.gr,3,4\n", encoding="utf-8")
    assert optima(path) == {"a.gr": 5.0}
    path.write_text("name,cost\na,5\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks columns"):
        optima(path)
