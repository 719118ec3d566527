"""Which tasks a split has, and what a task is: from levels and seeds to query, facts and turn limit."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from agemem_env.engines.babyai.agentboard import (
    AGENTBOARD_LEVELS,
    FIRST_SEED,
    LABELS,
    ROUNDS,
    SEEDS_PER_LEVEL,
    BabyAILabel,
    agentboard_world,
    level_names,
    plain_goal,
)
from agemem_env.engines.babyai.briefing import HOUSES, BabyAIHouse, distractors, facts, house_name
from agemem_env.engines.babyai.house import square
from agemem_env.engines.babyai.package import check_level
from agemem_env.engines.babyai.study.shipped import checksum, known_study
from agemem_env.engines.babyai.study.study import find_out, study
from agemem_env.engines.babyai.view import COMPASS
from agemem_env.engines.babyai.world import BabyAIWorld, at_start
from agemem_env.engines.base import TaskSet
from agemem_env.engines.briefing import difficulty, neighbours
from agemem_env.errors import ConfigurationError
from agemem_env.types import Task

_ROOMY = level_names(
    "GoToObjMazeS7 GoToImpUnlock Open Pickup UnblockPickup PickupAbove Unlock FindObjS7 KeyCorridorS6R3"
)
_FURTHER = level_names(
    "GoTo GoToOpen GoToObjMaze GoToObjMazeOpen GoToObjMazeS5 GoToObjMazeS6 GoToSeq FindObjS5 FindObjS6 KeyCorridor "
    "KeyCorridorS3R2 KeyCorridorS3R3 KeyCorridorS4R3 KeyCorridorS5R3 Synth SynthLoc MiniBossLevel BossLevelNoUnlock"
)


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Where the generated tasks of a split come from.

    Attributes:
        levels: Its levels; those of the test split are AgentBoard's, the others are further ones.
        first_seed: Where its seeds begin; the splits' seeds do not overlap.
        per_level: Tasks of each level.
    """

    levels: tuple[str, ...]
    first_seed: int
    per_level: int


EASY = 6
"""Most commands of the expert in an easy task that no label speaks of."""

OTHERS = 1
"""Other houses that stage 1 of a generated task tells of."""

_SHIFT = 1009
"""Distance of the numbers of the houses of stage 1; those of stage 2 are closer."""

BLOCK = 16
"""Seeds of which one is chosen for a generated task."""

LONGEST = 80
"""Commands of the informed expert beyond which a world is not chosen."""

SPLITS: Mapping[str, SplitPlan] = MappingProxyType(
    {
        "train": SplitPlan(_FURTHER, 200_000, 200),
        "valid": SplitPlan(_FURTHER, 100_000, 10),
        "test": SplitPlan(_ROOMY, FIRST_SEED, 22),
    }
)
"""Levels of nine rooms: in one room, or in four small ones, nearly everything is seen after a few turns."""


@dataclass(frozen=True, slots=True)
class BabyAISpec:
    """Which world a task is played in, and how it is scored.

    Attributes:
        level: The level.
        seed: The world's number.
        goal: The instruction in the labels' words; empty to take minigrid's.
        subgoals: AgentBoard's patterns; empty without labels.
        alternatives: Second patterns.
        world: The level in whose worlds it is played; empty if that is `level`.
        difficulty: What the label says of it; None without one.
    """

    level: str
    seed: int
    goal: str = ""
    subgoals: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    world: str = ""
    difficulty: str | None = None

    @property
    def played(self) -> str:
        """The level in whose worlds it is played."""
        return self.world or self.level


def choose_tasks(split: str, source: str, protocol: str, levels: Sequence[str] | str | None) -> tuple[str, TaskSet]:
    """Return where the tasks come from, ``official`` or ``generated``, and the tasks.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated`` or ``auto``.
        protocol: ``agemem`` or ``agentboard``.
        levels: Names of levels to be played instead of the split's own.

    Raises:
        ConfigurationError: If there are no such levels, or no labels for them.
        DataError: If labels are asked for and missing or corrupt.
    """
    source = _resolve(source, split, levels)
    return source, _task_set(split, source, protocol, levels)


@lru_cache(maxsize=4096)
def choose_seed(level: str, first: int) -> int:
    """Return the first seed of a block whose world can be solved and does not show all that is needed at the start.

    How the expert without facts fares plays no part. If there is no such seed, it is the first one that the informed
    expert solves, or the first of all.
    """
    for seed in range(first, first + BLOCK):
        known = known_study(level, seed)
        if known is None:
            continue
        if checksum(at_start(level, seed)) == known.checksum:
            return seed
    return search_seed(level, first)


def search_seed(level: str, first: int) -> int:
    """Return what `choose_seed` does, from studies of the block's worlds."""
    solvable = []
    for seed in range(first, first + BLOCK):
        found = find_out(level, seed)
        if found.commands is not None and found.commands <= LONGEST:
            if found.hidden:
                return seed
            solvable.append(seed)
    return (solvable or [first])[0]


def task_id(level: str, seed: int) -> str:
    """Return the id of a task."""
    return f"{level}/{seed}"


