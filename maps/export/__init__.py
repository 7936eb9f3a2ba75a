"""Documents of a finished study: spreadsheet, organisation plans, drawing, styles of QGIS."""
