from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.results.row import EpisodeRow
from benchmarks.runs.reading import open_run
from benchmarks.runs.rescore import Scorer, differing, rescored
from benchmarks.speed.fake_server import OpenAIServer
from benchmarks.trajectories.rebuild import read_episode
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.trajectories.playing import record, spec_of
from tests.openai_server import server

__all__ = ["server"]

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "2", "-q")
OF_A_SCORE = ("reward", "reward_components", "metrics", "judge", "reward_profile", "config_hash", "env_kwargs")


def scores(row: EpisodeRow) -> dict[str, Any]:
    """Return what depends on judge and profile, as JSON."""
    found: dict[str, Any] = json.loads(json.dumps({name: getattr(row, name) for name in OF_A_SCORE}))
    return found


@pytest.mark.parametrize("policy", ["expert", "random"])
@pytest.mark.parametrize("profile", ["paper", "strict"])
@pytest.mark.parametrize(
    "benchmark",
    ["ALFWorld", "BabyAI", "HotpotQA", "PDDL", pytest.param("SciWorld", marks=pytest.mark.slow)],
)
def test_every_score_is_reproduced_and_every_other_profile_is_as_if_played(
    benchmark: str, profile: str, policy: str, tmp_path: Path
) -> None:
    package = {"ALFWorld": "textworld", "BabyAI": "minigrid", "SciWorld": "scienceworld"}.get(benchmark, "json")
    pytest.importorskip(package)
    other = "strict" if profile == "paper" else "paper"
    spec, instead = (spec_of(benchmark, policy, 3, reward=name, max_tokens=2600) for name in (profile, other))
    played = record(spec, tmp_path)
    episode = read_episode(played.path)
    assert scores(rescored(played.row, episode, Scorer())) == scores(played.row)
    assert scores(rescored(played.row, episode, Scorer(reward=other))) == scores(record(instead, tmp_path).row)


@pytest.mark.parametrize("changes", [{"dense": True}, {"weights": [0.5, 0.25, 1.0]}, {"stages": [3]}])
def test_arguments_that_scores_depend_on(changes: dict[str, Any], tmp_path: Path) -> None:
    played = record(spec_of("HotpotQA", "expert", 1, **changes), tmp_path)
    assert scores(rescored(played.row, read_episode(played.path), Scorer())) == scores(played.row)


def test_a_run_is_checked_and_what_differs_is_said(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "-p", "reader", "-m", "rag", "--output", run).exit_code == 0
    result = agemem("rescore", run)
    assert (result.exit_code, result.stderr) == (0, "4 of 4 episodes have the scores of their rows\n")
    rows = [replace(row, reward=(row.reward or 0) + 1e-9) if row.seed else row for row in rows_of(run)]
    (run / "episodes.jsonl").write_text("".join(f"{row.to_json()}\n" for row in rows))
    said: list[str] = []
    assert differing(run, said.append) == (4, 2)
    assert said[0] == "HotpotQA, expert, seed 1: reward differ"
    assert agemem("rescore", run).exit_code == 1


def test_another_profile_is_a_run_of_its_own(tmp_path: Path) -> None:
    run, strict = tmp_path / "run", tmp_path / "played"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    assert agemem(*QUICK, "-p", "expert", "--reward", "strict", "--output", strict).exit_code == 0
    result = agemem("rescore", run, "--reward", "strict", "--format", "json")
    assert result.exit_code == 0, result.output
    found = open_run(tmp_path / "run.strict")
    assert [scores(row) for row in found.rows] == [scores(row) for row in rows_of(strict)]
    assert all(found.trajectory(row.config_hash) is not None for row in found.rows)
    assert found.about["config"]["parts"][0]["env_kwargs"]["reward"] == "strict"
    again = agemem("rescore", run, "--reward", "strict")
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "holds a run" in again.stderr


def grade(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> str:
    return '{"notes": [], "quality": 0.25}' if "JSON object alone" in messages[0]["content"] else "0.5"


def test_a_model_judges_without_anything_being_played(tmp_path: Path, server: OpenAIServer) -> None:
    server.speak = grade
    run, judged = tmp_path / "run", tmp_path / "judged"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    assert agemem(*QUICK, "-p", "expert", "--env", "judge=openai:fake", "--output", judged).exit_code == 0
    result = agemem("rescore", run, "--judge", "openai:fake")
    assert result.exit_code == 0, result.output
    found = rows_of(tmp_path / "run.openai-fake")
    assert [scores(row) for row in found] == [scores(row) for row in rows_of(judged)]
    calls = [(row.service_cost or {}).get("calls") for row in rows_of(judged)]
    assert [(row.service_cost or {}).get("calls") for row in found] == calls
    assert all(calls)


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--reward", "strit"], "unknown reward 'strit'"), (["--judge", "lexicl"], "unknown judge 'lexicl'")],
)
def test_what_is_not_there_is_one_line(tmp_path: Path, options: list[str], message: str) -> None:
    assert agemem(*QUICK, "-p", "do-nothing", "--output", tmp_path / "run").exit_code == 0
    result = agemem("rescore", tmp_path / "run", *options)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr
    result = agemem("rescore", tmp_path / "nothing")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_an_episode_without_a_trajectory_is_left_out(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "do-nothing", "--output", run).exit_code == 0
    next((run / "trajectories").iterdir()).unlink()
    result = agemem("rescore", run)
    assert "is left out: it has no trajectory" in result.stderr
    assert "1 of 1 episodes have" in result.stderr


def test_a_trajectory_of_another_episode_is_one_line(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    one, other = sorted((run / "trajectories").iterdir())
    one.write_bytes(other.read_bytes())
    result = agemem("rescore", run, "--reward", "strict", "--output", tmp_path / "other")
    assert result.exit_code == 0, result.output
    assert "is the trajectory of another episode" in result.stderr.splitlines()[0]
    assert len(rows_of(tmp_path / "other")) == 1


def test_a_torn_trajectory_is_one_line_and_the_others_are_scored(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    torn = sorted((run / "trajectories").iterdir())[0]
    torn.write_bytes(torn.read_bytes()[:-9])
    result = agemem("rescore", run)
    assert result.exit_code == 1, "its scores cannot be checked"
    assert [torn.name in line for line in result.stderr.splitlines()] == [True, False]
    assert "1 of 2 episodes have the scores of their rows" in result.stderr
    result = agemem("rescore", run, "--reward", "strict", "--output", tmp_path / "other")
    assert (result.exit_code, len(rows_of(tmp_path / "other"))) == (0, 1)
    assert torn.name in result.stderr.splitlines()[0]


def test_a_damaged_configuration_is_one_line(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "do-nothing", "--output", run).exit_code == 0
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, "config": []}))
    result = agemem("rescore", run, "--reward", "strict")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert "run.json is damaged" in result.stderr
    assert not (tmp_path / "run.strict").exists()
