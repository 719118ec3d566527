"""What the context shows, by origin of its messages.

The agent's own words are never evidence, and neither are distractors. What it stored and retrieved counts only for
the facts of the task that it states, so storing the question's words and retrieving them shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from agemem_env.context.messages import Message
from agemem_env.episode.view import EpisodeView
from agemem_env.text.answers import normalize_answer
from agemem_env.text.told import Told
from agemem_env.types import Task

_WORLD = ("fact", "observation")


def contains_phrase(text: str, phrase: str) -> bool:
    """Return whether a text contains a phrase as whole words, whatever case and punctuation.

    >>> contains_phrase("He met Ed Wood, Jr. in 1952.", "ed wood"), contains_phrase("in 1952", "195")
    (True, False)
    """
    return _normal(phrase) in _normal(text)


@lru_cache(maxsize=1024)
def _normal(text: str) -> str:
    """Return a text in which whole words can be looked for; each is asked for with every phrase of a query."""
    return f" {normalize_answer(text)} "


def shows_phrase(message: Message, phrase: str, task: Task) -> bool:
    """Return whether a message is evidence for a phrase."""
    if message.origin in _WORLD:
        return contains_phrase(message.text, phrase)
    if message.origin == "retrieval":
        stated = Told.of(task).facts_in(message.text)
        return any(contains_phrase(task.facts[i].text, phrase) for i in stated)
    if message.origin == "summary":
        return contains_phrase(message.text, phrase) and any(
            shows_phrase(source, phrase, task) for source in message.sources
        )
    return False


def facts_shown(messages: Iterable[Message], told: Told) -> frozenset[int]:
    """Return the indices of the facts for which some message is evidence."""
    return frozenset[int]().union(*(_shown_by(message, told) for message in messages))


def _shown_by(message: Message, told: Told) -> frozenset[int]:
    if message.origin in (*_WORLD, "retrieval"):
        return told.facts_in(message.text)
    if message.origin == "summary":
        return told.facts_in(message.text) & facts_shown(message.sources, told)
    return frozenset()


def removed_messages(view: EpisodeView, *, from_stage: int) -> list[Message]:
    """Return the messages that left the context from a stage on, in order, whoever removed them."""
    events = [e for e in view.ledger.of("reduce", "overflow", "replace") if e.stage >= from_stage]
    return [message for event in events for message in event.effect.removed]
