"""Networks that ship inside Python packages, in the shape of a file."""

from __future__ import annotations

import hashlib

import numpy as np

from layers import networks
from layers.formats.raw import Opened, Raw
from layers.source import Source


def open_network(source: Source) -> tuple[Opened, str]:
    """Open a packaged network; return it and the SHA-256 of its lines and their attributes.

    Raises
    ------
    InputError
        If the package is not installed or has no such network.
    """
    frame = networks.read_network(source.path)
    raw = Raw(
        cells=frame.drop(columns="geometry"),
        rows=np.array([str(number) for number in range(1, len(frame) + 1)], dtype=object),
        geometry=np.asarray(frame.geometry.to_numpy(), dtype=object),
        crs=frame.crs,
    )
    text = raw.cells.assign(wkb=frame.geometry.to_wkb(hex=True)).to_csv(index=False)
    opened = Opened(
        headings=tuple(raw.cells.columns), positions=False, cut=False, records=lambda _: raw
    )
    return opened, hashlib.sha256(text.encode()).hexdigest()
