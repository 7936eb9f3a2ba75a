"""Readers of files: cells under the file's own headings, geometry and record numbers."""
