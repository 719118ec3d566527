"""Which sentences are told wrongly first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agemem_env.engines.briefing import MOST_REVISED
from agemem_env.engines.hotpotqa.records import Paragraph, Revision
from agemem_env.engines.hotpotqa.world.entities import HotpotWorld
from agemem_env.engines.hotpotqa.world.paragraphs import Page

_ATTEMPTS = 12


def occurs(words: str, text: str) -> bool:
    """Return whether `words` stand in `text`, not as a part of longer words.

    >>> occurs("Tolm", "He left Tolm in 1901."), occurs("Tolm", "He left Tolmvik.")
    (True, False)
    """
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def revise(world: HotpotWorld, pages: Sequence[Page], elsewhere: Sequence[str]) -> tuple[Revision, ...]:
    """Choose sentences, each that can be asked for with equal probability, and word what is told of them first.

    Args:
        world: The world of the question.
        pages: The context.
        elsewhere: Every other text of the question; no outdated value occurs in it.
    """
    places = [(page, i) for page in pages for i, s in enumerate(page.sentences) if s.relation is not None]
    seen = "\n".join([*elsewhere, *(s.text for page in pages for s in page.sentences)])
    found: list[Revision] = []
    for place in world.dice.shuffled(places)[: world.dice.between(2, MOST_REVISED)]:
        revision = _revision(world, place, seen)
        if revision is not None:
            seen = f"{seen}\n{revision.outdated}"
            found.append(revision)
    return tuple(found)


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
