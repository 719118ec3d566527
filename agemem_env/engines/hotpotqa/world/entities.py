"""The things of one question's world, made when something is first said of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from agemem_env.engines.hotpotqa.world.cultures import COUNTRIES, Country
from agemem_env.engines.hotpotqa.world.dice import Dice
from agemem_env.engines.hotpotqa.world.names import Name, make_name, similar_name, surname_of, with_surname
from agemem_env.engines.hotpotqa.world.relations import BY_KIND, KINDS, LAST_YEAR, sayable
from agemem_env.engines.hotpotqa.world.schema import Kind, Relation
from agemem_env.engines.hotpotqa.world.words import MONTHS, VALUE_WORDS

_ATTEMPTS = 200
_MEASURES = frozenset({"centimetres", "metres", "kilometres", "square kilometres", "minutes"})
"""Units that belong to the answer."""


@dataclass(slots=True, eq=False)
class HotpotEntity:
    """One thing of the world.

    Attributes:
        kind: Its kind.
        name: Its name.
        era: Year in which it began.
        country: Where it is, or comes from.
        female: Gender of a person.
        noun: What it is called: the profession of a person, else the noun of its kind.
        values: What has been decided about it: relation name -> object.
    """

    kind: Kind
    name: Name
    era: int
    country: Country
    female: bool
    noun: str
    values: dict[str, HotpotEntity | str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name without an article: the title of its paragraph, and an answer."""
        return self.name.text

    @property
    def text(self) -> str:
        """Its name in running text."""
        return f"the {self.name.text}" if self.name.article else self.name.text


def text_of(value: HotpotEntity | str) -> str:
    """Return the form of an object in running text."""
    return value if isinstance(value, str) else value.text


def answer_of(value: HotpotEntity | str, relation: Relation) -> str:
    """Return the form of an object as an answer: a name without article, a count without what is counted."""
    if isinstance(value, HotpotEntity):
        return value.title
    counted = relation.object == "number" and relation.unit not in _MEASURES
    return value.removesuffix(f" {relation.unit}") if counted else value


