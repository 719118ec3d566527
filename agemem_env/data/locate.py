"""Where official data lives (``AGEMEM_DATA``, or a folder in the user's cache), and where results are cached."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """Return the folder for what can be made again; it need not exist.

    It is ``agemem_env`` in ``XDG_CACHE_HOME``, else ``~/.cache/agemem_env``.
    """
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "agemem_env"


def data_root() -> Path:
    """Return the folder that holds one sub-folder per data set; it need not exist.

    The environment variable ``AGEMEM_DATA`` names it. Without it, it is the `cache_root`.
    """
    chosen = os.environ.get("AGEMEM_DATA")
    return Path(chosen).expanduser() if chosen else cache_root()


def data_folder(benchmark: str) -> Path:
    """Return the folder of a benchmark's official data, named after it in lower case; it need not exist.

    >>> data_folder("ALFWorld") == data_root() / "alfworld"
    True
    """
    return data_root() / benchmark.lower()
