"""Weights as a policy: wherever they are played, they are offered what they were trained with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.wrappers.menu.kinds import INDEX, WIDTH
from baselines import make, rollout
from baselines.grpo.folder import RunFolder
from baselines.grpo.policy import Offered
from baselines.grpo.scorer import Scorer, read
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import train
from baselines.grpo.workers import TrialJob
from tests.benchmarks.command import agemem

SMALL: dict[str, Any] = {
    "groups": 1,
    "group_size": 2,
    "lessons": 1,
    "tasks": 5,
    "validation_every": 5,
    "validation_tasks": 1,
}
WITHOUT, OFFERED = {"offer_answer": False}, {"offer_answer": True}


def kept(path: Path, kind: str, **about: Any) -> Path:
    """Write weights that like one kind best."""
    scorer = Scorer()
    scorer.weights[INDEX[kind] * WIDTH] = 50.0
    scorer.save(path, **about)
    return path


def settings(**arguments: Any) -> Settings:
    return Settings.of("PDDL", Budget(updates=1), **SMALL, arguments=arguments)


def calls(file: Path, **options: Any) -> dict[str, int]:
    env = gym.make("AgeMem-PDDL-v0", source="generated", reward="strict", **options)
    found: dict[str, int] = rollout(env, make(f"agemem-linear:{file}", env), seed=3, task=3).info["tool_calls"]
    return found


@pytest.mark.parametrize(
    ("trained", "played", "gives_up"),
    [(OFFERED, {}, True), (OFFERED, OFFERED, True), (OFFERED, WITHOUT, False), ({}, {}, False), ({}, OFFERED, False)],
)
def test_giving_up_is_a_candidate_where_it_was_one_in_training_and_is_offered(
    trained: dict[str, Any], played: dict[str, Any], gives_up: bool, tmp_path: Path
) -> None:
    file = kept(tmp_path / "mine.npz", "give up", settings=settings(**trained).to_json())
    assert calls(file, **played).get("answer", 0) == gives_up


def test_bench_plays_weights_as_the_tests_after_training_do(tmp_path: Path) -> None:
    run = settings(**OFFERED)
    train(run, tmp_path / "run")
    for name in ("start", "best", "weights"):
        about = read(tmp_path / "run" / f"{name}.npz")[1]
        file = kept(tmp_path / f"{name}.npz", "give up", **about)
        (tested,) = TrialJob(run.world("test"), RunFolder(tmp_path).read_weights(name), [3], greedy=True).run()
        found = calls(file, offer_answer=True)
        assert tested.info["tool_calls"] == found and found["answer"] == 1
    out = tmp_path / "bench"
    options: list[str | Path] = ["--reward", "strict", "--source", "generated", "-n", "1", "--output", out]
    result = agemem("bench", "-b", "PDDL", "-p", f"agemem-linear:{tmp_path / 'weights.npz'}", *options)
    assert result.exit_code == 0, result.output
    (row,) = map(json.loads, (out / "episodes.jsonl").read_text(encoding="utf-8").splitlines())
    assert row["tool_calls"]["answer"] == 1


def test_tools_that_were_not_there_in_training_are_no_candidates(tmp_path: Path) -> None:
    for arguments, stored in (({}, True), ({"tools": ()}, False), ({"tools": ("Retrieve_memory",)}, False)):
        file = kept(tmp_path / "mine.npz", "add", settings=settings(**arguments).to_json())
        assert (calls(file)["Add_memory"] > 0) == stored


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"settings": 3},
        {"settings": "{"},
        {"settings": "[]"},
        {"settings": '{"arguments": {"tools": 3}}'},
        {"settings": "[" * 100_000},
    ],
)
def test_what_others_wrote_about_weights_is_no_obstacle(said: dict[str, Any]) -> None:
    assert Offered.of(said) == Offered()


def test_classes_from_elsewhere_are_tools_of_unknown_names() -> None:
    said = json.dumps({"arguments": {"tools": ["Add_memory", "mine:Better"]}})
    assert Offered.of({"settings": said}).among(["Add_memory", "Retrieve_memory"]) == ["Add_memory", "Retrieve_memory"]
