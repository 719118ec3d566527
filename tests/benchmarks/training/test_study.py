"""Runs with several seeds: shared clone and tests, resuming, and what is not allowed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from agemem_env.errors import ConfigurationError, DataError
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import trial
from baselines.grpo.workers import workers
from benchmarks.scores.intervals import Estimate
from benchmarks.training import exam as exams
from benchmarks.training import run as running
from benchmarks.training.exam import BEST, Exam
from benchmarks.training.pooled import pooled
from benchmarks.training.run import TRAINED, UNTRAINED, WITHOUT_TOOLS, Manner, TrainingRun
from benchmarks.training.seeds import SeedTable, disjoint, write
from benchmarks.training.study import (
    AGEMEM,
    NO_MEMORY,
    VARIANTS,
    Results,
    check_kind,
    parse_seeds,
    play,
    runs_of,
    shared_clone,
)
from tests.benchmarks.command import agemem

SMALL: dict[str, Any] = {
    "groups": 1,
    "group_size": 2,
    "lessons": 5,
    "tasks": 50,
    "validation_every": 5,
    "validation_tasks": 1,
}
SETTINGS = Settings.of("HotpotQA", Budget(updates=1), **SMALL)
QUIET = Manner(1, lambda row: None, lambda line: None)


def played(runs: list[TrainingRun], tests: int = 2) -> Results:
    with workers(1) as lent:
        return play(runs, Exam(tests, lent), lent, QUIET)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TrainingRun], Results]:
    folder = tmp_path_factory.mktemp("study")
    runs = runs_of(SETTINGS, [AGEMEM, NO_MEMORY], (0, 1), folder)
    return folder, runs, played(runs)


@pytest.mark.parametrize("text", ["0-", "5-1", "a", "", "-1", "1,,2", "0-4-8", "1.5", "٣", "0-99999999"])
def test_seeds_that_are_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"seeds {text!r}" if text.isascii() else "seeds"):
        parse_seeds(text)


@pytest.mark.parametrize(("text", "which"), [("0-3,2", "2"), ("1,1", "1"), ("0-2,1-2", "1, 2")])
def test_a_seed_twice_is_refused(text: str, which: str) -> None:
    with pytest.raises(ConfigurationError, match=f"seeds '{text}' name {which} more than once; write each once"):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("train", "-b", "HotpotQA", "--also", "PDDL", "--also", "PDDL"), "PDDL is named more than once"),
        (("train", "-b", "HotpotQA", "--also", "HotpotQA"), "HotpotQA is named more than once"),
        (("train", "-b", "HotpotQA", "--seeds", "1,1"), "seeds '1,1' name 1 more than once"),
        (("ablate", "memory", "-b", "HotpotQA", "--seeds", "1,1"), "seeds '1,1' name 1 more than once"),
    ],
)
def test_what_is_named_twice_is_one_line(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    result = agemem(*options, "--updates", "1", "--out", tmp_path / "run")
    assert (result.exit_code, result.stdout) == (2, "") and not (tmp_path / "run").exists()
    assert result.stderr.startswith(f"error: {said}") and result.stderr.count("\n") == 1


def test_intervals_are_apart_overlap_or_are_not_known() -> None:
    ends = ((0.0, 0.2), (0.4, 0.6), (None, None))
    low, high, none = (Estimate(0.3, *both, n=4, method="wilson") for both in ends)
    assert disjoint(low, high) is disjoint(high, low) is True
    assert disjoint(low, low) is False
    assert disjoint(low, none) is disjoint(none, high) is None


def test_all_runs_begin_with_the_same_clone(study: tuple[Path, list[TrainingRun], Results]) -> None:
    folder, runs, _ = study
    starts = [RunFolder(run.folder).read_weights("start") for run in runs]
    assert np.abs(starts[0]).max() > 0
    assert all((start == starts[0]).all() for start in starts)
    assert (RunFolder(folder).read_weights("clone-5") == starts[0]).all()


def test_seeds_and_tools_make_a_difference(study: tuple[Path, list[TrainingRun], Results]) -> None:
    _, runs, results = study
    weights = [RunFolder(run.folder).read_weights("weights") for run in runs]
    assert not (weights[0] == weights[1]).all()
    assert set(results[NO_MEMORY, 0].tests) == {f"{who}, {way}" for who in (UNTRAINED, TRAINED) for way in exams.WAYS}
    for who in (WITHOUT_TOOLS, TRAINED):
        variant = AGEMEM if who == WITHOUT_TOOLS else NO_MEMORY
        assert results[variant, 0].tests[f"{who}, {BEST}"]["metrics"]["TC"] == 0
    assert results[AGEMEM, 0].tests[f"{TRAINED}, {BEST}"]["metrics"]["TC"] > 0


def test_what_is_there_is_not_made_again(
    study: tuple[Path, list[TrainingRun], Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runs, results = study

    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("it was there")

    for where, name in ((running, "train"), (exams, "trial"), ("benchmarks.training.study", "clone")):
        if isinstance(where, str):
            monkeypatch.setattr(f"{where}.{name}", never)
        else:
            monkeypatch.setattr(where, name, never)
    assert played(runs) == results
    monkeypatch.undo()
    assert len(played(runs[:1], tests=1)[AGEMEM, 0].tests[f"{TRAINED}, {BEST}"]["tasks"]) == 1, "other tests are taken"
    played(runs[:1])


@pytest.mark.parametrize("content", ["[1]", '{"tests": [1]}', '{"tests": null}', "3"])
def test_results_that_are_something_else_are_told_in_one_line(content: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"result\.json has no results of a run; delete it, and it is made anew$"):
        exams.earlier(RunFolder(tmp_path))


@pytest.mark.parametrize("damage", [{"scores": [1.0]}, {"scores": ["a", "b"]}, {"tasks": 3}, {"key": None}])
def test_damaged_tests_are_taken_anew(
    damage: dict[str, Any], study: tuple[Path, list[TrainingRun], Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runs, results = study
    known = results[AGEMEM, 0].tests[f"{UNTRAINED}, {BEST}"]
    monkeypatch.setattr(exams, "trial", lambda *rest, **options: pytest.fail("it was whole"))
    who = exams.Examinee(UNTRAINED, RunFolder(runs[0].folder).read_weights("start"), runs[0].settings)
    with workers(1) as lent:
        exam = Exam(2, lent)
        exam.remember({"whole": known, "damaged": {**known, **damage}, "none": cast(Any, 3)})
        assert exam.take(who, BEST) == known
        anew = Exam(2, lent)
        anew.remember({"damaged": {**known, **damage}})
        with pytest.raises(pytest.fail.Exception, match="it was whole"):
            anew.take(who, BEST)


def test_runs_of_another_benchmark_are_not_mixed_in(study: tuple[Path, list[TrainingRun], Results]) -> None:
    folder, _, _ = study
    others = runs_of(Settings.of("PDDL", Budget(updates=1), lessons=7), [AGEMEM], (9,), folder)
    with pytest.raises(ConfigurationError, match="holds runs of HotpotQA, not of PDDL: take another folder"):
        played(others)
    assert not others[0].folder.exists()


def test_training_is_not_kept_among_other_things(
    study: tuple[Path, list[TrainingRun], Results], tmp_path: Path
) -> None:
    folder, runs, _ = study
    check_kind(folder, one=False)
    check_kind(runs[0].folder, one=True)
    with pytest.raises(ConfigurationError, match="holds runs of several seeds"):
        check_kind(folder, one=True)
    with pytest.raises(ConfigurationError, match="holds a run of one seed"):
        check_kind(runs[0].folder, one=False)
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    for one in (True, False):
        with pytest.raises(ConfigurationError, match="holds a run of `agemem bench`"):
            check_kind(tmp_path, one=one)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "no budget"),
        ({"updates": 3, "minutes": 2.0}, "updates=3 and minutes=2.0"),
        ({"cpu_seconds": math.nan}, "cpu_seconds=nan"),
        ({"updates": 0}, "updates=0"),
    ],
)
def test_a_budget_is_one_number(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{said} is not allowed; give one of"):
        Budget(**given)


def test_a_damaged_clone_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / f"clone-{SETTINGS.lessons}.npz").write_bytes(b"PK and no more")
    with workers(1) as lent, pytest.raises(DataError, match=r"train anew, after deleting it$"):
        shared_clone(SETTINGS, tmp_path, lent)


def test_untrained_weights_are_tested_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = []
    plain = exams.trial

    def counted(*arguments: Any, **options: Any) -> Any:
        tested.append(options["greedy"])
        return plain(*arguments, **options)

    monkeypatch.setattr(exams, "trial", counted)
    played(runs_of(SETTINGS, [AGEMEM], (0, 1), tmp_path), tests=1)
    assert len(tested) == 2 + 2 * 4


def test_tests_of_a_version_that_measured_less_are_taken_anew(
    study: tuple[Path, list[TrainingRun], Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runs, _ = study
    kept = RunFolder(runs[0].folder)
    old = kept.read_json("result")["tests"]
    for answers in old.values():
        del answers["habits"]
    taken = []

    def counted(*args: Any, **options: Any) -> Any:
        taken.append(args)
        return trial(*args, **options)

    monkeypatch.setattr(exams, "trial", counted)
    with workers(1) as lent:
        exam = Exam(2, lent)
        exam.remember(old)
        who = exams.Examinee(UNTRAINED, kept.read_weights("start"), runs[0].settings)
        assert "habits" in exam.take(who, BEST) and len(taken) == 1


def test_table_and_curves(study: tuple[Path, list[TrainingRun], Results], tmp_path: Path) -> None:
    _, runs, results = study
    table = SeedTable("HotpotQA", (0, 1), results)
    write(table, runs, tmp_path, Budget(updates=1))
    found = json.loads((tmp_path / "seeds.json").read_text(encoding="utf-8"))
    assert len(found["lines"]) == 8 and len(found["runs"]) == 4
    trained = pooled(results, AGEMEM, TRAINED, BEST, (0, 1))
    assert trained is not None and len(trained.scores) == 2 and len(trained.scores[0]) == 2
    assert found["lines"]["trained, best"]["mean"] == pytest.approx(np.mean(trained.scores))
    gap = found["differences"]["trained against trained, no memory, best"]
    without = pooled(results, NO_MEMORY, TRAINED, BEST, (0, 1))
    assert without is not None and gap["mean"] == pytest.approx(np.mean(trained.scores) - np.mean(without.scores))
    assert len(found["differences"]) == len(table.differences().rows) == 6 and "intervals_apart" in gap
    assert "trained, tools taken away | best" in (tmp_path / "seeds.md").read_text(encoding="utf-8")
    assert {row[0] for row in table.habits().rows} == {"untrained", "trained"}, "who has memory tools"
    assert "| small talk stored |" in (tmp_path / "seeds.md").read_text(encoding="utf-8")
    stored = [test["habits"]["small talk stored"] for test in trained.tests]
    assert all(count for _, count in stored)
    assert trained.habits["small talk stored"] == pytest.approx(
        np.average([s for s, _ in stored], weights=[n for _, n in stored])
    )
    assert (tmp_path / "seeds.png").stat().st_size > 10_000
    untrained = pooled(results, AGEMEM, UNTRAINED, BEST, (0, 1))
    assert untrained is not None and not untrained.has_seeds and untrained.estimate.n == 2
    assert pooled(results, "gigpo", TRAINED, BEST, (0, 1)) is None
    assert untrained.minus(trained) is not None and not disjoint(trained.estimate, trained.estimate)


def test_folders_of_something_else_are_refused(study: tuple[Path, list[TrainingRun], Results]) -> None:
    folder, runs, _ = study
    with pytest.raises(ConfigurationError, match="benchmark='HotpotQA', not 'PDDL'"):
        played(runs_of(Settings.of("PDDL", Budget(updates=1), **SMALL), [AGEMEM], (5, 0), folder))
    assert not (folder / AGEMEM / "seed-5").exists(), "nothing is trained then"
    with pytest.raises(ConfigurationError, match="of HotpotQA, not of PDDL"):
        played(runs_of(Settings.of("PDDL", Budget(updates=1), **SMALL), [AGEMEM], (5,), folder))
    with pytest.raises(ConfigurationError, match="holds one run"):
        runs_of(SETTINGS, [AGEMEM], (0,), runs[0].folder)
    with pytest.raises(ConfigurationError, match="no-memory"):
        runs_of(SETTINGS, ["nomemory"], (0,), folder)


def test_without_memory_the_whole_budget_goes_to_the_task() -> None:
    without = VARIANTS[NO_MEMORY]
    assert all(3 not in phase.taught for phase in without.of(SETTINGS).phases)
    assert any(3 in phase.taught for phase in VARIANTS["long-term"].of(SETTINGS).phases)


@pytest.mark.parametrize("name", list(VARIANTS))
def test_each_variant_differs_from_the_others(name: str) -> None:
    settings = {other: VARIANTS[other].of(SETTINGS).to_json() for other in VARIANTS}
    assert [other for other in VARIANTS if settings[other] == settings[name]] == [name]
    assert (name == AGEMEM) == (settings[name] == SETTINGS.to_json())


def test_an_interrupted_study_is_continued(
    study: tuple[Path, list[TrainingRun], Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole, results = study
    runs = runs_of(SETTINGS, [AGEMEM], (0, 1), tmp_path)
    plain, tests = exams.trial, []

    def killed(*arguments: Any, **options: Any) -> Any:
        tests.append(arguments)
        if len(tests) == 8:
            raise KeyboardInterrupt
        return plain(*arguments, **options)

    monkeypatch.setattr(exams, "trial", killed)
    with pytest.raises(KeyboardInterrupt):
        played(runs)
    continued = played(runs)
    assert len(tests) == 8 + 3, "what had been tested is not tested again"
    assert continued[AGEMEM, 1].tests == results[AGEMEM, 1].tests
    assert continued[AGEMEM, 0].tests == results[AGEMEM, 0].tests and len(whole) == 4
