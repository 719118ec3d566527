"""What stage 1 tells about a room, with corrections, and what stage 2 tells about others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.homes.house import House
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.homes.wording import CORRECTIONS, OTHER_ROOMS, PEOPLE, STATEMENTS, setting_of, spot
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.engines.briefing import (
    REVISED_GOLD,
    REVISED_USELESS,
    Statement,
    choose,
    one_of,
    revised,
    shuffled,
    with_corrections,
)
from agemem_env.types import Fact, Utterance

_DISTRACTORS = 4


@dataclass(frozen=True, slots=True)
class Telling:
    """A statement and how it is told.

    Attributes:
        thing: Id of the thing that it is about.
        receptacle: Id of the receptacle where the thing is said to be.
        text: The bare statement.
        spoken: The words of the person who lives there.
        gold: Whether stage 3 needs it.
        supersedes: Index of the telling that it corrects.
    """

    thing: str
    receptacle: str
    text: str
    spoken: str
    gold: bool
    supersedes: int | None = None

    @property
    def fact(self) -> Fact:
        """The statement as a fact of the task."""
        return Fact(self.text, self.gold, self.supersedes)


@dataclass(frozen=True, slots=True)
class Briefing:
    """Everything that is told about a game.

    Attributes:
        who: Whose room it is.
        setting: What kind of room.
        tellings: Stage 1, in order.
        distractors: Stage 2, in order.
        way: What the expert does that knows the gold facts; empty if it finds no way.
    """

    who: str
    setting: str
    tellings: tuple[Telling, ...]
    distractors: tuple[str, ...]
    way: tuple[Step, ...]

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """The messages of stage 1."""
        return tuple(Utterance(telling.spoken, (i,)) for i, telling in enumerate(self.tellings))


@dataclass(frozen=True, slots=True)
class _Placement:
    """That a thing is in a receptacle, by their ids."""

    thing: str
    receptacle: str


def brief(house: House, errand: Goal, start: Situation, rng: np.random.Generator) -> Briefing:
    """Choose what is told about a game, and by whom.

    Args:
        house: The home.
        errand: What will be asked for.
        start: The situation at the start.
        rng: Source of all randomness.
    """
    return _Briefer(house, errand, start, rng).brief()


class _Briefer:
    """Makes the briefing of one game."""

    def __init__(self, house: House, errand: Goal, start: Situation, rng: np.random.Generator) -> None:
        self._house, self._errand, self._start, self._rng = house, errand, start, rng
        # Official games may name receptacles that one cannot go to.
        known = frozenset(house.receptacles)
        self._where = {thing: sorted(there & known) for thing, there in start.where.items() if there & known}
        self._people = shuffled(PEOPLE, self._rng)
        self._setting = setting_of(receptacle.kind for receptacle in house.receptacles.values())

    def brief(self) -> Briefing:
        needed, way = self._needed()
        gold = [_Placement(thing, receptacle) for thing, receptacle in needed.items()]
        told = choose(gold, self._useless(needed), self._rng)
        tellings = tuple(self._telling(each) for each in with_corrections(told, self._outdated(told)))
        return Briefing(self._people[0], self._setting, tellings, tuple(self._distract(needed)), tuple(way))

    def _needed(self) -> tuple[dict[str, str], list[Step]]:
        """Return where the things are that the shortest way to the goal needs, and that way."""
        expert, errand = Expert(self._house, self._errand), self._errand
        wanted, lamps = self._placed(errand.thing), self._placed(errand.lamp) if errand.lamp else [None]
        choices = combinations(wanted, 2) if errand.count == 2 else ((pair,) for pair in wanted)
        best: tuple[dict[str, str], list[Step]] = {}, []
        for choice in choices:
            for lamp in lamps:
                told = dict([*choice, lamp] if lamp else choice)
                way = expert.plan(self._start, told)
                if way and (not best[1] or len(way) < len(best[1])):
                    best = told, way
        return best

    def _placed(self, kind: str) -> list[tuple[str, str]]:
        """Return the things of a kind, each with every receptacle that it is in."""
        things = [thing.id for thing in self._house.things.values() if thing.kind == kind]
        return [(thing, receptacle) for thing in things for receptacle in self._where.get(thing, ())]

    def _useless(self, needed: Mapping[str, str]) -> list[_Placement]:
        """Return where the things are that the goal does not ask for.

        They are in other kinds of receptacles than the needed things, if there are any, so that no statement has nearly
        the words of a needed one.
        """
        pool = [
            _Placement(thing.id, self._where[thing.id][0])
            for thing in self._house.things.values()
            if thing.kind not in (self._errand.thing, self._errand.lamp) and "pickupable" in thing.properties
            if thing.id in self._where and set(needed.values()).isdisjoint(self._where[thing.id])
        ]
        kinds = {self._house.receptacles[receptacle].kind for receptacle in needed.values()}
        apart = [placement for placement in pool if self._house.receptacles[placement.receptacle].kind not in kinds]
        return apart or pool

    def _outdated(self, told: Sequence[Statement[_Placement]]) -> dict[int, _Placement]:
        """Return the indices of statements that are corrected later, with what each says at first."""
        house, outdated = self._house, {}
        named = {each.about.receptacle for each in told}
        needed = {house.receptacles[each.about.receptacle].kind for each in told if each.gold}
        for gold, chance in ((True, REVISED_GOLD), (False, REVISED_USELESS)):
            things = {i: house.things[each.about.thing] for i, each in enumerate(told) if each.gold is gold}
            movable = [i for i, thing in things.items() if "pickupable" in thing.properties]
            # Nothing is drawn where nothing could have been elsewhere.
            index = revised(movable, chance, self._rng) if movable else None
            if index is None:
                continue
            thing = things[index]
            fitting = [r for r in house.receptacles.values() if thing.kind in house.accepts.get(r.kind, ())]
            wrong = [r.id for r in fitting if r.id not in named and r.id not in self._start.where[thing.id]]
            wrong = [receptacle for receptacle in wrong if gold or house.receptacles[receptacle].kind not in needed]
            if wrong:
                outdated[index] = _Placement(thing.id, one_of(wrong, self._rng))
        return outdated

    def _telling(self, told: Statement[_Placement]) -> Telling:
        forms = STATEMENTS if told.supersedes is None else CORRECTIONS
        placement = told.about
        thing = self._house.things[placement.thing].name
        receptacle = self._house.receptacles[placement.receptacle].name
        text, spoken = self._words(forms, (self._people[0], self._setting), thing, receptacle)
        return Telling(placement.thing, placement.receptacle, text, spoken, told.gold, told.supersedes)

    def _distract(self, needed: Mapping[str, str]) -> Iterator[str]:
        """Yield statements about the same kind of room of other people, and about another room of the same person."""
        who, *others = self._people
        kind = self._errand.thing
        homes = sorted(home for home, things in self._house.accepts.items() if kind in things) or ["shelf"]
        taken = {self._house.receptacles[receptacle].name for receptacle in needed.values()}
        there = [f"{home} {number}" for home in homes for number in range(1, 5)]
        there = [receptacle for receptacle in there if receptacle not in taken]
        for other in others[: _DISTRACTORS - 1]:
            thing = f"{kind} {int(self._rng.integers(1, 4))}"
            yield self._words(STATEMENTS, (other, self._setting), thing, one_of(there, self._rng))[1]
        elsewhere = one_of([room for room in OTHER_ROOMS if room != self._setting], self._rng)
        thing, home = one_of([pair for pair in OTHER_ROOMS[elsewhere] if pair[0] != kind], self._rng)
        place = f"{home} {int(self._rng.integers(1, 3))}"
        yield self._words(STATEMENTS, (who, elsewhere), f"{thing} 1", place)[1]

    def _words(
        self, forms: Sequence[tuple[str, str]], home: tuple[str, str], thing: str, receptacle: str
    ) -> tuple[str, str]:
        """Return a statement and how it is told."""
        bare, spoken = one_of(forms, self._rng)
        values = {"who": home[0], "room": home[1], "thing": thing, "spot": spot(receptacle)}
        return bare.format(**values), spoken.format(**values)
