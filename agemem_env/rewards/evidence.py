"""What the context shows, by origin of its messages.

The agent's own words are never evidence. What it stored and retrieved counts only for the facts of the task that it
states, so storing the question's words and retrieving them shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from agemem_env.context.messages import Message
from agemem_env.episode.view import EpisodeView
from agemem_env.text.answers import normalize_answer
from agemem_env.text.matching import states
from agemem_env.types import Fact, Task

_WORLD = ("fact", "distractor", "observation")


def contains_phrase(text: str, phrase: str) -> bool:
    """Return whether a text contains a phrase as whole words, whatever case and punctuation.

    >>> contains_phrase("He met Ed Wood, Jr. in 1952.", "ed wood"), contains_phrase("in 1952", "195")
    (True, False)
    """
    return f" {normalize_answer(phrase)} " in f" {normalize_answer(text)} "


def shows_phrase(message: Message, phrase: str, task: Task) -> bool:
    """Return whether a message is evidence for a phrase."""
    if message.origin in _WORLD:
        return contains_phrase(message.text, phrase)
    if message.origin == "retrieval":
        return any(contains_phrase(f.text, phrase) and states(message.text, f.text) for f in task.facts)
    if message.origin == "summary":
        return contains_phrase(message.text, phrase) and any(
            shows_phrase(source, phrase, task) for source in message.sources
        )
    return False


def shows_fact(message: Message, fact: Fact) -> bool:
    """Return whether a message is evidence for a fact."""
    if message.origin in _WORLD or message.origin == "retrieval":
        return states(message.text, fact.text)
    if message.origin == "summary":
        return states(message.text, fact.text) and any(shows_fact(s, fact) for s in message.sources)
    return False


def facts_shown(messages: Iterable[Message], facts: Iterable[Fact]) -> set[str]:
    """Return the texts of the facts for which some message is evidence."""
    listed = list(messages)
    return {fact.text for fact in facts if any(shows_fact(message, fact) for message in listed)}


def removed_messages(view: EpisodeView, *, from_stage: int) -> list[Message]:
    """Return the messages that left the context from a stage on, in order, whoever removed them."""
    events = [e for e in view.ledger.of("reduce", "overflow", "replace") if e.stage >= from_stage]
    return [message for event in events for message in event.effect.removed]
