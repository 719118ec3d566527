"""Environment variables of this process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def environment_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for as long as the block runs; child processes that start in it have them too.

    Args:
        variables: Name -> value. Afterwards each has the value that it had before, or is not set, whatever the block
            has done to it.

    Example:
        >>> with environment_variables({"AGEMEM_EXAMPLE": "1"}):
        ...     os.environ["AGEMEM_EXAMPLE"]
        '1'
        >>> "AGEMEM_EXAMPLE" in os.environ
        False
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
