"""The harness with language models behind a server that misbehaves on demand."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agemem_env.services.chat import ChatRequest
from baselines.llm import models
from baselines.llm.models import ModelKind
from baselines.llm.scripted import ScriptedModel
from baselines.reader import Reader
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.models import Access
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, RunSpec, episodes
from benchmarks.speed.fake_server import Fault, OpenAIServer
from benchmarks.trajectories.file import read_records
from tests.benchmarks.command import agemem, rows_of
from tests.loopback import CUT, EMPTY_CHOICE, HANG, MALFORMED, REFUSED_PROMPT, TOO_LONG, brief_failure
from tests.openai_server import KEY, server

__all__ = ["server"]

SEEDS = range(4)
QUICK = ("-b", "HotpotQA", "--source", "generated", "-n", "3", "-p", "openai:fake", "-q")


def read(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Answer as the reader does; say that it is ready when that is asked for."""
    if [tool["function"]["name"] for tool in tools] == ["ready"]:
        call = {"id": "x", "type": "function", "function": {"name": "ready", "arguments": "{}"}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    memory = not tools and "JSON object" in str(messages[0]["content"])
    return Reader().chat(ChatRequest(messages, tools, "memory" if memory else "act")).message()


def specs(memory: str | None = None, stages: Sequence[int] = (3,)) -> list[RunSpec]:
    environment = ("AgeMem-HotpotQA-v0", {"source": "generated", "stages": list(stages)})
    return episodes([environment], [PlayerSpec("openai:fake", memory)], SEEDS)


def outcome(rows: Sequence[EpisodeRow]) -> list[str | None]:
    return [row.error and row.error["type"] for row in sorted(rows, key=lambda row: row.seed)]


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (brief_failure(429, "slow down"), True),
        (brief_failure(500, "out of order"), True),
        (HANG, True),
        (CUT, True),
        (MALFORMED, True),
        (EMPTY_CHOICE, True),
        (REFUSED_PROMPT, False),
        (TOO_LONG, False),
    ],
    ids=["429", "500", "hang", "cut", "malformed", "no-choice", "refused", "too-long"],
)
def test_no_episode_is_lost_or_counted_twice(server: OpenAIServer, fault: Fault, again: bool) -> None:
    server.speak = read
    server.script.append(fault)
    access = Access(timeout=3.0 if fault is HANG else None)
    rows = list(play(specs(), options=PlayOptions(concurrency=2, access=access)))
    assert Counter(row.seed for row in rows) == Counter(SEEDS)
    failed = sum(row.error is not None for row in rows)
    assert failed == (fault is TOO_LONG)
    if fault is TOO_LONG:
        (error,) = [row.error["type"] for row in rows if row.error]
        assert error == "ContextLengthError"
    # A refused prompt is a turn in which the agent did nothing: the episode goes on with the next one.
    asked = len(SEEDS) + (again or fault is REFUSED_PROMPT)
    assert len(server.requests) == asked
    counted = sum((row.cost or {})["calls"] or 0 for row in rows)
    assert counted == asked - again - failed, "a call that was tried again counts once"


def test_a_model_that_keeps_failing_costs_its_own_episodes_only(server: OpenAIServer) -> None:
    server.speak = read
    server.script.append(brief_failure(401, "who are you"))
    rows = list(play(specs(), options=PlayOptions(concurrency=4)))
    assert sorted(map(str, outcome(rows))) == ["None", "None", "None", "ServiceError"]
    (error,) = [row.error for row in rows if row.error]
    assert KEY not in json.dumps(error)


@pytest.mark.parametrize("memory", ["mem0", "rag"])
def test_costs_are_those_that_the_server_charged(server: OpenAIServer, memory: str, tmp_path: Path) -> None:
    server.speak = read
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"fake": {"input": 1.0, "output": 2.0}}))
    (row,) = play(specs(memory, (1, 2, 3))[:1], options=PlayOptions(access=Access(prices=str(prices))))
    assert row.error is None
    cost, share = row.cost, row.memory_cost
    assert cost is not None and share is not None and row.steps is not None
    assert cost["calls"] == len(server.requests)
    assert share["calls"] == len(server.requests) - row.steps
    assert (share["calls"] > 0) == (memory == "mem0")
    paid = (cost["prompt_tokens"] or 0) * 1e-6 + (cost["completion_tokens"] or 0) * 2e-6
    assert cost["price"] == pytest.approx(paid)


def test_an_unknown_price_is_a_gap_and_not_nothing(server: OpenAIServer) -> None:
    server.speak = read
    (row,) = play(specs()[:1])
    assert row.cost is not None
    assert row.cost["price"] is None


