"""One episode of ScienceWorld: loads a task variation, steps, and tells what the simulator knows."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agemem_env.engines.sciworld import catalogue
from agemem_env.engines.sciworld.catalogue import PIECE, Splits, check_simplifications
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.java.jvm import JavaMachine, JavaWorld
from agemem_env.errors import EngineCrash


@dataclass(frozen=True, slots=True)
class StepResult:
    """What the simulator says to one command.

    Attributes:
        text: The observation.
        score: 0 to 100, or negative if the task has failed for good.
        done: The simulator has ended the episode, in success or failure.
    """

    text: str
    score: int
    done: bool


@dataclass(frozen=True, slots=True)
class SciWorldSnapshot:
    """How a state was reached, which is all that is needed to reach it again.

    Attributes:
        task: Name of the task.
        variation: Its number.
        simplifications: Those it was loaded with.
        commands: All commands since.
    """

    task: str
    variation: int
    simplifications: str
    commands: tuple[str, ...]


class SciWorldSimulator:
    """A ScienceWorld episode in the machine of this process.

    Every method that asks the simulator raises `EngineCrash` if it dies, hangs or fails. The episode is then lost;
    `load` starts another, in a new machine if need be. Only `load` and `step` change the episode.
    """

    def __init__(self) -> None:
        self._machine: JavaMachine | None = None
        self._world: JavaWorld | None = None
        self._finalizer: weakref.finalize[[JavaWorld], SciWorldSimulator] | None = None
        self._reached: SciWorldSnapshot | None = None

    @staticmethod
    def task_names() -> tuple[str, ...]:
        """Return the names of the 30 tasks."""
        return catalogue.task_names()

    @staticmethod
    def variations(task: str) -> int:
        """Return the number of variations of a task."""
        return catalogue.splits(task).size

    @staticmethod
    def splits(task: str) -> Splits:
        """Return ScienceWorld's own train, dev and test variations of a task."""
        return catalogue.splits(task)

    def load(self, task: str, variation: int, simplifications: str = "") -> str:
        """Start a task variation and return the first observation.

        Args:
            task: A name in `task_names`.
            variation: A number in ``range(variations(task))``.
            simplifications: Names in `SIMPLIFICATIONS`, separated by commas.

        Raises:
            ConfigurationError: If there is no such task or variation, or a simplification is not allowed.
            MissingExtraError: If ScienceWorld or Java is not installed.
            EngineCrash: If the simulator dies, hangs or fails.
        """
        check_simplifications(task, simplifications)
        self._reached = None
        with self._fresh_turn() as (machine, world):
            catalogue.load(machine, world, task, variation, simplifications)
            text = str(world.interface.step("look around"))
        self._reached = SciWorldSnapshot(task, variation, simplifications, ())
        return text

    def step(self, command: str) -> StepResult:
        """Carry out a command; lone surrogates in it become question marks."""
        clean = command.encode("utf-8", "replace").decode("utf-8")
        before = self.snapshot()
        self._reached = None  # not known should the step fail
        with self._turn() as interface:
            text = str(interface.step(clean))
            score = round(100 * interface.getScore())
            done = bool(interface.getCompleted()) or score < 0
        self._reached = replace(before, commands=(*before.commands, clean))
        return StepResult(text, score, done)

    def seed_draws(self, number: int) -> None:
        """Let the simulator's draws from here on follow from a number, which a reload or `restore` forgets.

        For comparisons: ScienceWorld draws too when it names valid actions, which here leaves the episode alone.
        """
        with self._turn():
            assert self._world is not None, "it has its turn"
            self._world.generator.setSeed(number)

    def look(self) -> str:
        """Return what the agent sees, at no cost."""
        with self._question() as interface:
            return str(interface.freeActionLook())

    def inventory(self) -> str:
        """Return what the agent carries, at no cost."""
        with self._question() as interface:
            return str(interface.freeActionInventory())

    def task_description(self) -> str:
        """Return ScienceWorld's wording of the task."""
        with self._question() as interface:
            return str(interface.getTaskDescription())

    def goal_progress(self) -> str:
        """Return ScienceWorld's report of goals and sub-goals reached."""
        with self._question() as interface:
            return str(interface.getGoalProgressStr())

    def moves(self) -> int:
        """Return the number of moves that the simulator has counted."""
        with self._question() as interface:
            return int(interface.getNumMoves())

    def valid_actions(self) -> list[str]:
        """Return all commands that can be carried out now, or the numbers to choose from if it asked for one."""
        with self._question() as interface:
            return self._lines(interface.getValidActionObjectCombinations())

    def templates(self) -> list[str]:
        """Return the forms of commands, with ``OBJ`` for objects."""
        with self._question() as interface:
            return self._lines(interface.getPossibleActions())

    def objects(self) -> list[str]:
        """Return the names by which objects in reach can be referred to."""
        with self._question() as interface:
            return self._lines(interface.getPossibleObjects())

    def object_tree(self) -> Any:
        """Return the whole world with its hidden properties, as ScienceWorld writes it."""
        with tempfile.TemporaryDirectory() as folder:
            with self._question() as interface:
                interface.getObjectTree(folder)
            return json.loads((Path(folder) / "objectTree.json").read_text(encoding="utf-8"))

    def snapshot(self) -> SciWorldSnapshot:
        """Return how the current state was reached.

        Raises:
            EngineCrash: If no task is loaded or the episode is lost.
        """
        if self._reached is None:
            raise EngineCrash("no episode: no task was loaded, or its simulator crashed; load one")
        return self._reached

    def restore(self, snapshot: SciWorldSnapshot) -> None:
        """Return to a state by loading its task and repeating its commands, some 50 ms and 5 ms each."""
        self.load(snapshot.task, snapshot.variation, snapshot.simplifications)
        for command in snapshot.commands:
            self.step(command)

    def gold_path(self) -> list[str]:
        """Return commands that solve the loaded task from its start, from the cache if they were asked for before."""
        start = self.snapshot()
        return catalogue.gold_path(start.task, start.variation, start.simplifications)

    def close(self) -> None:
        """End the episode, and the machine if this was its last; `load` may follow. May be called more than once."""
        self._reached = None
        if self._finalizer is not None and self._finalizer.detach() is not None:
            assert self._machine is not None and self._world is not None, "they are made together"
            self._machine.retire(self._world)
        self._machine = self._world = self._finalizer = None

    @contextmanager
    def _fresh_turn(self) -> Iterator[tuple[JavaMachine, JavaWorld]]:
        machine = jvm.shared()
        if self._machine is not machine or self._world is None:
            self._machine, self._world = machine, machine.new_world()
            self._finalizer = weakref.finalize(self, machine.discard, self._world)
            self._finalizer.atexit = False
        with machine.turn(self._world):
            yield machine, self._world

    @contextmanager
    def _turn(self) -> Iterator[Any]:
        if self._machine is None or self._world is None:
            raise EngineCrash("no episode: no task was loaded, or the simulator was closed; load one")
        with self._machine.turn(self._world):
            yield self._world.interface

    @contextmanager
    def _question(self) -> Iterator[Any]:
        self.snapshot()
        with self._turn() as interface:
            assert self._machine is not None, "it has its turn"
            with self._machine.aside():
                yield interface

    def _lines(self, java_list: Any) -> list[str]:
        assert self._machine is not None, "it has its turn"
        return self._machine.lines(java_list, PIECE)
