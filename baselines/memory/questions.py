"""Questions of a memory system to its model: within the budget, charged, and with a reply that is a JSON object.

A reply that cannot be read, or not in full, is counted as a fault and asked for once more; after that the question has
the answer that can be read, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from agemem_env.context.context import MESSAGE_OVERHEAD
from agemem_env.episode.desk import MemoryDesk
from agemem_env.services.chat import ChatModel, ChatRequest
from baselines.memory.reading.replies import Reading, read_reply

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


def ask(model: ChatModel, desk: MemoryDesk, question: Question, read: Callable[[Any], Reading[T] | None]) -> T | None:
    """Return what the model replied, or None if no reply could be used.

    Of a last reply that has items which cannot be read the others count.

    Args:
        model: The model.
        desk: Where cost and faults are noted.
        question: What to ask.
        read: Reads a JSON value of the reply; None if it has not the form asked for.

    Raises:
        ServiceError: If the model does not answer at all.
    """
    if _room(desk, question) < 1:
        desk.fault("no_room", f"{question.what}: max_tokens={desk.max_tokens} does not hold the instruction")
        return None
    fitting = fit(desk, question)
    user = _frame(fitting.message, fitting.lines)
    messages = [{"role": "system", "content": question.instruction}, {"role": "user", "content": user}]
    partly: Reading[T] | None = None
    for attempt in range(TRIES):
        again = [{"role": "user", "content": AGAIN}] if attempt else []
        reply = model.chat(ChatRequest([*messages, *again], purpose="memory", json_reply=True))
        desk.charge(reply.usage, question.what)
        reading = read_reply(reply.text, read)
        if reading is not None and not reading.unread:
            return reading.value
        desk.fault("malformed_reply", f"{question.what}: {reply.text}")
        partly = reading or partly
    return None if partly is None else partly.value


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


def _room(desk: MemoryDesk, question: Question) -> int:
    """Return the tokens that are left for the message and the memories."""
    counter = desk.services.counter
    fixed = counter.count(question.instruction) + counter.count(AGAIN) + counter.count(_frame("", ()))
    return desk.max_tokens - fixed - 3 * MESSAGE_OVERHEAD


def _frame(message: str, lines: Sequence[str]) -> str:
    stored = "\n".join(lines) or "(none)"
    return f"Stored memories:\n{stored}\n\nMessage:\n{message}"
