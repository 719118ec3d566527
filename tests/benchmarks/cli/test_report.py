from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from benchmarks.cli import app
from tests.benchmarks.results.made_up import make_row, write


def test_report_merges_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", make_row(0), make_row(1))
    two = write(tmp_path / "two.jsonl", make_row(1), make_row(2), make_row(0, policy="random"))
    result = CliRunner().invoke(app, ["report", str(one), str(two), "--format", "json"])
    assert result.exit_code == 0
    assert [(s["policy"], s["episodes"]) for s in json.loads(result.stdout)] == [("expert", 3), ("random", 1)]


def test_report_names_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    result = CliRunner().invoke(app, ["report", str(path)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "line 1: not a result row" in result.stderr
