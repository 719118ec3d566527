"""What stage 1 tells about a room, with corrections, and what stage 2 tells about others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.homes.house import House, Receptacle
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.homes.wording import CORRECTIONS, OTHER_ROOMS, PEOPLE, STATEMENTS, setting_of, spot
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.engines.briefing import (
    USELESS,
    Statement,
    mix,
    one_of,
    revisions,
    sample,
    shuffled,
    with_corrections,
)
from agemem_env.engines.smalltalk import essentials_of_remark, remarks
from agemem_env.types import Fact, Utterance

_DISTRACTORS = 4


@dataclass(frozen=True, slots=True)
class Telling:
    """A statement and how it is told.

    Attributes:
        thing: Id of the thing that it is about; empty if that is in another home, or it is small talk.
        receptacle: Id of the receptacle where the thing is said to be; empty if `thing` is.
        text: The bare statement.
        spoken: The words of the person who lives there.
        gold: Whether stage 3 needs it.
        useful: Whether a task in one of these homes could need it.
        supersedes: Index of the telling that it corrects.
    """

    thing: str
    receptacle: str
    text: str
    spoken: str
    gold: bool
    useful: bool = True
    supersedes: int | None = None

    @property
    def fact(self) -> Fact:
        """The statement as a fact of the task."""
        said = () if self.useful else essentials_of_remark(self.text)
        return Fact(self.text, self.gold, self.supersedes, self.useful, said)


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
class Errand:
    """A home and what is asked for there.

    Attributes:
        house: The home.
        goal: What is asked for.
        start: The situation at the start.
    """

    house: House
    goal: Goal
    start: Situation


@dataclass(frozen=True, slots=True)
class _Placement:
    """That a thing is in a receptacle of somebody's home, by their ids."""

    home: _Home
    thing: str
    receptacle: str


def brief(own: Errand, others: Sequence[Errand], rng: np.random.Generator) -> Briefing:
    """Choose what is told about a game, and by whom.

    What the errands of other homes need is told as well, in the same words, and some small talk. If there are none,
    other things of the own home are told of instead.

    Args:
        own: What will be asked for.
        others: What could be asked for in homes of other people.
        rng: Source of all randomness.
    """
    people = shuffled(PEOPLE, rng)
    homes = [_Home(errand, who) for who, errand in zip(people, (own, *others), strict=False)]
    useless = [each for home in homes[1:] for each in home.gold] or sample(homes[0].useless(), USELESS, rng)
    places = [f"In {home.who}'s {home.setting}" for home in homes]
    talk = remarks(places, len(homes[0].gold) + len(useless), rng) if others else []
    told: list[Statement[_Placement | str]] = mix([*homes[0].gold], [*useless], [*talk], rng)
    said = with_corrections(told, _outdated(told, rng))
    tellings = tuple(_telling(each, homes[0], rng) for each in said)
    distractors = tuple(_distractors(homes, people[len(homes) :], rng))
    return Briefing(homes[0].who, homes[0].setting, tellings, distractors, tuple(homes[0].way))


class _Home:
    """Somebody's home, and what an errand there needs to know."""

    def __init__(self, errand: Errand, who: str) -> None:
        self.house, self.goal, self.start, self.who = errand.house, errand.goal, errand.start, who
        # Official games may name receptacles that one cannot go to.
        known = frozenset(self.house.receptacles)
        self._where = {thing: sorted(there & known) for thing, there in self.start.where.items() if there & known}
        self.setting = setting_of(receptacle.kind for receptacle in self.house.receptacles.values())
        needed, self.way = self._needed()
        self.gold = [_Placement(self, thing, receptacle) for thing, receptacle in needed.items()]

    def _needed(self) -> tuple[dict[str, str], list[Step]]:
        """Return where the things are that the shortest way to the goal needs, and that way."""
        expert, errand = Expert(self.house, self.goal), self.goal
        wanted, lamps = self._placed(errand.thing), self._placed(errand.lamp) if errand.lamp else [None]
        choices = combinations(wanted, 2) if errand.count == 2 else ((pair,) for pair in wanted)
        best: tuple[dict[str, str], list[Step]] = {}, []
        for choice in choices:
            for lamp in lamps:
                told = dict([*choice, lamp] if lamp else choice)
                way = expert.plan(self.start, told)
                if way and (not best[1] or len(way) < len(best[1])):
                    best = told, way
        return best

    def _placed(self, kind: str) -> list[tuple[str, str]]:
        """Return the things of a kind, each with every receptacle that it is in."""
        things = [thing.id for thing in self.house.things.values() if thing.kind == kind]
        return [(thing, receptacle) for thing in things for receptacle in self._where.get(thing, ())]

    def useless(self) -> list[_Placement]:
        """Return where the things are that the goal does not ask for.

        They are in other kinds of receptacles than the needed things, if there are any, so that no statement has nearly
        the words of a needed one.
        """
        needed = {each.receptacle for each in self.gold}
        pool = [
            _Placement(self, thing.id, self._where[thing.id][0])
            for thing in self.house.things.values()
            if thing.kind not in (self.goal.thing, self.goal.lamp) and "pickupable" in thing.properties
            if thing.id in self._where and needed.isdisjoint(self._where[thing.id])
        ]
        kinds = {self.house.receptacles[receptacle].kind for receptacle in needed}
        apart = [each for each in pool if self.house.receptacles[each.receptacle].kind not in kinds]
        return apart or pool

    def fitting(self, thing: str) -> list[Receptacle]:
        """Return the receptacles where a thing could be, and is not."""
        kind, there = self.house.things[thing].kind, self.start.where[thing]
        known = self.house.receptacles.values()
        return [r for r in known if kind in self.house.accepts.get(r.kind, ()) and r.id not in there]


