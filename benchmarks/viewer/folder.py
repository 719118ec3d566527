"""The episodes of a run folder, or of one trajectory file, as the viewer lists and opens them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from agemem_env.errors import ConfigurationError, DataError
from benchmarks.credit.kept import kept
from benchmarks.results.file import latest, read_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.runs.folder import ROWS, TRAJECTORIES
from benchmarks.trajectories.file import SUFFIX
from benchmarks.trajectories.reader import read_trajectory
from benchmarks.trajectories.trajectory import Trajectory
from benchmarks.viewer import summaries as shown


class Episodes:
    """The episodes at a path.

    Args:
        path: A run folder, or a trajectory file.

    Attributes:
        title: What was played: the path as it was given.

    Raises:
        ConfigurationError: If there is no such thing, or nothing in it can be viewed.
        DataError: If its rows cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.title = str(path)
        self._files = _files(path)
        self._rows: Mapping[str, EpisodeRow] = {}
        if path.is_dir() and (path / ROWS).exists():
            self._rows = latest(read_rows(path / ROWS))

    def summaries(self) -> list[dict[str, Any]]:
        """Return the list: the episodes that have a row in their order, then those that have none yet.

        An episode that has not even begun is left out.
        """
        found = [_of_row(key, row) for key, row in self._rows.items() if key in self._files]
        for key in self._files:
            if key not in self._rows:
                try:
                    found.append(shown.summary(self._trajectory(key)))
                except DataError:
                    if len(self._files) == 1:
                        raise
        return found

    def episode(self, key: str) -> dict[str, Any]:
        """Return an episode.

        Raises:
            ConfigurationError: If there is none of this name.
            DataError: If its file cannot be read.
        """
        if key not in self._files:
            raise ConfigurationError(
                f"no episode {key!r} in {self.title}; its file names, without {SUFFIX}, are the names"
            )
        return {**shown.episode(self._trajectory(key)), "credit": kept(self._files[key])}

    def whole(
        self, summaries: Sequence[Mapping[str, Any]], say: Callable[[str], None]
    ) -> tuple[list[Mapping[str, Any]], dict[str, dict[str, Any]]]:
        """Return a list of episodes and the episodes by name; one that cannot be read is listed as ``unreadable``.

        Args:
            summaries: The list.
            say: Told of each that cannot be read.

        Raises:
            DataError: If none of them can be read.
        """
        found: dict[str, dict[str, Any]] = {}
        errors: dict[str, DataError] = {}
        for summary in summaries:
            key = summary["key"]
            try:
                found[key] = self.episode(key)
            except DataError as error:
                found[key], errors[key] = {"unreadable": str(error)}, error
        if errors and len(errors) == len(found):
            raise next(iter(errors.values()))
        for unreadable in errors.values():
            say(f"listed as unreadable: {unreadable}")
        return [{**s, "outcome": "unreadable"} if s["key"] in errors else s for s in summaries], found

    def _trajectory(self, key: str) -> Trajectory:
        """Return an episode under the name of its file: one that was rescored was played under another."""
        return replace(read_trajectory(self._files[key]), key=key)


def _files(path: Path) -> dict[str, Path]:
    if path.is_file() and path.name.endswith(SUFFIX):
        return {path.name.removesuffix(SUFFIX): path}
    if not path.is_dir():
        raise ConfigurationError(f"{path} is no run folder and no trajectory ({SUFFIX}); `agemem bench` makes them")
    folder = path / TRAJECTORIES if (path / TRAJECTORIES).is_dir() else path
    files = {file.name.removesuffix(SUFFIX): file for file in sorted(folder.glob(f"*{SUFFIX}"))}
    if not files:
        raise ConfigurationError(f"{path} holds no trajectories: no file {TRAJECTORIES}/*{SUFFIX} is in it")
    return files


def _of_row(key: str, row: EpisodeRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return shown.summary_of(key, values, values, task=None, turns=None)
