"""What a run would play and cost, before it is paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import baselines
from baselines.base import Info, Observation, Policy
from benchmarks.run.bench import BenchRequest
from benchmarks.run.plan import plan, sheet
from tests.benchmarks.command import agemem

GENERATED = {"source": "generated"}
BENCH = ("bench", "-b", "HotpotQA", "--source", "generated", "-p", "expert", "-p", "reader", "-m", "rag")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_is_played(here: Path) -> None:
    result = agemem(*BENCH, "-n", "7", "--dry-run")
    assert result.exit_code == 0, result.output
    assert [line.split() for line in result.stdout.splitlines()[3:6]] == [
        ["HotpotQA", "expert", "generated", "7", "0"],
        ["HotpotQA", "rag", "(reader)", "generated", "7", "0"],
        ["all", "14", "0"],
    ]
    assert not list(here.iterdir())


def test_a_trial_says_what_the_rest_would_cost(here: Path) -> None:
    request = BenchRequest(range(5), ["HotpotQA"], ["expert", "reader"], ["rag"], GENERATED)
    expert, reader = plan(request, print, trial=True)
    assert reader.trial is not None and reader.trial.cost is not None and reader.trial.cost["calls"]
    assert reader.total("calls") == 5 * reader.trial.cost["calls"]
    assert expert.total("calls") == 0
    assert expert.seconds is not None and expert.seconds > 0
    table = sheet([expert, reader], trial=True)
    assert table.columns[-4:] == ("Calls", "Tokens", "$", "Minutes")
    assert table.rows[-1][5] == f"{reader.total('calls'):.0f}"
    assert not list(here.iterdir())


def test_what_is_there_already_costs_nothing(here: Path) -> None:
    rows = here / "run"
    assert agemem(*BENCH, "-n", "2", "--output", rows).exit_code == 0
    request = BenchRequest(
        range(2), ["HotpotQA"], ["expert"], env_kwargs={"split": "test", "source": "generated", "reward": "paper",
        "stages": [1, 2, 3]}, output=rows, resume=True,
    )  # fmt: skip
    (part,) = plan(request, print, trial=True)
    assert (part.episodes, part.there, part.trial) == (2, 2, None)
    result = agemem(*BENCH, "-n", "3", "--output", rows, "--resume", "--dry-run")
    assert result.stdout.splitlines()[-2].split()[:3] == ["all", "6", "4"]


def test_a_wrong_option_is_said() -> None:
    result = agemem(*BENCH, "--env", "top_k=0", "--dry-run")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_trial_that_crashes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(Policy):
        name = "expert"

        def act(self, observation: Observation, info: Info) -> Any:
            raise RuntimeError("broken on purpose")

    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, "expert": lambda seed: Breaking()})
    result = agemem(*BENCH, "--trial", "-n", "1")
    assert result.exit_code == 1
    assert "error: HotpotQA, expert: RuntimeError: broken on purpose" in result.stderr