def test_the_command_plays_models_with_memory_systems(server: OpenAIServer, tmp_path: Path) -> None:
    server.speak = read
    path = tmp_path / "run"
    options = (
        "--memory",
        "rag",
        "--memory",
        "no-memory",
        "--temperature",
        "0",
        "--max-response-tokens",
        "99",
        "--model-option",
        "top_p=0.5",
    )
    result = agemem("bench", *QUICK, *options, "--concurrency", "3", "--output", path, "--format", "json")
    assert result.exit_code == 0, result.output
    assert [s["policy"] for s in json.loads(result.stdout)] == ["rag (openai:fake)", "no-memory (openai:fake)"]
    rows = rows_of(path)
    assert [(row.memory, row.seed) for row in rows] == [(m, s) for m in ("rag", "no-memory") for s in range(3)]
    assert rows[0].model == {"temperature": 0.0, "max_tokens": 99, "top_p": 0.5}
    assert {(r["temperature"], r["max_tokens"], r["top_p"]) for r in server.requests[1:]} == {(0.0, 99, 0.5)}
    trajectories = [json.dumps(list(read_records(file))) for file in (path / "trajectories").iterdir()]
    assert len(trajectories) == len(rows)
    for text in ((path / "run.json").read_text(), (path / "episodes.jsonl").read_text(), *trajectories):
        assert KEY not in text
        assert server.url not in text


def test_the_environment_is_made_as_the_policy_needs_it(server: OpenAIServer, tmp_path: Path) -> None:
    server.speak = read
    path = tmp_path / "run"
    result = agemem("bench", *QUICK, "-m", "no-memory", "--tool-format", "tags", "--output", path)
    assert result.exit_code == 0, result.output
    assert all(not request.get("tools") for request in server.requests)
    last = server.requests[-1]["messages"][0]["content"]
    assert "<tool_call>" in last
    assert "Add_memory" not in last
    (said,) = agemem("bench", *QUICK, "-m", "rag", "--env", 'tools=["Add_memory"]').stderr.splitlines()
    assert "tools=['Add_memory'] is not allowed" in said


