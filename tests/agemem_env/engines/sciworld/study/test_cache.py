from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.engines.sciworld.study.study import study
from tests.agemem_env.engines.sciworld.test_tasks import SIMPLIFICATIONS

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")


def test_a_damaged_cache_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: SciWorldSimulator
) -> None:
    monkeypatch.setattr("agemem_env.engines.sciworld.study.cache.cache_root", lambda: tmp_path)
    wanted = study("find-plant", 230, SIMPLIFICATIONS, simulator)
    (path,) = tmp_path.rglob("study*/**/230*.json")
    for damage in ('{"query": 3}', "not JSON", "[]", ""):
        path.write_text(damage, encoding="utf-8")
        assert study("find-plant", 230, SIMPLIFICATIONS, simulator) == wanted
    assert not list(tmp_path.rglob("*.part"))
