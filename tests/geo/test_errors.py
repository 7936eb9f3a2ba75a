"""Faults and the errors that carry them."""

from __future__ import annotations

import pytest

from geo.errors import Fault, InputError, TonggouError, fail


def test_an_input_error_is_a_value_error_and_a_tonggou_error() -> None:
    error = fail("file_missing", file="roads.gpkg")
    assert isinstance(error, ValueError)
    assert isinstance(error, TonggouError)


def test_an_input_error_needs_a_fault() -> None:
    with pytest.raises(AssertionError, match="at least one fault"):
        InputError([])


def test_fail_moves_places_out_of_the_facts() -> None:
    fault = fail("file_unreadable", file="a.shp", layer="roads", column="width", detail="?").faults[
        0
    ]
    assert (fault.file, fault.layer, fault.column) == ("a.shp", "roads", "width")
    assert dict(fault.facts) == {"detail": "?"}


def test_a_fault_names_its_place_its_sentence_and_its_rows() -> None:
    fault = Fault(
        "file_unreadable", {"detail": "x"}, file="a.csv", layer="works", column="latest",
        rows=("3", "8"), count=5,
    )  # fmt: skip
    english = fault.text("en")
    assert english.startswith("a.csv / works / latest: file a.csv cannot be read: x;")
    assert english.endswith("[5 row(s): 3, 8…]")
    assert fault.text("zh").endswith("[5 行: 3, 8…]")


def test_all_rows_given_leave_no_ellipsis() -> None:
    fault = Fault("file_missing", file="a", rows=("1",), count=1)
    assert fault.text("en").endswith("[1 row(s): 1]")


def test_a_fault_of_no_file_starts_with_its_sentence() -> None:
    assert Fault("setting_unknown", {"name": "a.b"}).text("en").startswith("unknown setting a.b;")


def test_an_input_error_lists_every_fault_in_both_languages() -> None:
    error = InputError([Fault("file_missing", file=name) for name in ("a.gpkg", "b.gpkg")])
    assert [line.split(":")[0] for line in str(error).splitlines()] == ["a.gpkg", "b.gpkg"]
    assert error.text("zh").splitlines() == [fault.text("zh") for fault in error.faults]
    assert "不存在" in error.text()
