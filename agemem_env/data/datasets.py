"""The official data sets that can be downloaded. A new one is a function and one line of `DATASETS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from agemem_env.data.download import Progress
from agemem_env.data.hotpotqa import download_hotpotqa

DATASETS: Mapping[str, Callable[[str, Progress], list[Path]]] = MappingProxyType({"hotpotqa": download_hotpotqa})
"""Data set name -> function that downloads ``train``, ``dev`` or ``all`` and returns the files."""
