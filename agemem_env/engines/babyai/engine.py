"""The BabyAI benchmark: an instruction in a house of rooms, carried out with macro actions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.babyai.agentboard import ROUNDS, BabyAISubGoals
from agemem_env.engines.babyai.briefing import told_cells
from agemem_env.engines.babyai.game import BabyAIGame, BabyAIRecord
from agemem_env.engines.babyai.macros import CHECK, INVENTORY
from agemem_env.engines.babyai.oracle import BabyAIExpert
from agemem_env.engines.babyai.package import check_level, minigrid
from agemem_env.engines.babyai.tasks import BabyAISpec, choose_tasks
from agemem_env.engines.babyai.world import BabyAIWorld, WorldState
from agemem_env.engines.base import TaskEngine
from agemem_env.types import EngineStep, Task, ToolCall

_INSTRUCTIONS = (
    "You are in a house of rooms and carry out an instruction such as 'pick up a red ball'. You see at most 7 steps "
    "ahead and 3 steps to each side, not behind you and not through walls or closed doors. Commands: turn left; turn "
    "right; move forward; go to <object> <number>; pickup <object> <number>; drop; go through <door> <number> for an "
    "open door; toggle and go through <door> <number> for a closed one, or a locked one if you carry the key of its "
    "colour; toggle; check available actions; inventory. Objects are named as you see them, for example: go to red "
    "ball 1, toggle and go through blue closed door 1. You can carry one thing at a time. 'Going to' an object means "
    "to stand before it and to face it."
)


class BabyAIEngine(TaskEngine):
    """Instructions in minigrid's BabyAI levels.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official`` (the rows of AgentBoard's labels, test only), ``generated``, or ``auto``: official if
            there are labels and the split is test.
        protocol: ``agemem``, or ``agentboard`` for the exact protocol of that benchmark.
        levels: Names of levels to be played instead of the split's own; any BabyAI level that minigrid registers.

    Raises:
        ConfigurationError: If an argument is not allowed.
        DataError: If labels are asked for and missing or corrupt.
        MissingExtraError: If minigrid is not installed.
    """

    name: ClassVar[str] = "BabyAI"
    instructions = _INSTRUCTIONS
    max_rounds: ClassVar[int] = ROUNDS
    lists_commands: ClassVar[bool] = True
    idle_commands: ClassVar[tuple[str, ...]] = (CHECK, INVENTORY)
    protocols: ClassVar[tuple[str, ...]] = ("agemem", "agentboard")
    options: ClassVar[tuple[str, ...]] = ("levels",)

    def __init__(
        self,
        *,
        split: str = "test",
        source: str = "auto",
        protocol: str = "agemem",
        levels: Sequence[str] | str | None = None,
    ) -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        minigrid()
        self._provide(*choose_tasks(self.split, source, protocol, levels))
        self._worlds: dict[str, BabyAIWorld] = {}
        self._game: BabyAIGame | None = None
        self._expert: BabyAIExpert | None = None
        self._briefed = False

    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        """Start a task.

        Args:
            task: One of `tasks`.
            rng: Not used: the task's seed fixes its world.
            briefed: Whether the facts were told in stage 1. If not, the expert may not use them either: the plain
                benchmark shows nothing but the view.
        """
        del rng
        self._start(task, briefed)
        return self._playing().observe()

    def step(self, command: str) -> EngineStep:
        """Carry out one command."""
        return self._playing().act(command)

    def submit(self, answer: str) -> EngineStep:
        """End the episode as it stands."""
        game = self._playing()
        record = game.record
        return EngineStep("Finished.", record.progress, done=True, success=record.success)

    def admissible(self) -> Sequence[str]:
        """Return every command that is accepted now."""
        return self._playing().admissible()

    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Return the next command along the way of minigrid's bot, which acts on what it has seen or been told."""
        game, task = self._playing(), self._current()
        if self._expert is None:
            spec: BabyAISpec = task.data["spec"]
            self._expert = BabyAIExpert(BabyAIWorld(spec.played), spec.seed)
        told = told_cells(task.data["house"], known) if self._briefed else frozenset()
        grid = game.world.env.grid
        inside = {(x, y) for x, y in told if x < grid.width and 0 <= y < grid.height}
        return ToolCall("act", {"command": self._expert.next_command(game, inside)})

    def state_hash(self) -> str:
        """Return a digest of world and progress."""
        game = self._game
        if game is None or self._task is None:
            return ""
        record = game.record
        still_open = () if record.subgoals is None else record.subgoals.open
        state = (self._task.id, game.world.digest(), record.progress, record.done, record.success, record.valid)
        return hashlib.blake2b(repr((state, still_open)).encode(), digest_size=16).hexdigest()

    def snapshot(self) -> tuple[Task, BabyAIRecord, WorldState, bool]:
        """Return the task, what was played of it and the state of its world."""
        game = self._playing()
        return self._current(), game.record, game.world.state(), self._briefed

    def restore(self, snapshot: Any) -> None:
        """Return to a state taken with `snapshot`; nothing is played again."""
        task, record, state, briefed = snapshot
        self._start(task, briefed, record, state)

    def _start(
        self, task: Task, briefed: bool, record: BabyAIRecord | None = None, state: WorldState | None = None
    ) -> None:
        spec: BabyAISpec = task.data["spec"]
        level = check_level(spec.played)
        if level not in self._worlds:
            self._worlds[level] = BabyAIWorld(level)
        world = self._worlds[level]
        if state is None:
            world.reset(spec.seed)
        else:
            world.restore(state)
        subgoals = BabyAISubGoals.of(spec.subgoals, spec.alternatives) if spec.subgoals else None
        self._game = BabyAIGame(world, self.protocol, subgoals, record)
        self._task, self._expert, self._briefed = task, None, briefed

    def _playing(self) -> BabyAIGame:
        self._current()
        assert self._game is not None, "a task has a game"
        return self._game
