"""The ALFWorld benchmark: household tasks in rooms full of furniture, played with text commands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.alfworld import agentboard
from agemem_env.engines.alfworld.homes.house import Receptacle
from agemem_env.engines.alfworld.homes.progress import SubGoals
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.official import OFFICIAL_NAMES
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.engines.alfworld.package import check_installed
from agemem_env.engines.alfworld.rules.dialect import in_dialect
from agemem_env.engines.alfworld.rules.simulator import NOTHING_HAPPENS, Simulator
from agemem_env.engines.alfworld.tasks import PLAIN_ROUNDS, Setup, task_source
from agemem_env.engines.base import TaskEngine
from agemem_env.types import EngineStep, Task, ToolCall

_INSTRUCTIONS = (
    "You are in a room and carry out a household task, such as putting a clean mug on a desk. Commands: go to <place>; "
    "open <place>; close <place>; take <thing> from <place>; move <thing> to <place> (or: put <thing> in/on <place>); "
    "clean <thing> with <sink>; heat <thing> with <microwave>; cool <thing> with <fridge>; use <lamp>; examine <thing "
    "or place>; inventory; look; help. Things and places have a name and a number, for example: take mug 1 from "
    "cabinet 3. You can carry one thing at a time, have to go to a place before you can use it, and see what is in a "
    "closed place only when it is open. What cannot be done is answered with 'Nothing happens.'"
)

_COMMANDS = {
    "go": "go to {place}",
    "open": "open {place}",
    "examine": "examine {place}",
    "take": "take {thing} from {place}",
    "use": "use {thing}",
    "clean": "clean {thing} with {place}",
    "heat": "heat {thing} with {place}",
    "cool": "cool {thing} with {place}",
}
_SHOWING = ("go to ", "open ", "examine ")
"""How the commands begin that show what is in a place."""


@dataclass(frozen=True, slots=True)
class _Play:
    """What the engine remembers of an episode beside the game's own state.

    Attributes:
        seen: Receptacles whose content was shown.
        reached: Sub-goals reached: their names, or under AgentBoard's protocol their patterns.
        shown: What AgentBoard's ``look`` shows.
        progress: Best progress so far, in [0, 1].
    """

    seen: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    shown: str = ""
    progress: float = 0.0


class ALFWorldEngine(TaskEngine):
    """Household tasks in TextWorld.

    Args:
        split: ``train``, ``valid`` (``valid_seen``) or ``test`` (``valid_unseen``).
        source: ``official`` games, ``generated`` ones, or ``auto``: official if there are any of the split.
        protocol: ``agemem``, or ``agentboard``: AgentBoard's commands, texts and progress.

    Raises:
        ConfigurationError: If an argument is not allowed.
        DataError: If official games are asked for and missing or corrupt.
        MissingExtraError: If textworld or alfworld is not installed.
    """

    name: ClassVar[str] = "ALFWorld"
    instructions = _INSTRUCTIONS
    max_rounds: ClassVar[int] = PLAIN_ROUNDS
    lists_commands: ClassVar[bool] = True
    idle_commands: ClassVar[tuple[str, ...]] = ("help", "inventory", "look")
    protocols: ClassVar[tuple[str, ...]] = ("agemem", "agentboard")
    split_aliases = MappingProxyType({name: split for split, name in OFFICIAL_NAMES.items() if name != split})

    def __init__(self, *, split: str = "test", source: str = "auto", protocol: str = "agemem") -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        check_installed()
        self._provide(*task_source(self.split, source, protocol))
        self._simulator = Simulator()
        self._play = _Play()
        self._situation: Situation | None = None

    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        """Start a task.

        Args:
            task: One of `tasks`.
            rng: Not used: a game has no randomness.
            briefed: Not used: the game shows what it always shows.
        """
        del rng, briefed
        self._start(task)
        return self._play.shown

    def step(self, command: str) -> EngineStep:
        """Carry out one command."""
        dialect = self._setup().dialect
        if self.protocol == "agemem":
            return self._execute(in_dialect(" ".join(command.lower().split()).removesuffix("."), dialect))
        bare = agentboard.clean_command(command, dialect)
        if bare == agentboard.HELP:
            return self._answer(agentboard.list_commands(self._simulator.admissible()), valid=True)
        return self._execute(bare)

    def submit(self, answer: str) -> EngineStep:
        """End the episode as it stands."""
        self._current()
        return EngineStep("Finished.", self._play.progress, done=True, success=self._simulator.won)

    def admissible(self) -> Sequence[str]:
        """Return every command that the game allows now."""
        self._current()
        return self._simulator.admissible()

    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Return the expert's next command; it knows what was shown to it and what it was told."""
        setup = self._setup()
        expert = Expert(setup.house, setup.goal)
        belief = expert.believe(self._now(), self._play.seen, setup.told(known))
        step = expert.next_step(belief, self._play.seen)
        if step is None:
            return ToolCall("answer", {"text": "I have looked everywhere and cannot do it."})
        return ToolCall("act", {"command": self._worded(step)})

    def state_hash(self) -> str:
        """Return a digest of the task, the game's facts and the progress."""
        if self._task is None:
            return ""
        play = self._play
        state = (self._task.id, self._simulator.digest(), sorted(play.seen), sorted(play.reached), play.shown)
        return hashlib.blake2b(repr(state).encode(), digest_size=16).hexdigest()

    def snapshot(self) -> tuple[Task, _Play, Any]:
        """Return the task, the progress and the game's state."""
        return self._current(), self._play, self._simulator.snapshot()

    def restore(self, snapshot: Any) -> None:
        """Return to a state taken with `snapshot`."""
        task, play, state = snapshot
        if task is not self._task:
            self._start(task)
        self._simulator.restore(state)
        self._play, self._situation = play, None

    def close(self) -> None:
        """Give the simulator back; the engine can be used again after a reset."""
        self._task = None
        self._simulator.close()

    def _start(self, task: Task) -> None:
        """Load a task's game."""
        setup: Setup = task.data["setup"]
        self._task = None  # should loading fail, nothing is being played
        intro = self._simulator.load(setup.game)
        self._task = task
        self._subgoals = SubGoals(setup.house, setup.goal, setup.start)
        self._patterns = agentboard.patterns(setup.goal, setup.dialect)
        self._play, self._situation = _Play(shown=_room(intro)), None

    def _setup(self) -> Setup:
        setup: Setup = self._current().data["setup"]
        return setup

    def _execute(self, command: str) -> EngineStep:
        """Hand a command to the game and note what it showed."""
        text = self._simulator.step(command)
        valid = text != NOTHING_HAPPENS
        if valid:
            self._situation = None
            self._play = replace(self._play, seen=self._play.seen | self._seen_by(command))
        if self.protocol == "agentboard":
            text = agentboard.clean_reply(text)
            if valid and command.startswith(agentboard.SHOWN_BY_LOOK):
                self._play = replace(self._play, shown=text)
            elif command == "look":
                text = self._play.shown
        return self._answer(text, valid=valid)

    def _answer(self, text: str, *, valid: bool) -> EngineStep:
        """Answer with a text, and note the sub-goals reached."""
        won, play = self._simulator.won, self._play
        if self.protocol == "agentboard":
            reached = play.reached.union(pattern.pattern for pattern in self._patterns if pattern.search(text))
            progress = 1.0 if won else len(reached) / (len(self._patterns) + 1)
        else:
            reached = self._subgoals.after(play.reached, self._now(), won=won)
            progress = self._subgoals.share(reached)
        self._play = replace(play, reached=reached, progress=max(play.progress, progress))
        return EngineStep(text, self._play.progress, done=won, success=won, valid=valid)

    def _seen_by(self, command: str) -> set[str]:
        """Return the receptacle whose content a successful command has shown."""
        name = next((command.removeprefix(start) for start in _SHOWING if command.startswith(start)), "")
        item = self._setup().house.by_name.get(name)
        if not isinstance(item, Receptacle):
            return set()
        return set() if item.openable and item.id not in self._now().opened else {item.id}

    def _now(self) -> Situation:
        """Return the situation; it is read from the game's facts when they have changed."""
        if self._situation is None:
            self._situation = Situation.of(self._simulator.facts())
        return self._situation

    def _worded(self, step: Step) -> str:
        setup = self._setup()
        receptacle = setup.house.receptacles[step.receptacle].name
        thing = setup.house.things[step.thing].name if step.thing else ""
        if step.verb == "put":
            return setup.dialect.command.format(thing, receptacle)
        return _COMMANDS[step.verb].format(thing=thing, place=receptacle)


def _room(intro: str) -> str:
    """Return the part of a game's first text that describes the room."""
    return next((part for part in intro.split("\n\n") if part.startswith("You are ")), intro)
