from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import StorageError
from benchmarks.results.row import EpisodeRow
from benchmarks.run.failures import EQUAL_FAILURES, FailureWatch, RunEndedError, commonest
from benchmarks.speed.fake_server import Fault, OpenAIServer, failure
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.results.made_up import make_crash, make_row
from tests.benchmarks.run.test_models import read
from tests.full_disk import room_for
from tests.openai_server import server

__all__ = ["server"]

MODEL = ("bench", "-b", "HotpotQA", "--source", "generated", "--stages", "3", "-p", "openai:fake", "-n", "9")


def crash(kind: str, message: str, seed: int = 0) -> EpisodeRow:
    error = {"type": kind, "message": message, "traceback": ""}
    return dataclasses.replace(make_crash(seed), error=error)


def test_equal_failures_of_a_service_in_a_row_end_a_run() -> None:
    watch = FailureWatch(3)
    down = crash("ServiceError", "127.0.0.1:80 refused after 7.1 s")
    again = crash("ServiceError", "127.0.0.1:80 refused after 9.3 s")
    for row in (down, again, make_row(), down, again, crash("ServiceError", "another"), down, down):
        watch.look(row)
    with pytest.raises(RunEndedError, match=r"after 3 equal failures in a row: 127.0.0.1:80 refused after 9.3 s"):
        watch.look(again)


@pytest.mark.parametrize("kind", ["RuntimeError", "ContextLengthError", "ReplayMissError", "EpisodeTimeout"])
def test_other_failures_end_no_run(kind: str) -> None:
    watch = FailureWatch(1)
    watch.look(crash(kind, "x"))


def test_what_cannot_be_recorded_ends_a_run_at_once() -> None:
    with pytest.raises(StorageError, match="cannot record"):
        FailureWatch().look(crash("StorageError", "cannot record to x"))


def test_the_commonest_error() -> None:
    assert commonest([make_row()]) is None
    rows = [crash("A", "once"), crash("B", "port 1"), make_row(), crash("B", "port 2"), crash("C", "other")]
    assert commonest(rows) == (2, "B: port 1")


@pytest.mark.parametrize("how", [(), ("--workers", "2"), ("--concurrency", "3")], ids=["alone", "workers", "in flight"])
def test_a_service_that_goes_down_ends_the_run_and_resume_plays_the_rest(
    tmp_path: Path, server: OpenAIServer, how: Sequence[str]
) -> None:
    path = tmp_path / "run"
    server.speak = read
    whole = tmp_path / "whole"
    assert agemem(*MODEL, "--output", whole).exit_code == 0
    calls = len(server.requests) // 9 + 1
    command = (*MODEL, "--model-option", "attempts=1", "--output", path, *how)

    def die_after(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        if len(server.requests) >= calls:
            server.script = [failure(503, "out of order")] * 1000
        return read(messages, tools)

    server.requests.clear()
    server.speak = die_after
    result = agemem(*command)
    assert result.exit_code == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert f"the run was ended after {EQUAL_FAILURES} equal failures in a row" in line
    assert f"--resume --output {path}` goes on" in line
    assert result.stdout == ""
    rows = rows_of(path)
    assert len(rows) < 9
    in_flight = 2 if how else 0  # those that had failed too when the run was ended
    assert EQUAL_FAILURES <= sum(row.error is not None for row in rows) <= EQUAL_FAILURES + in_flight
    server.script, server.speak = [], read
    assert agemem(*command, "--resume").exit_code == 0
    assert {row.seed for row in rows_of(path) if row.error is None} == set(range(9))


def test_a_recording_on_a_full_disk_ends_the_run_without_asking_again(tmp_path: Path, server: OpenAIServer) -> None:
    server.speak = read
    path, tape = tmp_path / "run", tmp_path / "tape.jsonl"
    command = (*MODEL, "--output", path, "--record", tape)
    assert agemem(*command, "-n", "1").exit_code == 0
    calls, size = len(server.requests), tape.stat().st_size
    shutil.rmtree(path)
    tape.unlink()
    server.requests.clear()
    with room_for(size + 500):
        result = agemem(*command)
    assert result.exit_code == 1
    line = result.stderr.splitlines()[-1]
    assert line.startswith(f"error: cannot record to {tape}: File too large; ")
    assert f"make room or mend what is wrong, then `agemem bench ... --resume --output {path}` goes on" in line
    assert len(server.requests) <= calls + 1
    assert tape.read_bytes().endswith(b"}\n")


def test_the_line_on_crashes_names_the_commonest_error_and_the_file(tmp_path: Path, server: OpenAIServer) -> None:
    def confused(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Any:
        ready = read(messages, tools)
        if [tool["function"]["name"] for tool in tools] != ["ready"]:
            server.script = [Fault(json.dumps({"error": {"message": "unsupported thing"}}), status=400)]
        return ready

    server.speak = confused
    path = tmp_path / "run"
    result = agemem(*MODEL, "-p", "expert", "-n", "2", "--output", path, "-q")
    assert result.exit_code == 1
    crashed = [row for row in rows_of(path) if row.error is not None]
    assert crashed
    (line,) = result.stderr.splitlines()
    often = "once" if len(crashed) == 1 else f"{len(crashed)} times"
    assert line.startswith(f"error: crashed episodes: {len(crashed)}, most often ({often}) ServiceError: ")
    assert line.endswith(f"; all errors: {path}")
    assert "Of all" in result.stdout
    good = agemem(
        "bench", "-b", "HotpotQA", "--source", "generated", "-p", "expert", "-n", "1", "--output", tmp_path / "x"
    )
    assert "Of all" not in good.stdout