def _outdated(told: Sequence[Statement[_Placement | str]], rng: np.random.Generator) -> dict[int, _Placement | str]:
    """Return the indices of statements that are corrected later, with what each says at first."""
    outdated: dict[int, _Placement | str] = {}
    named = {(each.about.home.who, each.about.receptacle) for each in told if isinstance(each.about, _Placement)}
    for index in revisions(told, _movable, rng):
        about = told[index].about
        assert isinstance(about, _Placement)
        wrong = [r.id for r in about.home.fitting(about.thing) if (about.home.who, r.id) not in named]
        if wrong:
            outdated[index] = _Placement(about.home, about.thing, one_of(wrong, rng))
    return outdated


def _movable(about: _Placement | str) -> bool:
    """Return whether something could have been elsewhere."""
    return isinstance(about, _Placement) and "pickupable" in about.home.house.things[about.thing].properties


def _telling(told: Statement[_Placement | str], own: _Home, rng: np.random.Generator) -> Telling:
    about = told.about
    if isinstance(about, str):
        return Telling("", "", about, about, gold=False, useful=False)
    house = about.home.house
    thing, receptacle = house.things[about.thing].name, house.receptacles[about.receptacle].name
    forms = STATEMENTS if told.supersedes is None else CORRECTIONS
    text, spoken = _words(forms, (about.home.who, about.home.setting), thing, receptacle, rng)
    ids = (about.thing, about.receptacle) if about.home is own else ("", "")
    return Telling(*ids, text, spoken, told.gold, supersedes=told.supersedes)


def _distractors(homes: Sequence[_Home], others: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Yield statements about rooms of other people, and about another room of one of the same people.

    The kinds of things are drawn from all that stage 1 could be needed for, so that they do not tell which it is.
    """
    for other in others[: _DISTRACTORS - 1]:
        home = one_of(homes, rng)
        kind = one_of([k for k in (home.goal.thing, home.goal.lamp) if k], rng)
        fitting = sorted(k for k, things in home.house.accepts.items() if kind in things) or ["shelf"]
        taken = {home.house.receptacles[each.receptacle].name for each in home.gold}
        there = [f"{k} {number}" for k in fitting for number in range(1, 5)]
        place = one_of([receptacle for receptacle in there if receptacle not in taken], rng)
        yield _words(STATEMENTS, (other, home.setting), f"{kind} {int(rng.integers(1, 4))}", place, rng)[1]
    home = one_of(homes, rng)
    elsewhere = one_of([room for room in OTHER_ROOMS if room != home.setting], rng)
    thing, place = one_of([pair for pair in OTHER_ROOMS[elsewhere] if pair[0] != home.goal.thing], rng)
    receptacle = f"{place} {int(rng.integers(1, 3))}"
    yield _words(STATEMENTS, (home.who, elsewhere), f"{thing} 1", receptacle, rng)[1]


def _words(
    forms: Sequence[tuple[str, str]], home: tuple[str, str], thing: str, receptacle: str, rng: np.random.Generator
) -> tuple[str, str]:
    """Return a statement and how it is told."""
    bare, spoken = one_of(forms, rng)
    values = {"who": home[0], "room": home[1], "thing": thing, "spot": spot(receptacle)}
    return bare.format(**values), spoken.format(**values)
