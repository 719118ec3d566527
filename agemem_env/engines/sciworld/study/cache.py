"""What is expensive to ask the simulator for, kept on disk in a folder per version of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from agemem_env.data.files import whole_file
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
    with suppress(OSError), whole_file(path) as file:
        file.write(json.dumps(content).encode())
    return read(content)
