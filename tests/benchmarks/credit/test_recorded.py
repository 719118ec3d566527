"""Credit with a model: from recorded replies, and from a server that is asked nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agemem_env.services.chat import ChatRequest
from baselines.reader.model import Reader
from benchmarks.results.file import read_rows
from benchmarks.speed.fake_server import OpenAIServer
from tests.benchmarks.command import agemem


def speak(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return Reader().chat(ChatRequest(messages, tools)).message()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer(speak) as running:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


def test_what_was_not_recorded_is_not_known_and_what_was_never_shown_is_worth_nothing(
    tmp_path: Path, server: OpenAIServer
) -> None:
    tape = tmp_path / "tape.jsonl"
    flags = ("--source", "generated", "-n", "1", "-p", "openai:fake", "-m", "rag", "-q", "--tool-format", "tags")
    played = agemem("bench", "-b", "HotpotQA", *flags, "--record", tape, "--output", tmp_path / "run")
    assert played.exit_code == 0, played.output
    (row,) = read_rows(tmp_path / "run" / "episodes.jsonl")
    path = tmp_path / "run" / "trajectories" / f"{row.config_hash}.jsonl.zst"
    asked = len(server.requests)
    recorded = _worths(agemem("credit", path, "--replay", tape, "--format", "json").stdout)
    assert len(server.requests) == asked, "nothing was asked"
    assert set(recorded.values()) == {0.0, None}
    live = _worths(agemem("credit", path, "--format", "json").stdout)
    assert None not in live.values()
    assert all(live[memory_id] == worth for memory_id, worth in recorded.items() if worth is not None)
    turns = row.steps or 0
    assert len(server.requests) - asked < turns + 3 * len(live), "the turns before the query are asked once"


def _worths(text: str) -> dict[str, float | None]:
    return {entry["id"]: entry["without"]["worth"] for entry in json.loads(text)["entries"]}
