from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.command import agemem, rows_of

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
        (["--backend", "rya"], "unknown backend 'rya'; did you mean 'ray'?"),
        (["--backend", "ray", "--record", "x"], "not allowed with --backend ray"),
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


@pytest.mark.parametrize("option", ["--seeds", "--workers", "--concurrency"])
def test_a_number_that_no_machine_can_serve_is_refused(option: str) -> None:
    result = agemem("bench", "-b", "HotpotQA", "-p", "do-nothing", "--dry-run", option, "99999999999999999999")
    assert result.exit_code == 2
    assert f"invalid value for '{option}'" in result.stderr
