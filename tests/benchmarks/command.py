"""The command `agemem`, called by tests."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from benchmarks.cli import app
from benchmarks.results.file import read_rows
from benchmarks.results.row import EpisodeRow


def agemem(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def rows_of(run: Path) -> list[EpisodeRow]:
    """Return the rows of a run folder."""
    return read_rows(run / "episodes.jsonl")
