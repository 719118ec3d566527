"""Plays recorded episodes again, action by action, and compares what the engine says with what was recorded.

A file has one episode per line: ``initial_observation``, ``steps`` with ``action``, ``observation`` and ``reward``
each, ``reward`` (the final progress) and ``success``. In the order of reading:

* `benchmarks.replay.records`: reads such files.
* `benchmarks.replay.dialect`: how harnesses that answer some inputs in their own way differ; data, not code.
* `benchmarks.replay.tally`: counts what was compared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol

from agemem_env.errors import DataError
from agemem_env.types import EngineStep
from benchmarks.replay.dialect import Dialect, is_closed, without_endings
from benchmarks.replay.records import Record, read_records
from benchmarks.replay.tally import SHOWN, Tally
from benchmarks.specs import known_name

__all__ = [
    "ADAPTERS",
    "SHOWN",
    "Dialect",
    "Played",
    "Record",
    "ReplayAdapter",
    "Tally",
    "adapter",
    "read_records",
    "replay",
]

TOLERANCE = 1e-9
"""Difference up to which two progress values are equal."""


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

    def readings(self, record: Record) -> Iterator[Record]:
        """Yield a record in each way in which it may be meant, likeliest first; the first that repeats is right."""
        yield record

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
        """Return whether the recorded first observation, which is there, agrees with the one played."""
        return self.same("", record["initial_observation"], played)

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


def adapter(benchmark: str) -> ReplayAdapter:
    """Return the adapter of a benchmark, whose name may be written in any case.

    Raises:
        ConfigurationError: If it has none.
    """
    module, _, name = ADAPTERS[known_name("benchmark", benchmark, ADAPTERS)].partition(":")
    made = getattr(import_module(module), name)()
    assert isinstance(made, ReplayAdapter), f"{name} is not a ReplayAdapter"
    return made


def replay(
    player: ReplayAdapter, records: Iterable[tuple[int, Record]], track: Callable[[int], None] | None = None
) -> Tally:
    """Play recorded episodes again.

    Args:
        player: The adapter of their benchmark.
        records: Line numbers and records, as from `read_records`.
        track: Told how many episodes have been played.

    Raises:
        DataError: If the task of a record is not there; the message begins with the number of its line.
    """
    tally = Tally()
    for number, record in records:
        try:
            tally.add(_episode(player, number, record))
        except DataError as error:
            raise DataError(f"line {number}: {error}") from error
        if track is not None:
            track(tally.episodes)
    return tally


def _episode(player: ReplayAdapter, number: int, record: Record) -> Tally:
    """Play an episode in each way in which its record may be meant, until one repeats; else the first one counts."""
    first = None
    for reading in player.readings(record):
        tally = Tally(episodes=1)
        _play(player, reading, tally, partial(_note, tally, number))
        tally.episodes_ok = int(not tally.differences)
        first = first or tally
        if tally.episodes_ok:
            return tally
    assert first is not None, "a record can be read in some way"
    return first


def _note(tally: Tally, number: int, text: str) -> None:
    tally.differences.append(f"line {number}: {text}")


def _play(player: ReplayAdapter, record: Record, tally: Tally, differ: Callable[[str], None]) -> None:
    """Play a recorded episode step by step, and note in the tally each observation that differs."""
    dialect = player.dialect(record)
    game, opening = player.start(record)
    shown, seen = record.get("initial_observation") or "", opening
    if record.get("initial_observation") is not None:
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
        equal = player.same(action, text, result.text)
        if not equal and i == len(record["steps"]) - 1 and is_closed(text):
            equal = player.same(action, *without_endings(text, result.text))
        _observe(tally, equal, text, result.text, where, differ)
        _compare_rest(tally, player.rest(step, result), where, differ)
        if reward is not None and follow is None and float(reward) not in dialect.ignored_rewards:
            _compare(tally, float(reward), dialect.expected_reward(action, result), where, differ)
    if follow is not None:
        final = _follow(follow, record["steps"], tally, differ)
        result = EngineStep("", final, done=final == 1.0, success=final == 1.0)
    if record.get("reward") is not None:
        total = float(result.success) if dialect.outcome_total else result.progress
        _compare(tally, float(record["reward"]), total, "at the end", differ)
    if record.get("success") not in (None, dialect.won(result)):
        differ(f"at the end: recorded success {record['success']}, played {dialect.won(result)}")


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
