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

_ALIKE = 0.5
"""Share of stage 2's pages that state what is asked of things like theirs; the others tell what they happen to."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with all that was decided on the way.

    Attributes:
        world: Its world.
        plot: The question.
        other: A question that could have been asked of the same pages.
        pages: The context, in its final order.
        related: Pages for stage 2.
    """

    world: HotpotWorld
    plot: Plot
    other: Plot
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
    useful = tuple((page.entity.title, i) for page in made.pages for i, s in enumerate(page.sentences) if s.relation)
    return GeneratedQuestion(record, revise(made.world, made.pages, elsewhere), related, useful)


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
    plots = (plot, compose(world))
    pages = _context(world, plots)
    return Draft(world, plot, plots[1], tuple(pages), tuple(_related(world, plots, pages)))


def _context(world: HotpotWorld, plots: Sequence[Plot]) -> list[Page]:
    """Write the gold pages of each plot and pages of similar things, in random order."""
    world.leading.update(plot.roles[0].entity.kind.name for plot in plots if plot.hop is not None)
    likes = world.dice.shuffled([1, 2])
    cast = [each for plot, count in zip(plots, likes, strict=True) for each in _cast(world, plot, count)]
    hidden = {id(role.entity) for plot in plots for role in plot.roles}
    return [write_page(world, entity, required, hidden) for entity, required in world.dice.shuffled(cast)]


def _cast(world: HotpotWorld, plot: Plot, likes: int) -> list[tuple[HotpotEntity, tuple[Relation, ...]]]:
    """Return what a plot has pages of, with what these must state: its roles, and so many likes of each.

    Likes lead to each other as the roles do.
    """
    first, second = plot.roles
    cast = [(role.entity, role.required) for role in plot.roles]
    for _ in range(likes):
        like = world.sibling(first.entity)
        cast.append((like, _sayable(like, first)))
        target = world.sibling(second.entity) if plot.hop is None else world.value(like, plot.hop, like=second.entity)
        if isinstance(target, HotpotEntity):
            cast.append((target, _sayable(target, second)))
    return cast


def _related(world: HotpotWorld, plots: Sequence[Plot], pages: Sequence[Page]) -> list[Page]:
    """Write four to six more pages of things similar to those of either plot; none contains an answer."""
    hidden = {id(page.entity) for page in pages}
    answers = [plot.answer for plot in plots if plot.answer not in ("yes", "no")]
    wanted = world.dice.between(4, 6)
    related: list[Page] = []
    while len(related) < wanted:
        role = world.dice.pick([role for plot in plots for role in plot.roles])
        like = world.sibling(role.entity)
        required = _sayable(like, role) if world.dice.chance(_ALIKE) else ()
        page = write_page(world, like, required, hidden)
        texts = [like.title, *(s.text for s in page.sentences)]
        if not any(occurs(answer, text) for answer in answers for text in texts):
            related.append(page)
    return related


def _sayable(entity: HotpotEntity, role: Role) -> tuple[Relation, ...]:
    return tuple(r for r in role.required if sayable(r, entity.era))
