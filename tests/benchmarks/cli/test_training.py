from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baselines.grpo.scorer import read
from benchmarks.cli.training import _told
from tests.benchmarks.command import agemem


def test_a_small_run_leaves_weights_curve_and_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.grpo.settings.LESSONS", {"HotpotQA": 4})
    monkeypatch.setattr("baselines.grpo.settings.Settings.validation_tasks", 2)
    options: list[str | Path] = ["--updates", "1", "--processes", "1", "--test-tasks", "2", "--out", tmp_path / "run"]
    result = agemem("train", "-b", "HotpotQA", *options)
    assert result.exit_code == 0, result.output
    for name in ("curve.csv", "curve.png", "checkpoint.npz", "settings.json"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    _, about = read(tmp_path / "run" / "weights.npz")
    assert json.loads(about["settings"])["budget"]["updates"] == 1
    found = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert set(found["tests"]) == {
        f"{who}, {way}" for who in ("untrained", "trained", "tools taken away") for way in ("drawn", "best")
    }
    assert len(found["tests"]["trained, best"]["scores"]) == 2 and found["updates"] == 1
    assert found["tests"]["tools taken away, drawn"]["calls"].keys() == {"answer"}


def test_what_is_told_first_is_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.training.session.train_one", lambda *_: None)
    monkeypatch.setattr("benchmarks.ablations.session.ablate", lambda *_: None)
    for command in (("train", "--also", "PDDL", "--offer-answer"), ("ablate", "memory")):
        for out, less in ((tmp_path / "new", False), (tmp_path, True)):
            result = agemem(*command, "-b", "HotpotQA", "--updates", "1", "--processes", "1", "--out", out)
            assert result.exit_code == 0, result.output
            assert ("on idle cores, less what is there: about" in result.output) == less
            if command[0] == "train":
                assert f"training on HotpotQA, PDDL with 1 process, kept in {out}\n" in result.output


def test_an_update_in_which_no_task_is_played_has_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"update": 1, "score": 0.0, "reward": -0.5, "silent": 0.25, "kl": -1e-18, "entropy": 1.0, "seconds": 2.0}
    for phase, score in (("store", "    –"), ("all", "0.000")):
        _told({**row, "phase": phase})
        assert f"{phase:<6} score {score}  reward -0.500  silent 0.250  kl 0.000" in capsys.readouterr().err


