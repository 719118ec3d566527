from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from tests.benchmarks.command import agemem
from tests.benchmarks.results.made_up import make_crash, make_row, write

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "--seeds", "2")


def test_report_merges_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", make_row(0), make_row(1))
    two = write(tmp_path / "two.jsonl", make_row(1), make_row(2), make_row(0, policy="random"))
    result = CliRunner().invoke(app, ["report", str(one), str(two), "--format", "json"])
    assert result.exit_code == 0
    assert [(s["policy"], s["episodes"]) for s in json.loads(result.stdout)] == [("expert", 3), ("random", 1)]


def test_report_reads_run_folders(tmp_path: Path) -> None:
    assert agemem(*QUICK, "-p", "expert", "-q", "--output", tmp_path / "run").exit_code == 0
    result = agemem("report", tmp_path / "run", "--format", "json")
    assert [(s["policy"], s["episodes"]) for s in json.loads(result.stdout)] == [("expert", 2)]


def test_report_names_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    result = CliRunner().invoke(app, ["report", str(path)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "line 1: not a result row" in result.stderr


def test_a_report_of_nothing_is_an_error(tmp_path: Path) -> None:
    path, full = tmp_path / "rows.jsonl", tmp_path / "full.jsonl"
    path.touch()
    write(full, make_row(0))
    for files in ([path], [full, path]):
        result = agemem("report", *files)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "rows.jsonl holds no rows: play some with" in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_run_ends_with_a_table_and_a_report(tmp_path: Path) -> None:
    flags = ("--source", "generated", "-n", "1", "-p", "expert", "-p", "expert-no-memory")
    result = agemem("bench", "-b", "HotpotQA", *flags, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert f"report: {tmp_path / 'run' / 'report.html'}" in result.stderr
    assert "Gain over no memory" in result.stdout
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "view.html#" in page, "the run has trajectories, so that failed episodes have links"


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_only_tables_bring_a_report_unless_it_is_asked_for(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(0))
    assert agemem("report", path, "--format", form).stderr == ""
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]
    result = agemem("report", path, "--format", form, "--html", tmp_path / "new" / "page.html")
    assert result.stderr == f"report: {tmp_path / 'new' / 'page.html'}\n"
    assert (tmp_path / "new" / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_csv_goes_to_the_standard_output(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(0), make_row(0, policy="random"))
    lines = list(csv.DictReader(io.StringIO(agemem("report", path, "--format", "csv").stdout)))
    assert [(line["policy"], line["score.mean"]) for line in lines] == [("expert", "1.0"), ("random", "1.0")]


def test_parquet_goes_to_a_file_and_not_to_a_terminal(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = write(tmp_path / "rows.jsonl", make_row(0))
    command = [
        sys.executable,
        "-c",
        "from benchmarks.cli import app; app()",
        "report",
        str(path),
        "--format",
        "parquet",
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    assert parquet.read_table(io.BytesIO(done.stdout)).column("policy").to_pylist() == ["expert"]
    ours, terminal = os.openpty()
    with os.fdopen(terminal, "wb") as out:
        shown = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True)
    os.close(ours)
    assert shown.returncode == 2
    assert shown.stderr == "error: --format parquet is no text: send it to a file, as in `... > table.parquet`\n"


def test_parquet_without_its_package_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.report.tables.find_spec", lambda name: None)
    result = agemem("report", write(tmp_path / "rows.jsonl", make_row(0)), "--format", "parquet")
    assert result.exit_code == 1
    assert "--format parquet needs the package 'pyarrow'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_where_no_report_can_be_written_the_table_is_all_there_is(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(0))
    (tmp_path / "rows.report.html").mkdir()
    result = agemem("report", path)
    assert result.exit_code == 0
    assert "HotpotQA" in result.stdout
    assert "no report: cannot write" in result.stderr
    assert result.stderr.count("\n") == 1
    asked = agemem("report", path, "--html", tmp_path / "rows.report.html")
    assert asked.exit_code == 1
    assert "error: cannot write" in asked.stderr


def test_crashes_are_told_with_the_report(tmp_path: Path) -> None:
    result = agemem("report", write(tmp_path / "rows.jsonl", make_row(0), make_crash(1)))
    assert "error: crashed episodes: 1" in result.stderr
    assert "report: " in result.stderr


def test_players_are_compared_with_the_one_that_is_named(tmp_path: Path) -> None:
    rows = [make_row(seed, policy=p, metrics={"J": v}) for p, v in (("a", 1.0), ("b", 0.5)) for seed in range(3)]
    path = write(tmp_path / "rows.jsonl", *rows)
    result = agemem("report", path, "--against", "b")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[lines.index("Against b") :][4] == "a 3 +50.0 0.250 3/0/0"
    assert "Against 2 b" in (tmp_path / "rows.report.html").read_text("utf-8")
    unknown = agemem("report", path, "--against", "bb")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "error: unknown player 'bb'; did you mean 'b'? Allowed: 'a', 'b'\n",
    )
