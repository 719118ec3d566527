"""`TrajectoryWriter`: watches an episode while it is played, and writes what each turn changes.

A turn is written when the policy has chosen what to do next: only then the prompt that it answers is complete, since a
memory system may work on it until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from operator import is_
from pathlib import Path
from typing import Any, cast

import gymnasium as gym

from agemem_env.context.context import Context, Unit
from agemem_env.context.messages import Message
from agemem_env.env import AgeMemEnv
from agemem_env.episode.stages import schedule
from agemem_env.errors import StorageError
from agemem_env.memory.store import MemoryEntry
from agemem_env.types import Usage
from baselines.base import Policy
from baselines.rollout import LiveEpisode
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec
from benchmarks.trajectories.file import SUFFIX, Compressors, RecordFile
from benchmarks.trajectories.form import Json, write_entry, write_event, write_message, write_task, write_usage

VERSION = 1
"""Version of the format."""

_PLANNED = ("fact", "distractor", "query")
"""Origins of messages whose texts are often those of the task."""


class TrajectoryWriter:
    """Writes the trajectory of one episode.

    Args:
        folder: Folder of the file; its name is the `RunSpec.config_hash` of the episode.
        spec: What is played.
        env: The environment.
        policy: The policy.
        live: The episode, just started.
        compressors: Where to take a compressor from.
    """

    def __init__(
        self,
        folder: Path,
        spec: RunSpec,
        env: gym.Env[Any, Any],
        policy: Policy,
        live: LiveEpisode,
        compressors: Compressors,
    ) -> None:
        self._env = cast(AgeMemEnv, env.unwrapped)
        self._policy, self._live = policy, live
        self._file = RecordFile(folder / f"{spec.config_hash}{SUFFIX}", compressors)
        self._changes = _Changes(self._env, live.observation["messages"][0]["content"])
        self._errors: Mapping[str, int] = {}
        self._used = Usage()
        self._spent = (0.0, 0.0)
        self._turn: Json | None = {"turn": 0, "stage": live.info["stage"]}
        added = {"instructions": policy.instructions} if policy.instructions else {}
        self._file.write({"begin": _beginning(spec, self._env) | added})

    def chosen(self) -> None:
        """Write the last turn: the policy has chosen its next action.

        Raises:
            StorageError: If the file cannot be written.
        """
        turn, self._turn = self._turn, None
        if turn is not None:
            self._changes.put_into(turn)
            self._file.write(turn)

    def stepped(self, action: Any) -> None:
        """Take note of the turn that has just been taken; what it led to is written when the next action is chosen."""
        live = self._live
        turn: Json = {"turn": live.steps, "stage": live.info["stage"], "action": action}
        if live.reward:
            turn["reward"] = live.reward
        errors = live.info["errors"]
        if errors != self._errors:
            turn["errors"] = {k: n - self._errors.get(k, 0) for k, n in errors.items() if n != self._errors.get(k, 0)}
            self._errors = errors
        self._spend(turn)
        self._turn = turn

    def end(self, row: EpisodeRow) -> None:
        """Write the row of the episode, however it ended, and close the file.

        Raises:
            StorageError: If the file cannot be written.
        """
        end: Json = {"row": row.to_dict()}
        try:
            if row.error is None:
                self.chosen()
                end |= self._changes.ending()
            elif row.error["type"] != StorageError.__name__:
                with suppress(Exception):  # the row says what went wrong; the turn before it may be whole
                    self.chosen()
            self._file.write({"end": end})
            self._file.close()
        finally:
            self._file.abandon()

    def abandon(self) -> None:
        """Leave the file as it is."""
        self._file.abandon()

    def _spend(self, turn: Json) -> None:
        """Note what the turn cost."""
        live = self._live
        spent = live.seconds
        turn["seconds"] = [round(now - then, 6) for now, then in zip(spent, self._spent, strict=True)]
        self._spent = spent
        used = self._policy.usage
        if used.calls > self._used.calls:
            turn["usage"] = write_usage(_difference(used, self._used))
            self._used = used


class _Changes:
    """What has changed in an episode since it was last asked.

    Args:
        env: The environment.
        system: The system message as it is sent, which is written in place of the environment's own.
    """

    def __init__(self, env: AgeMemEnv, system: str) -> None:
        self._env = env
        self._system = system
        config = env.config
        plan = schedule(env.task, config.stages, config.facts_per_turn)
        self._planned = {incoming.text: i for i, incoming in enumerate(plan)}
        self._units: list[Unit] = []
        self._messages: dict[int, tuple[int, Message, int]] = {}
        self._entries: dict[int, tuple[int, MemoryEntry]] = {}
        self._held: dict[str, MemoryEntry] = {}
        self._memory = 0
        self._events = 0
        self._new_messages: list[Json] = []
        self._new_entries: list[list[Any]] = []

    def put_into(self, turn: Json) -> None:
        """Write into a turn what has changed, in the order in which a reader needs it."""
        context = self._env.context
        turn["tokens"] = context.tokens
        spliced = self._spliced(context)
        changed = self._remembered()
        ledger = self._env.ledger
        start = turn["turn"]
        events = [write_event(e, self._message, self._entry, start) for e in ledger.events[self._events :]]
        self._events = len(ledger.events)
        named = {"messages": self._new_messages, "entries": self._new_entries}
        named |= {"context": spliced, "memory": changed, "events": events}
        turn.update({name: value for name, value in named.items() if value})
        self._new_messages, self._new_entries = [], []

    def ending(self) -> Json:
        """Return what scores depend on beside the turns."""
        view = self._env.view
        ending: Json = {
            "stored": [self._entry(entry) for entry in view.stored],
            "answer": view.ledger.answer,
            "progress": view.progress,
            "success": view.success,
            "truncated": view.truncated,
            "overflow": view.overflow,
        }
        if self._new_entries:
            ending["entries"] = self._new_entries
        return ending

    def _spliced(self, context: Context) -> list[Any] | None:
        """Return the first unit that has changed, how many are gone there, and those that came, by their messages."""
        old, new = self._units, context.units
        same = list(map(is_, old, new))
        head = len(same) if all(same) else same.index(False)
        if head == len(old) == len(new):
            return None
        tail = 0
        for one, other in zip(reversed(old[head:]), reversed(new[head:]), strict=False):
            if one is not other:
                break
            tail += 1
        added = new[head : len(new) - tail]
        spliced = [head, len(old) - head - tail, [self._unit(unit) for unit in added]]
        self._units = list(new)
        return spliced

    def _remembered(self) -> list[Any] | None:
        """Return ids of the entries that are gone from memory, and the versions that came, by number."""
        memory = self._env.memory
        if memory.state() == self._memory:
            return None
        self._memory = memory.state()
        now = {entry.id: entry for entry in memory}
        gone = [memory_id for memory_id in self._held if memory_id not in now]
        came = [self._entry(entry) for entry in now.values() if self._held.get(entry.id) is not entry]
        self._held = now
        return [gone, came]

    def _unit(self, unit: Unit) -> list[int]:
        """Return the numbers of a unit's messages; the size of the only new one is what the others leave of it."""
        known, messages = self._messages, unit.messages
        new = [message for message in messages if id(message) not in known]
        if len(new) == 1:
            others = [known[id(message)][2] for message in messages if message is not new[0]]
            if len(others) == len(messages) - 1:
                self._message(new[0], unit.tokens - sum(others))
        return [self._message(message) for message in messages]

    def _message(self, message: Message, tokens: int | None = None) -> int:
        """Return the number of a message, which is written if it is new, with its size if that is known."""
        known = self._messages.get(id(message))
        if known is None:
            sources = [self._message(source) for source in message.sources]
            if tokens is None:
                tokens = self._env.context.size((message,))
            text: str | int = message.text
            if message.origin == "system":
                text = self._system
            elif message.origin in _PLANNED:
                text = self._planned.get(message.text, message.text)
            self._new_messages.append(write_message(message, text, tokens, sources))
            known = self._messages[id(message)] = len(self._messages), message, tokens
        return known[0]

    def _entry(self, entry: MemoryEntry) -> int:
        """Return the number of a version of an entry, which is written if it is new."""
        known = self._entries.get(id(entry))
        if known is None:
            self._new_entries.append(write_entry(entry))
            known = self._entries[id(entry)] = len(self._entries), entry
        return known[0]


def _beginning(spec: RunSpec, env: AgeMemEnv) -> Json:
    """Return what is known before the first turn."""
    config, view = env.config, env.view
    return {
        "version": VERSION,
        "key": spec.config_hash,
        "spec": {
            "env_id": spec.env_id,
            "env_kwargs": spec.env_kwargs,
            "benchmark": spec.benchmark,
            "policy": spec.policy,
            "memory": spec.memory,
            "model": spec.model,
            "seed": spec.seed,
        },
        "setting": {
            "max_tokens": view.max_tokens,
            "stages": view.stages,
            "memory_tools": view.memory_tools,
            "weights": config.weights,
            "tool_format": config.tool_format,
            "facts_per_turn": config.facts_per_turn,
        },
        "task": write_task(view.task),
    }


def _difference(now: Usage, then: Usage) -> Usage:
    """Return what was used between two states of an account."""
    unknown = now.price is None or then.price is None
    return Usage(
        now.calls - then.calls,
        now.prompt_tokens - then.prompt_tokens,
        now.completion_tokens - then.completion_tokens,
        None if unknown else (now.price or 0.0) - (then.price or 0.0),
        now.seconds - then.seconds,
    )
