"""Plays recorded episodes again, action by action, and compares what the engine says with what was recorded.

A file has one episode per line: ``initial_observation``, ``steps`` with ``action``, ``observation`` and ``reward``
each, ``reward`` (the final progress) and ``success``. Recordings come from harnesses that answer some inputs in
their own way: that is data, a `Dialect`, not code.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from agemem_env.errors import DataError
from agemem_env.text.lines import split_lines
from agemem_env.types import EngineStep
from benchmarks.specs import known_name

Record = Mapping[str, Any]

TOLERANCE = 1e-9
"""Difference up to which two progress values are equal."""

SHOWN = 20
"""Differences that the command prints."""


@dataclass(frozen=True)
class Dialect:
    """How a harness differs from the benchmark's protocol.

    Attributes:
        name: What the record's ``dialect`` begins with, if it has one.
        thoughts: Replies to inputs that the harness did not hand to the engine.
        invalid: Replies that stand for whatever the engine says to an invalid action.
        outcome_rewards: The reward of an action is 1 if it reached the goal, else 0; only replies to requests for
            help carry the progress. Otherwise every reward is the progress after the step.
        help_words: Words that make an input a request for help.
        ignored_rewards: Rewards that are marks of the harness and say nothing of the game.
        outcome_total: The reward of the episode is 1 if the goal was reached, else 0, and not the progress.
        partial_opening: The first observation may lack sentences.
    """

    name: str = "protocol"
    thoughts: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    outcome_rewards: bool = False
    help_words: tuple[str, ...] = ()
    ignored_rewards: tuple[float, ...] = ()
    outcome_total: bool = False
    partial_opening: bool = False

    def fits(self, record: Record) -> bool:
        """Return whether a record is written in this dialect."""
        marks = (*self.thoughts, *self.invalid)
        rewards = [step["reward"] for step in record["steps"] if step.get("reward") is not None]
        falls = any(later < earlier for earlier, later in pairwise(rewards))
        return (
            str(record.get("dialect", "")).startswith(self.name)
            or any(step["observation"] in marks for step in record["steps"])
            or (self.outcome_rewards and falls)
        )

    def expected_reward(self, action: str, result: EngineStep) -> float:
        """Return the reward that the harness would have recorded for a valid step."""
        if not self.outcome_rewards or any(word in action.lower() for word in self.help_words):
            return result.progress
        return float(result.success)


class Played(Protocol):
    """An episode that is being played: an engine, or what plays AgentBoard's protocol for it."""

    def step(self, command: str) -> EngineStep:
        """Carry out one recorded input."""


class ReplayAdapter(ABC):
    """What is particular to one benchmark.

    Attributes:
        dialects: The dialects of its recordings; a record that fits none follows the protocol.
    """

    dialects: tuple[Dialect, ...] = ()

    @abstractmethod
    def start(self, record: Record) -> tuple[Played, str]:
        """Return the recorded episode at its start, under ``protocol="agentboard"``, and its first text.

        Raises:
            DataError: If the task is not there.
        """

    @abstractmethod
    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations are the same but for the order of unordered lists and documented noise."""

    def same_opening(self, record: Record, played: str, dialect: Dialect) -> bool:
        """Return whether the first observations agree, as far as the record has one."""
        return "initial_observation" not in record or self.same("", record["initial_observation"], played)

    def dialect(self, record: Record) -> Dialect:
        """Return the dialect of a record."""
        return next((dialect for dialect in self.dialects if dialect.fits(record)), Dialect())

    def rest(self, recorded: Record, result: EngineStep | None) -> Iterator[tuple[str, Any, Any]]:
        """Yield what else was recorded, as name, recorded value and played value.

        Args:
            recorded: A step, or the whole record before the first step.
            result: What the game said to the step; None before the first one.
        """
        return iter(())

    def translate(self, action: str, recorded: str, played: str) -> str:
        """Return what to play for a recorded action, given the observations before it."""
        return action

    def progress(self, record: Record) -> Callable[[str, str], float] | None:
        """Return what gives the progress after each recorded action and observation.

        None, the default, compares the progress of the episode that is played: right wherever it repeats exactly.
        """
        return None


ADAPTERS: Mapping[str, str] = MappingProxyType(
    {
        "BabyAI": "benchmarks.replay.babyai:BabyAIReplay",
        "PDDL": "benchmarks.replay.pddl:PDDLReplay",
        "ALFWorld": "benchmarks.replay.alfworld:ALFWorldReplay",
        "SciWorld": "benchmarks.replay.sciworld:SciWorldReplay",
    }
)
"""Benchmark -> ``module:class`` of its adapter."""


@dataclass
class Tally:
    """Counts of a replay.

    Attributes:
        episodes: Episodes played.
        episodes_ok: Episodes in which nothing differed.
        observations: Observations compared, first ones included.
        observations_equal: Those that are equal, but for what `ReplayAdapter.same` allows.
        observations_exact: Those that are equal word for word.
        progress: Progress values compared, final ones included.
        progress_equal: Those that are equal.
        invalid: Replies to invalid actions in words of the dialect, compared as invalid and counted nowhere else.
        thoughts: Inputs that never reached the engine.
        rest: Other values compared, by name.
        rest_equal: Those that are equal.
        differences: A line for each difference.
    """

    episodes: int = 0
    episodes_ok: int = 0
    observations: int = 0
    observations_equal: int = 0
    observations_exact: int = 0
    progress: int = 0
    progress_equal: int = 0
    invalid: int = 0
    thoughts: int = 0
    rest: Counter[str] = field(default_factory=Counter)
    rest_equal: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every episode is as recorded."""
        return self.episodes_ok == self.episodes

    def __str__(self) -> str:
        rest = "".join(f"{name} equal {self.rest_equal[name]} / {count}, " for name, count in self.rest.items())
        return (
            f"episodes {self.episodes_ok} / {self.episodes}, observations equal {self.observations_equal} / "
            f"{self.observations} (word for word {self.observations_exact}), {rest}"
            f"progress equal {self.progress_equal} / {self.progress}, "
            f"invalid replies {self.invalid}, thoughts {self.thoughts}"
        )


