"""`RunFolder`: the folder of a run that is being played. One run at a time has it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.data.ownership import reason
from agemem_env.errors import ConfigurationError, DataError, StorageError
from benchmarks.results.file import ResultFile
from benchmarks.runs.configuration import RunConfiguration
from benchmarks.trajectories.file import SUFFIX

ABOUT = "run.json"
ROWS = "episodes.jsonl"
TRAJECTORIES = "trajectories"

FORMAT = 1
"""Version of the folder's layout."""


class RunFolder:
    """A folder in which a run is played. It belongs to this object until it is closed.

    Nothing in it is changed before `begin`, but for a last row of a resumed run that was cut off, which is removed.

    Args:
        path: The folder; it need not be there.
        overwrite: Replace the run that is in it.
        resume: Go on with the run that is in it.

    Attributes:
        path: The folder.
        rows: Its file of rows.
        trajectories: Its folder of trajectories.

    Raises:
        ConfigurationError: If another run has the folder, it cannot be written, it holds a run and neither `overwrite`
            nor `resume` is set, or it holds something else.
        DataError: If a resumed run is damaged.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = path
        self.trajectories = path / TRAJECTORIES
        _check_folder(path)
        self._overwrite = overwrite
        if (path / ABOUT).exists() and not (overwrite or resume):
            raise ConfigurationError(f"{path} holds a run: use --resume to go on with it, --overwrite to replace it")
        self.rows = ResultFile(path / ROWS, overwrite=overwrite, resume=resume)

    def check(self, configuration: RunConfiguration) -> None:
        """Check that what is to be played is what a resumed run plays, or more.

        Raises:
            ConfigurationError: If it is not; the message shows the differences.
            DataError: If the run's own configuration cannot be read.
        """
        if self._overwrite or not (self.path / ABOUT).exists():
            return
        conflicts = read_configuration(self.path).conflicts(configuration)
        if conflicts:
            raise ConfigurationError(
                f"{self.path} plays something else: {'; '.join(conflicts)}; use the options that it was started with, "
                "or another folder"
            )

    def begin(self, configuration: RunConfiguration, about: Mapping[str, Any]) -> None:
        """Write what is played, and make the files.

        Args:
            configuration: What is played.
            about: What else `run.json` holds.

        Raises:
            StorageError: If that cannot be done.
        """
        content = {
            "format": FORMAT,
            "config_hash": configuration.digest,
            "episodes": sum(len(part["seeds"]) for part in configuration.parts),
            "started": self._started(),
            **about,
            "config": configuration.to_dict(),
        }
        try:
            if self._overwrite and self.trajectories.is_dir():
                for old in self.trajectories.glob(f"*{SUFFIX}"):
                    old.unlink()
            self.trajectories.mkdir(exist_ok=True)
            with whole_file(self.path / ABOUT) as file:
                file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {reason(error)}") from error
        self.rows.begin()

    def trajectory_file(self, key: str) -> Path:
        """Return the file of an episode's trajectory."""
        return self.trajectories / f"{key}{SUFFIX}"

    def close(self) -> None:
        """Give the folder up. May be called more than once."""
        self.rows.close()

    def _started(self) -> str:
        """Return when the run was first started."""
        if not self._overwrite and (self.path / ABOUT).exists():
            return str(read_about(self.path).get("started", ""))
        return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def read_about(path: Path) -> dict[str, Any]:
    """Return what `run.json` of a folder holds.

    Raises:
        DataError: If it is missing or damaged.
    """
    try:
        found = json.loads((path / ABOUT).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise DataError(f"{path} has format {found['format']}; this version reads {FORMAT}")
        return dict(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        why = reason(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise DataError(f"{path / ABOUT} cannot be read: {why}") from error


def read_configuration(path: Path) -> RunConfiguration:
    """Return what the run in a folder plays.

    Raises:
        DataError: If that is missing or damaged.
    """
    about = read_about(path)
    try:
        found = RunConfiguration.from_dict(about["config"])
        found.episodes()  # parts that are no parts
        return found
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path / ABOUT} is damaged: {type(error).__name__}: {error}") from error


_OWN: Sequence[str] = (ABOUT, ROWS, TRAJECTORIES)


def _check_folder(path: Path) -> None:
    """Check that a path is no file, and a folder that is there holds nothing but a run."""
    try:
        names = os.listdir(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be used: {reason(error)}; a run needs a folder") from error
    if names and not any(name in _OWN or name.startswith(ROWS) for name in names):
        raise ConfigurationError(f"{path} holds other files and no run: name another folder")
