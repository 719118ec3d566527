"""From an entity to the sentences of its paragraph."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld, relations_of
from agemem_env.engines.hotpotqa.world.relations import BY_KIND
from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.engines.hotpotqa.world.sentences import Sentence, render, slots_of

_SHORT = 0.7
"""Share of sentences of colour that do not repeat the full name of their subject."""
_ASKABLE = 0.5
"""Share of sentences beside the required ones that state something that can be asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """The paragraph of one entity.

    Attributes:
        entity: Its subject.
        sentences: Its sentences.
    """

    entity: HotpotEntity
    sentences: tuple[Sentence, ...]

    def index(self, relation: Relation) -> int:
        """Return the index of the sentence that was chosen to state a relation."""
        return next(i for i, s in enumerate(self.sentences) if s.relation is relation)


def write_page(
    world: HotpotWorld, entity: HotpotEntity, required: Sequence[Relation], hidden: Collection[int] = ()
) -> Page:
    """Write a paragraph of two to four sentences.

    The first says what the subject is. Of the others, some state what can be asked and name the subject; the rest is
    colour.

    Args:
        world: The world of the question.
        entity: The subject.
        required: Relations that are stated exactly once.
        hidden: Ids of entities that no other sentence may mention.
    """
    for needed in required:
        world.value(entity, needed)
    first = render(world, entity, world.dice.pick(entity.kind.intros))
    body = [_statement(world, entity, relation) for relation in required]
    told = {_topic(entity, name) for s in (first, *body) for name in s.stated}
    wanted = max(world.dice.between(2, 4) - 1, len(body))
    body += _further(world, entity, wanted - len(body), told, hidden)
    return Page(entity, (first, *world.dice.shuffled(body)))


def _further(
    world: HotpotWorld, entity: HotpotEntity, number: int, told: set[str], hidden: Collection[int]
) -> list[Sentence]:
    """Write sentences on topics that are not in `told`, and sentences of colour."""
    dice = world.dice
    free = [r for r in dice.shuffled(relations_of(entity)) if r.says and id(entity.values.get(r.name)) not in hidden]
    free.sort(key=lambda r: r.subject == "anyone")  # what sets a kind apart is asked more often
    colour = [w for w in dice.shuffled(entity.kind.colour) if w not in world.told]
    sentences: list[Sentence] = []
    while len(sentences) < number:
        relation = next((r for r in free if _topic(entity, r.name) not in told), None)
        if relation is not None and (not colour or dice.chance(_ASKABLE)):
            told.add(_topic(entity, relation.name))
            sentences.append(_statement(world, entity, relation))
        elif colour:
            world.told.add(colour[-1])
            sentences.append(render(world, entity, colour.pop(), short=dice.chance(_SHORT)))
        else:
            break
    return sentences


def _statement(world: HotpotWorld, entity: HotpotEntity, relation: Relation) -> Sentence:
    """State something that can be asked, naming the subject."""
    named = [w for w in relation.says if "S" in slots_of(w) or "s" in slots_of(w)]
    return render(world, entity, world.dice.pick(named), relation)


def _topic(entity: HotpotEntity, name: str) -> str:
    return BY_KIND[entity.kind.name][name].topic or name
