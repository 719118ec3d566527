"""One generated question: a small world, a plot in it, and the paragraphs that tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from agemem_env.engines.hotpotqa.records import GeneratedQuestion, HotpotRecord
from agemem_env.engines.hotpotqa.world.dice import Dice
from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld
from agemem_env.engines.hotpotqa.world.paragraphs import Page, write_page
from agemem_env.engines.hotpotqa.world.questions import Plot, Role, compose
from agemem_env.engines.hotpotqa.world.relations import sayable
from agemem_env.engines.hotpotqa.world.revisions import as_paragraph, occurs, revise
from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.errors import ConfigurationError, unknown_name

SPLIT_SIZES: Mapping[str, int] = MappingProxyType({"train": 100_000, "valid": 1_000, "test": 1_000})
"""Number of generated questions of each split."""

_STREAM = 26010  # Keeps these questions apart from whatever else is drawn from the same small integers.
_LIKES = 3
_CONTEXT = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with all that was decided on the way.

    Attributes:
        world: Its world.
        plot: The question.
        pages: The context, in its final order.
        related: Pages for stage 2.
    """

    world: HotpotWorld
    plot: Plot
    pages: tuple[Page, ...]
    related: tuple[Page, ...]


def generate(split: str, index: int) -> GeneratedQuestion:
    """Make one question; the same arguments always give the same question.

    Args:
        split: ``train``, ``valid`` or ``test``.
        index: From 0 to the size of the split less 1.

    Raises:
        ConfigurationError: If there is no such split or index.
    """
    made = draft(split, index)
    plot = made.plot
    gold = tuple(
        (role.entity.title, page.index(relation))
        for role in plot.roles
        for page in made.pages
        if page.entity is role.entity
        for relation in role.gold
    )
    record = HotpotRecord(
        id=f"gen-{split}-{index:06d}",
        question=plot.question,
        answer=plot.answer,
        type=plot.type,
        level=plot.level,
        supporting_facts=gold,
        context=tuple(as_paragraph(page) for page in made.pages),
    )
    related = tuple(as_paragraph(page) for page in made.related)
    elsewhere = [plot.question, plot.answer, *(p.entity.title for p in (*made.pages, *made.related))]
    elsewhere += [s for _, sentences in related for s in sentences]
    return GeneratedQuestion(record, revise(made.world, made.pages, gold, elsewhere), related)


def draft(split: str, index: int) -> Draft:
    """Make one question and keep the world in which it is true."""
    if split not in SPLIT_SIZES:
        raise unknown_name("split", split, SPLIT_SIZES)
    if not 0 <= index < SPLIT_SIZES[split]:
        raise ConfigurationError(f"there is no question {index} in {split}; allowed: 0 to {SPLIT_SIZES[split] - 1}")
    key = [_STREAM, list(SPLIT_SIZES).index(split), index]
    dice = Dice(np.random.Generator(np.random.PCG64(np.random.SeedSequence(key))))
    world = HotpotWorld(dice)
    plot = compose(world)
    while plot.type == "bridge" and occurs(plot.answer, plot.question):
        world = HotpotWorld(dice)
        plot = compose(world)
    pages = _context(world, plot)
    return Draft(world, plot, tuple(world.dice.shuffled(pages)), tuple(_related(world, plot, pages)))


def _context(world: HotpotWorld, plot: Plot) -> list[Page]:
    """Write the two gold pages, pages of similar things, and pages of things that the gold pages mention."""
    first, second = plot.roles
    hidden = {id(first.entity), id(second.entity)}
    pages = [write_page(world, role.entity, role.required, hidden, gold=True) for role in plot.roles]
    likes = [world.sibling(first.entity) for _ in range(_LIKES)]
    pages += [write_page(world, like, _sayable(like, first), hidden) for like in likes]
    for number in range(_LIKES):
        if plot.hop is not None and number < 2:
            target = world.value(likes[number], plot.hop, like=second.entity)
        else:
            target = world.sibling(second.entity)
        if isinstance(target, HotpotEntity):
            pages.append(write_page(world, target, _sayable(target, second), hidden))
    for entity in _mentioned(pages)[: _CONTEXT - len(pages) - 1]:
        pages.append(write_page(world, entity, (), hidden))
    while len(pages) < _CONTEXT:
        role = world.dice.pick(plot.roles)
        like = world.sibling(role.entity)
        pages.append(write_page(world, like, _sayable(like, role), hidden))
    return pages


def _related(world: HotpotWorld, plot: Plot, pages: Sequence[Page]) -> list[Page]:
    """Write four to six more pages of similar things, none of which contains the answer."""
    hidden = {id(page.entity) for page in pages}
    wanted = world.dice.between(4, 6)
    related: list[Page] = []
    while len(related) < wanted:
        role = plot.roles[len(related) % 2]
        like = world.sibling(role.entity)
        page = write_page(world, like, _sayable(like, role), hidden)
        texts = [like.title, *(s.text for s in page.sentences)]
        if plot.answer in ("yes", "no") or not any(occurs(plot.answer, text) for text in texts):
            related.append(page)
    return related


def _sayable(entity: HotpotEntity, role: Role) -> tuple[Relation, ...]:
    return tuple(r for r in role.required if sayable(r, entity.era))


def _mentioned(pages: Sequence[Page]) -> list[HotpotEntity]:
    """Things that the two gold pages mention and that have no page yet."""
    present = {id(page.entity) for page in pages}
    found = []
    for page in pages[:2]:
        for sentence in page.sentences:
            for name in sentence.stated:
                value = page.entity.values[name]
                if isinstance(value, HotpotEntity) and id(value) not in present:
                    present.add(id(value))
                    found.append(value)
    return found
