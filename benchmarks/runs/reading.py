"""`open_run`: a run folder, or a file of rows alone, for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results.file import read_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.runs.folder import ABOUT, ROWS, TRAJECTORIES, read_about
from benchmarks.trajectories.file import SUFFIX
from benchmarks.trajectories.reader import read_trajectory
from benchmarks.trajectories.trajectory import Trajectory


@dataclass(frozen=True)
class Run:
    """A run, as far as it has been played.

    Attributes:
        path: Its folder, or its file of rows.
        about: What `run.json` holds: ``config``, ``config_hash``, ``episodes``, ``started``, ``versions``, ``git``,
            ``data``; empty for a file of rows alone.
        rows: Its rows, in order; rows that repeat each other included, the last one counts.
    """

    path: Path
    about: Mapping[str, Any]
    rows: tuple[EpisodeRow, ...]

    def trajectory_file(self, key: str) -> Path | None:
        """Return the file of an episode's trajectory, by the row's ``config_hash``; None if there is none."""
        file = self.path / TRAJECTORIES / f"{key}{SUFFIX}"
        return file if file.is_file() else None

    def trajectory(self, key: str) -> Trajectory | None:
        """Return the trajectory of an episode; None if there is none.

        Raises:
            DataError: If it cannot be read.
        """
        file = self.trajectory_file(key)
        return None if file is None else read_trajectory(file)


def rows_file(path: Path) -> Path:
    """Return the file of rows that a path stands for: that of a run folder, or the file itself."""
    return path / ROWS if path.is_dir() else path


def open_run(path: Path) -> Run:
    """Return the run in a folder, or the rows in a file.

    Args:
        path: A run folder, or a file of rows. A run that is being played may be read.

    Raises:
        DataError: If something of it is missing or damaged.
    """
    about = read_about(path) if (path / ABOUT).exists() else {}
    file = rows_file(path)
    if about and not file.exists():
        return Run(path, about, ())  # it has just been started
    return Run(path, about, tuple(read_rows(file)))