def test_a_run_is_repeated_offline_from_its_recording(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.speak = read
    tape = tmp_path / "tape.jsonl"
    options = (*QUICK, "-m", "mem0", "--concurrency", "3")
    assert agemem("bench", *options, "--record", tape, "--output", tmp_path / "one").exit_code == 0
    asked = len(server.requests)
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    again = agemem("bench", *options, "--replay", tape, "--output", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert len(server.requests) == asked
    one, two = (rows_of(tmp_path / name) for name in ("one", "two"))
    same = ("config_hash", "reward", "metrics", "tool_calls", "steps")
    assert [[getattr(r, f) for f in same] for r in one] == [[getattr(r, f) for f in same] for r in two]
    assert KEY not in tape.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-p", "openai:"], 2, "names no model"),
        (["-p", "opnai:x"], 2, "unknown policy 'opnai:x'"),
        (["-p", "openai:x", "-m", "mem1"], 2, "unknown memory system 'mem1'; did you mean 'mem0'?"),
        (["-p", "random", "-m", "mem0"], 2, "--memory is for models"),
        (["-p", "random", "--temperature", "1"], 2, "option 'temperature' is for models"),
        (["-p", "agemem-linear:."], 2, "is a folder: name a file, such as agemem-linear:./weights.npz"),
        (["-p", "agemem-linear:HotpotQ"], 2, "'agemem-linear', 'agemem-linear:<file>.npz'"),
        (["-p", "agemem-linear:no.npz"], 2, "there is no such file; `agemem train` writes one"),
        (["-p", "openai:x", "--model-option", "base_url=http://x"], 2, "it would be written to result files"),
        (
            ["-p", "openai:x", "--model-option", "top_q=1"],
            2,
            "unknown option of openai:x 'top_q'; did you mean 'top_p'?",
        ),
        (["-p", "openai:x", "--temperature", "nan"], 2, "temperature=nan is not allowed; it must be a number from 0"),
        (["-p", "openai:x", "--temperature", "-1"], 2, "temperature=-1.0 is not allowed"),
        (["-p", "reader", "--temperature", "1"], 2, "option 'temperature' is not allowed: reader takes none"),
        (["-p", "openai:x", "--model-option", "stop=5"], 2, "stop=5 is not allowed; it must be a text or a list of"),
        (["-p", "openai:x", "--model-option", "stop=[1"], 2, "the value must be JSON"),
        (["-p", "openai:x", "--model-option", "timeout=null"], 2, "timeout=None is not allowed"),
        (["-p", "openai:x", "--request-timeout", "nan"], 2, "timeout=nan is not allowed"),
        (["-p", "openai:x", "--base-url", "http://[::1"], 1, "the address 'http://[::1' in base_url cannot be used"),
        (["-p", "openai:x", "-m", "mem0:backend"], 2, "use key=value"),
        (["-p", "openai:x", "-m", "mem0:backend=lib"], 2, "unknown backend of mem0 'lib'"),
        (["-p", "mem0"], 2, "use --memory mem0"),
        (["-p", "openai:x", "--tool-format", "tag"], 2, "unknown tool_format 'tag'"),
        (["-p", "openai:x", "--record", "a", "--replay", "b"], 2, "exclude each other"),
        (["-p", "openai:x", "--replay", "absent"], 1, "cannot read the cassette absent"),
    ],
)
def test_wrong_options_are_one_line(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = agemem("bench", "-b", "HotpotQA", "--source", "generated", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (code, 1), result.output
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda m, s: m.delenv("OPENAI_API_KEY"), "set OPENAI_API_KEY"),
        (lambda m, s: m.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"), "cannot connect"),
        (lambda m, s: s.script.append(brief_failure(404, "no such model")), "check the model name 'fake'"),
        (lambda m, s: None, "use tool_format='tags'"),
    ],
    ids=["no key", "unreachable", "wrong model", "no tools"],
)
def test_what_is_wrong_with_a_model_is_said_before_any_episode(
    server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Any, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(monkeypatch, server)  # the server answers "ok" to everything else and calls no tool
    result = agemem("bench", *QUICK, "-m", "rag", "--output", tmp_path / "run")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1), result.output
    assert message in result.stderr
    assert KEY not in result.output
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_goes_on_where_it_was(server: OpenAIServer, tmp_path: Path) -> None:
    server.speak, server.latency = read, 0.05
    path = tmp_path / "run"
    options = ("-b", "HotpotQA", "--source", "generated", "--stages", "3", "-n", "120", "-p", "openai:fake")
    program = "from benchmarks.cli import app; app()"
    command = [sys.executable, "-c", program, "bench", *options, "--concurrency", "4", "--output", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    rows = path / "episodes.jsonl"
    while not (rows.exists() and rows.read_bytes().count(b"\n") >= 5):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert f"--resume --output {path}" in said
    there = rows_of(path)
    assert 5 <= len(there) < 120
    server.latency = 0.0
    result = agemem("bench", *options, "-q", "--concurrency", "8", "--output", path, "--resume")
    assert result.exit_code == 0, result.output
    found = rows_of(path)
    assert found[: len(there)] == there
    assert Counter(row.seed for row in found) == Counter(range(120))


def test_a_complete_file_is_resumed_without_asking_the_model(server: OpenAIServer, tmp_path: Path) -> None:
    server.speak = read
    options = (*QUICK, "-m", "rag", "--output", tmp_path / "run")
    assert agemem("bench", *options).exit_code == 0
    asked = len(server.requests)
    assert asked > 0
    assert agemem("bench", *options, "--resume").exit_code == 0
    assert len(server.requests) == asked


def test_a_kind_of_model_declares_how_it_is_treated(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, Mapping[str, Any]]] = []

    def make(name: str, options: Mapping[str, Any]) -> ScriptedModel:
        made.append((name, options))
        return ScriptedModel([])

    kinds = {"far:": ModelKind(make, remote=True), "big:": ModelKind(make, heavy=True), "near:": ModelKind(make)}
    monkeypatch.setattr(models, "MODELS", {**models.MODELS, **kinds})
    access = Access("http://127.0.0.1:1/v1", timeout=5.0)
    spec = RunSpec("AgeMem-HotpotQA-v0", {}, "far:m", 0, model={"top_p": 0.5, "tool_format": "tags"})
    access.model(spec)
    (name, options) = made.pop()
    assert (name, options["base_url"], options["timeout"], options["top_p"]) == ("m", "http://127.0.0.1:1/v1", 5.0, 0.5)
    assert "tool_format" not in options
    kept = [access.model(dataclasses.replace(spec, policy="big:m", seed=seed)) for seed in range(3)]
    assert made == [("m", {"top_p": 0.5})]
    assert kept[0] is kept[2]
    others = [access.model(dataclasses.replace(spec, policy="near:m")) for _ in range(2)]
    assert made[1:] == [("m", {"top_p": 0.5})] * 2
    assert others[0] is not others[1]
