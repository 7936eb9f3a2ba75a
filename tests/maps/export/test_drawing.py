"""The drawing: read again without a fault, in the county's coordinates, the standard's colours."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import ezdxf
import pytest
from ezdxf.document import Drawing
from shapely import LineString, Polygon

from layers.tables import UTILITIES
from maps.export import drawing
from maps.palette import UTILITIES as INKS
from maps.palette import rgb
from maps.words import words
from planner.finished import Finished


def read(study: Finished, folder: Path) -> Drawing:
    drawing.write(study, folder / "plan.dxf")
    return ezdxf.readfile(folder / "plan.dxf")


@pytest.fixture(scope="module")
def made(study: Finished, tmp_path_factory: pytest.TempPathFactory) -> Drawing:
    return read(study, tmp_path_factory.mktemp("dxf"))


def lines(made: Drawing, layer: str) -> list[list[tuple[float, float]]]:
    found = made.modelspace().query(f'LWPOLYLINE[layer=="{layer}"]')
    return [[(x, y) for x, y in line.get_points("xy")] for line in found]


def test_the_file_is_sound_in_metres_and_of_2010(made: Drawing) -> None:
    audit = made.audit()
    assert audit.errors == []
    assert audit.fixes == []
    assert made.header["$INSUNITS"] == 6
    assert made.dxfversion == "AC1024"


def test_each_utility_has_layers_in_the_colour_of_the_standard(
    made: Drawing, study: Finished
) -> None:
    said = words("zh")
    for key in set(study["participants"]["utility"]):
        assert tuple(made.layers.get(f"开挖_{said[f'utility.{key}']}").rgb) == rgb(
            INKS[key].standard
        )
    for key in set(study["connections"]["utility"]):
        layer = made.layers.get(f"接入路由_{said[f'utility.{key}']}")
        assert tuple(layer.rgb) == rgb(INKS[key].standard)
    assert tuple(made.layers.get("地块红线").rgb) == (255, 0, 0)
    assert set(UTILITIES) == set(INKS)


def test_openings_lie_where_they_lie(made: Drawing, study: Finished) -> None:
    openings = study["openings"]
    for layer, joint in (("联合开挖", True), ("单独开挖", False)):
        wanted = openings[openings["joint"] == joint].geometry
        found = lines(made, layer)
        assert len(found) == len(wanted)
        for points, line in zip(found, wanted, strict=True):
            assert LineString(points).equals_exact(line, 1e-6)


def test_red_lines_and_routes_keep_their_coordinates(made: Drawing, study: Finished) -> None:
    parcels = study.county["parcels"].geometry
    for points, shape in zip(lines(made, "地块红线"), parcels, strict=True):
        assert Polygon(points).equals_exact(Polygon(shape.exterior), 1e-6)
    by_utility = defaultdict(list)
    for row in study["connections"].itertuples():
        by_utility[row.utility].append(row.geometry)
    for key, wanted in by_utility.items():
        found = lines(made, f"接入路由_{words('zh')[f'utility.{key}']}")
        assert [LineString(points) for points in found] == pytest.approx(wanted)


def test_participants_reach_from_their_first_to_their_last_metre(
    made: Drawing, study: Finished
) -> None:
    rows = study["participants"]
    for key in set(rows["utility"]):
        mine = rows[rows["utility"] == key]
        found = lines(made, f"开挖_{words('zh')[f'utility.{key}']}")
        lengths = [LineString(points).length for points in found]
        assert lengths == pytest.approx(list(mine["to_m"] - mine["from_m"]))


def test_chinese_is_set_in_a_truetype_font_of_the_reader_s_machine(made: Drawing) -> None:
    style = made.styles.get(drawing.STYLE)
    assert style.dxf.font == "simsun.ttc"
    assert style.get_extended_font_data()[0] == "SimSun"
    texts = made.modelspace().query("TEXT")
    assert {text.dxf.style for text in texts} == {drawing.STYLE}
    said = [text.dxf.text for text in texts]
    assert "建设路" in said
    assert any("EPSG:4545" in text for text in said)
    assert any("联合开挖计划图" in text for text in said)


def test_names_of_streets_are_never_upside_down(made: Drawing) -> None:
    names = made.modelspace().query('TEXT[layer=="路段名称"]')
    assert len(names) > 3
    assert all(-90.0 <= text.dxf.rotation <= 90.0 for text in names)


def test_names_with_control_characters_do_not_break_the_file(
    nasty: Finished, tmp_path: Path
) -> None:
    audit = read(nasty, tmp_path).audit()
    assert audit.errors == []


def test_a_study_without_results_still_makes_a_drawing(nothing: Finished, tmp_path: Path) -> None:
    assert read(nothing, tmp_path).audit().errors == []


def test_writing_leaves_the_library_s_options_as_they_were(study: Finished, tmp_path: Path) -> None:
    before = ezdxf.options.write_fixed_meta_data_for_testing
    drawing.write(study, tmp_path / "plan.dxf")
    assert ezdxf.options.write_fixed_meta_data_for_testing == before