def adapter(benchmark: str) -> ReplayAdapter:
    """Return the adapter of a benchmark, whose name may be written in any case.

    Raises:
        ConfigurationError: If it has none.
    """
    module, _, name = ADAPTERS[known_name("benchmark", benchmark, ADAPTERS)].partition(":")
    made = getattr(import_module(module), name)()
    assert isinstance(made, ReplayAdapter), f"{name} is not a ReplayAdapter"
    return made


def read_records(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield line number and record of each recorded episode.

    Raises:
        DataError: If a line is not a recorded episode.
    """
    try:
        lines = split_lines(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            complete = all("action" in step and "observation" in step for step in record["steps"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}:{number}: not a recorded episode ({type(error).__name__}: {error})") from error
        if not complete:
            raise DataError(f"{path}:{number}: a step lacks action or observation")
        yield number, record


def _note(tally: Tally, number: int, text: str) -> None:
    tally.differences.append(f"line {number}: {text}")


def replay(player: ReplayAdapter, records: Iterator[tuple[int, Record]]) -> Tally:
    """Play recorded episodes again.

    Args:
        player: The adapter of their benchmark.
        records: Line numbers and records, as from `read_records`.
    """
    tally = Tally()
    for number, record in records:
        before = len(tally.differences)
        _episode(player, record, tally, partial(_note, tally, number))
        tally.episodes += 1
        tally.episodes_ok += len(tally.differences) == before
    return tally


def _episode(player: ReplayAdapter, record: Record, tally: Tally, differ: Callable[[str], None]) -> None:
    dialect = player.dialect(record)
    game, opening = player.start(record)
    shown, seen = record.get("initial_observation", ""), opening
    if "initial_observation" in record:
        equal = player.same_opening(record, opening, dialect)
        _observe(tally, equal, shown, seen, "first observation", differ)
    _compare_rest(tally, player.rest(record, None), "first observation", differ)
    follow = player.progress(record)
    result = EngineStep("", 0.0, done=False, success=False)
    for i, step in enumerate(record["steps"]):
        action, text, reward = step["action"], step["observation"], step.get("reward")
        if text in dialect.thoughts:
            tally.thoughts += 1
            continue
        where = f"step {i}, {action!r}"
        if result.done:
            differ(f"step {i}: recorded after the engine ended the episode")
            break
        result = game.step(player.translate(action, shown, seen))
        shown, seen = text, result.text
        if text in dialect.invalid:
            tally.invalid += 1
            if result.valid:
                differ(f"{where}: recorded as invalid, played {result.text!r}")
            continue
        _observe(tally, player.same(action, text, result.text), text, result.text, where, differ)
        _compare_rest(tally, player.rest(step, result), where, differ)
        if reward is not None and follow is None and float(reward) not in dialect.ignored_rewards:
            _compare(tally, float(reward), dialect.expected_reward(action, result), where, differ)
    if follow is not None:
        final = _follow(follow, record["steps"], tally, differ)
        result = EngineStep("", final, done=final == 1.0, success=final == 1.0)
    if record.get("reward") is not None:
        total = float(result.success) if dialect.outcome_total else result.progress
        _compare(tally, float(record["reward"]), total, "at the end", differ)
    if record.get("success") not in (None, result.success):
        differ(f"at the end: recorded success {record['success']}, played {result.success}")


def _compare_rest(
    tally: Tally, values: Iterator[tuple[str, Any, Any]], where: str, differ: Callable[[str], None]
) -> None:
    for name, recorded, played in values:
        tally.rest[name] += 1
        if recorded == played:
            tally.rest_equal[name] += 1
        elif isinstance(recorded, list):
            missing, added = ([x for x in a if x not in b] for a, b in ((recorded, played), (played, recorded)))
            differ(f"{where}: {name} recorded and not played {missing}, played and not recorded {added}")
        else:
            differ(f"{where}: recorded {name} {recorded}, played {played}")


def _follow(
    follow: Callable[[str, str], float],
    steps: Sequence[Mapping[str, Any]],
    tally: Tally,
    differ: Callable[[str], None],
) -> float:
    """Compare the recorded progress with what the recorded texts amount to, and return the last."""
    progress = 0.0
    for i, step in enumerate(steps):
        progress = follow(step["action"], step["observation"])
        if step.get("reward") is not None:
            _compare(tally, float(step["reward"]), progress, f"step {i}, {step['action']!r}", differ)
    return progress


def _observe(tally: Tally, equal: bool, recorded: str, played: str, where: str, differ: Callable[[str], None]) -> None:
    tally.observations += 1
    tally.observations_exact += recorded == played
    tally.observations_equal += equal
    if not equal:
        differ(f"{where}: recorded {recorded!r}, played {played!r}")


def _compare(tally: Tally, recorded: float, played: float, where: str, differ: Callable[[str], None]) -> None:
    tally.progress += 1
    if abs(recorded - played) <= TOLERANCE:
        tally.progress_equal += 1
    else:
        differ(f"{where}: recorded progress {recorded}, played {played}")
