"""A run that is killed again and again ends with the rows of one that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.results.row import EpisodeRow
from benchmarks.runs.reading import open_run
from benchmarks.runs.rescore import differing
from benchmarks.speed.fake_server import OpenAIServer
from tests.benchmarks.command import agemem, rows_of
from tests.benchmarks.run.test_models import read
from tests.openai_server import server

__all__ = ["server"]


def timeless(row: EpisodeRow) -> EpisodeRow:
    """Return a row without the times in it."""
    costs = {
        name: value and {**value, "seconds": 0.0}
        for name, value in (("cost", row.cost), ("memory_cost", row.memory_cost), ("service_cost", row.service_cost))
    }
    return replace(row, seconds={"env": 0.0, "policy": 0.0}, **costs)  # type: ignore[arg-type]


@pytest.mark.exhaustive
def test_twenty_kills_at_random_moments_cost_nothing(server: OpenAIServer, tmp_path: Path) -> None:
    server.speak, server.latency = read, 0.02
    options = ("-b", "HotpotQA", "--source", "generated", "-n", "100", "-p", "openai:fake", "-m", "no-memory", "-q")
    whole, run = tmp_path / "whole", tmp_path / "run"
    assert agemem("bench", *options, "--concurrency", "8", "--output", whole).exit_code == 0
    program = "from benchmarks.cli import app; app()"
    command = [sys.executable, "-c", program, "bench", *options, "--concurrency", "4", "--output", str(run), "--resume"]
    rng, kills = random.Random(0), 0
    moments: list[int] = []
    while kills < 20:
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ)
        rows = run / "episodes.jsonl"
        there = rows.stat().st_size if rows.exists() else 0
        deadline = time.monotonic() + 60
        while rows.exists() is False or (rows.stat().st_size == there and kills % 4):
            assert process.poll() in (None, 0)
            if process.poll() == 0 or time.monotonic() > deadline:
                break
            time.sleep(0.001)
        time.sleep(rng.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        moments.append(rows.read_bytes().count(b"\n") if rows.exists() else 0)
    assert len(set(moments)) > 5, "the moments are all alike"
    assert subprocess.run(command, env=os.environ, check=False, capture_output=True).returncode == 0
    found = rows_of(run)
    assert Counter(row.seed for row in found) == Counter(range(100))
    expected = {row.seed: timeless(row) for row in rows_of(whole)}
    assert {row.seed: timeless(row) for row in found} == expected
    assert differing(run, print) == (100, 0)
    assert len(open_run(run).rows) == 100
