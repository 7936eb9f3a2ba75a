"""``python -m benchmarks``: every benchmark with its defaults."""

from __future__ import annotations

from benchmarks import main_job, reading, trench

reading.main()
main_job.main()
trench.table()
