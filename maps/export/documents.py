"""Everything that is written beside the report of a finished study."""

from __future__ import annotations

from pathlib import Path

from geo.messages import Language
from maps.export import dossier, drawing, styles, workbook
from planner.archive import STORE
from planner.finished import Finished

WORKBOOK, DRAWING, DOSSIER = "plan.xlsx", "plan.dxf", "dossier"
"""Names of the spreadsheet, the drawing, and the folder of the organisation plans."""


def write(study: Finished, folder: Path, *, language: Language = "zh") -> tuple[Path, ...]:
    """Write spreadsheet, drawing, organisation plans, and styles into the GeoPackage.

    Parameters
    ----------
    study
        A finished study, as `planner.archive.load` reads it from `folder`.
    folder
        Where its files are; documents of an earlier run in it are replaced.
    language
        Of the documents.

    Returns
    -------
    tuple of Path
        The documents written; of the GeoPackage only the table of styles is touched.
    """
    workbook.write(study, folder / WORKBOOK, language=language)
    drawing.write(study, folder / DRAWING, language=language)
    plans = dossier.write(study, folder / DOSSIER, language=language)
    styles.write(folder / STORE, language=language)
    return (folder / WORKBOOK, folder / DRAWING, *plans)
