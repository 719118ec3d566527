"""Which sentences are told wrongly first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agemem_env.engines.hotpotqa.records import Paragraph, Revision
from agemem_env.engines.hotpotqa.world.entities import HotpotWorld
from agemem_env.engines.hotpotqa.world.paragraphs import Page

_REVISED = 0.72
_SECOND = 0.45
_ATTEMPTS = 12


def occurs(words: str, text: str) -> bool:
    """Return whether `words` stand in `text`, not as a part of longer words.

    >>> occurs("Tolm", "He left Tolm in 1901."), occurs("Tolm", "He left Tolmvik.")
    (True, False)
    """
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def revise(
    world: HotpotWorld,
    pages: Sequence[Page],
    gold: Sequence[tuple[str, int]],
    elsewhere: Sequence[str],
) -> tuple[Revision, ...]:
    """Choose up to two sentences, the first of them a gold one, and word what is told of them first.

    Args:
        world: The world of the question.
        pages: The context.
        gold: Title and index of each gold sentence.
        elsewhere: Every other text of the question; no outdated value occurs in it.
    """
    if not world.dice.chance(_REVISED):
        return ()
    places = [(page, i) for page in pages for i, s in enumerate(page.sentences) if s.relation is not None]
    needed = [p for p in places if (p[0].entity.title, p[1]) in gold]
    others = [p for p in places if p not in needed]
    text = "\n".join([*elsewhere, *(s.text for page in pages for s in page.sentences)])
    chosen = [_revision(world, world.dice.pick(needed), text)]
    if others and world.dice.chance(_SECOND):
        seen = text if chosen[0] is None else f"{text}\n{chosen[0].outdated}"
        chosen.append(_revision(world, world.dice.pick(others), seen))
    return tuple(revision for revision in chosen if revision is not None)


def _revision(world: HotpotWorld, place: tuple[Page, int], text: str) -> Revision | None:
    page, index = place
    sentence = page.sentences[index]
    if sentence.relation is None:
        raise ValueError(f"{sentence.text!r} states no relation and cannot be revised")
    for _ in range(_ATTEMPTS):
        value = world.alternative(page.entity, sentence.relation)
        if not occurs(value.removeprefix("the "), text):
            outdated = sentence.with_object(value)
            return Revision(page.entity.title, index, outdated if index == 0 else f" {outdated}")
    return None


def as_paragraph(page: Page) -> Paragraph:
    """Return a page as title and sentences; as in the official files, later sentences begin with a space."""
    sentences = tuple(s.text if i == 0 else f" {s.text}" for i, s in enumerate(page.sentences))
    return page.entity.title, sentences
