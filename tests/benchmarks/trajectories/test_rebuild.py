from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Event
from agemem_env.errors import DataError
from agemem_env.types import Task
from benchmarks.specs import RunSpec
from benchmarks.trajectories import file
from benchmarks.trajectories.file import Compressors, RecordFile
from benchmarks.trajectories.form import write_task
from benchmarks.trajectories.rebuild import read_episode
from benchmarks.trajectories.writer import VERSION
from tests.benchmarks.trajectories.playing import record, spec_of

SPECS = [
    spec_of("HotpotQA", "expert", 3),
    spec_of("HotpotQA", "random", 1, tool_format="tags", max_tokens=1600),
    spec_of("HotpotQA", "expert", 2, facts_per_turn=3, memory="episode"),
    spec_of("HotpotQA", "reader", 4, "rag"),
    spec_of("HotpotQA", "reader", 5, "mem0", max_tokens=2048),
    spec_of("HotpotQA", "reader", 5, "agemem-norl", stages=[1, 3]),
    spec_of("PDDL", "expert", 1, keep_think=True),
    spec_of("BabyAI", "random", 1, max_tokens=1500),
]


BEGIN = {
    "version": VERSION,
    "key": "x",
    "spec": {
        "env_id": "AgeMem-HotpotQA-v0",
        "env_kwargs": {},
        "benchmark": "HotpotQA",
        "policy": "expert",
        "memory": None,
        "model": {},
        "seed": 0,
    },
    "setting": {
        "max_tokens": 8192,
        "stages": [3],
        "memory_tools": [],
        "weights": None,
        "tool_format": "native",
        "facts_per_turn": 1,
    },
    "task": write_task(Task("x", "HotpotQA", "test", "generated", "q")),
}


TURN = {"turn": 0, "stage": 3, "tokens": 1}


def _name(spec: RunSpec) -> str:
    return f"{spec.benchmark}-{spec.label}"


def _comparable(message: Message) -> Message:
    """Return a message without what a trajectory does not keep: the system message in the form that is not sent."""
    return replace(message, text="") if message.origin == "system" else message


def _event(event: Event) -> Any:
    return replace(event, arguments=json.loads(json.dumps(event.arguments)))


@pytest.mark.parametrize("spec", SPECS, ids=_name)
def test_an_episode_is_what_it_was(spec: RunSpec, tmp_path: Path) -> None:
    played = record(spec, tmp_path)
    episode = read_episode(played.path)
    view, was = episode.view(), played.view
    assert [[episode.messages[n] for n in turn.context][1:] for turn in episode.turns[:-1]] == [
        list(prompt[1:]) for prompt in played.prompts
    ]
    assert [turn.tokens for turn in episode.turns[:-1]] == played.tokens
    assert [turn.memory for turn in episode.turns[:-1]] == played.memories
    assert view.messages[1:] == was.messages[1:]
    assert (view.entries, view.stored) == (was.entries, was.stored)
    assert [_event(e) for e in view.ledger.events] == [_event(e) for e in was.ledger.events]
    assert view.ledger.calls == was.ledger.calls
    assert view.ledger.errors == was.ledger.errors
    assert view.ledger.prompt_tokens == was.ledger.prompt_tokens
    assert view.ledger.answer == was.ledger.answer
    assert view.task == replace(was.task, data={})
    simple = ("stages", "tokens", "max_tokens", "overflow", "progress", "success", "truncated", "over", "memory_tools")
    assert {n: getattr(view, n) for n in simple} == {n: getattr(was, n) for n in simple}
    assert episode.row == json.loads(played.row.to_json())
    assert sum(turn.reward for turn in episode.turns) == pytest.approx(played.row.reward)


def test_the_sizes_of_a_prompt_are_those_of_its_messages(tmp_path: Path) -> None:
    episode = read_episode(record(spec_of("HotpotQA", "expert", 3), tmp_path).path)
    for turn in episode.turns:
        assert sum(episode.sizes[number] for number in turn.context) == turn.tokens


def test_what_was_killed_is_read_as_far_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "FLUSH_SECONDS", 0.0)
    path = record(spec_of("HotpotQA", "expert", 3), tmp_path).path
    whole, content = read_episode(path), path.read_bytes()
    seen = set()
    for size in range(1, len(content), 97):
        path.write_bytes(content[:size])
        try:
            episode = read_episode(path)
        except DataError:
            assert not seen
            continue
        seen.add(len(episode.turns))
        assert episode.turns == whole.turns[: len(episode.turns)]
        assert episode.row is None
    assert len(seen) > len(whole.turns) / 2


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_what_is_no_trajectory_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x\.jsonl\.zst"):
        read_episode(path)


@pytest.mark.parametrize(
    "records",
    [
        [1, 2],
        [{"turn": 0}],
        [{"begin": 5}],
        [{"begin": {}}],
        [{"begin": {"version": 99}}],
        [{"begin": BEGIN}],
        [{"begin": {**BEGIN, "spec": 5}}],
        [{"begin": BEGIN}, 3],
        [{"begin": BEGIN}, {"end": [1]}],
        [{"begin": {**BEGIN, "spec": {}}}, TURN],
        [{"begin": {**BEGIN, "setting": {"stages": [3], "facts_per_turn": 1}}}, TURN],
        [{"begin": BEGIN}, TURN, {"end": {"row": 5}}],
        [{"begin": BEGIN}, TURN, {"end": {"row": []}}],
        [{"begin": BEGIN}, TURN, {"end": {"row": None, "answer": "x", "stored": []}}],
    ],
)
def test_records_of_no_episode_are_one_line(tmp_path: Path, records: list[Any]) -> None:
    path = _written(tmp_path / "x.jsonl.zst", records)
    with pytest.raises(DataError, match=r"x\.jsonl\.zst"):
        read_episode(path)


def test_the_records_that_the_others_differ_from_are_an_episode(tmp_path: Path) -> None:
    assert read_episode(_written(tmp_path / "x.jsonl.zst", [{"begin": BEGIN}, TURN])).row is None


def _written(path: Path, records: list[Any]) -> Path:
    target = RecordFile(path, Compressors())
    for record_ in records:
        target.write(record_)
    target.close()
    return path
