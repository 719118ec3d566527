"""`read_trajectory`: an episode for whoever looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from agemem_env.context.messages import Message, render
from agemem_env.episode.ledger import Event
from agemem_env.memory.store import MemoryEntry
from agemem_env.text.told import Told
from agemem_env.types import Task, Usage
from benchmarks.trajectories.rebuild import PlayedEpisode, PlayedTurn, read_episode
from benchmarks.trajectories.trajectory import (
    EntryRecord,
    EventRecord,
    FactRecord,
    MessageRecord,
    TaskRecord,
    Trajectory,
    TurnRecord,
)


def read_trajectory(path: Path) -> Trajectory:
    """Return the trajectory in a file, as far as it was written.

    Args:
        path: The file, ``trajectories/<key>.jsonl.zst`` of a run folder.

    Raises:
        DataError: If the file cannot be read, is damaged, or holds not even the beginning.
    """
    episode = read_episode(path)
    convert = _Converter(episode)
    return Trajectory(
        key=episode.key,
        spec=episode.spec,
        max_tokens=episode.setting["max_tokens"],
        task=_task(episode.task),
        messages=[convert.message(i, message) for i, message in enumerate(episode.messages)],
        turns=[convert.turn(turn) for turn in episode.turns],
        row=episode.row,
    )


def _task(task: Task) -> TaskRecord:
    stale = task.superseded
    facts = tuple(
        FactRecord(fact.text, "gold" if fact.gold else "useful" if fact.useful else "small talk", stale.get(i))
        for i, fact in enumerate(task.facts)
    )
    return TaskRecord(task.id, task.query, task.answer, facts, task.distractors)


class _Converter:
    """Makes records of the parts of an episode."""

    def __init__(self, episode: PlayedEpisode) -> None:
        self._format = episode.setting["tool_format"]
        self._sizes = episode.sizes
        self._numbers = {id(message): i for i, message in enumerate(episode.messages)}
        self._facts = _told_by(episode)
        self._entry: Callable[[MemoryEntry], EntryRecord] = _entries(Told.of(episode.task))

    def message(self, number: int, message: Message) -> MessageRecord:
        """Return the record of a message, as it was sent."""
        sources = tuple(self._numbers[id(source)] for source in message.sources)
        facts = self._facts.get(message.text, ()) if message.origin == "fact" else ()
        sent = render(message, self._format)
        return MessageRecord(message.origin, sent, self._sizes[number], message.memory_ids, facts, sources)

    def turn(self, turn: PlayedTurn) -> TurnRecord:
        """Return the record of a turn."""
        return TurnRecord(
            number=turn.number,
            stage=turn.stage,
            action=turn.action,
            context=turn.context,
            tokens=turn.tokens,
            memory=tuple(map(self._entry, turn.memory)),
            events=tuple(map(self._event, turn.events)),
            errors=turn.errors,
            reward=turn.reward,
            usage=_usage(turn.usage),
            seconds={"env": turn.seconds[0], "policy": turn.seconds[1]},
        )

    def _event(self, event: Event) -> EventRecord:
        effect = event.effect
        return EventRecord(
            kind=effect.kind,
            actor=event.actor,
            tool=event.tool,
            arguments=event.arguments,
            entries=tuple(dict.fromkeys(entry.id for entry in (*effect.after, *effect.before))),
            removed=tuple(self._numbers[id(message)] for message in effect.removed),
            tokens=(event.tokens_before, event.tokens_after),
            usage=_usage(event.usage),
        )


def _told_by(episode: PlayedEpisode) -> Mapping[str, tuple[int, ...]]:
    """Return the statements that each message of stage 1 makes, by its text."""
    task, step = episode.task, episode.setting["facts_per_turn"]
    told = [(u.text, u.facts) for u in task.utterances] or [(f.text, (i,)) for i, f in enumerate(task.facts)]
    groups = [told[i : i + step] for i in range(0, len(told), step)]
    return {"\n".join(text for text, _ in group): tuple(i for _, facts in group for i in facts) for group in groups}


def _entries(told: Told) -> Callable[[MemoryEntry], EntryRecord]:
    """Return what makes the record of a memory entry, once for each version."""
    made: dict[int, EntryRecord] = {}
    states = lru_cache(maxsize=None)(lambda text: tuple(sorted(told.facts_in(text))))

    def record(entry: MemoryEntry) -> EntryRecord:
        """Return the record of an entry."""
        if id(entry) not in made:
            made[id(entry)] = EntryRecord(
                entry.id, entry.content, entry.metadata, entry.created, entry.modified, states(entry.content)
            )
        return made[id(entry)]

    return record


def _usage(usage: Usage | None) -> Mapping[str, float | None] | None:
    if usage is None:
        return None
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "price": usage.price,
        "seconds": usage.seconds,
    }
