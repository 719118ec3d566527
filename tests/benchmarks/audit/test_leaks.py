"""Leaks: planted ones are found, and the generated tasks have none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from agemem_env.types import Fact, Task
from benchmarks.audit import leaks
from benchmarks.audit.leaks import BOUNDS, measure
from benchmarks.cli import app

GENERATED = ("HotpotQA", "BabyAI", "PDDL", "ALFWorld", "SciWorld")


def task(seed: int, *, tell: bool = False) -> Task:
    """A task with four useful facts, one of them gold; `tell` gives the gold one away."""
    rng = np.random.default_rng(seed)
    gold = int(rng.integers(4))
    words = rng.permutation(["kettle", "lantern", "anchor", "barrel"])
    facts = [Fact(f"The {word} is in room {rng.integers(9)}.", i == gold, useful=True) for i, word in enumerate(words)]
    if tell:
        facts[gold] = replace(facts[gold], text=f"{facts[gold].text[:-1]} now.")
    facts.append(Fact("What a lovely day."))
    heard = (f"The {words[gold]} is in hall 3.",) if tell else ("The moon is in room 1.",)
    return Task(f"t{seed}", "Made", "test", "generated", "?", tuple(facts), distractors=heard)


def made(monkeypatch: pytest.MonkeyPatch, tell: bool) -> None:
    """Let the tasks be made here."""

    def tasks_of(benchmark: str, split: str, seeds: Sequence[int], kwargs: object) -> list[Task]:
        return [task(seed + 10_000 * (split == "train"), tell=tell) for seed in seeds]

    monkeypatch.setattr(leaks, "tasks_of", tasks_of)


def measured(monkeypatch: pytest.MonkeyPatch, tell: bool) -> dict[str, leaks.Leak]:
    made(monkeypatch, tell)
    return {leak.measure: leak for leak in measure("Made", 300, range(150))}


def test_a_planted_leak_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, tell=True)
    assert found["words"].auc > 0.95 and found["length"].auc > 0.9 and found["distractors"].auc > 0.85
    assert not any(found[name].holds for name in BOUNDS)
    assert found["small talk"].auc > 0.95


def test_nothing_is_found_where_gold_is_drawn_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, tell=False)
    assert all(leak.holds for leak in found.values())
    assert all(found[name].low <= 0.5 <= found[name].high for name in ("style", "words"))


@pytest.mark.parametrize("benchmark", ["HotpotQA", "PDDL", "ALFWorld"])
def test_generated_tasks_do_not_give_themselves_away(benchmark: str) -> None:
    for leak in measure(benchmark, 60, range(40)):
        assert leak.auc <= BOUNDS.get(leak.measure, 1.0), leak


@pytest.mark.exhaustive
@pytest.mark.parametrize("first", [0, 1000])
@pytest.mark.parametrize("benchmark", GENERATED)
def test_generated_tasks_meet_the_bounds(benchmark: str, first: int) -> None:
    for leak in measure(benchmark, 400, range(first, first + 100)):
        assert leak.holds, leak


def test_the_command_prints_a_table_and_writes_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(monkeypatch, tell=False)
    file = tmp_path / "leaks.json"
    small = ["-n", "150", "--train", "300"]
    result = CliRunner().invoke(app, ["audit", "leaks", "-b", "PDDL", *small, "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert "PDDL" in result.output and "style" in result.output
    rows = json.loads(file.read_text())
    assert {row["measure"] for row in rows} == set(leaks.MEASURES) and all(row["holds"] for row in rows)


def test_a_leak_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    made(monkeypatch, tell=True)
    assert CliRunner().invoke(app, ["audit", "leaks", "-b", "PDDL", "-n", "40", "--train", "40"]).exit_code == 1
