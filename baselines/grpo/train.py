"""The training loop: on-policy step-wise GRPO, one update per batch of groups.

>>> from baselines.grpo.settings import Budget, Settings
>>> import tempfile, pathlib
>>> settings = Settings.of("HotpotQA", Budget(updates=1), groups=1, group_size=2, lessons=0, validation_tasks=1)
>>> result = train(settings, pathlib.Path(tempfile.mkdtemp()))
>>> result.updates, result.problem
(1, None)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from baselines.grpo.adam import Adam
from baselines.grpo.cloning import fitted
from baselines.grpo.curriculum import phase_at
from baselines.grpo.folder import Progress, RunFolder
from baselines.grpo.groups import GroupResult, Totals, add, means
from baselines.grpo.math import Floats
from baselines.grpo.scorer import Scorer
from baselines.grpo.settings import Settings
from baselines.grpo.watch import Watch
from baselines.grpo.workers import GroupJob, LessonJob, Outcome, TrialJob, Workers, workers

PACK = 5
"""Tasks of one job that clones or tests: they are played one by one."""

SAVE_EVERY_S = 10.0
"""Seconds between checkpoints."""

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class TrainResult:
    """What training gave.

    Attributes:
        weights: Those with the best validation score; those that the phase began with, if something went wrong before
            the first validation.
        updates: Updates taken.
        problem: Why training stopped before its budget was used up, or None.
        seconds: By the clock.
        cpu_seconds: Of all processes.
    """

    weights: Floats
    updates: int
    problem: str | None
    seconds: float
    cpu_seconds: float


def train(
    settings: Settings,
    folder: Path,
    *,
    processes: int = 1,
    tell: Tell | None = None,
    save_every_s: float = SAVE_EVERY_S,
    start: Floats | None = None,
    lent: Workers | None = None,
) -> TrainResult:
    """Train a scorer, or continue a run that was interrupted.

    Args:
        settings: The run.
        folder: Where it is kept; a run that is there already is continued from its last checkpoint.
        processes: Processes that play; the curve does not depend on it.
        tell: Called with each row of the curve.
        save_every_s: Seconds between checkpoints.
        start: Weights of a new run, such as the clone of another one with the same lessons; None: those that the folder
            has, if a run was interrupted before its first checkpoint, else they are made.
        lent: Processes that play instead, and that others go on with.

    Raises:
        ConfigurationError: If the folder holds a run with other settings, or somebody else is training in it.
    """
    kept = RunFolder(folder)
    with kept.claim(settings), workers(processes) if lent is None else nullcontext(lent) as playing:
        return _Run(settings, kept, playing, tell or (lambda row: None), save_every_s, start).go_on()


class _Run:
    """A run in progress."""

    def __init__(
        self,
        settings: Settings,
        folder: RunFolder,
        lent: Workers,
        tell: Tell,
        save_every_s: float,
        start: Floats | None = None,
    ) -> None:
        self.settings, self.folder, self.workers, self.tell = settings, folder, lent, tell
        self.save_every_s = save_every_s
        self.watch, self.used_before = Watch(), 0.0
        loaded = folder.load(settings.rate)
        self.rows: list[dict[str, Any]] = []
        if loaded is None:
            start = self._start(start)
            self.progress = Progress(start, start, Adam(settings.rate))
        else:
            self.progress = loaded
            self.used_before = loaded.seconds
            self.rows = [row for row in folder.rows() if int(row["update"]) <= loaded.updates]
            phase = settings.phases[loaded.phase].name
            self.watch.remember(float(row.get("silent") or 0) for row in self.rows if row.get("phase") == phase)
        # The clone is a start from which training is measured, and not part of its budget.
        self.began = self.saved = time.perf_counter()
        self.own_cpu = time.process_time()

    def _start(self, given: Floats | None) -> Floats:
        """Return the weights to begin with, which are kept as soon as they are made: cloning may take minutes."""
        kept = self.folder.weights_if_readable("start") if given is None else None
        if kept is not None:
            return kept
        weights = clone(self.settings, self.workers) if given is None else given
        self.folder.write_weights("start", weights, settings=self.settings.to_json(), updates=0)
        return self.folder.read_weights("start")  # as it is kept, so that whoever takes it from there begins alike

    def go_on(self) -> TrainResult:
        """Train until the budget is used up or something is wrong."""
        progress, budget = self.progress, self.settings.budget
        problem: str | None = (self.rows[-1].get("problem") or None) if self.rows else None
        while problem is None and budget.used(progress.updates, progress.cpu_seconds, self._seconds()) < 1:
            problem = self._update()
            if problem is None and progress.updates % self.settings.validation_every == 0:
                self._validate()
            if time.perf_counter() - self.saved > self.save_every_s:
                self._save()
        if problem is None and progress.updates % self.settings.validation_every:  # else it has been done
            self._validate()
        self._save()
        # Without a validation so far, what the last phase began with is the last that nothing was wrong with.
        best = progress.best if len(progress.best) else progress.reference
        self.folder.write_weights("weights", best, **self._about())
        return TrainResult(best, progress.updates, problem, progress.seconds, progress.cpu_seconds)

    def _update(self) -> str | None:
        """Play a batch and take one step; return what is wrong, or None."""
        progress, settings = self.progress, self.settings
        self._enter_phase()
        results: list[GroupResult] = self.workers.run(self._jobs())
        total: Floats = reduce(np.add, (result.gradient for result in results))
        gradient: Floats = total / max(1.0, sum(result.weight for result in results))
        counts: Totals = {}
        for result in results:
            add(counts, result.counts)
        if np.isfinite(gradient).all():
            progress.weights = progress.adam.ascend(progress.weights, gradient)
        progress.updates += 1
        played = counts.get("cpu", 0.0) if self.workers.apart else 0.0
        own, self.own_cpu = time.process_time() - self.own_cpu, time.process_time()
        progress.cpu_seconds += own + played
        progress.seconds = self._seconds()
        row = {
            "update": progress.updates,
            "phase": settings.phases[progress.phase].name,
            **means(counts),
            "gradient": float(np.linalg.norm(gradient)),
            "seconds": round(progress.seconds, 3),
            "cpu_seconds": round(progress.cpu_seconds, 3),
        }
        problem = self.watch.problem(row, progress.weights, gradient)
        row["problem"] = problem or ""
        self.rows.append(row)
        self.tell(row)
        return problem

    def _enter_phase(self) -> None:
        """Go on to the next phase when it is time; the policy is then its own reference."""
        progress, settings = self.progress, self.settings
        used = settings.budget.used(progress.updates, progress.cpu_seconds, self._seconds())
        phase = phase_at(settings.phases, used)
        # What was to be learned in a phase may be learned before its end: only in the last one is silence a problem.
        if phase != progress.phase or phase + 1 < len(settings.phases):
            self.watch = Watch()
        if phase != progress.phase:
            progress.phase, progress.reference = phase, progress.weights

    def _jobs(self) -> list[GroupJob]:
        progress, settings, each = self.progress, self.settings, self.settings.each
        phase = settings.phases[progress.phase]
        floor = settings.learning.floor if phase.floor is None else phase.floor
        learning = replace(settings.learning, beta=settings.learning.beta * phase.pull, floor=floor)
        rng = np.random.default_rng([settings.seed, progress.updates])
        turn = progress.updates * settings.groups
        own = [each[(turn + place) % len(each)] for place in range(settings.groups)]
        tasks = rng.integers([one.tasks for one in own]).tolist()
        return [
            GroupJob(
                one.world("train"),
                phase,
                learning,
                progress.weights,
                progress.reference,
                task,
                (settings.seed, progress.updates, place),
                settings.group_size,
            )
            for place, (one, task) in enumerate(zip(own, tasks, strict=True))
        ]

    def _validate(self) -> None:
        """Play validation tasks, and keep the weights if they are the best so far."""
        each, weights = self.settings.each, self.progress.weights
        count = max(1, self.settings.validation_tasks // len(each))
        found = [outcome for one in each for outcome in trial(one, weights, "valid", count, lent=self.workers)]
        score = float(np.mean([outcome.score for outcome in found]))
        self.own_cpu = time.process_time()  # validation is not training
        if self.rows:
            self.rows[-1]["validation"] = score
        if score >= self.progress.best_score:
            self.progress.best, self.progress.best_score = self.progress.weights, score
            self.folder.write_weights("best", self.progress.weights, **self._about())

    def _save(self) -> None:
        self.progress.seconds = self._seconds()
        self.folder.write_rows(self.rows)
        self.folder.save(self.progress)
        self.saved = time.perf_counter()

    def _seconds(self) -> float:
        return self.used_before + time.perf_counter() - self.began

    def _about(self) -> dict[str, Any]:
        progress = self.progress
        return {"settings": self.settings.to_json(), "updates": progress.updates, "validation": progress.best_score}


def clone(settings: Settings, lent: Workers) -> Floats:
    """Return the weights to begin with: those that choose commands or answers as an expert does, or zeros.

    Without memory tools they are the same: what differs in training is the tools alone.
    """
    jobs: list[LessonJob] = []
    for one in settings.each:
        plain = {name: value for name, value in one.arguments.items() if name != "tools"}
        world, count = replace(one, arguments=plain).world("train"), one.lessons
        jobs += [LessonJob(world, range(start, min(start + PACK, count))) for start in range(0, count, PACK)]
    taught = [lesson for found in lent.run(jobs) for lesson in found]
    return fitted(taught)[0].weights if taught else Scorer().weights


def trial(
    settings: Settings,
    weights: Floats,
    split: str,
    count: int,
    *,
    first: int = 0,
    greedy: bool = False,
    lent: Workers | None = None,
) -> list[Outcome]:
    """Play tasks of a split.

    Args:
        settings: Of the run; its environment is played.
        weights: Of the policy.
        split: ``valid`` or ``test``.
        count: Number of tasks.
        first: Index of the first.
        greedy: Whether the best candidate is chosen instead of one drawn.
        lent: Workers; None: the tasks are played in this process.
    """
    world = settings.world(split)
    last = first + count
    jobs = [
        TrialJob(world, weights, range(start, min(start + PACK, last)), greedy) for start in range(first, last, PACK)
    ]
    if lent is not None:
        return [outcome for found in lent.run(jobs) for outcome in found]
    with workers(1) as own:
        return [outcome for found in own.run(jobs) for outcome in found]
