"""``agemem compare sciworld``: the simulator beside the package's own ``ScienceWorldEnv``, on the same task variations.

Both run in the same Java with the same options. Each task is played twice: along ScienceWorld's gold path, then at
random among the valid actions, now and then with an input that nothing matches. Compared are every observation,
score, end, view and inventory, and now and then the valid actions. Before each command both are seeded alike:
`ScienceWorldEnv` lists the valid actions at every step and draws lots between names there, which moves its bees
otherwise than in an episode in which nobody asked.

Both are timed in the same run, and the memory of the Java machines is read from ``/proc``; figures depend on the
machine.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from agemem_env.data.environment import environment_variables
from agemem_env.engines.sciworld.catalogue import gold_path, splits, task_names
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from benchmarks.compare.side_by_side import SideBySide

SIMPLIFICATIONS = "easy"

NONSENSE = ("dance", "look at nothing", "open", "17", "focus on the moon", "HELP", "")
"""What a player may type that nothing matches, and what has a meaning of its own."""

NONSENSE_SHARE = 0.05
"""Share of it in random play."""

FOCUS_SHARE = 0.05
"""Share of the draws of a ``focus on`` command that are kept: most of them end the task at once."""

VALID_EVERY = 4
"""Number of steps after which the valid actions are compared."""

app = typer.Typer(pretty_exceptions_enable=False)


@dataclass
class SciWorldComparison(SideBySide):
    """What was seen; the solutions are the gold paths.

    Attributes:
        walks: Number of walks.
        lists: Number of lists of valid actions compared.
        megabytes: Memory of the Java machines.
    """

    other = "ScienceWorldEnv"
    digits = 1

    walks: int = 0
    lists: int = 0
    megabytes: dict[str, float] = field(default_factory=dict)


@app.command()
def main(
    steps: Annotated[int, typer.Option(min=1, help="Commands in all, shared out among the tasks.")] = 5000,
    envs: Annotated[int, typer.Option(min=1, help="Simulators whose memory is measured.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Seed of variations and random play.")] = 0,
) -> None:
    """Compare the simulator with the package's own environment; fail if anything differs."""
    result = compare(steps, envs, np.random.default_rng(seed))
    result.conclude(lines(result))


def compare(steps: int, envs: int, rng: np.random.Generator) -> SciWorldComparison:
    """Play every task in both.

    Args:
        steps: Commands in all.
        envs: Number of simulators at once whose memory is measured.
        rng: Source of variations and random play.

    Raises:
        MissingExtraError: If the extra ``sciworld`` is not installed.
    """
    result = SciWorldComparison()
    names = task_names()
    with _reference() as reference, contextlib.closing(SciWorldSimulator()) as simulator:
        for number, task in enumerate(names):
            variation = int(rng.choice(splits(task).test))
            quota = steps * (number + 1) // len(names) - result.steps
            _Pair(result, reference, simulator, task, variation).play(rng, quota)
        result.megabytes["1 simulator"] = _megabytes(jvm.shared().pid)
        result.megabytes["1 ScienceWorldEnv"] = _megabytes(reference._gateway.java_process.pid)
    result.megabytes[f"{envs} simulators"] = _together(envs, rng)
    return result


@contextlib.contextmanager
def _reference() -> Iterator[Any]:
    """Yield the package's environment, in the same Java and with the same options."""
    place = installation()
    changed = {
        "PATH": os.pathsep.join((str(place.java.parent), os.environ.get("PATH", ""))),
        "JAVA_TOOL_OPTIONS": " ".join(jvm.FLAGS),
    }
    with environment_variables(changed):
        from scienceworld import ScienceWorldEnv

        reference = ScienceWorldEnv("", envStepLimit=10**9)
    try:
        yield reference
    finally:
        reference.close()


