"""How the kernels of the walk are compiled."""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, nogil=True, _nrt=False)
"""Compile without counting references.

The walk hands some forty arrays from kernel to kernel. Counting who refers to them took seven
eighths of the time of a move; none of them is made or freed inside a kernel. A kernel compiled so
cannot make arrays, slices included.
"""
