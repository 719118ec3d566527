"""A judge that fails leaves its part of the score open; the episode, and what was paid for it, is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.env import AgeMemEnv
from agemem_env.errors import EndpointError, ReplayMissError, ServiceError, UnscoredError
from agemem_env.services.cassette.cassette import Cassette
from agemem_env.services.guarded_judge import GuardedJudge
from agemem_env.services.judges import LexicalJudge, MemoryVerdict, OpenAIJudge
from baselines import make, rollout
from benchmarks.results.costs import costs, task_of
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec
from benchmarks.speed.fake_server import Fault, OpenAIServer, failure
from tests.openai_server import KEY, server

__all__ = ["server"]

FAULTS = {
    "down": failure(503, f"no room {KEY}"),
    "key": failure(401, KEY),
    "html": Fault("<html>", content_type="text/html"),
    "too long": failure(400, "x", "context_length_exceeded"),
}


def play(judge: Any, reward: str = "paper", policy: str = "expert") -> tuple[AgeMemEnv, Any]:
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", judge=judge, reward=reward)
    result = rollout(env, make(policy, env), seed=0)
    plain = env.unwrapped
    assert isinstance(plain, AgeMemEnv)
    return plain, result


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("reward", ["paper", "strict"])
def test_parts_that_cannot_be_judged_are_open(name: str, reward: str, server: OpenAIServer) -> None:
    server.speak = lambda messages, tools: FAULTS[name]  # type: ignore[return-value,unused-ignore]
    server.script = [FAULTS[name]] * 50
    env, result = play(OpenAIJudge("m", attempts=1), reward)
    parts, metrics = result.info["reward_components"], result.info["metrics"]
    judged = {"paper": ["memory/storage", "memory/relevance"], "strict": []}[reward]
    assert [parts[part] for part in ("task", "task/answer", *judged)] == [None] * (2 + len(judged))
    if reward == "strict":
        assert parts["context"] is None
    assert (metrics["J"], metrics["MQ"]) == (None, None)
    assert metrics["EM"] == 1.0
    assert parts["penalty"] is not None
    faults = env.ledger.faults("environment")
    assert faults["judge"] == len(server.requests) >= 2, "each question is counted once and not asked again"
    assert KEY not in str(env.ledger.events)
    assert metrics["MF"] == 0


def grade(messages: Sequence[Mapping[str, Any]], tools: Any) -> str:
    asked = json.loads(messages[1]["content"])
    return json.dumps({"notes": [1] * len(asked["notes"]), "quality": 1}) if "needed" in asked else "1"


def test_a_judge_that_comes_back_scores_the_rest(server: OpenAIServer) -> None:
    server.script = [failure(503, "no room")]
    server.speak = grade
    env, result = play(OpenAIJudge("m", attempts=1))
    parts = result.info["reward_components"]
    assert env.ledger.faults("environment") == {"judge": 1}
    assert (parts["task/answer"], parts["memory/storage"]) == (None, 1.0)
    assert result.reward == pytest.approx(sum(parts[p] for p in ("context", "memory")) / 3 + parts["penalty"])


def test_the_row_says_what_was_paid_and_what_failed(server: OpenAIServer) -> None:
    server.script = ["not a grade", "no grade either", *[failure(503, "no room")] * 50]
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", judge=OpenAIJudge("m", attempts=1))
    policy = make("expert", env)
    result = rollout(env, policy, seed=0)
    row = EpisodeRow.finished(RunSpec("AgeMem-HotpotQA-v0", {}, "expert", 0), result, costs(env, policy), task_of(env))
    assert row.error is None
    assert (row.service_faults or {})["judge"] >= 2
    assert (row.service_cost or {})["calls"] == (row.cost or {})["calls"] == 2
    assert (row.metrics or {})["J"] is None


class BrokenJudge(LexicalJudge):
    """A judge of somebody else's."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def answer(self, question: str, predicted: str, expected: str) -> float:
        raise self._error


