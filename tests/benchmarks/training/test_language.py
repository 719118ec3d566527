"""`agemem train --model`: a tiny model from a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baselines.grpo.settings import Budget
from tests.benchmarks.command import agemem

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and its tokenizer."""
    from baselines.language_model.tiny import tiny_model, tiny_tokenizer

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = tiny_tokenizer(["You are in the house. Facts are told."], 300)
    tiny_model(len(tokenizer), width=16, layers=1, context=8192).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def train(model: Path, out: Path, *more: Any) -> Any:
    small = ["--updates", "1", "--test-tasks", "1", "--demonstrations", "1", "--curriculum", "stage-3-only"]
    return agemem("train", "-b", "PDDL", "--model", str(model), *small, *more, "--out", out)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few and short episodes."""
    from baselines.language_model.playing import Limits
    from benchmarks.training import language

    whole = language.loaded

    def loaded(run: language.LanguageRun) -> Any:
        policy, settings = whole(run)
        limits = Limits(new_tokens=4, context=8192, turns=2)
        return policy, replace(settings, groups=1, group_size=2, validation_tasks=1, limits=limits)

    monkeypatch.setattr(language, "loaded", loaded)


@pytest.mark.slow
def test_a_run_leaves_a_model_that_loads_a_curve_and_results_and_is_not_made_twice(
    model: Path, tmp_path: Path, small: None
) -> None:
    result = train(model, tmp_path / "run")
    assert result.exit_code == 0, result.output
    for name in ("curve.csv", "curve.png", "last.pt", "best.pt", "settings.json", "model/config.json"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    found = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert set(found["tests"]) == {f"{who}, {way}" for who in ("untrained", "trained") for way in ("drawn", "best")}
    transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "run" / "model")
    report = agemem("report", tmp_path / "run", "--html", tmp_path / "page.html")
    assert report.exit_code == 0, report.output
    again = train(model, tmp_path / "run")
    assert again.exit_code == 0 and "cloning" not in again.output
    other = train(model, tmp_path / "run", "--seed", "1")
    assert other.exit_code == 2 and "seed" in other.output


@pytest.mark.slow
def test_a_run_cut_before_its_first_update_is_not_cloned_anew(
    model: Path, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baselines.language_model import cloning, grpo
    from benchmarks.training import language

    made, played, clone, evaluate = [], list[Any](), cloning.clone, grpo.evaluate

    def counted(*args: Any, **options: Any) -> Any:
        made.append(args)
        return clone(*args, **options)

    def cut(*args: Any, **options: Any) -> Any:
        played.append(args)
        if len(played) == 2:
            raise KeyboardInterrupt
        return evaluate(*args, **options)

    def done(folder: Path) -> tuple[Any, Any]:
        result = language.train_language_model(run, folder, 1, lambda row: None, lambda line: None)
        return result.tests, torch.load(folder / "last.pt", weights_only=True)["model"]

    monkeypatch.setattr(cloning, "clone", counted)
    few = Budget(updates=1)
    run = language.LanguageRun(str(model), "PDDL", few, rate=1e-2, demonstrations=1, curriculum="stage-3-only")
    tests, weights = done(tmp_path / "whole")
    monkeypatch.setattr(grpo, "evaluate", cut)
    with pytest.raises(KeyboardInterrupt):
        done(tmp_path / "parted")
    assert len(made) == 2 and not (tmp_path / "parted" / "curve.csv").exists()
    again, same = done(tmp_path / "parted")
    assert len(made) == 2 and again == tests
    assert len(played) == 2 + 6 - 1, "the test that was taken is not taken again"
    assert all(torch.equal(weights[name], same[name]) for name in weights)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--model", "no/such/model"], "cannot load --model"),
        (["--model", "x", "--seeds", "0-4"], "--seeds is not allowed with --model"),
        (["--model", "x", "--also", "PDDL"], "--also is not allowed with --model"),
        (["--model", "x", "--curriculum", "taught"], "progressive"),
        (["--model", "x", "--rate", "inf"], "rate=inf"),
        (["--lora", "4"], "--lora is not allowed without --model"),
        (["--demonstrations", "4"], "--demonstrations is not allowed without --model"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(options: list[str], text: str, tmp_path: Path) -> None:
    result = agemem("train", "-b", "HotpotQA", "--updates", "1", *options, "--out", tmp_path / "run")
    assert result.exit_code == 2, result.output
    assert text in result.output and len(result.output.strip().splitlines()) <= 2
    assert not (tmp_path / "run" / "last.pt").exists()
