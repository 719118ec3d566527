from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import baselines
from baselines.base import Policy
from benchmarks.speed.fake_server import OpenAIServer, failure
from tests.benchmarks.command import agemem, rows_of
from tests.openai_server import server

__all__ = ["server"]

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "2", "-p", "do-nothing")
ALL = ("--env", "judge=openai:judge", "--env", "summarizer=openai:sums", "--env", "encoder=openai:rows")


def grade(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> str:
    return '{"notes": [], "quality": 0}' if "JSON object alone" in messages[0]["content"] else "0.5"


@pytest.fixture
def nothing_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(Policy):
        name = "do-nothing"

        def act(self, observation: Any, info: Any) -> Any:
            raise AssertionError("something was played")

    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, "do-nothing": lambda seed: Refusing()})


def test_each_service_is_asked_once_before_the_first_episode(tmp_path: Path, server: OpenAIServer) -> None:
    server.speak = grade
    result = agemem(*QUICK, "-p", "random", *ALL, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert [request["model"] for request in server.requests[:3]] == ["judge", "sums", "rows"]
    asked = json.dumps(server.requests)
    assert asked.count("What colour is a clear sky at noon?") == asked.count("The mug is in the cabinet.") == 1
    assert asked.count('["ready"]') == 1


@pytest.mark.usefixtures("nothing_plays")
@pytest.mark.parametrize("kind", ["judge", "summarizer", "encoder"])
def test_a_service_that_is_down_is_one_line_and_nothing_is_played(
    tmp_path: Path, server: OpenAIServer, kind: str
) -> None:
    server.script = [failure(401, "no such key")]
    result = agemem(*QUICK, "--env", f"{kind}=openai:gone", "--output", tmp_path / "run", "-q")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert kind in result.stderr
    assert "refused the key" in result.stderr
    assert len(server.requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_nothing_missing_calls_nothing(tmp_path: Path, server: OpenAIServer) -> None:
    server.speak = grade
    command = (*QUICK, *ALL, "--output", tmp_path / "run", "--resume")
    assert agemem(*command).exit_code == 0
    server.requests.clear()
    assert agemem(*command).exit_code == 0
    assert server.requests == []
    assert agemem(*command, "-n", "3").exit_code == 0
    assert server.requests
    assert len(rows_of(tmp_path / "run")) == 3


def test_a_replay_asks_nothing_beforehand(tmp_path: Path, server: OpenAIServer) -> None:
    server.speak = grade
    tape = tmp_path / "tape.jsonl"
    assert agemem(*QUICK, *ALL, "--record", tape, "--output", tmp_path / "one").exit_code == 0
    kept = [line for line in tape.read_text().splitlines(keepends=True) if '"lane": ""' not in line]
    tape.write_text("".join(kept))
    server.requests.clear()
    result = agemem(*QUICK, *ALL, "--replay", tape, "--output", tmp_path / "two")
    assert result.exit_code == 0, result.output
    assert server.requests == []


@pytest.mark.parametrize(
    ("benchmark", "settings", "message"),
    [
        ("HotpotQA", ["max_tokens=10"], "max_tokens=10 is too small"),
        ("PDDL", ["domain=gripper", "problem={}/garbage.pddl"], "garbage.pddl:1: "),
        ("PDDL", ["domain={}/domain.pddl", "problem={}/goal.pddl"], "unknown predicate 'q'"),
        ("PDDL", ["domain=gripper", "problem={}/missing.pddl"], "missing.pddl"),
    ],
)
def test_wrong_options_and_files_are_one_line_before_anything_is_paid(
    tmp_path: Path, server: OpenAIServer, benchmark: str, settings: list[str], message: str
) -> None:
    (tmp_path / "garbage.pddl").write_text("(define (problem x")
    (tmp_path / "domain.pddl").write_text(
        "(define (domain d) (:predicates (p)) (:action a :parameters () :precondition (p) :effect (not (p))))"
    )
    (tmp_path / "goal.pddl").write_text("(define (problem x) (:domain d) (:init (p)) (:goal (q)))")
    flags = [part for setting in settings for part in ("--env", setting.format(tmp_path))]
    command = ("bench", "-b", benchmark, "-n", "1", "-p", "openai:fake", "--output", tmp_path / "run", "-q")
    source = ("--source", "generated") if benchmark == "HotpotQA" else ()
    result = agemem(*command, *source, *flags, "--env", "judge=openai:judge")
    assert (result.exit_code in (1, 2), result.stderr.count("\n")) == (True, 1), result.output
    assert message in result.stderr
    assert server.requests == []
    assert not (tmp_path / "run").exists()
