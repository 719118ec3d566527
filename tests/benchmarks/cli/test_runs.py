from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.results.made_up import make_row, write

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "--seeds", "2")


def test_the_default_run_separates_the_experts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = agemem(*QUICK, "--format", "json")
    assert result.exit_code == 0, result.output
    scores = {s["policy"]: s["score"]["mean"] for s in json.loads(result.stdout)}
    assert scores == {"random": 0.0, "expert-no-memory": 0.0, "expert": 1.0, "do-nothing": 0.0}
    (path,) = Path("runs").glob("*")
    assert f"results: {path}" in result.stderr
    first = rows_of(path)[0]
    assert first.env_kwargs == {
        "split": "test", "source": "generated", "reward": "paper", "stages": [1, 2, 3]
    }  # fmt: skip


def test_arguments_reach_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "run"
    flags = ("--split", "train", "--reward", "strict", "--stages", "1,3", "--env", "facts_per_turn=4", "-q")
    result = agemem(*QUICK, "-p", "expert", "--first-seed", "5", *flags, "--output", path)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    row = rows_of(path)[0]
    assert (row.seed, row.split, row.reward_profile) == (5, "train", "strict")
    assert (row.env_kwargs["stages"], row.env_kwargs["facts_per_turn"]) == ([1, 3], 4)
    assert row.task_id is not None
    assert "train" in row.task_id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "HotpotAQ"], "unknown benchmark 'HotpotAQ'; did you mean 'HotpotQA'?"),
        (["-p", "expret"], "unknown policy 'expret'; did you mean 'expert'?"),
        (["--split", "tset"], "unknown split 'tset'; did you mean 'test'?"),
        (["--reward", "pape"], "unknown reward 'pape'; did you mean 'paper'?"),
        (["--format", "jsn"], "unknown format 'jsn'; did you mean 'json'?"),
        (["--stages", "one"], "stages 'one' are not allowed"),
        (["--stages", "1,2"], "stages=[1, 2] is not allowed"),
        (["--env", "top_kk=3"], "unknown argument 'top_kk'; did you mean 'top_k'?"),
        (["--env", "memory=lifetime"], "memory='lifetime' is not allowed"),
        (["--env", "top_k"], "'top_k' is not allowed; use key=value"),
        (["--resume"], "--resume needs the run"),
        (["--resume", "--overwrite"], "exclude each other"),
    ],
)
def test_wrong_arguments_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = agemem("bench", *arguments)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


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


@pytest.mark.parametrize("option", ["--seeds", "--workers", "--concurrency"])
def test_a_number_that_no_machine_can_serve_is_refused(option: str) -> None:
    result = agemem("bench", "-b", "HotpotQA", "-p", "do-nothing", "--dry-run", option, "99999999999999999999")
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.stderr
