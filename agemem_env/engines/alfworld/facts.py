"""What stage 1 tells about a room, with corrections, and what stage 2 tells about others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from agemem_env.engines.alfworld.homes.goal import Goal as Errand
from agemem_env.engines.alfworld.homes.house import House
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.homes.wording import CORRECTIONS, OTHER_ROOMS, PEOPLE, STATEMENTS, setting_of, spot
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.types import Fact, Utterance

_USELESS = 4
_REVISE_GOLD, _REVISE_USELESS = 0.5, 0.3
_DISTRACTORS = 4

T = TypeVar("T")


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
    """That a thing is in a receptacle, by their ids, and whether the goal needs it."""

    thing: str
    receptacle: str
    gold: bool


def brief(house: House, errand: Errand, start: Situation, rng: np.random.Generator) -> Briefing:
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

    def __init__(self, house: House, errand: Errand, start: Situation, rng: np.random.Generator) -> None:
        self._house, self._errand, self._start, self._rng = house, errand, start, rng
        # Official games may name receptacles that one cannot go to.
        known = frozenset(house.receptacles)
        self._where = {thing: sorted(there & known) for thing, there in start.where.items() if there & known}
        self._people = self._shuffled(PEOPLE)
        self._setting = setting_of(receptacle.kind for receptacle in house.receptacles.values())

    def brief(self) -> Briefing:
        needed, way = self._needed()
        placements = [_Placement(thing, receptacle, True) for thing, receptacle in needed.items()]
        placements = self._shuffled([*placements, *self._useless(needed)])
        tellings = tuple(self._tell(placements, self._outdated(placements)))
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
        """Return where some things are that the goal does not ask for.

        They are in other kinds of receptacles than the needed things, if there are any, so that no statement has nearly
        the words of a needed one.
        """
        pool = [
            _Placement(thing.id, self._where[thing.id][0], False)
            for thing in self._house.things.values()
            if thing.kind not in (self._errand.thing, self._errand.lamp) and "pickupable" in thing.properties
            if thing.id in self._where and set(needed.values()).isdisjoint(self._where[thing.id])
        ]
        kinds = {self._house.receptacles[receptacle].kind for receptacle in needed.values()}
        apart = [placement for placement in pool if self._house.receptacles[placement.receptacle].kind not in kinds]
        return self._shuffled(apart or pool)[:_USELESS]

    def _outdated(self, placements: Sequence[_Placement]) -> dict[int, str]:
        """Return the indices of statements that are corrected later, with the receptacle that each names at first."""
        house, outdated = self._house, {}
        told = {placement.receptacle for placement in placements}
        needed = {house.receptacles[placement.receptacle].kind for placement in placements if placement.gold}
        for gold, chance in ((True, _REVISE_GOLD), (False, _REVISE_USELESS)):
            things = {i: house.things[p.thing] for i, p in enumerate(placements) if p.gold is gold}
            movable = [i for i, thing in things.items() if "pickupable" in thing.properties]
            if not movable or self._rng.random() >= chance:
                continue
            index = self._one_of(movable)
            thing = things[index]
            fitting = [r for r in house.receptacles.values() if thing.kind in house.accepts.get(r.kind, ())]
            wrong = [r.id for r in fitting if r.id not in told and r.id not in self._start.where[thing.id]]
            wrong = [receptacle for receptacle in wrong if gold or house.receptacles[receptacle].kind not in needed]
            if wrong:
                outdated[index] = self._one_of(wrong)
        return outdated

    def _tell(self, placements: Sequence[_Placement], outdated: Mapping[int, str]) -> Iterator[Telling]:
        """Yield the statements in order, some of them outdated, then the corrections."""
        for index, placement in enumerate(placements):
            receptacle = outdated.get(index, placement.receptacle)
            yield self._telling(STATEMENTS, placement, receptacle)
        for index in sorted(outdated):
            placement = placements[index]
            yield self._telling(CORRECTIONS, placement, placement.receptacle, supersedes=index)

    def _telling(
        self,
        forms: Sequence[tuple[str, str]],
        placement: _Placement,
        receptacle: str,
        supersedes: int | None = None,
    ) -> Telling:
        thing, there = self._house.things[placement.thing].name, self._house.receptacles[receptacle].name
        text, spoken = self._words(forms, (self._people[0], self._setting), thing, there)
        return Telling(placement.thing, receptacle, text, spoken, placement.gold, supersedes)

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
            yield self._words(STATEMENTS, (other, self._setting), thing, self._one_of(there))[1]
        elsewhere = self._one_of([room for room in OTHER_ROOMS if room != self._setting])
        thing, home = self._one_of([pair for pair in OTHER_ROOMS[elsewhere] if pair[0] != kind])
        place = f"{home} {int(self._rng.integers(1, 3))}"
        yield self._words(STATEMENTS, (who, elsewhere), f"{thing} 1", place)[1]

    def _words(
        self, forms: Sequence[tuple[str, str]], home: tuple[str, str], thing: str, receptacle: str
    ) -> tuple[str, str]:
        """Return a statement and how it is told."""
        bare, spoken = self._one_of(forms)
        values = {"who": home[0], "room": home[1], "thing": thing, "spot": spot(receptacle)}
        return bare.format(**values), spoken.format(**values)

    def _one_of(self, options: Sequence[T]) -> T:
        return options[int(self._rng.integers(len(options)))]

    def _shuffled(self, items: Sequence[T]) -> list[T]:
        return [items[int(i)] for i in self._rng.permutation(len(items))]
