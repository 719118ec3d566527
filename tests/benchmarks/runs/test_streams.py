from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import baselines
from baselines.base import Info, Observation, Policy
from baselines.expert import ExpertPolicy
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.models import Access
from benchmarks.run.play import play
from benchmarks.runs.reading import open_run
from benchmarks.runs.streams import InOrder
from benchmarks.specs import PlayerSpec, RunSpec
from benchmarks.suites.suite import Suite, SuitePart, read_suite
from tests.benchmarks.command import agemem, rows_of

SUITE = """
policies = ["expert"]

[[parts]]
benchmark = "HotpotQA"
env = {source = "generated", memory = "lifetime"}
streams = [0]

[[parts]]
benchmark = "HotpotQA"
env = {source = "generated"}
streams = [0]
"""


def chain(streams: Sequence[int], policy: str = "expert", length: int = 6) -> list[RunSpec]:
    """Return the first episodes of some streams."""
    part = SuitePart("HotpotQA", {"source": "generated", "memory": "lifetime"}, streams=streams)
    found = Suite("x", "", [part]).episodes([PlayerSpec(policy)], {}, print, Access())
    return [spec for spec in found if int((spec.task or "").rpartition("-")[2]) < length]


def outcome(rows: Sequence[Any]) -> dict[str, Any]:
    return {row.config_hash: (row.reward, row.entries, row.tokens) for row in rows}


def test_episodes_wait_for_the_one_before_them() -> None:
    specs = chain([0, 1], length=3)
    order = InOrder(specs)
    first, second = next(order), next(order)
    assert [first.task, second.task] == ["stream-0-00", "stream-1-00"]
    assert next(order, None) is None
    order.ended(second.config_hash)
    assert next(order).task == "stream-1-01"
    assert next(order, None) is None


@pytest.mark.parametrize("options", [PlayOptions(concurrency=3), PlayOptions(time_limit=600.0)])
def test_memory_goes_on_however_many_are_in_flight(options: PlayOptions) -> None:
    specs = chain([0, 1, 2])
    alone = outcome(list(play(specs)))
    assert outcome(list(play(specs, options=options))) == alone
    sizes = [alone[spec.config_hash][1] for spec in specs[:6]]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0] > 0


def test_streams_are_played_beside_worker_processes() -> None:
    specs = chain([0], length=3)
    others = [RunSpec("AgeMem-HotpotQA-v0", {"source": "generated"}, "do-nothing", seed) for seed in range(3)]
    rows = list(play([*others, *specs], workers=2))
    assert len(rows) == 6
    assert outcome(rows[3:]) == outcome(list(play(specs)))


def test_a_stream_goes_on_where_a_run_was_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(SUITE)
    command = ("bench", "--suite", "s.toml", "-q", "--output")
    assert agemem(*command, "whole").exit_code == 0
    whole = outcome(rows_of(Path("whole")))

    class Interrupted(ExpertPolicy):
        name = "expert"

        def act(self, observation: Observation, info: Info) -> Any:
            if self._env.task.id == "stream-0-09" and self._env.config.memory == "lifetime":
                raise KeyboardInterrupt
            return super().act(observation, info)

    with monkeypatch.context() as patch:
        patch.setattr(baselines, "POLICIES", {**baselines.POLICIES, "expert": lambda seed: Interrupted()})
        assert agemem(*command, "run").exit_code == 130
    assert len(rows_of(Path("run"))) == 9
    assert agemem(*command, "run", "--resume").exit_code == 0
    rows = rows_of(Path("run"))
    assert outcome(rows) == whole
    assert len(rows) == len(whole)


def test_what_is_kept_is_worth_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(SUITE)
    assert agemem("bench", "--suite", "s.toml", "-q", "--output", "run").exit_code == 0
    found = open_run(Path("run")).rows
    kept = [row.metrics["J"] for row in found if row.metrics and row.env_kwargs.get("memory") == "lifetime"]
    forgotten = [row.metrics["J"] for row in found if row.metrics and row.env_kwargs.get("memory") != "lifetime"]
    assert len(kept) == len(forgotten) == 24
    assert sum(v or 0 for v in kept) == 24
    assert sum(v or 0 for v in forgotten) < 12


class Breaking(Policy):
    """Raises in the third episode of a stream."""

    def attach(self, env: Any) -> None:
        self._env = env.unwrapped

    def act(self, observation: Observation, info: Info) -> Any:
        if self._env.task.id.endswith("-02"):
            raise RuntimeError("broken on purpose")
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


def test_after_a_crash_nobody_knows_what_memory_would_hold(tmp_path: Path) -> None:
    specs = chain([0, 1], "tests.benchmarks.runs.test_streams:Breaking", length=5)
    rows = list(play(specs, options=PlayOptions(trajectories=tmp_path)))
    kinds = [(row.task, None if row.error is None else row.error["type"]) for row in rows if row.task]
    for stream in (0, 1):
        assert [kind for task, kind in kinds if task.startswith(f"stream-{stream}")] == [
            None, None, "RuntimeError", "BrokenStreamError", "BrokenStreamError"
        ]  # fmt: skip


def test_a_memory_that_is_kept_needs_a_suite() -> None:
    result = agemem("bench", "-b", "HotpotQA", "--source", "generated", "--env", "memory=lifetime")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "--suite lifelong" in result.stderr


def test_a_trial_of_a_stream_that_is_resumed_goes_on_with_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(SUITE)
    command = ("bench", "--suite", "s.toml", "--output", "run")
    assert agemem(*command, "-q").exit_code == 0
    file = Path("run/episodes.jsonl")
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True)[:9]))
    result = agemem(*command, "--resume", "--dry-run", "--trial")
    assert result.exit_code == 0, result.output


def test_the_suite_of_the_docs_is_one() -> None:
    (part,) = read_suite("docs/streams.toml").parts
    assert len(part.streams) == 10
