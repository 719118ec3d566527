"""`PlayedEpisode`: an episode made again of its trajectory, in the values of the environment, as rewards look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Event, Ledger
from agemem_env.episode.stages import schedule
from agemem_env.episode.view import EpisodeView
from agemem_env.errors import DataError
from agemem_env.memory.store import MemoryEntry
from agemem_env.types import Task, Usage
from benchmarks.trajectories.file import read_records
from benchmarks.trajectories.form import read_entry, read_event, read_message, read_task, read_usage
from benchmarks.trajectories.writer import VERSION


@dataclass(frozen=True)
class PlayedTurn:
    """A turn, and the state after it, see `benchmarks.trajectories.trajectory.TurnRecord`.

    Attributes:
        number: Turns taken.
        stage: Stage of the prompt after it.
        action: What the policy sent.
        context: Numbers of the messages of the prompt after it.
        tokens: Size of that prompt.
        memory: Long-term memory after it.
        events: What was done.
        errors: Mistakes of the agent by kind.
        reward: What it paid.
        usage: What the policy's model cost; None if it was not called.
        seconds: Time in the environment and in the policy.
    """

    number: int
    stage: int
    action: Any
    context: tuple[int, ...]
    tokens: int
    memory: tuple[MemoryEntry, ...]
    events: tuple[Event, ...]
    errors: Mapping[str, int]
    reward: float
    usage: Usage | None
    seconds: tuple[float, float]


@dataclass
class PlayedEpisode:
    """An episode as far as its trajectory goes.

    Attributes:
        key: Name of the episode in its run.
        spec: What was played.
        setting: What else scores depend on: `max_tokens`, `stages`, `memory_tools`, `weights`, `tool_format`.
        task: The task, without what only its engine needs.
        instructions: What the policy added to the system message before it asked its model.
        messages: Every message, by number.
        sizes: Their tokens.
        turns: The turns, turn 0 first.
        end: How it ended: `row`, and if it was played to its end `answer`, `stored`, `progress`, `success`,
            `truncated` and `overflow`; empty if it was never finished.
    """

    key: str
    spec: Mapping[str, Any]
    setting: Mapping[str, Any]
    task: Task
    instructions: str = ""
    messages: list[Message] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    turns: list[PlayedTurn] = field(default_factory=list)
    end: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row(self) -> Mapping[str, Any] | None:
        """The result row; None if the episode was never finished."""
        row: Mapping[str, Any] | None = self.end.get("row")
        return row

    def events(self) -> list[Event]:
        """Return everything that was done, in order."""
        return [event for turn in self.turns for event in turn.events]

    def view(self) -> EpisodeView:
        """Return what rewards and metrics looked at when the episode was over.

        Raises:
            DataError: If it was not played to its end.
        """
        if "answer" not in self.end:
            raise DataError(f"episode {self.key} was not played to its end: there is nothing to score")
        end, last = self.end, self.turns[-1]
        return EpisodeView(
            task=self.task,
            stages=tuple(self.setting["stages"]),
            ledger=self._ledger(),
            messages=tuple(self.messages[number] for number in last.context),
            entries=last.memory,
            stored=tuple(end["stored"]),
            tokens=last.tokens,
            max_tokens=self.setting["max_tokens"],
            overflow=end["overflow"],
            progress=end["progress"],
            success=end["success"],
            truncated=end["truncated"],
            over=True,
            memory_tools=tuple(self.setting["memory_tools"]),
        )

    def _ledger(self) -> Ledger:
        events = self.events()
        errors: Counter[str] = Counter()
        for turn in self.turns:
            errors.update(turn.errors)
        calls = Counter(event.tool for event in events if event.tool)
        prompts = [turn.tokens for turn in self.turns[:-1]]
        return Ledger(events, calls, errors, prompts, self.end["answer"])


def read_episode(path: Path) -> PlayedEpisode:
    """Return the episode in a file, as far as it was written.

    Raises:
        DataError: If the file cannot be read, is damaged, or holds not even the beginning.
    """
    records = read_records(path)
    first = next(records, None)
    if first is None:
        raise DataError(f"{path} holds nothing of an episode")
    try:
        begin = first["begin"]
        if begin["version"] != VERSION:
            raise DataError(f"{path} has version {begin['version']} of the format; this version reads {VERSION}")
        spec, setting = _with(begin["spec"], _SPEC), _with(begin["setting"], _SETTING)
        added = begin.get("instructions", "")
        episode = PlayedEpisode(begin["key"], spec, setting, read_task(begin["task"]), added)
        builder = _Builder(episode)
        for record in records:
            builder.take(record)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no trajectory that can be read: {type(error).__name__}: {error}") from error
    if not episode.turns:
        raise DataError(f"{path} holds nothing of an episode")
    return episode


_SPEC = ("env_id", "env_kwargs", "benchmark", "policy", "memory", "model", "seed")
_SETTING = ("max_tokens", "stages", "memory_tools", "weights", "tool_format", "facts_per_turn")
_ENDING = ("stored", "answer", "progress", "success", "truncated", "overflow")


def _with(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return values that must have some names.

    Raises:
        KeyError: If one is missing.
        TypeError: If they are no values by name.
    """
    for name in names:
        values[name]
    return dict(values)


class _Builder:
    """Adds what records say to an episode."""

    def __init__(self, episode: PlayedEpisode) -> None:
        self._episode = episode
        stages, told = episode.setting["stages"], episode.setting["facts_per_turn"]
        self._planned = [incoming.text for incoming in schedule(episode.task, stages, told)]
        self._entries: list[MemoryEntry] = []
        self._units: list[Sequence[int]] = []
        self._context: tuple[int, ...] = ()
        self._held: dict[str, MemoryEntry] = {}
        self._memory: tuple[MemoryEntry, ...] = ()

    def take(self, record: Mapping[str, Any]) -> None:
        """Take the next record."""
        if "end" in record:
            end = dict(record["end"])
            if end.get("row") is not None:
                _with(end["row"], ("config_hash",))
            if "answer" in end:
                _with(end, _ENDING)
            self._entries += map(read_entry, end.get("entries", ()))
            stored = {"stored": [self._entries[n] for n in end["stored"]]} if "stored" in end else {}
            self._episode.end = {**end, **stored}
            return
        messages = self._episode.messages
        for written in record.get("messages", ()):
            messages.append(read_message(written, self._planned, messages))
            self._episode.sizes.append(written["n"])
        self._entries += map(read_entry, record.get("entries", ()))
        self._change(record)
        self._episode.turns.append(self._turn(record))

    def _change(self, record: Mapping[str, Any]) -> None:
        if "context" in record:
            place, gone, came = record["context"]
            self._units[place : place + gone] = came
            self._context = tuple(number for unit in self._units for number in unit)
        if "memory" in record:
            lost, put = record["memory"]
            for memory_id in lost:
                del self._held[memory_id]
            self._held.update((self._entries[number].id, self._entries[number]) for number in put)
            self._memory = tuple(self._held.values())

    def _turn(self, record: Mapping[str, Any]) -> PlayedTurn:
        number, messages = record["turn"], self._episode.messages
        spent = record.get("seconds", (0.0, 0.0))
        return PlayedTurn(
            number=number,
            stage=record["stage"],
            action=record.get("action"),
            context=self._context,
            tokens=record["tokens"],
            memory=self._memory,
            events=tuple(read_event(event, messages, self._entries, number) for event in record.get("events", ())),
            errors=record.get("errors", {}),
            reward=record.get("reward", 0.0),
            usage=read_usage(record["usage"]) if "usage" in record else None,
            seconds=(spent[0], spent[1]),
        )
