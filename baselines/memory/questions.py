"""Questions of a memory system to its model: within the budget, charged, and with a reply that is a JSON object.

A reply that cannot be used is counted as a fault and asked for once more; after that the question has no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from agemem_env.context.context import MESSAGE_OVERHEAD
from agemem_env.episode.desk import MemoryDesk
from agemem_env.services.chat import ChatModel, ChatRequest
from agemem_env.text.relaxed_json import decode

T = TypeVar("T")

TRIES = 2
"""How often a question is asked at most."""

AGAIN = "Your last reply was not the JSON object asked for. Reply with that JSON object alone."


@dataclass(frozen=True, slots=True)
class Question:
    """What a system asks its model.

    Attributes:
        what: What the call is for, in the ledger.
        instruction: The system message; it states the form of the reply.
        message: The text that the question is about.
        lines: Stored memories to look at, the most similar first.
    """

    what: str
    instruction: str
    message: str
    lines: Sequence[str] = ()


def ask(
    model: ChatModel, desk: MemoryDesk, question: Question, read: Callable[[Mapping[str, Any]], T | None]
) -> T | None:
    """Return what the model replied, or None if no reply could be used.

    Args:
        model: The model.
        desk: Where cost and faults are noted.
        question: What to ask.
        read: Turns the JSON object of the reply into a value; None if the object has not the form asked for.

    Raises:
        ServiceError: If the model does not answer at all.
    """
    if _room(desk, question) < 1:
        desk.fault("no_room", f"{question.what}: max_tokens={desk.max_tokens} does not hold the instruction")
        return None
    fitting = fit(desk, question)
    user = _frame(fitting.message, fitting.lines)
    messages = [{"role": "system", "content": question.instruction}, {"role": "user", "content": user}]
    for attempt in range(TRIES):
        again = [{"role": "user", "content": AGAIN}] if attempt else []
        reply = model.chat(ChatRequest([*messages, *again], purpose="memory", json_reply=True))
        desk.charge(reply.usage, question.what)
        found = find_object(reply.text)
        value = None if found is None else read(found)
        if value is not None:
            return value
        desk.fault("malformed_reply", f"{question.what}: {reply.text}")
    return None


def fit(desk: MemoryDesk, question: Question) -> Question:
    """Return the question, cut so that the whole prompt has at most ``max_tokens`` tokens.

    The instruction stays whole. The message gets what the memories leave, but at least half of the room, and is cut at
    its end; of the memories the least similar are left out. `ask` does this too; a system that lets the model name
    memories does it before, to know which of them the model sees.
    """
    counter = desk.services.counter
    room = max(0, _room(desk, question))
    wanted = counter.count("\n".join(question.lines)) + len(question.lines)
    message = counter.truncate(question.message, max(room // 2, room - wanted))
    left = room - counter.count(message)
    lines: list[str] = []
    for line in question.lines:
        left -= counter.count(line) + 1
        if left < 0:
            break
        lines.append(line)
    return replace(question, message=message, lines=tuple(lines))


def find_object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a text, or None.

    >>> find_object('Sure: {"facts": ["a",]} as asked.')
    {'facts': ['a']}
    """
    start = text.find("{")
    while start >= 0:
        decoded = decode(text, start)
        if decoded is not None and isinstance(decoded.value, dict):
            return decoded.value
        start = text.find("{", start + 1)
    return None


def strings(value: object) -> list[str] | None:
    """Return the distinct texts of a list that are not blank; None if it is no list.

    >>> strings(["a", " ", 3, "a"])
    ['a']
    """
    if not isinstance(value, list):
        return None
    return list(dict.fromkeys(item.strip() for item in value if isinstance(item, str) and item.strip()))


def objects(value: object) -> list[dict[str, Any]] | None:
    """Return the JSON objects in a list; None if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None


def text_of(item: Mapping[str, Any], key: str) -> str:
    """Return the text under a key, stripped; numbers count as texts, anything else as an empty one."""
    value = item.get(key)
    return str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _room(desk: MemoryDesk, question: Question) -> int:
    """Return the tokens that are left for the message and the memories."""
    counter = desk.services.counter
    fixed = counter.count(question.instruction) + counter.count(AGAIN) + counter.count(_frame("", ()))
    return desk.max_tokens - fixed - 3 * MESSAGE_OVERHEAD


def _frame(message: str, lines: Sequence[str]) -> str:
    stored = "\n".join(lines) or "(none)"
    return f"Stored memories:\n{stored}\n\nMessage:\n{message}"
