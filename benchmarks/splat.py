"""The peer of the coverage benchmark: SPLAT! HD (package splat) on a tile of 1 arc-second."""

from __future__ import annotations

import resource
import shutil
import subprocess
from pathlib import Path

_LRP = """15.000 ; dielectric constant
0.005 ; conductivity in S/m
301.000 ; surface refractivity
{mhz:.1f} ; MHz
5 ; continental temperate
1 ; vertical
0.50 ; situations
0.50 ; time
"""
_PROGRAMS = ("srtm2sdf-hd", "splat-hd")


def installed() -> bool:
    """Return whether the peer can be run."""
    return all(shutil.which(program) for program in _PROGRAMS)


def prepare(
    hgt: Path, folder: Path, *, latitude: float, longitude: float, height_m: float, mhz: float
) -> None:
    """Write the tile as SPLAT! reads it, a transmitter and its parameters into a folder.

    Parameters
    ----------
    latitude, longitude
        Degrees north and east; SPLAT! counts longitudes westwards.
    height_m
        Antenna above ground.
    """
    subprocess.run(["srtm2sdf-hd", str(hgt)], cwd=folder, check=True, capture_output=True)
    site = f"tx\n{latitude:.6f}\n{-longitude:.6f}\n{height_m:.1f} m\n"
    (folder / "tx.qth").write_text(site, encoding="ascii")
    (folder / "tx.lrp").write_text(_LRP.format(mhz=mhz), encoding="ascii")


def cpu_seconds(folder: Path, radius_km: float, receiver_m: float) -> float:
    """Return the processor time of one map of path loss, written as an image.

    The Longley-Rice model (``-olditm``) is taken, since it is faster than ITWOM, the default.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["splat-hd", "-t", "tx.qth", "-L", f"{receiver_m}", "-R", f"{radius_km}", "-metric",
         "-olditm", "-N", "-d", str(folder), "-o", "loss.ppm"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
