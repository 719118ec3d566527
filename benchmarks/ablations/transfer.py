"""Weights that were trained on one benchmark, tested on another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agemem_env.engines import ENGINES, engine_class
from agemem_env.errors import DataError, MissingExtraError
from baselines.grpo.folder import RunFolder
from baselines.grpo.math import Floats
from baselines.grpo.settings import Settings
from baselines.grpo.workers import Workers
from benchmarks.training.cost import around
from benchmarks.training.exam import RESULT, WAYS, Exam, Examinee, earlier
from benchmarks.training.pooled import Pooled
from benchmarks.training.run import TRAINED, UNTRAINED, Say, TrainingRun
from benchmarks.training.study import shared_clone


def carried_over(trained: Floats, start: Floats, other: Floats) -> Floats:
    """Return the start of another benchmark with what training has changed.

    >>> import numpy as np
    >>> carried_over(np.array([1.5, 0.0]), np.array([1.0, 0.0]), np.array([0.0, 2.0])).tolist()
    [0.5, 2.0]
    """
    return other + (trained - start)


def elsewhere(
    runs: Sequence[TrainingRun], folder: Path, exam: Exam, lent: Workers, say: Say
) -> Iterator[tuple[str, str, str, Pooled]]:
    """Yield benchmark, who is tested, the way of choosing, and what came, for all other benchmarks.

    Args:
        runs: Runs of one benchmark, one per seed.
        folder: Has a folder for each benchmark.
        exam: The test tasks.
        lent: Play.
        say: Told of benchmarks that are left out because their packages or data are missing.
    """
    own = runs[0].settings.benchmark
    for benchmark in ENGINES:
        if benchmark == own:
            continue
        say(f"testing on {benchmark}")
        try:
            yield from _on(benchmark, runs, folder / benchmark, exam, lent)
        except (MissingExtraError, DataError) as error:
            say(f"{benchmark} is left out: {' '.join(str(error).split())}")


def _on(
    benchmark: str, runs: Sequence[TrainingRun], folder: Path, exam: Exam, lent: Workers
) -> Iterator[tuple[str, str, str, Pooled]]:
    """Take the exam of another benchmark with the weights of the runs, and pool what each player reached."""
    budget = runs[0].settings.budget
    settings = Settings.of(benchmark, budget, lessons=around(benchmark, budget).lessons)
    start, score = shared_clone(settings, folder, lent), engine_class(benchmark).main_score
    found: dict[tuple[str, str], list[dict[str, object]]] = {}
    for run in runs:
        kept, there = RunFolder(run.folder), RunFolder(folder / "transferred" / run.folder.name)
        exam.remember(earlier(there))
        weights = carried_over(kept.read_weights("weights"), kept.read_weights("start"), start)
        tests = {}
        for who in (Examinee(UNTRAINED, start, settings), Examinee(TRAINED, weights, settings)):
            for way in WAYS:
                tests[f"{who.name}, {way}"] = exam.take(who, way)
                found.setdefault((who.name, way), []).append(tests[f"{who.name}, {way}"])
        there.write_json(RESULT, {"score": score, "from": str(run.folder), "tests": tests})
    for (who_name, way), answers in found.items():
        yield benchmark, who_name, way, Pooled(score, answers)
