from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import agemem_env
from benchmarks.cli.application import progress_lines
from tests.benchmarks.command import agemem


def test_help_names_the_commands() -> None:
    result = agemem("--help")
    assert result.exit_code == 0
    for name in ("bench", "report", "throughput", "data", "doctor", "version"):
        assert f" {name} " in result.stdout


def test_help_imports_nothing_heavy() -> None:
    script = "import sys, benchmarks.cli; print([m for m in ('numpy', 'gymnasium', 'httpx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_an_option() -> None:
    result = agemem("--version")
    assert (result.exit_code, result.stdout) == (0, f"{agemem_env.__version__}\n")


@pytest.mark.parametrize("command", [[], ["bench"], ["report"], ["throughput"], ["data"], ["data", "list"]])
def test_flags_show_no_type_in_help(command: list[str]) -> None:
    result = agemem(*command, "--help")
    assert result.exit_code == 0
    assert "--help" in result.stdout
    assert "bool" not in result.stdout.lower()
    assert "--no-" not in result.stdout


def test_progress_is_a_line_from_time_to_time() -> None:
    said: list[str] = []
    times = iter([0.0, 10.0, 20.0, 40.0, 50.0, 75.0, 120.0])
    track = progress_lines(100, said.append, lambda: next(times))
    for there in (10, 20, 30, 35, 40, 100):
        track(there)
    assert said == [
        "30 of 100 episodes after 0.7 min, about 2 min left",
        "40 of 100 episodes after 1.2 min, about 2 min left",
    ]


def test_a_resumed_run_counts_only_what_it_played() -> None:
    said: list[str] = []
    times = iter([0.0, 1.0, 60.0])
    track = progress_lines(100, said.append, lambda: next(times))
    track(90)
    track(95)
    assert said == ["95 of 100 episodes after 1.0 min, about 1 min left"]


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (
            ["chat", "-b", "HotpotQA", "--env", "source=generated", "--seed", "1"],
            "/add Zürich — 東京 … \udcff\n/memory\n/help\n",
        ),
        (["list", "policies"], ""),
        (["bench", "-b", "HotpotQA", "--source", "generated", "-p", "reader", "-n", "1", "--output", "x"], ""),
    ],
)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(arguments: list[str], typed: str, encoding: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from benchmarks.cli import app; app(prog_name='agemem')", *arguments]
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": os.getcwd()}
    given = typed.encode("utf-8", "surrogateescape")
    done = subprocess.run(program, input=given, capture_output=True, env=env, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    done.stdout.decode(encoding)
    if encoding == "ascii" and "bench" in arguments:
        assert b"-: not scored" in done.stdout
