"""What is expensive to ask the simulator for, kept on disk in a folder per version of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from agemem_env.data.locate import cache_root
from agemem_env.engines.sciworld.package import installation

Value = TypeVar("Value")


def cached(place: Path, read: Callable[[Any], Value], make: Callable[[], Any]) -> Value:
    """Return a value from the cache, made if it is not there or not whole.

    A cache that cannot be written is done without.

    Args:
        place: The file, below the folder of this version of the simulator.
        read: Turns the file's JSON value into the value; raises ValueError, TypeError, LookupError or AttributeError
            if it cannot.
        make: Returns the JSON value.
    """
    path = cache_root() / "sciworld" / installation().version / place
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        return read(json.loads(path.read_text(encoding="utf-8")))
    content = make()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(name, path)  # whole or not at all, whoever else writes it
    return read(content)
