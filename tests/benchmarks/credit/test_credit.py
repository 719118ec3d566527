from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError, DataError
from agemem_env.services.chat import ChatReply, ChatRequest
from benchmarks.credit.credit import credit, read_row
from benchmarks.credit.kept import kept
from benchmarks.credit.playing import play
from benchmarks.credit.remembering import RememberingAccess, RememberingModel
from benchmarks.results.file import read_rows
from benchmarks.run.models import Access
from benchmarks.specs import RunSpec
from benchmarks.viewer.folder import Episodes
from tests.benchmarks.command import agemem

EXPERT = RunSpec("AgeMem-HotpotQA-v0", {"source": "generated"}, "expert", 3)


def run(folder: Path, *arguments: str | Path) -> Path:
    """Play one episode and return its trajectory."""
    result = agemem("bench", "--source", "generated", "-n", "1", "-q", *arguments, "--output", folder)
    assert result.exit_code == 0, result.output
    (row,) = read_rows(folder / "episodes.jsonl")
    return folder / "trajectories" / f"{row.config_hash}.jsonl.zst"


def test_an_entry_that_is_taken_away_is_gone_and_the_turns_before_are_the_same() -> None:
    whole = play(EXPERT, Access(), lambda entries: ())
    seen: list[Any] = []
    less = play(EXPERT, Access(), lambda entries: seen.extend(entries) or [entries[0].id])  # type: ignore[func-returns-value]
    assert tuple(seen) == whole.entries == less.entries
    assert whole.score == 1.0
    none = play(EXPERT, Access(), lambda entries: [entry.id for entry in entries])
    assert none.score == 0.0, "the expert knows what memory tells it, and nothing else"


def test_what_the_task_needs_is_worth_the_score(tmp_path: Path) -> None:
    path = run(tmp_path / "run", "-b", "HotpotQA", "-p", "reader", "-m", "agemem-norl")
    found = credit(read_row(path), Access())
    assert (found.metric, found.score, found.key) == ("J", 1.0, path.name.split(".")[0])
    assert found.without_all is not None
    assert found.without_all.worth == 1.0
    best = found.entries[0]
    assert best.gold
    assert best.without.worth is not None and best.without.worth > 0
    assert best.without.score == pytest.approx(1.0 - best.without.worth)
    idle = [entry for entry in found.entries if not entry.gold]
    assert idle and all(entry.without.worth == 0 for entry in idle)


def test_what_is_kept_of_a_run_that_was_rescored_is_found_there(tmp_path: Path) -> None:
    run(tmp_path / "run", "-b", "HotpotQA", "-p", "expert")
    assert agemem("rescore", tmp_path / "run", "--reward", "strict").exit_code == 0
    (path,) = (tmp_path / "run.strict" / "trajectories").iterdir()
    assert agemem("credit", path, "--save").exit_code == 0
    assert kept(path)
    key = path.name.removesuffix(".jsonl.zst")
    assert Episodes(tmp_path / "run.strict").episode(key)["credit"] == kept(path)


def test_the_command_prints_a_table_or_json(tmp_path: Path) -> None:
    path = run(tmp_path / "run", "-b", "HotpotQA", "-p", "expert")
    table = agemem("credit", path)
    assert table.exit_code == 0, table.output
    assert "HotpotQA, expert, seed 0: J 1.00" in table.stdout
    assert "all of them" in table.stdout
    values = json.loads(agemem("credit", path, "--format", "json").stdout)
    assert values["score"] == 1.0
    assert {entry["gold"] for entry in values["entries"]} == {True}


def test_an_episode_without_memory_has_nothing_to_credit(tmp_path: Path) -> None:
    path = run(tmp_path / "run", "-b", "HotpotQA", "-p", "do-nothing")
    assert "Memory was empty when the query came." in agemem("credit", path).stdout
    assert json.loads(agemem("credit", path, "--format", "json").stdout)["without_all"] is None


def test_what_cannot_be_credited_is_one_line(tmp_path: Path) -> None:
    row = read_row(run(tmp_path / "run", "-b", "HotpotQA", "-p", "expert"))
    lied = dataclasses.replace(row, metrics={**(row.metrics or {}), "J": 0.25})
    with pytest.raises(DataError, match=r"not repeated: it scored 0\.25 and now 1\.0"):
        credit(lied, Access())
    stream = dataclasses.replace(row, env_kwargs={**row.env_kwargs, "memory": "lifetime"})
    with pytest.raises(ConfigurationError, match="goes on with the memory of others"):
        credit(stream, Access())
    missing = agemem("credit", tmp_path / "none.jsonl.zst")
    assert (missing.exit_code, missing.stderr.count("\n")) == (1, 1)


class Counting:
    """A model that counts what it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    def chat(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply(f"reply {len(self.asked)}")


def test_a_request_is_made_once_but_equal_ones_of_an_episode_are_told_apart() -> None:
    inner = Counting()
    model = RememberingModel(inner)
    hello, other = ChatRequest([{"role": "user", "content": "hi"}]), ChatRequest([{"role": "user", "content": "ho"}])
    for _ in range(2):
        model.begin()
        assert [model.chat(r).text for r in (hello, hello, other)] == ["reply 1", "reply 2", "reply 3"]
    assert len(inner.asked) == 3


def test_a_model_is_made_once_for_all_plays() -> None:
    access = RememberingAccess()
    spec = RunSpec("AgeMem-HotpotQA-v0", {}, "reader", 0, "rag")
    assert access.model(spec) is access.model(spec)
    assert access.policy(spec) is not access.policy(spec)
