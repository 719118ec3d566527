"""Candidates of stages 1 and 2: what to do with a message that is told."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from agemem_env.wrappers.menu.blocks import Block, Offers, call, crossed
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.sight import Memory, Sight
from agemem_env.wrappers.menu.words import (
    alone,
    body,
    corrected,
    cues,
    likeness,
    names,
    numbered,
    sentences,
    stems,
    title,
)

_QUOTED = 80
"""Characters of each message that a filter quotes."""

_NEARLY = 0.1
"""So much less alike than the memory that is most like a message may another be that is mended by it."""

_CHOSEN_FROM = 4
"""Parts of a message that are chosen from; there is a candidate for each choice."""


def storing(seen: Sight, past: Past, tools: frozenset[str]) -> Block:
    """Return the candidates of stage 1: to reply, to store the message or some of its sentences, or to mend a memory.

    The memory is one that is most like the message.
    """
    return _storing(seen.text, seen.related, len(past.told.intersection(names(seen.text))), tools)


@lru_cache(512)
def _storing(text: str, related: tuple[Memory, ...], told_before: int, tools: frozenset[str]) -> Block:
    """Return the candidates, given the message and the memories shown with it: rollouts of a task share most of them.

    Args:
        text: The message.
        related: Memories shown with it.
        told_before: How many of its names were told before.
        tools: Names of the memory tools that are offered.
    """
    own, told, offers = stems(text), body(text), Offers(tools)
    overlaps = [_overlap(own, stems(memory.content)) for memory in related]
    alike = [_alike(text, memory.content) for memory in related]
    closest, known = max(overlaps, default=0.0), set(names(text))
    features = (
        1.0, closest, max((memory.score for memory in related), default=0.0), 1 - closest, len(own) / 30,
        len(told) / 5, float(bool(related)), float(closest > 0.5), float(len(told) <= 2),
        float(any(map(str.isdigit, text))), min(len(known), 4) / 4, told_before / max(1, len(known)),
        max(alike, default=0.0), float(told != sentences(text)),
    )  # fmt: skip
    signs = sorted(cues(text))
    offers.add("reply", "Noted.", features, [crossed("reply", sign) for sign in signs])
    if not text.strip():
        return offers.block()
    if len(told) > 1:
        for content, sums, crosses in _selections(text):
            offers.add("add sentences", call("Add_memory", content=content), sums, crosses)
    else:
        content = alone(" ".join(told) or text, title(text))
        offers.add("add", call("Add_memory", content=content), features, [crossed("add", sign) for sign in signs])
    for memory, overlap, like in zip(related, overlaps, alike, strict=True):
        if like >= max(alike) - _NEARLY:
            first, place = memory is related[0], (overlap - closest, like, like - max(alike))
            _offer_mending(text, memory, place, offers, first=first)
    return offers.block()


@lru_cache(4096)
def _selections(text: str) -> tuple[tuple[str, tuple[float, ...], tuple[int, ...]], ...]:
    """Return each choice of up to four sentences of a message: what it says, and its features.

    Features are sums over the sentences chosen, so that each is judged by itself.
    """
    about, told = title(text), body(text)
    parts = [*told[: _CHOSEN_FROM - 1], " ".join(told[_CHOSEN_FROM - 1 :])]
    judged = [(part, *_sentence(part, about, first=not i)) for i, part in enumerate(parts) if part]
    found = []
    for chosen in range(1, 1 << len(judged)):
        kept = [judged[i] for i in range(len(judged)) if chosen >> i & 1]
        content = alone(" ".join(sentence for sentence, _, _ in kept), about)
        features = (1.0, *(sum(values) for values in zip(*(own for _, own, _ in kept), strict=True)))
        found.append((content, features, tuple(cross for _, _, own in kept for cross in own)))
    return tuple(found)


def _sentence(sentence: str, about: str, *, first: bool) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return the features of a sentence to be stored, and its crossed features."""
    others = [name for name in names(sentence) if name != about]
    features = (
        1.0, float(first), float(about in sentence), float(bool(others)), float(any(map(str.isdigit, sentence))),
        len(stems(sentence)) / 10, float(first and bool(others)), float(about not in sentence and not others),
    )  # fmt: skip
    return features, tuple(crossed("keep", sign) for sign in sorted(cues(sentence)))


def offer_ignoring(seen: Sight, past: Past, offers: Offers) -> None:
    """Offer to reply to a distractor, to store it, or to remove it and those before it."""
    features = (1.0, len(seen.distractors) / 8, len(stems(seen.text)) / 30)
    offers.add("ignore", "I see.", features)
    if not seen.text.strip():
        return
    offers.add("add a distractor", call("Add_memory", content=seen.text), features)
    offers.add("filter at once", filtering(seen.distractors), features)
    if not past.idle("Summary_context", seen):
        offers.add("summarize at once", call("Summary_context", span="all"), features)


def filtering(texts: tuple[str, ...]) -> dict[str, object]:
    """Return the call that removes messages from the context."""
    return call("Filter_context", criteria=" ".join(text[:_QUOTED] for text in texts))


def _offer_mending(
    text: str, memory: Memory, place: tuple[float, float, float], offers: Offers, *, first: bool
) -> None:
    """Offer to update a memory with the message, and to delete it.

    Args:
        text: The message.
        memory: The memory.
        place: Its overlap behind the best, its likeness, and its likeness behind the best.
        offers: Where to.
        first: Whether it is shown first.
    """
    own, its = stems(text), stems(memory.content)
    new, difference, both = own - its, own ^ its, len(own & its)
    behind, alike, less_alike = place
    best = less_alike == 0
    features = (
        1.0, _overlap(own, its), memory.score, behind, both / max(1, len(own)), both / max(1, len(its)),
        len(difference) / 10, float(first), float(len(new) <= 2),
        float(any(any(map(str.isdigit, word)) for word in difference)),
        float(title(memory.content) == title(text)), len(sentences(memory.content)) / 5, alike, less_alike,
        float(best), float(text in memory.content),
    )  # fmt: skip
    signs = sorted(cues(text))
    content = corrected(memory.content, text)
    offers.add(
        "update",
        call("Update_memory", memory_id=memory.id, content=content),
        features,
        [crossed("update", sign, best) for sign in signs],
    )
    offers.add(
        "delete",
        call("Delete_memory", memory_id=memory.id, confirmation=True),
        features,
        [crossed("delete", sign, best) for sign in signs],
    )


@lru_cache(4096)
def _alike(message: str, entry: str) -> float:
    """Return how much an entry and a message speak of the same thing: their likest sentences, names and numbers."""
    nearest = max((likeness(said, news) for said in body(entry) for news in body(message)), default=0.0)
    return (nearest + _shared(names(message), names(entry)) + _shared(numbered(message)[:1], numbered(entry))) / 3


def _shared(wanted: Sequence[str], there: Sequence[str]) -> float:
    """Return the share of what is wanted that is there; 0 if nothing is wanted."""
    return sum(one in there for one in wanted) / len(wanted) if wanted else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
