"""Runs and their files: one run owns its file, and no disk or signal costs a row."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import baselines
from agemem_env.data.ownership import Ownership
from agemem_env.services.cassette.cassette import Exchange, read_cassette
from baselines.base import Info, Observation, Policy
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.results.made_up import make_row, write
from tests.full_disk import room_for

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "--seeds", "2")
DO_NOTHING = (*QUICK, "-p", "do-nothing")


class Waiting(Policy):
    """Waits in the first turn of the episode with seed 1 until a file is there."""

    name = "waiting"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        go_on = os.environ.get("TEST_GO_ON")
        while self._seed == 1 and go_on and not Path(go_on).exists():
            time.sleep(0.01)
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


class Removing(Policy):
    """Removes a file in its first turn."""

    name = "removing"

    def act(self, observation: Observation, info: Info) -> Any:
        Path(os.environ["TEST_REMOVE"]).unlink(missing_ok=True)
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


@pytest.fixture
def no_policy_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seed: int) -> Policy:
        raise AssertionError("something was played")

    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, "do-nothing": refuse})


def exchange(path: Path) -> str:
    """Write a recording of one exchange and return its content."""
    path.write_text(Exchange("a", 0, "POST", "/v1/x", {}, 200, {}).to_json() + "\n")
    return path.read_text()


def refused(result: Any, *words: str) -> bool:
    """Whether a run was refused in one line with some words."""
    lines = result.stderr.splitlines()
    return bool(result.exit_code == 2 and len(lines) == 1 and all(word in lines[0] for word in words))


@pytest.mark.usefixtures("no_policy_plays")
@pytest.mark.parametrize("flags", [["--resume"], ["--overwrite"], []])
def test_a_file_of_another_run_is_refused_before_anything_is_played(tmp_path: Path, flags: list[str]) -> None:
    rows = write(tmp_path / "run" / "episodes.jsonl", make_row())
    before = rows.read_bytes()
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with Ownership(rows):
        for name in ("run", "link"):
            result = agemem(*DO_NOTHING, "--output", tmp_path / name, *flags)
            assert refused(result, "is in use by process", str(os.getpid())), result.output
    assert rows.read_bytes() == before


@pytest.mark.usefixtures("no_policy_plays")
@pytest.mark.parametrize("option", ["--record", "--replay"])
def test_a_recording_in_the_making_is_refused(tmp_path: Path, option: str) -> None:
    before = exchange(tmp_path / "tape.jsonl")
    with Ownership(tmp_path / "tape.jsonl"):
        result = agemem(*DO_NOTHING, option, tmp_path / "tape.jsonl")
        assert refused(result, "is in use by process"), result.output
    assert (tmp_path / "tape.jsonl").read_text() == before


@pytest.mark.usefixtures("no_policy_plays")
def test_rows_are_not_recorded_over_and_recordings_not_written_over(tmp_path: Path) -> None:
    rows, tape = write(tmp_path / "run" / "episodes.jsonl", make_row()), tmp_path / "tape.jsonl"
    before = rows.read_bytes(), exchange(tape)
    new = tmp_path / "new"
    assert refused(agemem(*DO_NOTHING, "--output", new, "--record", rows), "episodes.jsonl is no cassette")
    for flag in ("--overwrite", "--resume"):
        assert refused(agemem(*DO_NOTHING, "--output", tape, flag), "tape.jsonl cannot be used: Not a directory")
    for option in ("--record", "--replay"):
        assert refused(agemem(*DO_NOTHING, "--output", rows.parent, "--overwrite", option, rows), "are the same file")
    assert (rows.read_bytes(), tape.read_text()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "tape.jsonl"]


def test_a_wrong_option_costs_no_file_that_was_to_be_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / "episodes.jsonl", make_row())
    before = path.read_bytes()
    assert agemem(*DO_NOTHING, "--output", path.parent, "--overwrite", "--split", "tset").exit_code == 2
    assert path.read_bytes() == before


def test_two_runs_at_once_and_one_that_is_killed(tmp_path: Path) -> None:
    path, go_on = tmp_path / "run", tmp_path / "go-on"
    rows = path / "episodes.jsonl"
    command = (*QUICK, "-p", "tests.benchmarks.run.test_bench_files:Waiting", "--output", path, "--resume")
    code = "from benchmarks.cli import app; app()"
    environment = {**os.environ, "TEST_GO_ON": str(go_on)}
    first = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, command)], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not (rows.exists() and rows.read_bytes().endswith(b"\n")) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert refused(agemem(*command), f"in use by process {first.pid} on"), "two runs resume one file"
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    with rows.open("ab") as file:
        file.write(b'{"schema": 4, "conf')
    result = agemem(*command)
    assert result.exit_code == 0, result.output
    assert "the last line had been cut off and was dropped" in result.stderr
    assert [row.seed for row in rows_of(path)] == [0, 1]
    assert sorted(p.name for p in path.iterdir()) == ["episodes.jsonl", "report.html", "run.json", "trajectories"]


def test_a_full_disk_ends_the_run_with_whole_rows_and_resume_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run"
    command = (*DO_NOTHING, "--output", path, "--seeds", "9")
    assert agemem(*command).exit_code == 0
    size = (path / "episodes.jsonl").stat().st_size
    with room_for(size - size // 18):
        result = agemem(*command, "--overwrite")
    assert result.exit_code == 1
    line = f"error: cannot write {path / 'episodes.jsonl'}: File too large; make room or mend what is wrong, then "
    assert result.stderr.splitlines()[-1].startswith(line)
    assert f"--resume --output {path}` goes on" in result.stderr
    assert [row.seed for row in rows_of(path)] == list(range(8))
    assert agemem(*command, "--resume").exit_code == 0
    assert [row.seed for row in rows_of(path)] == list(range(9))


def test_a_disk_too_full_for_a_trajectory_ends_the_run_without_a_row_too_many(tmp_path: Path) -> None:
    command = (*DO_NOTHING, "--output", tmp_path / "run")
    with room_for(3000):
        result = agemem(*command)
    assert result.exit_code == 1
    assert f"error: cannot write {tmp_path / 'run' / 'trajectories'}" in result.stderr.splitlines()[-1]
    assert "make room or mend what is wrong, then" in result.stderr
    assert agemem(*command, "--resume").exit_code == 0
    assert [row.seed for row in rows_of(tmp_path / "run") if row.error is None] == [0, 1]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop"])
@pytest.mark.parametrize("option", ["--output", "--record", "--replay"])
def test_what_is_no_file_is_one_line(tmp_path: Path, kind: str, option: str) -> None:
    path = Path("/dev/null") if kind == "device" else tmp_path / kind
    if kind == "folder":
        path.mkdir()
        (path / "letter.txt").touch()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    flags = ("--overwrite",) if option == "--output" else ("--output", tmp_path / "run")
    result = agemem(*DO_NOTHING, option, path, *flags)
    assert refused(result, str(path)), result.output


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for option in ("--output", "--record"):
        result = agemem(*DO_NOTHING, option, tmp_path / "file" / "run")
        assert refused(result, "Not a directory"), result.output


def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def read_only(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).startswith(str(tmp_path)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    for option in ("--output", "--record"):
        assert refused(agemem(*DO_NOTHING, option, tmp_path / "rows.jsonl"), "Read-only file system")


def test_recordings_go_through_links(tmp_path: Path) -> None:
    exchange(tmp_path / "tape.jsonl")
    (tmp_path / "link").symlink_to("tape.jsonl")
    result = agemem(*DO_NOTHING, "--record", tmp_path / "link", "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "link").is_symlink()
    assert len(read_cassette(tmp_path / "tape.jsonl")) == 1


@pytest.mark.parametrize(("kind", "seconds"), [(signal.SIGINT, 0.05), (signal.SIGINT, 0.3), (signal.SIGTERM, 0.1)])
def test_an_interrupt_while_workers_start_is_one_line(tmp_path: Path, kind: signal.Signals, seconds: float) -> None:
    path = tmp_path / "run"
    command = (*DO_NOTHING, "--seeds", "500", "--workers", "2", "--output", path)
    run = subprocess.Popen(
        [sys.executable, "-c", "from benchmarks.cli import app; app()", *map(str, command)],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (path / "episodes.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(seconds)
    os.killpg(run.pid, kind)
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said.count("\n")) == (130, 1), said
    assert f"--resume --output {path}` goes on" in said


def test_a_recording_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = agemem(*DO_NOTHING, "--replay", tmp_path / "tape.jsonl", "--output", tmp_path / "rows.jsonl")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "record it first" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_is_removed_during_the_run_costs_no_table(tmp_path: Path) -> None:
    tape, code = tmp_path / "tape.jsonl", "from benchmarks.cli import app; app()"
    removing = f"{__name__}:Removing"
    command = (*QUICK, "-p", removing, "--output", tmp_path / "run", "--record", tape)
    environment = {**os.environ, "TEST_REMOVE": str(tape)}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Removing" in done.stdout) == (0, True), done.stderr
    assert f"cannot read the cassette {tape}" in done.stderr
