from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.errors import DataError
from benchmarks import specs as table
from benchmarks.run import choose
from benchmarks.specs import PlayerSpec

RANDOM = [PlayerSpec("random")]


def test_missing_data_ends_a_named_benchmark_and_leaves_out_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    kwargs, said = {"source": "official"}, list[str]()
    with pytest.raises(DataError, match="agemem data download hotpotqa"):
        choose.choose(["HotpotQA"], RANDOM, [0], kwargs, said.append)
    assert said == []
    monkeypatch.setattr(table, "registered", lambda: {"HotpotQA": "AgeMem-HotpotQA-v0"})  # others need no download
    with pytest.raises(DataError, match="no benchmark can be played here"):
        choose.choose([], RANDOM, [0], kwargs, said.append)
    assert any(line.startswith("HotpotQA is left out: ") for line in said)


def test_rows_hold_the_source_that_auto_stood_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    (spec,) = choose.choose(["HotpotQA"], RANDOM, [0], {"source": "auto"}, print)
    assert spec.env_kwargs == {"source": "generated", "split": "test"}
