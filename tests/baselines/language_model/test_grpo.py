from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError, DataError, StorageError
from baselines.grpo.settings import Budget
from tests.baselines.language_model.conftest import make

torch = pytest.importorskip("torch")

Build = Callable[..., Any]


def settings(updates: int, **changes: Any) -> Any:
    from baselines.language_model.grpo import GRPOSettings
    from baselines.language_model.playing import Limits

    limits = Limits(new_tokens=4, context=1500, turns=9)
    small = {"groups": 1, "group_size": 2, "limits": limits, "rate": 1e-2, "validation_every": 2, "validation_tasks": 1}
    return GRPOSettings(Budget(updates=updates), **{**small, **changes})


def small(split: str, changes: Mapping[str, Any]) -> Any:
    """Two stages alone: the others cost time."""
    return make(split, {**changes, "stages": (1, 3)})


def run(build: Build, folder: Path, how: Any, rank: int | None = None) -> tuple[list[dict[str, Any]], Any]:
    from baselines.language_model.checkpoint import ModelFolder
    from baselines.language_model.grpo import train

    policy = build(rank)
    curve = train(policy, small, how, ModelFolder(folder))
    return [{k: v for k, v in row.items() if "seconds" not in k} for row in curve], policy.state()["model"]


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft, by transformers 5
@pytest.mark.parametrize(("updates", "rank"), [(3, None), (1, 2)], ids=["all weights", "adapters"])
def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(
    updates: int, rank: int | None, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baselines.language_model.checkpoint import ModelFolder

    if rank is not None:
        pytest.importorskip("peft")
    whole, weights = run(build, tmp_path / "whole", settings(4), rank)
    assert [row["phase"] for row in whole] == ["store", "store", "all", "all"]
    written = ModelFolder.save

    def cut(self: ModelFolder, policy: Any, optimizer: Any, done: Any) -> None:
        written(self, policy, optimizer, done)
        if len(done.curve) == updates:
            raise KeyboardInterrupt

    monkeypatch.setattr(ModelFolder, "save", cut)
    with pytest.raises(KeyboardInterrupt):
        run(build, tmp_path / "parted", settings(4), rank)
    monkeypatch.undo()
    again, parted = run(build, tmp_path / "parted", settings(4), rank)
    assert again == whole
    assert all(torch.equal(weights[name], parted[name]) for name in weights)


def test_what_earns_more_becomes_more_probable(build: Build) -> None:
    from baselines.integrations.rows import EpisodeRows, TokenRow
    from baselines.language_model.grpo import adam, improve

    policy = build()
    policy.freeze_reference()

    def episode(token: int, reward: float) -> EpisodeRows:
        row = TokenRow((5,), (token,), (1,), (math.log(probability(token)),), reward, "", 0, 0, (0,))
        return EpisodeRows((row,), reward, True, False, {})

    def probability(token: int) -> float:
        row = TokenRow((5,), (token,), (1,), None, 0, "", 0, 0, (0,))
        return float(torch.softmax(policy.logits([row]).detach(), -1)[0, token])

    before = probability(7), probability(8)
    how = settings(1, rate=1e-3, beta=0.0)
    found = improve(policy, adam(policy, how), [episode(7, 1.0), episode(8, 0.0)], how)
    assert probability(7) > before[0] and probability(8) < before[1]
    assert found["silent"] == 0 and found["gradient"] > 0
    found = improve(policy, adam(policy, how), [episode(7, 0.5), episode(8, 0.5)], how)
    assert found["silent"] == 1 and found["gradient"] == 0


def test_a_step_is_the_same_in_one_microbatch_and_in_many(build: Build) -> None:
    from baselines.language_model.grpo import improve, rollouts

    moved = []
    for tokens in (100_000, 1):
        policy, how = build(), settings(1, microbatch=tokens, beta=0.1)
        policy.freeze_reference()
        envs = [small("train", {}) for _ in range(2)]
        played = rollouts(policy, envs, how, 0)
        plain = torch.optim.SGD(policy.trainable(), lr=1.0)  # Adam would make one of rounding alone
        improve(policy, plain, [replace(played[0], reward=1.0), played[1]], how)
        moved.append(policy.state()["model"])
    assert all(torch.allclose(moved[0][name], moved[1][name], atol=1e-5) for name in moved[0])


def test_members_of_a_group_play_one_task_and_groups_others(build: Build) -> None:
    from baselines.language_model.grpo import rollouts

    how = settings(1, groups=2)
    played = rollouts(build(), [small("train", {}) for _ in range(4)], how, 0)
    tasks = [episode.rows[0].group for episode in played]
    assert tasks[0] == tasks[1] != tasks[2] == tasks[3]


def test_training_stops_when_numbers_are_not_finite(build: Build, tmp_path: Path) -> None:
    curve, weights = run(build, tmp_path, settings(5, rate=float("inf")))
    assert "not finite" in curve[-1]["problem"] and len(curve) < 5
    assert all(bool(torch.isfinite(weight).all()) for weight in weights.values())
    again, _ = run(build, tmp_path, settings(5, rate=float("inf")))
    assert again == curve


def test_an_early_phase_may_say_nothing_more_and_the_last_may_not(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baselines.grpo.watch import Watch
    from baselines.language_model import grpo

    monkeypatch.setattr(grpo, "Watch", lambda: Watch(patience=2))
    learned = {"silent": 1.0, "kl": 0.0, "entropy": 1.0, "gradient": 0.0}
    monkeypatch.setattr(grpo, "improve", lambda *_: learned)
    curve, _ = run(build, tmp_path, settings(10))
    assert [row["phase"] for row in curve] == ["store"] * 4 + ["all"] * 2
    assert "earned the same" in curve[-1]["problem"]


def test_without_a_tool_to_store_memories_the_whole_budget_goes_to_the_task() -> None:
    assert [phase.name for phase in settings(1).phases] == ["store", "all"]
    (phase,) = settings(1, memory=False).phases
    assert (phase.name, phase.share) == ("all", 1.0)


def test_no_more_tasks_are_tested_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from baselines.integrations.rows import EpisodeRows
    from baselines.language_model import grpo

    def play(policy: Any, envs: Any, seeds: Any, limits: Any, *, tasks: Any, generator: Any) -> list[EpisodeRows]:
        info = {"metrics": {grpo.main_score(env): 1.0 for env in envs}}
        return [EpisodeRows((), 0.0, True, False, info) for _ in tasks]

    monkeypatch.setattr(grpo, "play", play)
    monkeypatch.setattr(grpo, "habits", lambda view: {})
    monkeypatch.setattr("agemem_env.env.AgeMemEnv.view", None)
    there = len(small("test", {}).unwrapped.tasks)
    found = grpo.evaluate(None, small, settings(1), "test", there + 5)  # type: ignore[arg-type]
    assert [outcome.task for outcome in found] == list(range(there))


def test_a_context_without_room_for_any_prompt_is_refused(build: Build, tmp_path: Path) -> None:
    from baselines.language_model.playing import Limits

    with pytest.raises(ConfigurationError, match="context of 10 tokens"):
        run(build, tmp_path, settings(1, limits=Limits(new_tokens=4, context=10)))


def test_a_full_disk_leaves_the_checkpoint_before(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(build, tmp_path, settings(1))
    kept = (tmp_path / "last.pt").read_bytes()

    def full(_: object, file: Any) -> None:
        file.write(b"half")
        raise RuntimeError("no space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(StorageError, match="is the disk full"):
        run(build, tmp_path, settings(2))
    assert (tmp_path / "last.pt").read_bytes() == kept


def test_a_folder_of_other_settings_or_of_another_model_is_refused(build: Build, tmp_path: Path) -> None:
    from baselines.language_model.checkpoint import ModelFolder

    with ModelFolder(tmp_path).claim({"rate": 1.0}):
        pass
    with pytest.raises(ConfigurationError, match=r"rate=1\.0"), ModelFolder(tmp_path).claim({"rate": 2.0}):
        pass
    (tmp_path / "last.pt").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="cannot be read"):
        run(build, tmp_path, settings(1))


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"curriculum": "taught"}, "taught"), ({"group_size": 1}, "at least 2"), ({"groups": 0}, "groups=0")],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        settings(1, **changes)


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    from baselines.language_model.checkpoint import ModelFolder

    for name in ("last.pt", "best.pt"):
        (tmp_path / f"{name}.123-456.part").write_bytes(b"half")
    with ModelFolder(tmp_path).claim({}):
        assert {path.name for path in tmp_path.glob("*.part")} == set()
