from __future__ import annotations

import numpy as np
import pytest

from layers.tables import UTILITIES
from maps import palette


@pytest.mark.parametrize("ink", palette.UTILITIES.values(), ids=palette.UTILITIES)
def test_every_tuned_colour_stands_out_from_the_ground(ink: palette.Ink) -> None:
    assert palette.contrast(ink.tuned, palette.GROUND) >= 3.0


def test_contrast_of_black_and_white_is_21() -> None:
    assert palette.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_every_utility_has_an_ink_in_the_order_of_reports() -> None:
    assert tuple(palette.UTILITIES) == tuple(UTILITIES)


def test_letter_and_dash_tell_utilities_apart_without_colour() -> None:
    looks = {(ink.letter, ink.dash, ink.weight) for ink in palette.UTILITIES.values()}
    letters = {ink.letter for ink in palette.UTILITIES.values()}
    assert len(looks) == len(letters) == len(palette.UTILITIES)


def test_the_signal_ramp_grows_lighter_with_the_signal() -> None:
    contrasts = [palette.contrast(colour, "#000000") for colour in palette.SIGNAL]
    assert contrasts == sorted(contrasts)


def test_a_pixel_without_an_answer_is_in_no_class() -> None:
    classes = palette.signal_class(np.array([np.nan, -200.0, -84.9]))
    assert classes.tolist() == [len(palette.SIGNAL), 0, 4]
