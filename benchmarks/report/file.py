"""The report as a file: from run folders, or files of rows, to one page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from agemem_env.data.files import whole_file
from agemem_env.data.ownership import reason
from agemem_env.errors import DataError, StorageError
from benchmarks.report.page import page
from benchmarks.report.training import TrainingCurve, folders_with, read_training
from benchmarks.results.row import EpisodeRow
from benchmarks.runs.folder import ABOUT, TRAJECTORIES
from benchmarks.runs.reading import Run, open_run
from benchmarks.scores.summary import Summary, summarize
from benchmarks.trajectories.file import SUFFIX

VIEWER = "view.html"
"""The viewer's page in a run folder, to which the report's links lead."""

REPORT = "report.html"


def read_run(path: Path) -> Run:
    """Return a run that holds rows.

    Args:
        path: A run folder, or a file of rows.

    Raises:
        DataError: If it cannot be read, or holds no rows.
    """
    run = open_run(path)
    if not run.rows:
        raise DataError(f"{path} holds no rows: play some with `agemem bench --output {path} --resume`")
    return run


def read_runs(paths: Sequence[Path]) -> tuple[list[Run], list[TrainingCurve]]:
    """Return the runs that hold rows, and the training runs.

    Args:
        paths: Run folders, files of rows, training folders, or folders with any of these folders in them.

    Raises:
        DataError: If one is neither, or cannot be read.
    """
    runs, curves = [], []
    for path in paths:
        inside = [] if path.is_file() or (path / ABOUT).exists() else folders_with(ABOUT, path)
        trained = [] if (path / ABOUT).exists() else read_training(path)
        runs += [read_run(folder) for folder in (inside or ([] if trained else [path]))]
        curves += trained
    return runs, curves


def summaries_of(runs: Sequence[Run]) -> list[Summary]:
    """Return the averages of all rows."""
    return summarize(row for run in runs for row in run.rows)


def default_path(run: Run) -> Path:
    """Return where the report of a run belongs: in its folder, or beside its file of rows."""
    return run.path / REPORT if run.path.is_dir() else run.path.with_name(f"{run.path.stem}.{REPORT}")


def write_report(
    runs: Sequence[Run],
    summaries: Sequence[Summary],
    path: Path,
    opponent: str | None = None,
    curves: Sequence[TrainingCurve] = (),
) -> None:
    """Write the page.

    Args:
        runs: What it is made of.
        summaries: Its averages.
        path: The file; one that is there is replaced.
        opponent: The player that all others are compared with; None for the first of the leaderboard.
        curves: Training runs.

    Raises:
        ConfigurationError: If there is no such player.
        StorageError: If it cannot be written.
    """
    links = _Links(runs, path.parent)
    title = ", ".join(dict.fromkeys(str(path) for path in (*(r.path for r in runs), *(c.group for c in curves))))
    text = page(title, summaries, links.of, links.commands, opponent, curves)
    try:
        with whole_file(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise StorageError(f"cannot write {path}: {reason(error)}") from error


class _Links:
    """Where episodes can be looked at, seen from the folder of the report."""

    def __init__(self, runs: Sequence[Run], folder: Path) -> None:
        self._pages: dict[str, str] = {}
        self.commands: list[str] = []
        for run in runs:
            trajectories, viewer = run.path / TRAJECTORIES, run.path / VIEWER
            if not trajectories.is_dir():
                continue
            self.commands.append(f"agemem view {run.path} --html {viewer}")
            page = quote(os.path.relpath(viewer, folder).replace(os.sep, "/"))
            there = {entry.name.removesuffix(SUFFIX) for entry in os.scandir(trajectories)}
            self._pages |= {row.config_hash: page for row in run.rows if row.config_hash in there}

    def of(self, row: EpisodeRow) -> str | None:
        page = self._pages.get(row.config_hash)
        return None if page is None else f"{page}#{quote(row.config_hash)}/{row.steps or 0}"