def test_a_short_budget_bounds_what_comes_before_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.grpo.settings.Settings.validation_tasks", 2)
    asked = []
    monkeypatch.setattr("benchmarks.training.session.train_one", lambda s, folder, tests, *_: asked.append((s, tests)))
    for minutes in ("0.01", "1", "10"):
        result = agemem("train", "-b", "HotpotQA", "--minutes", minutes, "--out", tmp_path)
        assert result.exit_code == 0 and "min of cloning" in result.output and "min of tests" in result.output
    lessons, tests = zip(*((settings.lessons, tests) for settings, tests in asked), strict=True)
    assert lessons[0] < 30 < lessons[1] == lessons[2] and tests[0] < 30 < tests[1] == tests[2] == 100
    agemem("train", "-b", "HotpotQA", "--minutes", "0.01", "--test-tasks", "77", "--no-memory", "--out", tmp_path)
    settings, last = asked[-1]
    assert last == 77 and settings.arguments == {"tools": ()}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-b", "Nothing"], "Nothing"),
        (["-b", "HotpotQA", "--algorithm", "ppo"], "step-wise"),
        (["-b", "HotpotQA", "--curriculum", "none"], "progressive"),
        (["-b", "HotpotQA", "--updates", "1", "--minutes", "1"], "one of updates"),
        (["-b", "HotpotQA", "--updates", "1", "--seeds", "0-"], "write them as 0-4"),
        (["-b", "HotpotQA", "--updates", "1", "--seeds", "5-1"], "write them as 0-4"),
        (["-b", "HotpotQA", "--updates", "1", "--seeds", "0-1", "--seed", "3"], "not allowed together"),
        (["-b", "HotpotQA", "--no-memory", "--against-no-memory"], "--no-memory is not allowed with"),
        (["-b", "HotpotQA", "--offer-answer"], "--offer-answer is not allowed with HotpotQA, where"),
        (["-b", "HotpotQA", "--offer-answer", "--model", "x"], "--offer-answer is not allowed with HotpotQA, where"),
        (["-b", "HotpotQA", "--test-tasks", "1000000000"], "10000"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(arguments: list[str], text: str, tmp_path: Path) -> None:
    result = agemem("train", *arguments, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert text in result.output and len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", [("train",), ("train", "--seeds", "0-1"), ("ablate", "memory")])
def test_an_interrupt_is_one_line_that_says_how_to_go_on(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("baselines.grpo.train.clone", interrupted)
    monkeypatch.setattr("benchmarks.training.study.clone", interrupted)
    result = agemem(*command, "-b", "HotpotQA", "--updates", "1", "--processes", "1", "--out", tmp_path)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == f"interrupted; the same command goes on from what is kept in {tmp_path}"


@pytest.mark.parametrize("more", [(), ("--seeds", "0")], ids=["one", "seeds"])
def test_what_came_on_further_benchmarks_is_shown(
    more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baselines.grpo.settings.LESSONS", {"HotpotQA": 2, "PDDL": 2})
    monkeypatch.setattr("baselines.grpo.settings.Settings.validation_tasks", 2)
    monkeypatch.setattr("baselines.grpo.settings.Settings.group_size", 2)
    options: list[str | Path] = ["--updates", "1", "--processes", "1", "--test-tasks", "2", "--out", tmp_path]
    result = agemem("train", "-b", "HotpotQA", "--also", "PDDL", *more, *options)
    assert result.exit_code == 0, result.output
    shown = [line.split() for line in result.stdout.splitlines()]
    assert [line[1:4] for line in shown if "PDDL" in line] == [["PDDL", "drawn", "PR"], ["PDDL", "best", "PR"]]
    if more:
        found = json.loads((tmp_path / "seeds.json").read_text(encoding="utf-8"))["further"]
        assert set(found) == {"trained on PDDL, drawn", "trained on PDDL, best"}
        assert "trained | PDDL | best | PR |" in (tmp_path / "seeds.md").read_text(encoding="utf-8")


def test_several_seeds_leave_a_table_and_a_run_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.grpo.settings.LESSONS", {"HotpotQA": 4})
    monkeypatch.setattr("baselines.grpo.settings.Settings.validation_tasks", 2)
    monkeypatch.setattr("baselines.grpo.settings.Settings.group_size", 2)
    options = ["--updates", "1", "--processes", "1", "--test-tasks", "2"]
    out = tmp_path / "runs"
    result = agemem(
        "train", "-b", "HotpotQA", *options, "--seeds", "0,2", "--against-no-memory", "--tensorboard", "--out", out
    )
    assert result.exit_code == 0, result.output
    assert "4 times about" in result.output and "tools taken away" in result.output
    assert all(f"run {place} of 4: HotpotQA" in result.output for place in (1, 2, 3, 4))
    for run in ("agemem/seed-0", "agemem/seed-2", "no-memory/seed-0", "no-memory/seed-2"):
        assert (out / run / "weights.npz").exists() and (out / run / "tensorboard").is_dir()
    table = (out / "seeds.md").read_text(encoding="utf-8")
    assert "trained, no memory" in table and (out / "seeds.png").exists()
    alone = agemem("train", "-b", "HotpotQA", *options, "--out", out)
    assert alone.exit_code == 2 and "name them with --seeds" in alone.output
    other = agemem("train", "-b", "PDDL", *options, "--seeds", "0", "--out", out)
    assert other.exit_code == 2 and "benchmark='HotpotQA', not 'PDDL'" in other.output
