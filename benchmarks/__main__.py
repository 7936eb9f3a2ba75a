"""``python -m benchmarks``: every benchmark with its defaults."""

from __future__ import annotations

from benchmarks import main_job

main_job.main()
