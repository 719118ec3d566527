"""Comparisons: runs made once, tables beside the paper's, what is not allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.errors import MissingExtraError
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.workers import workers
from benchmarks.ablations import transfer
from benchmarks.ablations.catalog import ABLATIONS, ALL, chosen
from benchmarks.ablations.published import BACKBONES, methods, tool_use
from benchmarks.ablations.session import variants_of
from benchmarks.training import run as running
from benchmarks.training.exam import DRAWN, Exam
from benchmarks.training.run import TRAINED, UNTRAINED, Manner
from benchmarks.training.study import VARIANTS, play, runs_of
from tests.benchmarks.command import agemem

TINY = ("--updates", "1", "--test-tasks", "1", "--seeds", "3", "--processes", "1")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.grpo.settings.LESSONS", {"HotpotQA": 5, "PDDL": 2})
    for name, value in (("validation_tasks", 1), ("group_size", 2), ("groups", 1)):
        monkeypatch.setattr(f"baselines.grpo.settings.Settings.{name}", value)


@pytest.mark.usefixtures("small")
def test_comparisons_share_their_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained, own = [], tmp_path / "HotpotQA"
    plain = running.train

    def counted(settings: Settings, folder: Path, **options: Any) -> Any:
        trained.append(folder.relative_to(tmp_path).as_posix())
        return plain(settings, folder, **options)

    monkeypatch.setattr(running, "train", counted)
    result = agemem("ablate", "memory", "tool-use", *TINY, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert sorted(trained) == [f"HotpotQA/{name}/seed-{seed}" for name in ("agemem", "no-memory") for seed in (3,)]
    assert result.output.replace("\n", "").endswith(f"tables: {own / 'memory.md'}, {own / 'tool-use.md'}")
    assert "No-Memory" not in result.output and "paper, Qwen3-4B-Instruct" in result.output
    table = (tmp_path / "HotpotQA" / "memory.md").read_text(encoding="utf-8")
    assert "| no memory | paper, Qwen2.5-7B-Instruct | HotpotQA | 38.4 |" in table
    assert "language models that write their actions" in table
    found = json.loads((tmp_path / "HotpotQA" / "tool-use.json").read_text(encoding="utf-8"))
    assert [line["line"] for line in found["ours"]] == ["before", "before", "after", "after"]
    assert found["ours"][2]["calls"]["Add_memory"] > 0 and len(found["paper"]) == 4
    assert [(gap["line"], gap["minus"], gap["candidates"]) for gap in found["differences"]] == [
        ("after", "before", "drawn"), ("after", "before", "best")
    ]  # fmt: skip
    assert found["differences"][0]["mean"] == found["ours"][2]["mean"] - found["ours"][0]["mean"]
    again = agemem("ablate", "memory", *TINY, "--out", tmp_path)
    assert again.exit_code == 0 and len(trained) == 2
    other = agemem("ablate", "memory", *TINY[2:], "--updates", "2", "--out", tmp_path)
    assert other.exit_code == 2 and "holds a run with updates=1, not 2" in other.output and len(trained) == 2


@pytest.mark.usefixtures("small")
def test_what_was_learned_is_added_to_the_clone_of_another_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "ENGINES", ["HotpotQA", "PDDL", "Missing"])
    plain = transfer._on

    def missing(benchmark: str, *rest: Any) -> Any:
        if benchmark == "Missing":
            raise MissingExtraError("x", "y", "z")
        return plain(benchmark, *rest)

    monkeypatch.setattr(transfer, "_on", missing)
    said: list[str] = []
    how = Manner(1, lambda row: None, said.append)
    runs = runs_of(Settings.of("HotpotQA", Budget(updates=1)), ["agemem"], (0, 1), tmp_path / "HotpotQA")
    with workers(1) as lent:
        exam = Exam(1, lent)
        play(runs, exam, lent, how)
        found = {(who, way): x for _, who, way, x in transfer.elsewhere(runs, tmp_path, exam, lent, how.say)}
    assert len(found[TRAINED, DRAWN].tests) == 2 and found[TRAINED, DRAWN].score == "PR"
    assert not found[UNTRAINED, DRAWN].has_seeds and found[TRAINED, DRAWN].has_seeds
    assert "Missing is left out" in said[-1]
    kept = RunFolder(tmp_path / "PDDL" / "transferred" / "seed-1").read_json("result")
    assert kept["tests"]["trained, drawn"] == found[TRAINED, DRAWN].tests[1]
    assert np.abs(RunFolder(tmp_path / "PDDL").read_weights("clone-2")).max() > 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["tool"], "did you mean"),
        (["memory", "--seeds", "5-1"], "write them as 0-4"),
        (["memory", "-b", "Hotpot"], "unknown benchmark"),
        (["memory", "--updates", "1", "--minutes", "1"], "one of updates"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(arguments: list[str], text: str, tmp_path: Path) -> None:
    result = agemem("ablate", *arguments, "--out", tmp_path / "x")
    assert result.exit_code == 2 and text in result.output and len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "x").exists()


def test_without_a_name_all_are_told() -> None:
    result = agemem("ablate")
    assert result.exit_code == 2
    assert all(name in result.output and found.about in result.output for name, found in ABLATIONS.items())


def test_every_comparison_is_of_known_runs_and_has_the_ordinary_one() -> None:
    assert list(chosen([ALL])) == list(ABLATIONS) == list(chosen(list(ABLATIONS)))
    assert set(variants_of(ABLATIONS.values())) == set(VARIANTS)
    for found in ABLATIONS.values():
        assert "agemem" in found.variants and len({line.label for line in found.lines}) == len(found.lines)
        assert {line.backbone for line in found.published} <= set(BACKBONES)


def test_figures_of_the_paper() -> None:
    components = {(x.label, x.backbone, x.benchmark): x.score for x in ABLATIONS["components"].published}
    assert components["+ long-term, RL", BACKBONES[1], "SciWorld"] == 57.21
    assert components["+ both, RL", BACKBONES[0], "ALFWorld"] == 41.07 and len(components) == 24
    # The same runs in another table of the paper.
    whole = {(x.backbone, x.benchmark): x.score for x in methods({"AgeMem": "trained"})}
    for (label, backbone, benchmark), score in components.items():
        if label == "+ both, RL":
            assert whole[backbone, benchmark] == score
    after = {x.backbone: x.others["TC"] for x in tool_use() if x.label == "after"}
    for line in ABLATIONS["returns"].published:
        if line.label == "all":
            assert line.others["TC"] == after[line.backbone]
            assert line.score == pytest.approx(whole[line.backbone, "HotpotQA"], abs=0.06)
