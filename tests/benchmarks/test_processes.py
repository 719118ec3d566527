"""How many processes may be asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError
from benchmarks import processes
from benchmarks.run.bench import BenchRequest
from benchmarks.speed.request_rate import measure
from tests.benchmarks.command import agemem


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "processors", lambda: 2)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of processes of runs that would have been made."""
    found: list[int] = []
    for name in ("train_one", "train_seeds"):
        monkeypatch.setattr(f"benchmarks.training.session.{name}", lambda *a: found.append(a[-2].processes))
    monkeypatch.setattr("benchmarks.ablations.session.ablate", lambda *a: found.append(a[-2].processes))
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("train", "-b", "HotpotQA"),
        ("train", "-b", "HotpotQA", "--seeds", "0-1"),
        ("ablate", "memory", "-b", "HotpotQA"),
    ],
)
def test_training_starts_one_process_per_processor_at_most(
    command: tuple[str, ...], started: list[int], tmp_path: Path
) -> None:
    for asked in (1, 2, 1000):
        result = agemem(*command, "--updates", "1", "--processes", str(asked), "--out", tmp_path)
        assert result.exit_code == 0, result.output
        assert ("--processes 1000 is more than there are processors: 2" in result.output) == (asked == 1000)
    assert started == [1, 2, 2]


def test_the_red_team_is_played_by_one_process_per_processor_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def measured(*names: Any, workers: int, **options: Any) -> None:
        found.append(workers)
        raise ConfigurationError("that is enough")

    monkeypatch.setattr("benchmarks.audit.rewards.audit", measured)
    result = agemem("audit", "rewards", "-b", "HotpotQA", "-n", "1", "--workers", "1000")
    assert found == [2] and "--workers 1000 is more than there are processors: 2" in result.output


def test_processes_that_may_wait_are_bounded_by_the_machine_and_ray_actors_are_not(tmp_path: Path) -> None:
    result = agemem("bench", "-b", "HotpotQA", "-p", "expert", "--workers", "33", "--output", tmp_path / "run")
    assert result.exit_code == 2 and result.stderr.count("\n") == 1 and not (tmp_path / "run").exists()
    assert "--workers 33 is not allowed with 2 processors; use a number from 1 to 32" in result.stderr
    assert BenchRequest(range(1), workers=32).workers == 32
    assert BenchRequest(range(1), workers=1000, backend="ray").workers == 1000


@pytest.mark.parametrize(
    ("in_flight", "workers", "said"),
    [(64, 33, "use a number from 1 to 32"), (64, 3, "a multiple"), (1, 2, "a multiple")],
)
def test_a_measurement_of_requests_has_as_many_episodes_in_flight_as_it_says(
    in_flight: int, workers: int, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        measure(in_flight, 0.1, workers, 1.0)


def test_processors_that_may_not_be_used_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    if sys.platform != "linux":
        pytest.skip("only Linux tells which processors may be used")
    monkeypatch.setattr("os.sched_getaffinity", lambda which: {0, 5, 7})
    assert processes.processors() == 3