class _Pair:
    """One task variation in both."""

    def __init__(
        self, result: SciWorldComparison, reference: Any, simulator: SciWorldSimulator, task: str, variation: int
    ) -> None:
        self._result = result
        self._reference = reference
        self._simulator = simulator
        self._task = task
        self._variation = variation
        find_class = reference._gateway.jvm.java.lang.Class.forName
        self._random = find_class("scala.util.Random$").getField("MODULE$").get(None)
        electrical = "power-component" in task or "conductivity" in task
        self._simplifications = "openDoors,selfWateringFlowerPots" if electrical else SIMPLIFICATIONS
        self._info: dict[str, Any] = {}

    def play(self, rng: np.random.Generator, steps: int) -> None:
        """Play the gold path, then at random."""
        path = gold_path(self._task, self._variation, self._simplifications)[:steps]
        self._start()
        for command in path:
            self._step(command)
        self._result.solved += self._info["score"] == 100
        self._start()
        for _ in range(steps - len(path)):
            self._step(self._random_command(rng))

    def _random_command(self, rng: np.random.Generator) -> str:
        if rng.random() < NONSENSE_SHARE:
            return NONSENSE[int(rng.integers(len(NONSENSE)))]
        valid = sorted(self._info["valid"])
        while True:
            command: str = valid[int(rng.integers(len(valid)))]
            if not command.startswith("focus on") or rng.random() < FOCUS_SHARE:
                return command

    def _start(self) -> None:
        self._result.walks += 1
        arguments = (self._task, self._variation, self._simplifications)
        ours = self._result.timed("simulator", "load and reset", lambda: self._simulator.load(*arguments))
        theirs, self._info = self._result.timed("ScienceWorldEnv", "load and reset", lambda: self._restarted(arguments))
        self._result.same(f"{self._task} {self._variation}, first observation", ours, theirs)

    def _restarted(self, arguments: tuple[str, int, str]) -> tuple[str, dict[str, Any]]:
        self._reference.load(*arguments)
        text, info = self._reference.reset()
        return text, info

    def _step(self, command: str) -> None:
        """Take a step in both, with equal draws of chance, and compare all that can be seen."""
        self._result.steps += 1
        self._simulator.seed_draws(self._result.steps)
        self._random.setSeed(self._result.steps)
        ours = self._result.timed("simulator", "step", lambda: self._simulator.step(command))
        theirs = self._result.timed("ScienceWorldEnv", "step with valid actions", lambda: self._reference.step(command))
        text, _, done, self._info = theirs
        where = f"{self._task} {self._variation}, step {self._result.steps} {command!r}"
        self._result.same(f"{where}, text", ours.text, text)
        self._result.same(f"{where}, score", ours.score, self._info["score"])
        self._result.same(f"{where}, done", ours.done, done)
        self._result.same(f"{where}, view", self._simulator.look(), self._info["look"])
        self._result.same(f"{where}, inventory", self._simulator.inventory(), self._info["inv"])
        if self._result.steps % VALID_EVERY == 0:
            self._result.lists += 1
            valid = self._result.timed("simulator", "valid actions", self._simulator.valid_actions)
            self._random.setSeed(0)
            self._result.same(f"{where}, valid", valid, self._reference.get_valid_action_object_combinations())


def _together(envs: int, rng: np.random.Generator) -> float:
    """Return the memory of a machine in which several simulators have played two episodes each."""
    simulators = [SciWorldSimulator() for _ in range(envs)]
    names = task_names()
    for episode in range(2):
        for i, simulator in enumerate(simulators):
            task = names[(i + episode * envs) % len(names)]
            simulator.load(task, int(rng.choice(splits(task).train)), "openDoors")
        for _ in range(10):
            for simulator in simulators:
                valid = simulator.valid_actions()
                simulator.step(valid[int(rng.integers(len(valid)))])
    used = _megabytes(jvm.shared().pid)
    for simulator in simulators:
        simulator.close()
    return used


def _megabytes(pid: int) -> float:
    """Return the resident memory of a process, not a number where there is no ``/proc``."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


def lines(result: SciWorldComparison) -> Iterator[str]:
    """Yield the report."""
    yield (
        f"{result.walks} walks, {result.steps} commands, {result.lists} lists of valid actions, "
        f"{len(result.differences)} differences"
    )
    yield f"{result.solved} tasks solved by their gold paths in both"
    yield from result.table()
    for what, megabytes in result.megabytes.items():
        yield f"Java's memory with {what}: {megabytes:.0f} MB"
