"""The official data sets that can be downloaded. A new one is a function and one line of `DATASETS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from agemem_env.data.download import Progress
from agemem_env.engines.alfworld.download import download_alfworld
from agemem_env.engines.hotpotqa.download import download_hotpotqa

DATASETS: Mapping[str, Callable[[str, Progress], list[Path]]] = MappingProxyType(
    {
        "hotpotqa": download_hotpotqa,
        "alfworld": download_alfworld,
    }
)
"""Data set name -> function that downloads one of its splits, or ``all``, and returns what is there then."""
