"""How the parts of an episode are written in a trajectory: JSON values with short names, without what is empty.

Each pair of functions are each other's inverse. Messages and memory entries refer to each other by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agemem_env.context.messages import CallRef, Message, Said, SaidCall, ShownMemory
from agemem_env.episode.ledger import Effect, Event
from agemem_env.memory.store import MemoryEntry
from agemem_env.types import Fact, Task, ToolCall, Usage, Utterance

Json = dict[str, Any]


def write_task(task: Task) -> Json:
    """Return a task, without what only its engine needs."""
    return {
        "id": task.id,
        "benchmark": task.benchmark,
        "split": task.split,
        "source": task.source,
        "query": task.query,
        "answer": task.answer,
        "facts": [[f.text, f.gold, f.supersedes, f.useful, f.essentials] for f in task.facts],
        "utterances": [[u.text, u.facts] for u in task.utterances],
        "distractors": task.distractors,
        "max_rounds": task.max_rounds,
        "difficulty": task.difficulty,
    }


def read_task(written: Mapping[str, Any]) -> Task:
    """Return the task that `write_task` wrote."""
    facts = tuple(Fact(text, gold, old, useful, tuple(e)) for text, gold, old, useful, e in written["facts"])
    told = tuple(Utterance(text, tuple(indices)) for text, indices in written["utterances"])
    names = ("id", "benchmark", "split", "source", "query", "answer", "max_rounds", "difficulty")
    plain = {name: written[name] for name in names}
    return Task(facts=facts, utterances=told, distractors=tuple(written["distractors"]), **plain)


def write_message(message: Message, text: str | int, tokens: int, sources: Sequence[int]) -> Json:
    """Return a message.

    Args:
        message: The message.
        text: Its text, or its place among the texts that were planned.
        tokens: Its size.
        sources: Numbers of its sources.
    """
    written: Json = {"o": message.origin, "t": text, "n": tokens}
    if message.calls:
        written["c"] = [[call.name, call.arguments, call.typed] for call in message.calls]
    if message.call_ids:
        written["i"] = message.call_ids
    if message.answers is not None:
        written["a"] = [message.answers.id, message.answers.name]
    if message.think:
        written["k"] = message.think
    if message.memories:
        written["m"] = [[shown.id, shown.content, shown.score] for shown in message.memories]
    if sources:
        written["s"] = sources
    if message.said is not None:
        said = message.said
        as_text = not said.calls and said.content == message.text
        written["q"] = 1 if as_text else [said.content, [[call.id, call.name, call.arguments] for call in said.calls]]
    return written


def read_message(written: Mapping[str, Any], planned: Sequence[str], messages: Sequence[Message]) -> Message:
    """Return the message that `write_message` wrote, given the texts that were planned and messages before it."""
    text = written["t"] if isinstance(written["t"], str) else planned[written["t"]]
    said = None
    if "q" in written:
        content, calls = (text, ()) if written["q"] == 1 else written["q"]
        said = Said(content, tuple(SaidCall(*call) for call in calls))
    return Message(
        origin=written["o"],
        text=text,
        calls=tuple(ToolCall(*call) for call in written.get("c", ())),
        call_ids=tuple(written.get("i", ())),
        answers=CallRef(*written["a"]) if "a" in written else None,
        think=written.get("k", ""),
        memories=tuple(ShownMemory(*shown) for shown in written.get("m", ())),
        sources=tuple(messages[number] for number in written.get("s", ())),
        said=said,
    )


def write_entry(entry: MemoryEntry) -> list[Any]:
    """Return a version of a memory entry."""
    return [entry.id, entry.content, entry.metadata, entry.created, entry.modified]


def read_entry(written: Sequence[Any]) -> MemoryEntry:
    """Return the version that `write_entry` wrote."""
    return MemoryEntry(*written)


def write_event(
    event: Event, message: Callable[[Message], int], entry: Callable[[MemoryEntry], int], start: int
) -> list[Any]:
    """Return an event.

    Args:
        event: The event.
        message: Returns the number of a message.
        entry: Returns the number of a version of an entry.
        start: Round of the turn in which it is written.
    """
    effect = event.effect
    written = [
        effect.kind,
        event.actor,
        event.stage,
        [event.tokens_before, event.tokens_after],
        event.tool,
        event.arguments,
        [entry(e) for e in effect.before],
        [entry(e) for e in effect.after],
        [message(m) for m in effect.removed],
        event.step - start,
        None if event.usage is None else write_usage(event.usage),
    ]
    while not written[-1] and len(written) > 4:
        del written[-1]
    return written


_EVENT: tuple[Any, ...] = ("none", "agent", 1, [0, 0], "", {}, (), (), (), 0, None)


def read_event(
    written: Sequence[Any], messages: Sequence[Message], entries: Sequence[MemoryEntry], start: int
) -> Event:
    """Return the event that `write_event` wrote, given all messages and versions of entries until then."""
    filled = [*written, *_EVENT[len(written) :]]
    kind, actor, stage, tokens, tool, arguments, before, after, removed, step, usage = filled
    effect = Effect(
        kind,
        tuple(entries[number] for number in before),
        tuple(entries[number] for number in after),
        tuple(messages[number] for number in removed),
    )
    cost = None if usage is None else read_usage(usage)
    return Event(start + step, stage, tool, arguments, effect, tokens[0], tokens[1], actor, cost)


def write_usage(usage: Usage) -> list[float | None]:
    """Return what calls of models cost."""
    return [usage.calls, usage.prompt_tokens, usage.completion_tokens, usage.price, round(usage.seconds, 6)]


def read_usage(written: Sequence[Any]) -> Usage:
    """Return what `write_usage` wrote."""
    return Usage(*written)
