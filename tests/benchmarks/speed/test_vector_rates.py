from __future__ import annotations

from benchmarks.speed.vector_rates import measure


def test_three_kinds_are_measured() -> None:
    found = measure("AgeMem-HotpotQA-v0", {"source": "generated"}, 2, rounds=1, steps=5)
    assert min(found.sync, found.async_, found.pool) > 0
    assert 10 < found.pool_mb < 1000
    assert str(found).startswith("2 environments: ")