class HotpotWorld:
    """Makes entities and decides what is true of them.

    Args:
        dice: The only source of randomness.

    Attributes:
        entities: All entities, in the order in which they were made.
        reserved: Ids of towns that other entities must not share.
        told: Wordings of colour already used: each is told once.
        leading: Names of the kinds of which questions ask what leads to something else.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.entities: list[HotpotEntity] = []
        self.reserved: set[int] = set()
        self.told: set[str] = set()
        self.leading: set[str] = set()
        self._names: set[str] = set()
        self._distinct: dict[str, set[str]] = {}
        self._topics: dict[str, list[Relation]] = {}

    def topics(self, kind: Kind) -> list[Relation]:
        """Return what can be asked of a kind of thing, in the order in which paragraphs of this world tell it.

        What sets a kind apart comes first, as it is asked more often; before it, for kinds of which questions ask what
        leads to something else, what leads to something else.
        """
        if kind.name not in self._topics:
            known = self.dice.shuffled([r for r in BY_KIND[kind.name].values() if r.says])
            leads = kind.name in self.leading
            self._topics[kind.name] = sorted(
                known, key=lambda r: (leads and r.object not in KINDS, r.subject == "anyone")
            )
        return self._topics[kind.name]

    def keep_distinct(self, relation: Relation) -> None:
        """See to it that from now on no two subjects have the same object in this relation."""
        self._distinct.setdefault(relation.name, set())

    def create(
        self,
        kind: str,
        *,
        era: int | None = None,
        country: Country | None = None,
        like: HotpotEntity | None = None,
        female: bool | None = None,
    ) -> HotpotEntity:
        """Make a new entity.

        Args:
            kind: Name of its kind.
            era: Year in which it began; one from the range of its kind if None.
            country: Its country; any if None.
            like: An entity of the same kind whose name it shall resemble.
            female: Gender of a person; drawn if None.
        """
        table = KINDS[kind]
        country = country or self.dice.pick(COUNTRIES)
        female = self.dice.chance(0.5) if female is None else female
        entity = HotpotEntity(
            kind=table,
            name=self._new_name(table, country, female, like),
            era=self.dice.between(*table.eras) if era is None else era,
            country=country,
            female=female,
            noun=table.noun or self.dice.pick(VALUE_WORDS["profession"]),
        )
        self.entities.append(entity)
        return entity

    def sibling(self, entity: HotpotEntity) -> HotpotEntity:
        """Make an entity of the same kind with a similar name, somewhat older."""
        era = max(entity.era - self.dice.between(1, 30), min(entity.era, entity.kind.eras[0]))
        country = entity.country if self.dice.chance(0.6) else None
        if "nation" in self._distinct:
            country = self._new_country()
        return self.create(entity.kind.name, era=era, country=country, like=entity)

    def value(self, entity: HotpotEntity, relation: Relation, like: HotpotEntity | None = None) -> HotpotEntity | str:
        """Return the object of a relation, deciding it now if it has not been decided.

        Args:
            entity: The subject.
            relation: A relation of the subject's kind.
            like: An entity whose name a newly made object shall resemble.
        """
        if relation.name not in entity.values:
            entity.values[relation.name] = self._decide(entity, relation, like)
        return entity.values[relation.name]

    def peer(self, entity: HotpotEntity, relation: Relation) -> HotpotEntity | None:
        """Return what another entity of the same kind has in a relation, if that is an entity."""
        others = (e.values.get(relation.name) for e in self.entities if e.kind is entity.kind and e is not entity)
        return next((value for value in others if isinstance(value, HotpotEntity)), None)

    def alternative(self, entity: HotpotEntity, relation: Relation) -> str:
        """Return the text of a false object of the right type: what is told before a correction."""
        true = entity.values[relation.name]
        if isinstance(true, HotpotEntity):
            name = self._new_name(true.kind, true.country, true.female, None)
            if relation.kin:
                name = with_surname(name, surname_of(entity.name))
            return f"the {name.text}" if name.article else name.text
        return self._literal(entity, relation, free=True)

    def _decide(self, entity: HotpotEntity, relation: Relation, like: HotpotEntity | None) -> HotpotEntity | str:
        taken = self._distinct.get(relation.name)
        if relation.object in KINDS:
            return self._object(entity, relation, like, reuse=taken is None)
        text = self._literal(entity, relation, free=False)
        if taken is not None:
            for _ in range(_ATTEMPTS):
                if text not in taken:
                    break
                self._shift(entity, relation)
                text = self._literal(entity, relation, free=False)
            taken.add(text)
        return text

    def _shift(self, entity: HotpotEntity, relation: Relation) -> None:
        """Change what a value depends on, so that it comes out differently."""
        if relation.lag == (0, 0):
            entity.era -= 1
        elif relation.object == "nation":
            entity.country = self._new_country()
        elif relation.object == "role":
            entity.noun = self.dice.pick(VALUE_WORDS["profession"])

    def _object(self, entity: HotpotEntity, relation: Relation, like: HotpotEntity | None, reuse: bool) -> HotpotEntity:
        """Return the object of a relation: an entity that is there, where it may be reused, or a new one."""
        country = entity.country if relation.local or self.dice.chance(0.75) else self.dice.pick(COUNTRIES)
        if reuse and relation.object == "town" and not relation.inverse and self.dice.chance(0.35):
            towns = [
                e
                for e in self.entities
                if e.kind.name == "town" and e.country is country and id(e) not in self.reserved and e is not entity
            ]
            if towns:
                return self.dice.pick(towns)
        if "nation" in self._distinct and not relation.local:
            country = self._new_country()
        era = None
        if relation.lag is not None:
            era = self._era(entity.era + relation.lag[0], entity.era + relation.lag[1], KINDS[relation.object])
        gender = not entity.female if relation.couple else None
        made = self.create(relation.object, era=era, country=country, like=like, female=gender)
        if relation.kin:
            self._share_surname(made, entity)
        if relation.inverse:
            made.values[relation.inverse] = entity
        return made

    def _era(self, earliest: int, latest: int, kind: Kind) -> int:
        """A year between two, in the range of the kind if it allows one."""
        low, high = max(earliest, kind.eras[0]), min(latest, kind.eras[1])
        if low > high:
            low, high = earliest, max(earliest, min(latest, LAST_YEAR))
        return self.dice.between(low, high)

    def _share_surname(self, made: HotpotEntity, relative: HotpotEntity) -> None:
        surname = surname_of(relative.name)
        for _ in range(_ATTEMPTS):
            name = with_surname(made.name, surname)
            if name.text not in self._names:
                break
            made.name = self._new_name(made.kind, made.country, made.female, None)
        self._names.add(name.text)
        made.name = name

    def _literal(self, entity: HotpotEntity, relation: Relation, free: bool) -> str:
        """A value that is not an entity; `free` ignores what is known, for values that shall be false."""
        dice = self.dice
        if relation.object == "nation":
            return (dice.pick(COUNTRIES) if free else entity.country).demonym
        if relation.object == "role":
            return dice.pick(VALUE_WORDS["profession"]) if free else entity.noun
        if relation.object in VALUE_WORDS:
            return dice.pick(VALUE_WORDS[relation.object])
        if relation.object == "number":
            low, high = relation.span
            number = round(low * (high / low) ** dice.unit())
            return f"{number:,} {relation.unit}"
        low, high = relation.lag or (0, 0)
        if free and low == high:
            low, high = -12, 12
        year = min(entity.era + dice.between(low, high), LAST_YEAR)
        if relation.object == "year":
            return str(year)
        return f"{dice.between(1, 28)} {dice.pick(MONTHS)} {year}"

    def _new_country(self) -> Country:
        used = {e.country.demonym for e in self.entities}
        taken = self._distinct.get("nation", set())
        return self.dice.pick(
            [c for c in COUNTRIES if c.demonym not in used] or [c for c in COUNTRIES if c.demonym not in taken]
        )

    def _new_name(self, kind: Kind, country: Country, female: bool, like: HotpotEntity | None) -> Name:
        for attempt in range(_ATTEMPTS):
            if like is not None and attempt < 20:
                name = similar_name(like.name, country.culture, self.dice, female)
            else:
                name = make_name(self.dice.pick(kind.names), country.culture, self.dice, female)
            if name.text not in self._names and len(set(name.parts)) == len(name.parts):
                break
        self._names.add(name.text)
        return name


def relations_of(entity: HotpotEntity) -> list[Relation]:
    """Return what can be told of an entity."""
    return [r for r in BY_KIND[entity.kind.name].values() if sayable(r, entity.era)]
