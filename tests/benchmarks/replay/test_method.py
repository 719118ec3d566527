"""The method of `agemem replay`: readings, endings, counted differences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agemem_env.errors import DataError
from agemem_env.types import EngineStep
from benchmarks.cli import app
from benchmarks.replay.dialect import Dialect
from benchmarks.replay.records import Record
from benchmarks.replay.replay import ADAPTERS, ReplayAdapter, replay


class Echo:
    """A game that says what it is told, in the words of the reading."""

    def __init__(self, prefix: str, last: str) -> None:
        self._prefix, self._last = prefix, last

    def step(self, command: str) -> EngineStep:
        done = command == self._last
        ending = "\n The task is completed." if done else ""
        return EngineStep(f"{self._prefix}{command}{ending}", 0.75 if done else 0.5, done=done, success=done)


class EchoReplay(ReplayAdapter):
    """Records may be meant with a prefix or without."""

    def readings(self, record: Record) -> Iterator[Record]:
        yield {**record, "prefix": ""}
        yield {**record, "prefix": ">"}

    def start(self, record: Record) -> tuple[Echo, str]:
        if record.get("game") == "none":
            raise DataError("there is no such game")
        return Echo(record["prefix"], "end"), "Start."

    def dialect(self, record: Record) -> Dialect:
        return Dialect(whole_success=bool(record.get("whole")))

    def same(self, action: str, recorded: str, played: str) -> bool:
        return recorded == played


def record(*pairs: tuple[str, str], **rest: Any) -> dict[str, Any]:
    return {"steps": [{"action": action, "observation": text} for action, text in pairs], **rest}


def test_the_reading_that_repeats_counts() -> None:
    tally = replay(EchoReplay(), [(1, record(("a", ">a"), ("b", ">b")))])
    assert (tally.ok, tally.episodes, tally.observations, tally.differences) == (True, 1, 2, [])


def test_the_first_reading_counts_if_none_repeats() -> None:
    tally = replay(EchoReplay(), [(4, record(("a", ">a"), ("b", "c")))])
    assert tally.differences == [
        "line 4: step 0, 'a': recorded '>a', played 'a'",
        "line 4: step 1, 'b': recorded 'c', played 'b'",
    ]
    assert (tally.episodes, tally.episodes_ok, tally.observations) == (1, 0, 2)


@pytest.mark.parametrize(
    ("last", "equal"),
    [
        ("end\n The task is completed.", True),
        ("end\n The task is not completed.", True),
        ("end\n The task is completed.\n The task is not completed.", True),
        ("end\nThe task is not completed.\n", True),
        ("End\n The task is not completed.", False),
        ("end", False),
    ],
)
def test_a_closing_sentence_is_the_harness_s_own(last: str, equal: bool) -> None:
    assert replay(EchoReplay(), [(1, record(("a", "a"), ("end", last)))]).ok is equal


def test_only_the_last_observation_may_be_closed() -> None:
    steps = [("a", "a\n The task is not completed."), ("b", "b\n The task is not completed.")]
    tally = replay(EchoReplay(), [(1, record(*steps))])
    assert [line.split(",")[0] for line in tally.differences] == ["line 1: step 0"]


@pytest.mark.parametrize(("whole", "success", "ok"), [(True, False, True), (True, True, False), (False, False, False)])
def test_success_may_mean_that_progress_is_1(whole: bool, success: bool, ok: bool) -> None:
    end = record(("end", "end\n The task is completed."), success=success, whole=whole)
    assert replay(EchoReplay(), [(1, end)]).ok is ok


def test_a_missing_task_is_named_by_its_line_and_progress_is_told() -> None:
    told: list[int] = []
    records = [(2, record(("a", "a"))), (3, record(("a", "a"))), (7, record(game="none"))]
    with pytest.raises(DataError, match=r"^line 7: there is no such game$"):
        replay(EchoReplay(), records, told.append)
    assert told == [1, 2]


@pytest.mark.parametrize(
    ("options", "shown", "count"),
    [([], 20, "differences shown: 20 of 91; --all shows them all"), (["--all"], 91, "differences shown: 91 of 91")],
)
def test_differences_shown_are_counted(
    options: list[str], shown: int, count: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.replay.replay.ADAPTERS", {**ADAPTERS, "Echo": f"{__name__}:EchoReplay"})
    file = tmp_path / "recorded.jsonl"
    file.write_text(json.dumps(record(*[(f"{i}", "?") for i in range(91)])))
    result = CliRunner().invoke(app, ["replay", "-b", "Echo", str(file), *options])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == shown + 1
    assert lines[-1] == count
    assert "\x1b" not in result.stderr, "no bar where there is no terminal"
