"""``python -m benchmarks``: every benchmark with its defaults."""

from __future__ import annotations

from benchmarks import (
    coverage,
    extension,
    main_job,
    municipality,
    reading,
    siting,
    steiner,
    trench,
)

reading.main()
main_job.main()
trench.table()
extension.table()
steiner.main()
siting.main()
coverage.main()
municipality.main()