@lru_cache(maxsize=512)
def build_task(
    spec: BabyAISpec, split: str, source: str, protocol: str, levels: tuple[str, ...], others: tuple[BabyAISpec, ...]
) -> Task:
    """Return a task.

    Args:
        spec: World and scoring.
        split: Its split.
        source: ``official`` or ``generated``.
        protocol: ``agemem`` or ``agentboard``.
        levels: Levels from which the houses of stage 2 are taken.
        others: Other tasks, what they need is told in stage 1 as well.
    """
    found = study(spec.played, spec.seed)
    number = zlib.crc32(task_id(spec.level, spec.seed).encode())
    rng = np.random.default_rng(number)
    own, *elsewhere = [_house(each, number + _SHIFT * i) for i, each in enumerate((spec, *others))]
    world, agentboard = own.world, protocol == "agentboard"
    return Task(
        id=task_id(spec.level, spec.seed),
        benchmark="BabyAI",
        split=split,
        source=source,
        query=plain_goal(spec.goal or world.mission) if agentboard else _query(world, own.name),
        facts=tuple(facts(own, elsewhere, found.useless, rng)),
        distractors=tuple(distractors(number, levels, rng)),
        max_rounds=ROUNDS if agentboard else found.limit,
        data={"spec": spec, "house": own.name},
        difficulty=spec.difficulty or (None if found.commands is None else difficulty(found.commands, EASY)),
    )


def _house(spec: BabyAISpec, number: int) -> BabyAIHouse:
    world = at_start(spec.played, spec.seed)
    return BabyAIHouse(house_name(number % HOUSES), world, study(spec.played, spec.seed).gold)


def bare_task(spec: BabyAISpec) -> Task:
    """Return a task without facts, for playing a world under AgentBoard's protocol."""
    return Task(
        id=task_id(spec.level, spec.seed),
        benchmark="BabyAI",
        split="test",
        source="official",
        query=plain_goal(spec.goal),
        max_rounds=ROUNDS,
        data={"spec": spec, "house": ""},
    )


def _query(world: BabyAIWorld, house: str) -> str:
    layout = world.layout
    rooms = f"{layout.columns} by {layout.rows} rooms" if layout.columns * layout.rows > 1 else "one room"
    return (
        f"You are in the house {house}, which has {rooms}. Its squares are named by a letter, A for the westernmost "
        f"column, and a number, 1 for the northernmost row; walls and doors take squares too. You start on square "
        f"{square(world.position)}, facing {COMPASS[world.direction]}.\nYour task: {world.mission}."
    )


def _resolve(source: str, split: str, levels: Sequence[str] | str | None) -> str:
    """Return ``official`` or ``generated``."""
    possible = split == "test" and levels is None
    if source == "auto":
        return "official" if possible and LABELS.paths() else "generated"
    if source == "official" and not possible:
        raise ConfigurationError(
            "source='official' is not allowed with levels=… or outside split='test': the labels are for the test "
            "rows; use source='generated'"
        )
    return source


def _task_set(split: str, source: str, protocol: str, levels: Sequence[str] | str | None) -> TaskSet:
    plan = SPLITS[split]
    if source == "official":
        return _listed([_labelled(label) for label in LABELS.read()], split, source, protocol)
    if levels is not None:
        chosen = [levels] if isinstance(levels, str) else levels
        if not isinstance(chosen, Sequence) or not chosen:
            raise ConfigurationError(f"levels={levels!r} is not allowed; name at least one level, in a list")
        names = tuple(dict.fromkeys(check_level(level) for level in chosen))
        seeds = range(plan.first_seed, plan.first_seed + plan.per_level * BLOCK)
        return _listed([BabyAISpec(level, seed) for seed in seeds for level in names], split, source, protocol)
    if protocol == "agentboard" and split == "test":
        seeds = range(FIRST_SEED, FIRST_SEED + SEEDS_PER_LEVEL)
        rows = [BabyAISpec(level, n, world=agentboard_world(level)) for level in AGENTBOARD_LEVELS for n in seeds]
        return _listed(rows, split, source, protocol)
    return _drawn(plan, split, protocol)


def _labelled(label: BabyAILabel) -> BabyAISpec:
    level = check_level(label.level)
    return BabyAISpec(
        level, label.seed, label.goal, label.subgoals, label.alternatives, agentboard_world(level), label.difficulty
    )


def _listed(specs: Sequence[BabyAISpec], split: str, source: str, protocol: str) -> TaskSet:
    """Return the tasks of given worlds."""
    index = {task_id(spec.level, spec.seed): i for i, spec in enumerate(specs)}
    levels = tuple(dict.fromkeys(spec.level for spec in specs))

    def build(position: int) -> Task:
        """Return the task at a position; its stage 1 tells of other worlds too."""
        generated = source == "generated" and protocol == "agemem"
        others = tuple(specs[i] for i in neighbours(position, len(specs), OTHERS)) if generated else ()
        return build_task(specs[position], split, source, protocol, levels, others)

    return TaskSet(len(specs), build, index.get, lambda position: task_id(specs[position].level, specs[position].seed))


def _drawn(plan: SplitPlan, split: str, protocol: str) -> TaskSet:
    """Return tasks in worlds where memory matters: one of each block of seeds, the levels in turn.

    Their ids name the blocks, so that no world has to be studied for them.
    """
    ids = tuple(
        f"{level}/{first}-{first + BLOCK - 1}"
        for first in range(plan.first_seed, plan.first_seed + plan.per_level * BLOCK, BLOCK)
        for level in plan.levels
    )

    def spec(position: int) -> BabyAISpec:
        block, level = divmod(position, len(plan.levels))
        return BabyAISpec(plan.levels[level], choose_seed(plan.levels[level], plan.first_seed + block * BLOCK))

    def build(position: int) -> Task:
        """Return the task at a position; its stage 1 tells of other worlds too."""
        others = tuple(spec(i) for i in neighbours(position, len(ids), OTHERS))
        task = build_task(spec(position), split, "generated", protocol, plan.levels, others)
        return replace(task, id=ids[position])

    index = {key: position for position, key in enumerate(ids)}
    return TaskSet(len(ids), build, index.get, ids.__getitem__)