def test_a_judge_of_others_may_fail_too() -> None:
    env, result = play(BrokenJudge(ServiceError("out of order")))
    assert result.info["metrics"]["J"] is None
    assert result.info["metrics"]["MQ"] is not None
    assert env.ledger.faults("environment") == {"judge": 1}


@pytest.mark.parametrize("error", [EndpointError("no key"), ReplayMissError("not recorded"), KeyError("a bug")])
def test_what_the_user_has_to_mend_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        play(BrokenJudge(error))


def test_a_missing_key_and_a_missing_recording_end_the_episode(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tape.jsonl").write_text("")
    with pytest.raises(ReplayMissError):
        play(OpenAIJudge("m", cassette=Cassette(tmp_path / "tape.jsonl", "replay")))
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(EndpointError, match="judge 'openai:m' needs a key"):
        play("openai:m")


def test_a_guard_passes_on_what_its_judge_says() -> None:
    notes: list[str] = []
    guard, judge = GuardedJudge(LexicalJudge(), notes.append), LexicalJudge()
    assert (guard.name, guard.is_model) == ("lexical", False)
    assert guard.answer("q", "a b", "a c") == judge.answer("q", "a b", "a c")
    assert guard.memory("q", "a", ["x"], ["x y"], {0: ["z"]}) == judge.memory("q", "a", ["x"], ["x y"], {0: ["z"]})
    assert guard.relevance("q a", ["a"]) == judge.relevance("q a", ["a"])
    broken = GuardedJudge(BrokenJudge(ServiceError("once")), notes.append)
    for _ in range(2):
        with pytest.raises(UnscoredError, match="once"):
            broken.answer("q", "a", "b")
    assert notes == ["once"]


class OddJudge(LexicalJudge):
    """A judge of somebody else's that returns anything."""

    def __init__(self, score: Any, verdict: Any) -> None:
        self._score, self._verdict = score, verdict

    def answer(self, question: str, predicted: str, expected: str) -> float:
        return self._score  # type: ignore[no-any-return]

    def relevance(self, query: str, retrieved: Sequence[str]) -> float | None:
        return self._score  # type: ignore[no-any-return]

    def memory(
        self,
        question: str,
        expected: str | None,
        entries: Sequence[str],
        gold: Sequence[str],
        outdated: Mapping[int, Sequence[str]] | None = None,
    ) -> MemoryVerdict:
        return self._verdict(len(entries))  # type: ignore[no-any-return]


NAN = float("nan")
WRONG: list[tuple[Any, Any]] = [
    (NAN, lambda n: MemoryVerdict((NAN,) * n, 0.5, 0.5, 0.5)),
    (float("inf"), lambda n: MemoryVerdict((1.0,) * n, 0.5, 0.5, NAN)),
    (-0.1, lambda n: MemoryVerdict((1.0,) * n, -0.1, 0.5, 0.5)),
    (7, lambda n: MemoryVerdict((7.0,) * n, 0.5, 0.5, 0.5)),
    ("0.5", lambda n: MemoryVerdict((1.0,) * (n + 1), 0.5, 0.5, 0.5)),
    ([0.5], lambda n: None),
]


@pytest.mark.parametrize("reward", ["paper", "strict"])
@pytest.mark.parametrize(("score", "verdict"), WRONG)
def test_what_is_no_score_is_a_fault_and_reaches_no_reward(score: Any, verdict: Any, reward: str) -> None:
    env, result = play(OddJudge(score, verdict), reward)
    assert (result.info["metrics"]["J"], result.info["metrics"]["MQ"]) == (None, None)
    assert env.ledger.faults("environment")["judge"] >= 2
    assert math.isfinite(result.reward)
    json.dumps(result.info, allow_nan=False)


def test_scores_of_numpy_are_numbers_of_pythons() -> None:
    half = np.float32(0.5)
    judge = OddJudge(half, lambda n: MemoryVerdict((half,) * n, half, half, half))
    env, result = play(judge)
    assert (result.info["metrics"]["J"], result.info["metrics"]["MQ"]) == (0.5, 0.5)
    assert not env.ledger.faults("environment")
    json.dumps(result.info, allow_nan=False)
