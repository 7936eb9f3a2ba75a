"""The documents open in the programs that their readers use, and show what they should.

``make test-apps`` leaves the pictures in ``out/apps`` for whoever wants to look.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from lxml import etree
from PIL import Image

from layers import store
from maps.export import documents, styles
from planner.archive import STORE

pytestmark = pytest.mark.apps

HOW = "run tests/apps/provide.sh as root / 请以 root 运行 tests/apps/provide.sh"
QGIS_PYTHON = "/usr/bin/python3"
DPI = 80


def asked(*command: object, **environment: str) -> str:
    """Return what a program prints; it must end well."""
    done = subprocess.run(  # noqa: S603 - programs named here
        [str(part) for part in command],
        check=True, capture_output=True, text=True, timeout=600,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which pictures stay."""
    named = os.environ.get("TONGGOU_APPS")
    folder = Path(named) if named else tmp_path_factory.mktemp("apps")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def folder(factory: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of the town."""
    made = factory.finished(factory.result(blocks=4))
    place = tmp_path_factory.mktemp("town")
    store.write(place / STORE, made.county, made.tables, {"name": made.name})
    documents.write(made, place)
    return place


def pages(path: Path, shown: Path, tmp_path: Path) -> tuple[str, list[Path]]:
    """Convert a document by LibreOffice; return its text and a picture of each page."""
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        pytest.fail(HOW)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    asked("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path)
    pdf = tmp_path / f"{path.stem}.pdf"
    for old in shown.glob(f"{path.stem}-*.png"):
        old.unlink()
    asked("pdftoppm", "-r", DPI, "-png", pdf, shown / path.stem)
    return asked("pdftotext", "-layout", pdf, "-"), sorted(shown.glob(f"{path.stem}-*.png"))


def inked(path: Path) -> float:
    """Return the share of a picture that is not white."""
    histogram = Image.open(path).convert("L").histogram()
    return 1.0 - sum(histogram[250:]) / sum(histogram)


def test_libreoffice_shows_the_spreadsheet(folder: Path, shown: Path, tmp_path: Path) -> None:
    text, pictures = pages(folder / documents.WORKBOOK, shown, tmp_path)
    assert "##" not in text
    assert "Err:" not in text
    for word in ("示例县", "主要数字", "开挖编号", "假设单价", "城市道路管理条例", "合计"):
        assert word in text, word
    assert len(pictures) >= 10
    assert all(inked(picture) > 0.002 for picture in pictures)


def test_libreoffice_shows_an_organisation_plan(folder: Path, shown: Path, tmp_path: Path) -> None:
    plan = min((folder / documents.DOSSIER).iterdir())
    text, pictures = pages(plan, shown, tmp_path)
    for word in ("占掘路施工组织方案", "位置图", "横断面", "施工进度", "费用分摊", "同一路段"):
        assert word in text.replace(" ", ""), word
    assert 3 <= len(pictures) <= 12
    listed = asked("pdfimages", "-list", tmp_path / f"{plan.stem}.pdf").splitlines()[2:]
    widths = [int(line.split()[3]) for line in listed]
    assert sum(width > 900 for width in widths) >= 3
    fonts = asked("pdffonts", tmp_path / f"{plan.stem}.pdf")
    assert "CJK" in fonts
    assert max(inked(picture) for picture in pictures) > 0.1


def test_qgis_takes_the_default_style_of_every_layer(folder: Path, shown: Path) -> None:
    script = Path(__file__).with_name("qgis_styles.py")
    picture = shown / "qgis.png"
    if not Path(QGIS_PYTHON).exists():
        pytest.fail(HOW)
    told = json.loads(
        asked(QGIS_PYTHON, script, folder / STORE, picture, QT_QPA_PLATFORM="offscreen")
    )
    expected = styles.write(folder / STORE)
    assert list(told) == list(expected)
    for name, layer in told.items():
        text = styles.qml(name)
        rules = [rule.get("label") for rule in etree.fromstring(text.encode()).iter("rule")]
        assert layer["valid"], name
        if not layer["features"]:
            continue  # of an empty layer QGIS knows no geometry to draw
        assert layer["renderer"] == "RuleRenderer", name
        assert layer["rules"] == rules, name
        assert layer["labels"] == ("<labeling" in text), name
    assert told["openings"]["features"] > 0
    assert inked(picture) > 0.05
