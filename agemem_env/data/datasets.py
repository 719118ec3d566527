"""The official data sets that can be downloaded. A new one is a function and one line of `DATASETS`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from agemem_env.errors import unknown_name

if TYPE_CHECKING:
    from agemem_env.data.download import Progress

DATASETS: Mapping[str, str] = MappingProxyType(
    {
        "HotpotQA": "agemem_env.engines.hotpotqa.download:download_hotpotqa",
        "ALFWorld": "agemem_env.engines.alfworld.download:download_alfworld",
    }
)
"""Benchmark name -> ``module:function``, imported when it is used.

The function is given a split, or ``all``, and a `agemem_env.data.download.Progress`, and returns what is there then.
"""


def download_dataset(benchmark: str, split: str, progress: Progress) -> list[Path]:
    """Download a split of a benchmark's official data and return what is there then.

    Args:
        benchmark: A name in `DATASETS`.
        split: One of the data set's own splits, or ``all``.
        progress: Told of every piece that arrives.

    Raises:
        ConfigurationError: If there is no such data set or split.
        DataError: If a download fails, or what arrived is not what it should be.
    """
    if benchmark not in DATASETS:
        raise unknown_name("data set", benchmark, DATASETS)
    module, _, function = DATASETS[benchmark].partition(":")
    paths: list[Path] = getattr(import_module(module), function)(split, progress)
    return paths
