from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import agemem_env
from benchmarks.cli.application import progress_lines
from tests.benchmarks.command import agemem
from tests.benchmarks.results.made_up import make_row, write


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--polcy"], "error: no such option: --polcy"),
        (["bnech"], "error: no such command 'bnech'. Did you mean 'bench'?"),
        (["bench", "--polcy", "expert"], "error: no such option: --polcy"),
        (["bench", "-n", "many"], "error: invalid value for '--seeds'"),
        (["bench", "-n"], "error: option '-n' requires an argument"),
        (["rescore"], "error: missing argument 'run'"),
        (["view", "a", "b"], "error: got unexpected extra argument"),
        (["audit", "leaks", "--train", "x"], "error: invalid value for '--train'"),
        (["data", "lst"], "error: no such command 'lst'"),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments: list[str], message: str) -> None:
    result = agemem(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.output
    assert result.stderr.lower().startswith(message.lower())
    assert result.stderr.endswith("--help`\n")


@pytest.mark.parametrize("command", [[], ["data"], ["audit"]])
def test_a_group_without_a_command_shows_its_help(command: list[str]) -> None:
    assert "Commands" in agemem(*command).output


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


AGEMEM = [sys.executable, "-c", "from benchmarks.cli import app; app()"]
PLAY = ("bench", "-b", "HotpotQA", "--source", "generated", "-p", "do-nothing", "-n", "1")


@pytest.mark.parametrize("command", [("report",)])
@pytest.mark.parametrize("kind", ["folder", "loop", "missing"])
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, command: tuple[str, ...], kind: str) -> None:
    path = tmp_path / kind / "file" if kind == "missing" else tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    result = agemem(*command, path)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert str(path) in result.stderr


def test_a_full_disk_behind_the_output_is_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([*AGEMEM, "list", "benchmarks"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (run.returncode, run.stderr) == (1, "error: No space left on device\n")


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_who_reads_no_further_sees_no_traceback(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "rows.jsonl", make_row())
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [*AGEMEM, "report", str(path), "--format", form], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (1, "")


def test_names_of_files_that_the_terminal_cannot_show(tmp_path: Path) -> None:
    path = tmp_path / "größe" / "rows.jsonl"
    for flags, code in ([], 0), (["--resume"], 0), ([], 2):
        run = subprocess.run(
            [*AGEMEM, *PLAY, "--output", str(path), *flags],
            env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, text=True,
        )  # fmt: skip
        assert (run.returncode, run.stderr.count("\n")) == (code, 1 if code else 2), run.stderr


def test_an_interrupt_before_anything_is_played_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(kind: str, console: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.listing.show", interrupt)
    result = agemem("list", "tools")
    assert (result.exit_code, result.stderr, result.stdout) == (130, "interrupted\n", "")
