"""Who works off the tiles of coverage: processes of this machine, or a dask cluster."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from geo.errors import fail
from planner.coverage.tiles import Crew


@contextmanager
def processes(count: int, folder: Path) -> Iterator[Crew]:
    """Yield a crew of so many processes on this machine, one thread each.

    Each needs room for one tile and the ground within reach of it. The processes are spawned, not
    forked: a fork of a process that runs threads may hang.
    """
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as executor:
        yield Crew(executor, folder)


@contextmanager
def cluster(address: str, folder: Path) -> Iterator[Crew]:
    """Yield the crew of a dask scheduler; the work of a worker that is lost goes to another.

    Parameters
    ----------
    address
        As ``dask scheduler`` prints it, for example ``tcp://127.0.0.1:8786``. No other address is
        contacted.
    folder
        On a disk that all workers see by the same path.

    Raises
    ------
    InputError
        If ``distributed`` is not installed or no scheduler answers at the address.
    """
    try:
        distributed = importlib.import_module("distributed")  # an extra
    except ImportError as error:
        raise fail("cluster_not_installed") from error
    try:
        client = distributed.Client(address)
    except (OSError, ValueError) as error:
        raise fail("cluster_unreachable", address=address, detail=str(error)) from error
    with client, client.get_executor() as executor:
        yield Crew(executor, folder)
