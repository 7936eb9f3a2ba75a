"""A certificate that is written comes back as it was, and a broken file is named as such."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from planner.trench.certificate import Certificate, Cluster, load, save

WHOLE = st.integers(-(2**53), 2**53)


def alike(one: Certificate, other: Certificate) -> bool:
    """Return whether two certificates say the same, price by price."""
    outlines = [
        [(c.segments, c.works, c.priced, c.filled, c.share) for c in each.clusters]
        for each in (one, other)
    ]
    rows = [[p.tolist() for c in each.clusters for p in c.prices] for each in (one, other)]
    crews = [{k: p.tolist() for k, p in each.crew_prices.items()} for each in (one, other)]
    frames = [(each.works, each.detours) for each in (one, other)]
    return all(pair[0] == pair[1] for pair in (outlines, rows, crews, frames))


def certificate() -> Certificate:
    prices = (np.array([0, -5, 7], dtype=np.int64), np.array([2**53], dtype=np.int64))
    return Certificate(
        works=(0, 2, 5),
        clusters=(
            Cluster(segments=(3, 1), works=(0, 2), prices=prices, priced=True),
            Cluster(segments=(), works=(5,), prices=(np.zeros(0, np.int64),)),
            Cluster(segments=(4,), works=(2,), prices=prices[1:], filled=True, share=250),
        ),
        crew_prices={"水务公司": np.arange(4), "gas": np.zeros(4, dtype=np.int64)},
        detours=(((0, 1),), (), ()),
    )


def test_a_certificate_comes_back_as_it_was(tmp_path: Path) -> None:
    save(certificate(), tmp_path / "certificate.npz")
    again = load(tmp_path / "certificate.npz")
    assert alike(again, certificate())
    assert all(price.dtype == np.int64 for c in again.clusters for price in c.prices)


@pytest.mark.parametrize(
    "small",
    [
        Certificate(works=(), clusters=()),
        Certificate(works=(1,), clusters=()),
        Certificate(works=(1,), clusters=(), crew_prices={"a": np.arange(3)}),
        Certificate(works=(), clusters=(Cluster(segments=(1,), works=(), prices=()),)),
    ],
    ids=["nothing", "works", "crews", "cluster"],
)
def test_the_smallest_certificates_come_back_too(small: Certificate, tmp_path: Path) -> None:
    save(small, tmp_path / "small.npz")
    assert alike(load(tmp_path / "small.npz"), small)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(st.lists(WHOLE, max_size=4), max_size=3), max_size=4),
    crews=st.dictionaries(st.text(min_size=1, max_size=3), st.lists(WHOLE, min_size=2, max_size=2)),
)
def test_any_prices_come_back(
    tmp_path: Path, rows: list[list[list[int]]], crews: dict[str, list[int]]
) -> None:
    wanted = Certificate(
        works=tuple(range(3)),
        clusters=tuple(
            Cluster(
                segments=(n,),
                works=tuple(range(len(row))),
                prices=tuple(np.array(price, dtype=np.int64) for price in row),
            )
            for n, row in enumerate(rows)
        ),
        crew_prices={crew: np.array(price, dtype=np.int64) for crew, price in crews.items()},
        detours=((),) * len(rows),
    )
    save(wanted, tmp_path / "any.npz")
    assert alike(load(tmp_path / "any.npz"), wanted)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load(tmp_path / "none.npz")
    assert [fault.code for fault in error.value.faults] == ["file_missing"]


def written(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.npz"
    save(certificate(), path)
    return path


def without(path: Path, name: str) -> None:
    """Take one array out of a stored certificate."""
    with ZipFile(path) as stored:
        kept = {each: stored.read(each) for each in stored.namelist() if each != f"{name}.npy"}
    with ZipFile(path, "w") as changed:
        for each, content in kept.items():
            changed.writestr(each, content)


def replaced(path: Path, **arrays: np.ndarray) -> None:
    with np.load(path) as stored:
        known = dict(stored)
    np.savez_compressed(path, **(known | arrays))


BROKEN = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("certificate", encoding="utf-8"),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[:200]),
    "overwritten": lambda path: path.write_bytes(
        path.read_bytes()[:60] + bytes(40) + path.read_bytes()[100:]
    ),
    "only an array": lambda path: np.save(path.open("wb"), np.arange(3)),
    "no outline": lambda path: without(path, "outline"),
    "no prices": lambda path: without(path, "prices"),
    "no lengths": lambda path: without(path, "lengths"),
    "no crew prices": lambda path: without(path, "crew_prices"),
    "outline not json": lambda path: replaced(path, outline=np.zeros(5, dtype=np.uint8)),
    "outline a list": lambda path: replaced(path, outline=np.frombuffer(b"[]", dtype=np.uint8)),
    "too few lengths": lambda path: replaced(path, lengths=np.array([3], dtype=np.int64)),
    "crew prices uneven": lambda path: replaced(path, crew_prices=np.arange(7)),
}


@pytest.mark.parametrize("breach", BROKEN)
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_broken_file_is_an_error_of_the_input(tmp_path: Path, breach: str) -> None:
    path = written(tmp_path)
    BROKEN[breach](path)
    with pytest.raises(InputError) as error:
        load(path)
    assert [fault.code for fault in error.value.faults] == ["file_unreadable"]
    assert "certificate.npz" in str(error.value)
