"""Opens a GeoPackage in QGIS as a user does and tells, as JSON, how each layer would be drawn.

Runs in the Python that QGIS brings: ``qgis_styles.py study.gpkg picture.png``.
"""

from __future__ import annotations

import json
import sqlite3
import sys

from qgis.core import (
    QgsApplication,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

WIDTH, HEIGHT = 1200, 800
DRAWN = ("infill", "tie_ins", "connections", "openings", "trenches", "parcels", "segments", "zones")


def main(package: str, picture: str) -> None:
    """Load every layer that has a style, print what QGIS took from it, draw the plan's layers."""
    app = QgsApplication([], False)
    app.initQgis()
    with sqlite3.connect(package) as store:
        names = [row[0] for row in store.execute("SELECT f_table_name FROM layer_styles")]
    layers = {name: QgsVectorLayer(f"{package}|layername={name}", name, "ogr") for name in names}
    told = {
        name: {
            "valid": layer.isValid(),
            "features": layer.featureCount(),
            "renderer": layer.renderer().type() if layer.renderer() else None,
            "rules": [rule.label() for rule in layer.renderer().rootRule().children()]
            if layer.renderer() and layer.renderer().type() == "RuleRenderer"
            else [],
            "labels": layer.labelsEnabled(),
        }
        for name, layer in layers.items()
    }
    settings = QgsMapSettings()
    settings.setLayers([layers[name] for name in DRAWN])
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setDestinationCrs(layers["openings"].crs())
    settings.setExtent(layers["openings"].extent().buffered(60))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
    del job, settings, layers  # QGIS must not end before what it owns
    app.exitQgis()


if __name__ == "__main__":
    main(*sys.argv[1:])
