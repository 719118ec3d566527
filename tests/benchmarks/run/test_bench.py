"""The runner and its command.

Policies are looked up in ``baselines.POLICIES`` at each episode, and one worker plays in the calling process:
there a test may replace that table. Other processes see only what they can import, such as a runner class.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import baselines
from agemem_env.errors import ConfigurationError, DataError
from baselines.base import Info, Observation, Policy
from benchmarks import specs as table
from benchmarks.cli import app
from benchmarks.results.file import read_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.run import choose
from benchmarks.run.in_process import EpisodeRunner
from benchmarks.run.options import parse_settings
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, RunSpec, episodes

GENERATED = {"source": "generated"}
RANDOM = [PlayerSpec("random")]
QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "--seeds", "2")


class Breaking(Policy):
    """Raises in the second turn if its seed is odd; else replies politely or answers."""

    name = "breaking"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed % 2 and observation["round"] == 1:
            raise RuntimeError("broken on purpose")
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


class Interrupting(Breaking):
    """Is interrupted by the user at seed 1."""

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed == 1:
            raise KeyboardInterrupt
        return super().act(observation, info)


class DyingRunner(EpisodeRunner):
    """Takes its process down at seed 1."""

    def play_alone(self, spec: RunSpec) -> EpisodeRow:
        if spec.seed == 1:
            os._exit(3)
        return super().play_alone(spec)


@pytest.fixture
def _breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {
        "breaking": lambda seed: Breaking(seed),
        "interrupting": lambda seed: Interrupting(seed),
    }
    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, **extra})


def specs(policies: Sequence[str], seeds: Sequence[int] = range(3)) -> list[RunSpec]:
    return episodes([("AgeMem-HotpotQA-v0", GENERATED)], [PlayerSpec(p) for p in policies], seeds)


def in_order(rows: Iterable[EpisodeRow], chosen: Sequence[RunSpec]) -> list[EpisodeRow]:
    hashes = [spec.config_hash for spec in chosen]
    return sorted(rows, key=lambda row: hashes.index(row.config_hash))


def timeless(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return [dataclasses.replace(row, seconds=row.seconds and {"env": 0.0, "policy": 0.0}) for row in rows]


def agemem(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_row_does_not_depend_on_what_was_played_before() -> None:
    rows = timeless(list(play(specs(["random", "expert"]))))
    alone = [row for spec in reversed([r.spec for r in rows]) for row in timeless(list(play([spec])))]
    assert rows == alone[::-1]
    assert len({row.task_id for row in rows}) == 3


def test_workers_do_not_change_the_rows() -> None:
    chosen = specs(["random", "do-nothing"])
    assert timeless(in_order(play(chosen, workers=2), chosen)) == timeless(list(play(chosen)))


def test_a_dead_process_is_a_row_and_the_others_are_played() -> None:
    chosen = specs(["do-nothing"], range(4))
    rows = in_order(play(chosen, workers=2, runner=DyingRunner), chosen)
    assert [row.seed for row in rows] == [0, 1, 2, 3]
    assert [row.error["type"] if row.error else None for row in rows] == [None, "ProcessDied", None, None]
    assert rows[1].error
    assert "exit code 3" in rows[1].error["message"]


@pytest.mark.usefixtures("_breaking")
def test_a_crash_is_a_row_and_the_next_episode_is_clean() -> None:
    rows = list(play(specs(["breaking"])))
    assert [row.error is None for row in rows] == [True, False, True]
    error = rows[1].error
    assert error is not None
    assert (error["type"], error["message"]) == ("RuntimeError", "broken on purpose")
    assert rows[1].metrics is None
    assert timeless(rows[2:]) == timeless(list(play(specs(["breaking"], [2]))))


@pytest.mark.usefixtures("_breaking")
def test_crashes_show_in_table_and_exit_code(tmp_path: Path) -> None:
    result = agemem(*QUICK, "-p", "breaking", "--output", tmp_path / "rows.jsonl", "--format", "json")
    assert result.exit_code == 1
    (summary,) = json.loads(result.stdout)
    assert (summary["episodes"], summary["failed"]) == (1, 1)
    assert "crashed episodes: 1" in result.stderr


@pytest.mark.usefixtures("_breaking")
def test_resume_plays_what_is_missing_and_what_crashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.jsonl"
    command = (*QUICK, "-p", "breaking", "-p", "do-nothing", "--output", path)
    assert agemem(*command).exit_code == 1
    mended = {**baselines.POLICIES, "breaking": lambda seed: Breaking(0)}
    monkeypatch.setattr(baselines, "POLICIES", mended)
    result = agemem(*command, "--resume", "--seeds", "3")
    assert result.exit_code == 0, result.output
    played = [(row.policy, row.seed) for row in read_rows(path)[4:]]
    assert played == [("breaking", 1), ("breaking", 2), ("do-nothing", 2)]


@pytest.mark.usefixtures("_breaking")
def test_an_interrupted_run_keeps_whole_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    result = agemem(*QUICK, "-p", "interrupting", "--output", path)
    assert result.exit_code == 130
    assert f"--resume --output {path}" in result.stderr
    assert [row.seed for row in read_rows(path)] == [0]


def test_the_default_run_separates_the_experts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = agemem(*QUICK, "--format", "json")
    assert result.exit_code == 0, result.output
    scores = {s["policy"]: s["score"]["mean"] for s in json.loads(result.stdout)}
    assert scores == {"random": 0.0, "expert-no-memory": 0.0, "expert": 1.0, "do-nothing": 0.0}
    (path,) = Path("runs").glob("*/results.jsonl")
    assert f"results: {path}" in result.stderr
    first = read_rows(path)[0]
    assert first.env_kwargs == {
        "split": "test", "source": "generated", "reward": "paper", "stages": [1, 2, 3]
    }  # fmt: skip


def test_arguments_reach_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    flags = ("--split", "train", "--reward", "strict", "--stages", "1,3", "--env", "facts_per_turn=4", "-q")
    result = agemem(*QUICK, "-p", "expert", "--first-seed", "5", *flags, "--output", path)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    row = read_rows(path)[0]
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
        (["--resume"], "--resume needs the file"),
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


def test_an_existing_file_is_refused_and_overwritten_on_request(tmp_path: Path) -> None:
    command = (*QUICK, "-p", "do-nothing", "--output", tmp_path / "rows.jsonl")
    assert [agemem(*command).exit_code, agemem(*command).exit_code] == [0, 2]
    assert agemem(*command, "--overwrite", "--seeds", "1").exit_code == 0
    assert len(read_rows(tmp_path / "rows.jsonl")) == 1


def test_missing_data_ends_a_named_benchmark_and_leaves_out_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    kwargs, said = {"source": "official"}, list[str]()
    with pytest.raises(DataError, match="agemem data download hotpotqa"):
        choose.choose(["HotpotQA"], RANDOM, [0], kwargs, said.append)
    assert said == []
    monkeypatch.setattr(table, "registered", lambda: {"HotpotQA": "AgeMem-HotpotQA-v0"})  # others need no download
    with pytest.raises(DataError, match="no benchmark can be played here"):
        choose.choose([], RANDOM, [0], kwargs, said.append)
    assert any(line.startswith("HotpotQA is left out: ") for line in said)


def test_rows_hold_the_source_that_auto_stood_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    (spec,) = choose.choose(["HotpotQA"], RANDOM, [0], {"source": "auto"}, print)
    assert spec.env_kwargs == {"source": "generated", "split": "test"}


@pytest.mark.parametrize("value", ["True", "None", "{", "[1,", "'x'", "NaN", "1e999", ""])
def test_values_that_are_neither_json_nor_words_are_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="must be JSON"):
        parse_settings([f"key={value}"])


def test_values_are_json_or_words() -> None:
    pairs = ["a=1.5", "b=null", "c=[1, 3]", 'd="x y"', "e=openai:gpt-4.1", "f=false"]
    assert parse_settings(pairs) == {
        "a": 1.5, "b": None, "c": [1, 3], "d": "x y", "e": "openai:gpt-4.1", "f": False
    }  # fmt: skip


def test_doctor_says_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    result = agemem("doctor")
    assert result.exit_code == 0
    assert "HotpotQA (AgeMem-HotpotQA-v0)" in result.stdout
    assert "generated: present, 1000 test tasks" in result.stdout
    assert "official: absent: DataError" in result.stdout


def test_help_names_the_commands() -> None:
    result = agemem("--help")
    assert result.exit_code == 0
    for name in ("bench", "report", "throughput", "data", "doctor", "version"):
        assert f" {name} " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [(["--help"], 0, "agemem data [OPTIONS] COMMAND"), (["list"], 0, "hotpotqa"), (["lsit"], 2, "lsit")],
)
def test_data_is_handed_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, text: str
) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    result = agemem("data", *arguments)
    assert result.exit_code == code
    assert text in result.output


def test_help_imports_nothing_heavy() -> None:
    script = "import sys, benchmarks.cli; print([m for m in ('numpy', 'gymnasium', 'httpx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_version() -> None:
    assert agemem("version").stdout == "0.1.0\n"
