from __future__ import annotations

import json
from pathlib import Path

import pytest

import agemem_env
from benchmarks.runs.reading import open_run
from tests.benchmarks.command import agemem, rows_of

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "2", "-p", "do-nothing")


def test_a_run_says_what_it_plays_and_with_what(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "--env", "top_k=5", "--output", run).exit_code == 0
    found = open_run(run)
    assert found.about["versions"]["agemem_env"] == agemem_env.__version__
    assert found.about["data"] == [{"benchmark": "HotpotQA", "source": "generated"}]
    parts = found.about["config"]["parts"]
    assert [(part["policy"], part["seeds"], part["env_kwargs"]["top_k"]) for part in parts] == [
        ("do-nothing", [0, 1], 5),
        ("expert", [0, 1], 5),
    ]
    assert (found.about["episodes"], len(found.rows)) == (4, 4)
    for row in found.rows:
        seen = found.trajectory(row.config_hash)
        assert seen is not None
        assert seen.row == json.loads(row.to_json())
    assert found.trajectory("0" * 16) is None


def test_the_commit_is_that_of_the_source(tmp_path: Path) -> None:
    assert agemem(*QUICK, "--output", tmp_path / "run").exit_code == 0
    git = open_run(tmp_path / "run").about["git"]
    assert git is None or len(git["commit"]) == 40


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--env", "top_k=5"], "env_kwargs.top_k is not set there, 5 here"),
        (["--stages", "3"], "env_kwargs.stages is [1,2,3] there, [3] here"),
        (["-n", "1"], "seeds there have 1, which are not here"),
        (["--first-seed", "7"], "seeds there have 0, 1, which are not here"),
        (["-b", "PDDL"], ""),
        (["-n", "4"], ""),
        (["--concurrency", "2"], ""),
    ],
)
def test_only_the_same_run_or_more_of_it_is_resumed(tmp_path: Path, change: list[str], said: str) -> None:
    command = (*QUICK, "--output", tmp_path / "run")
    assert agemem(*command).exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "run").iterdir() if path.is_file()}
    result = agemem(*command, *change, "--resume")
    assert result.exit_code == (2 if said else 0), result.output
    if said:
        assert said in result.stderr
        assert result.stderr.count("\n") == 1
        assert {path: path.read_bytes() for path in before} == before


def test_another_version_is_not_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = (*QUICK, "--output", tmp_path / "run")
    assert agemem(*command).exit_code == 0
    monkeypatch.setattr(agemem_env, "__version__", "9.9.9")
    result = agemem(*command, "--resume")
    assert result.exit_code == 2
    assert "the version of agemem_env is 0.1.0 there, 9.9.9 here" in result.stderr


def test_a_replaced_run_leaves_no_trajectory_behind(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "--output", run).exit_code == 0
    assert agemem(*QUICK, "--output", run).exit_code == 2
    assert agemem(*QUICK, "--output", run, "--first-seed", "5", "-n", "1", "--overwrite").exit_code == 0
    (row,) = rows_of(run)
    assert [path.name for path in (run / "trajectories").iterdir()] == [f"{row.config_hash}.jsonl.zst"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    for flag in ([], ["--overwrite"], ["--resume"]):
        result = agemem(*QUICK, "--output", tmp_path, *flag)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "holds other files and no run" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_damaged_run_is_one_line(tmp_path: Path) -> None:
    command = (*QUICK, "--output", tmp_path / "run")
    assert agemem(*command).exit_code == 0
    (tmp_path / "run" / "run.json").write_text("{")
    result = agemem(*command, "--resume")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "run.json cannot be read" in result.stderr


@pytest.mark.parametrize("part", [{}, "x", {"seeds": 3}, {"seeds": [0], "tasks": ["a", "b"]}])
def test_a_part_that_is_none_is_one_line(tmp_path: Path, part: object) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "--output", run).exit_code == 0
    about = json.loads((run / "run.json").read_text())
    about["config"]["parts"] = [part]
    (run / "run.json").write_text(json.dumps(about))
    result = agemem(*QUICK, "--output", run, "--resume")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert "run.json is damaged" in result.stderr
