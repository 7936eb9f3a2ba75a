"""Wall clock and memory of this whole process, from the start of the interpreter."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

_IMPORTED_S = time.monotonic()
_MEBI = 1024.0
_START_TICKS = 19
"""Place of ``starttime`` among the fields behind the command's name, see proc(5)."""


def seconds() -> float:
    """Return the seconds since the process began, by the kernel's record of its start.

    Where the system keeps no such record (other than Linux), the seconds since this module was
    imported.
    """
    since_import = time.monotonic() - _IMPORTED_S
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return since_import
    began_s = int(fields[_START_TICKS]) / os.sysconf("SC_CLK_TCK")
    return max(time.clock_gettime(time.CLOCK_BOOTTIME) - began_s, since_import)


def peak_mib() -> float:
    """Return the largest resident memory of this process and of its ended children together."""
    of = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_maxrss for who in of) / _MEBI
