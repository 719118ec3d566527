from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from agemem_env.data.datasets import DATASETS, download_dataset
from agemem_env.engines import ENGINES
from agemem_env.errors import ConfigurationError


def test_data_sets_are_those_of_benchmarks() -> None:
    assert set(DATASETS) <= set(ENGINES)
    for place in DATASETS.values():
        module, _, function = place.partition(":")
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("benchmark", DATASETS)
def test_a_split_is_handed_on(benchmark: str) -> None:
    with pytest.raises(ConfigurationError, match="unknown split 'none'"):
        download_dataset(benchmark, "none", lambda *_: None)


def test_an_unknown_data_set() -> None:
    with pytest.raises(ConfigurationError, match="unknown data set 'hotpot'; did you mean 'HotpotQA'"):
        download_dataset("hotpot", "all", lambda *_: None)


def test_the_table_loads_no_engine() -> None:
    code = "import sys, agemem_env.data.datasets; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    engines = {place.partition(":")[0].rpartition(".")[0] for place in ENGINES.values()}
    assert engines.isdisjoint(printed.split())
    assert "httpx" not in printed.split()
