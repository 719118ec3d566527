"""The command `agemem`, called by tests."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from benchmarks.cli import app


def agemem(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])
