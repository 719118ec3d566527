"""The report as a file: from run folders, or files of rows, to one page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from agemem_env.data.files import whole_file
from agemem_env.data.ownership import reason
from agemem_env.errors import DataError, StorageError
from benchmarks.report.page import page
from benchmarks.results.file import read_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.summary import Summary, summarize
from benchmarks.trajectories.file import SUFFIX

ROWS, TRAJECTORIES = "episodes.jsonl", "trajectories"
"""The parts of a run folder."""

VIEWER = "view.html"
"""The viewer's page in a run folder, to which the report's links lead."""

REPORT = "report.html"


@dataclass(frozen=True)
class Source:
    """What a report is made of.

    Attributes:
        path: A run folder, or a file of rows.
        rows: The rows.
    """

    path: Path
    rows: tuple[EpisodeRow, ...]

    @property
    def viewer(self) -> Path | None:
        """Where the viewer's page belongs; None if there are no trajectories."""
        return self.path / VIEWER if (self.path / TRAJECTORIES).is_dir() else None


def read_source(path: Path) -> Source:
    """Return the rows of a run.

    Args:
        path: A run folder, or a file of rows.

    Raises:
        DataError: If it cannot be read, or holds no rows.
    """
    rows = tuple(read_rows(path / ROWS if path.is_dir() else path))
    if not rows:
        raise DataError(f"{path} holds no rows: play some with `agemem bench --output {path} --resume`")
    return Source(path, rows)


def summaries_of(sources: Sequence[Source]) -> list[Summary]:
    """Return the averages of all rows."""
    return summarize(row for source in sources for row in source.rows)


def default_path(source: Source) -> Path:
    """Return where the report of a run belongs: in its folder, or beside its file of rows."""
    return source.path / REPORT if source.path.is_dir() else source.path.with_name(f"{source.path.stem}.{REPORT}")


def write_report(sources: Sequence[Source], summaries: Sequence[Summary], path: Path) -> None:
    """Write the page.

    Args:
        sources: What it is made of.
        summaries: Its averages.
        path: The file; one that is there is replaced.

    Raises:
        StorageError: If it cannot be written.
    """
    links = _Links(sources, path.parent)
    title = ", ".join(str(source.path) for source in sources)
    text = page(title, summaries, links.of, links.commands)
    try:
        with whole_file(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise StorageError(f"cannot write {path}: {reason(error)}") from error


class _Links:
    """Where episodes can be looked at, seen from the folder of the report."""

    def __init__(self, sources: Sequence[Source], folder: Path) -> None:
        self._pages: dict[str, str] = {}
        self.commands: list[str] = []
        for source in sources:
            if source.viewer is None:
                continue
            self.commands.append(f"agemem view {source.path} --html {source.viewer}")
            page = quote(os.path.relpath(source.viewer, folder).replace(os.sep, "/"))
            trajectories = source.path / TRAJECTORIES
            there = {entry.name.removesuffix(SUFFIX) for entry in os.scandir(trajectories)}
            self._pages |= {row.config_hash: page for row in source.rows if row.config_hash in there}

    def of(self, row: EpisodeRow) -> str | None:
        page = self._pages.get(row.config_hash)
        return None if page is None else f"{page}#{quote(row.config_hash)}/{row.steps or 0}"
