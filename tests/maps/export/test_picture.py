"""Pictures: what a drawing's SVG says is what the PNG shows."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from maps.export import bar_chart, fonts, picture


def painted(inside: str, *, size: int = 20) -> Image.Image:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -5 {size} {size}">'
        f'<g fill="#FF0000">{inside}</g></svg>'
    )
    image = Image.open(io.BytesIO(picture.png(svg, None)))
    assert image.size == (size * picture.PX, size * picture.PX)
    return image.convert("RGB")


def at(image: Image.Image, x: float, y: float) -> object:
    return image.getpixel((int(x * picture.PX), int((y + 5) * picture.PX)))


def test_shapes_lie_where_the_view_box_puts_them_and_inherit_their_ink() -> None:
    image = painted('<rect x="2" y="0" width="6" height="6"/><circle cx="14" cy="3" r="3"/>')
    assert at(image, 5, 3) == (255, 0, 0)
    assert at(image, 14, 3) == (255, 0, 0)
    assert at(image, 10, 3) == (255, 255, 255)
    assert at(image, 5, -3) == (255, 255, 255)


def test_relative_and_upright_steps_end_where_they_should() -> None:
    image = painted('<path d="M2 2h8v6l-8 0z" fill="#00FF00" stroke="#0000FF" stroke-width="2"/>')
    assert at(image, 6, 5) == (0, 255, 0)
    assert at(image, 6, 2) == (0, 0, 255)


def test_dashes_leave_spaces() -> None:
    ink = 'fill="none" stroke="#000000" stroke-width="2" stroke-dasharray="4 4"'
    image = painted(f'<path d="M0 5H20" {ink}/>')
    assert at(image, 2, 5) == (0, 0, 0)
    assert at(image, 6, 5) == (255, 255, 255)


@pytest.mark.parametrize(("steps", "count"), [("M0 0L1 1M5 5L6 6", 2), ("M0 0Z", 1), ("", 0)])
def test_a_path_falls_into_its_lines(steps: str, count: int) -> None:
    assert len(list(picture.lines(steps))) == count


def test_a_face_for_simplified_chinese_is_taken_where_there_is_one() -> None:
    font = fonts.chinese()
    if font is None:
        pytest.skip("no Chinese font on this machine")
    mask = fonts.face(40, font).getmask("沟")
    other = fonts.face(40, font).getmask("同")
    assert bytes(mask) != bytes(other)


def test_no_font_is_found_where_there_is_none() -> None:
    assert fonts.chinese(()) is None


def test_bars_of_long_labels_and_long_works_fit(study: object) -> None:
    first = bar_chart.dt.date(2026, 1, 1)
    bars = [bar_chart.Bar("很长的工程名称" * 5, "gas", first, bar_chart.dt.date(2027, 6, 1))]
    assert "…" in bar_chart.draw(bars)
