"""Where official data lives (``AGEMEM_DATA``, or a folder in the user's cache), and where results are cached."""

from __future__ import annotations

import os
from pathlib import Path


def data_root() -> Path:
    """Return the folder that holds one sub-folder per data set; it need not exist.

    The environment variable ``AGEMEM_DATA`` names it. Without it: ``agemem_env`` in ``XDG_CACHE_HOME``,
    else ``~/.cache/agemem_env``.
    """
    chosen = os.environ.get("AGEMEM_DATA")
    if chosen:
        return Path(chosen).expanduser()
    return cache_root()


def cache_root() -> Path:
    """Return the folder for what can be computed again: ``agemem_env`` in ``XDG_CACHE_HOME``, else in ``~/.cache``.

    ``AGEMEM_DATA`` does not move it: official data may lie where nothing can be written.
    """
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "agemem_env"
