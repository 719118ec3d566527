"""Trains a policy, tests it before and after on tasks that nothing was chosen by, and writes down what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agemem_env.engines import engine_class
from baselines.grpo.curve import draw
from baselines.grpo.folder import RunFolder
from baselines.grpo.math import Floats
from baselines.grpo.settings import Settings
from baselines.grpo.train import train
from baselines.grpo.workers import Workers
from benchmarks.training.exam import RESULT, WAYS, Answers, Exam, Examinee, earlier
from benchmarks.training.tensorboard import logged

UNTRAINED, TRAINED, WITHOUT_TOOLS = "untrained", "trained", "tools taken away"
"""Who is tested: the weights that training began with, those that it kept, and those without any memory tool."""

Tell = Callable[[Mapping[str, Any]], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class TrainingRun:
    """A training run and where it is kept.

    Attributes:
        settings: The run.
        folder: Its folder.
        variant: What it is called among the runs that it is compared with.
    """

    settings: Settings
    folder: Path
    variant: str = "agemem"

    @property
    def has_tools(self) -> bool:
        """Whether memory tools are offered."""
        return bool(self.settings.arguments.get("tools", True))


@dataclass(frozen=True)
class TrainingResult:
    """What came of a run.

    Attributes:
        score: Name of the benchmark's main score.
        updates: Updates taken.
        cpu_seconds: Processor seconds of training.
        seconds: Seconds of training by the clock.
        problem: Why training stopped before its budget was used up; "" if it did not.
        tests: What came of each test, by ``<who>, <way>``.
    """

    score: str
    updates: int
    cpu_seconds: float
    seconds: float
    problem: str
    tests: Mapping[str, Answers]


@dataclass(frozen=True)
class Manner:
    """How runs are carried out; nothing that comes of them depends on it.

    Attributes:
        processes: Processes that play.
        tell: Called with each row of a curve.
        say: Called with a line about what is done.
        tensorboard: Whether curves are logged for TensorBoard too.
    """

    processes: int
    tell: Tell
    say: Say
    tensorboard: bool = False


def trained(run: TrainingRun, how: Manner, lent: Workers, start: Floats | None = None) -> RunFolder:
    """Train, or continue, or find a run that was trained to its end; return its folder.

    Args:
        run: The run.
        how: How it is carried out.
        lent: Play.
        start: Weights to begin with; None: they are made.

    Raises:
        ConfigurationError: If the folder holds a run with other settings, or somebody else is training in it.
        MissingExtraError: If a log for TensorBoard is wanted and cannot be written.
    """
    kept = RunFolder(run.folder)
    kept.check(run.settings)
    with logged(how.tell, run.folder / "tensorboard" if how.tensorboard else None, kept.rows()) as tell:
        if not kept.finished:
            train(run.settings, run.folder, tell=tell, start=start, lent=lent)
    rows = kept.rows()
    if rows:
        draw(rows, run.folder / "curve.png", f"{run.settings.benchmark}, {run.variant}, seed {run.settings.seed}")
    return kept


def tested(run: TrainingRun, kept: RunFolder, exam: Exam) -> TrainingResult:
    """Test the weights of a run; each test is written down as soon as it is over.

    Args:
        run: The run.
        kept: Its folder.
        exam: The test tasks.
    """
    exam.remember(earlier(kept))
    rows, tests = kept.rows(), {}
    last = rows[-1] if rows else {}
    about: dict[str, Any] = {
        "score": engine_class(run.settings.benchmark).main_score,
        "updates": int(last.get("update", 0)),
        "cpu_seconds": float(last.get("cpu_seconds", 0.0)),
        "seconds": float(last.get("seconds", 0.0)),
        "problem": last.get("problem", ""),
    }
    for who in examinees(run, kept):
        for way in WAYS:
            tests[f"{who.name}, {way}"] = exam.take(who, way)
            kept.write_json(RESULT, {**about, "tests": tests})
    return TrainingResult(**about, tests=tests)


def examinees(run: TrainingRun, kept: RunFolder) -> list[Examinee]:
    """Return who is tested after a run."""
    ready = Examinee(TRAINED, kept.read_weights("weights"), run.settings)
    before = Examinee(UNTRAINED, kept.read_weights("start"), run.settings)
    also = [replace(ready, name=f"{TRAINED} on {one.benchmark}", settings=one) for one in run.settings.each[1:]]
    return [before, ready, *([ready.without_tools(WITHOUT_TOOLS)] if run.has_tools else []), *also]
