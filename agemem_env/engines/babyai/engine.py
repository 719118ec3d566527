"""The BabyAI benchmark: an instruction in a house of rooms, carried out with macro actions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.babyai.facts import told_cells
from agemem_env.engines.babyai.game import Game, Record
from agemem_env.engines.babyai.levels import (
    AGENTBOARD_LEVELS,
    BLOCK,
    FIRST_SEED,
    SEEDS_PER_LEVEL,
    SPLITS,
    SplitPlan,
    agentboard_world,
)
from agemem_env.engines.babyai.minigrid_package import check_level, minigrid
from agemem_env.engines.babyai.official import Label, label_files, read_labels
from agemem_env.engines.babyai.oracle import Expert
from agemem_env.engines.babyai.subgoals import SubGoals
from agemem_env.engines.babyai.tasks import AGENTBOARD_ROUNDS, Spec, build_task, choose_seed, task_id
from agemem_env.engines.babyai.world import World
from agemem_env.engines.base import TaskEngine, TaskSet
from agemem_env.errors import ConfigurationError
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
    max_rounds: ClassVar[int] = AGENTBOARD_ROUNDS
    lists_commands: ClassVar[bool] = True
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
        source = _resolve(source, self.split, levels)
        self._provide(source, _task_set(self.split, source, protocol, levels))
        self._worlds: dict[str, World] = {}
        self._game: Game | None = None
        self._expert: Expert | None = None
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
        self._start(task, None, briefed)
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
            spec: Spec = task.data["spec"]
            self._expert = Expert(World(spec.played), spec.seed)
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

    def snapshot(self) -> tuple[Task, Record, bool]:
        """Return the task and what was played of it."""
        game = self._playing()
        return self._current(), game.record, self._briefed

    def restore(self, snapshot: Any) -> None:
        """Return to a snapshot by playing its primitive actions again."""
        task, record, briefed = snapshot
        self._start(task, record, briefed)

    def _start(self, task: Task, record: Record | None, briefed: bool) -> None:
        spec: Spec = task.data["spec"]
        level = check_level(spec.played)
        if level not in self._worlds:
            self._worlds[level] = World(level)
        world = self._worlds[level]
        world.reset(spec.seed)
        for primitive in record.primitives if record is not None else ():
            world.step(primitive)
        subgoals = SubGoals.of(spec.subgoals, spec.alternatives) if spec.subgoals else None
        self._game = Game(world, self.protocol, subgoals, record)
        self._task, self._expert, self._briefed = task, None, briefed

    def _playing(self) -> Game:
        self._current()
        assert self._game is not None, "a task has a game"
        return self._game


def _resolve(source: str, split: str, levels: Sequence[str] | str | None) -> str:
    """Return ``official`` or ``generated``."""
    possible = split == "test" and levels is None
    if source == "auto":
        return "official" if possible and label_files() else "generated"
    if source == "official" and not possible:
        raise ConfigurationError(
            "source='official' is not allowed with levels=… or outside split='test': the labels are for the test "
            "rows; use source='generated'"
        )
    return source


def _task_set(split: str, source: str, protocol: str, levels: Sequence[str] | str | None) -> TaskSet:
    plan = SPLITS[split]
    if source == "official":
        return _listed([_labelled(label) for label in read_labels()], split, source, protocol)
    if levels is not None:
        chosen = [levels] if isinstance(levels, str) else levels
        if not isinstance(chosen, Sequence) or not chosen:
            raise ConfigurationError(f"levels={levels!r} is not allowed; name at least one level, in a list")
        names = tuple(dict.fromkeys(check_level(level) for level in chosen))
        seeds = range(plan.first_seed, plan.first_seed + plan.per_level * BLOCK)
        return _listed([Spec(level, seed) for seed in seeds for level in names], split, source, protocol)
    if protocol == "agentboard" and split == "test":
        seeds = range(FIRST_SEED, FIRST_SEED + SEEDS_PER_LEVEL)
        rows = [Spec(level, seed, world=agentboard_world(level)) for level in AGENTBOARD_LEVELS for seed in seeds]
        return _listed(rows, split, source, protocol)
    return _drawn(plan, split, protocol)


def _labelled(label: Label) -> Spec:
    level = check_level(label.level)
    return Spec(level, label.seed, label.goal, label.subgoals, label.alternatives, agentboard_world(level))


def _listed(specs: Sequence[Spec], split: str, source: str, protocol: str) -> TaskSet:
    """Return the tasks of given worlds."""
    index = {task_id(spec.level, spec.seed): i for i, spec in enumerate(specs)}
    others = tuple(dict.fromkeys(spec.level for spec in specs))

    def build(position: int) -> Task:
        return build_task(specs[position], split, source, protocol, others)

    return TaskSet(len(specs), build, index.get, lambda position: task_id(specs[position].level, specs[position].seed))


def _drawn(plan: SplitPlan, split: str, protocol: str) -> TaskSet:
    """Return tasks in worlds where memory matters: one of each block of seeds, the levels in turn."""
    find: Callable[[str], int | None] = partial(_find_drawn, plan)

    def spec(position: int) -> Spec:
        block, level = divmod(position, len(plan.levels))
        return Spec(plan.levels[level], choose_seed(plan.levels[level], plan.first_seed + block * BLOCK))

    def build(position: int) -> Task:
        return build_task(spec(position), split, "generated", protocol, plan.levels)

    def name(position: int) -> str:
        return task_id(spec(position).level, spec(position).seed)

    return TaskSet(len(plan.levels) * plan.per_level, build, find, name)


def _find_drawn(plan: SplitPlan, key: str) -> int | None:
    level, _, digits = key.partition("/")
    if level not in plan.levels or not (digits.isascii() and digits.isdigit()):
        return None
    block = (int(digits) - plan.first_seed) // BLOCK
    if not 0 <= block < plan.per_level:
        return None
    chosen = choose_seed(level, plan.first_seed + block * BLOCK)
    return block * len(plan.levels) + plan.levels.index(level) if chosen == int(digits) else None
