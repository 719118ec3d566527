"""What stage 1 tells about a room, with corrections, and what stage 2 tells about others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agemem_env.engines.alfworld.errand import Errand
from agemem_env.engines.alfworld.house import House
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.engines.alfworld.situation import Situation
from agemem_env.engines.alfworld.wording import CORRECTIONS, OTHER_ROOMS, PEOPLE, STATEMENTS, setting_of, spot
from agemem_env.types import Fact, Utterance

_USELESS = 4
_REVISE_GOLD, _REVISE_USELESS = 0.5, 0.3
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


def brief(house: House, errand: Errand, start: Situation, rng: np.random.Generator) -> Briefing:
    """Choose what is told about a game, and by whom."""
    names = [PEOPLE[int(i)] for i in rng.permutation(len(PEOPLE))]
    who, setting = names[0], setting_of(receptacle.kind for receptacle in house.receptacles.values())
    needed, way = _needed(house, errand, start)
    placed = [(thing, receptacle, True) for thing, receptacle in needed.items()]
    placed += [(thing, receptacle, False) for thing, receptacle in _useless(house, errand, start, needed, rng)]
    placed = [placed[int(i)] for i in rng.permutation(len(placed))]
    revised = {
        index: outdated
        for gold, chance in ((True, _REVISE_GOLD), (False, _REVISE_USELESS))
        for index, outdated in _revise(house, start, placed, gold, chance, rng)
    }
    tellings = tuple(_tell(house, placed, revised, (who, setting), rng))
    distractors = tuple(_distract(house, errand, needed, (who, setting), names[1:], rng))
    return Briefing(who, setting, tellings, distractors, tuple(way))


def _needed(house: House, errand: Errand, start: Situation) -> tuple[dict[str, str], list[Step]]:
    """Return where the things are that the shortest way to the goal needs, and that way."""
    expert = Expert(house, errand)
    wanted = _placed(house, start, errand.thing)
    lamps = _placed(house, start, errand.lamp) if errand.lamp else [None]
    choices = combinations(wanted, 2) if errand.count == 2 else ((pair,) for pair in wanted)
    best: tuple[dict[str, str], list[Step]] = {}, []
    for choice in choices:
        for lamp in lamps:
            told = dict([*choice, lamp] if lamp else choice)
            way = expert.plan(start, told)
            if way and (not best[1] or len(way) < len(best[1])):
                best = told, way
    return best


def _placed(house: House, start: Situation, kind: str) -> list[tuple[str, str]]:
    """Return the things of a kind, each with every receptacle that it is in."""
    things = [thing for thing in house.things.values() if thing.kind == kind]
    return [(thing.id, receptacle) for thing in things for receptacle in sorted(start.where.get(thing.id, ()))]


def _useless(
    house: House, errand: Errand, start: Situation, needed: Mapping[str, str], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Return where some things are that the goal does not ask for.

    They are in other kinds of receptacles than the needed things, if there are any, so that no statement has nearly the
    words of a needed one.
    """
    pool = [
        (thing.id, min(start.where[thing.id]))
        for thing in house.things.values()
        if thing.kind not in (errand.thing, errand.lamp) and "pickupable" in thing.properties
        if start.where.get(thing.id) and set(needed.values()).isdisjoint(start.where[thing.id])
    ]
    kinds = {house.receptacles[receptacle].kind for receptacle in needed.values()}
    apart = [(thing, receptacle) for thing, receptacle in pool if house.receptacles[receptacle].kind not in kinds]
    chosen = apart or pool
    return [chosen[int(i)] for i in rng.permutation(len(chosen))[:_USELESS]]


def _tell(
    house: House,
    placed: Sequence[tuple[str, str, bool]],
    revised: Mapping[int, str],
    home: tuple[str, str],
    rng: np.random.Generator,
) -> Iterator[Telling]:
    """Yield the statements in order, some of them outdated, then the corrections."""
    for index, (thing, receptacle, gold) in enumerate(placed):
        before = revised.get(index, receptacle)
        words = _words(STATEMENTS, home, house.things[thing].name, house.receptacles[before].name, rng)
        yield Telling(thing, before, *words, gold)
    for index in sorted(revised):
        thing, receptacle, gold = placed[index]
        words = _words(CORRECTIONS, home, house.things[thing].name, house.receptacles[receptacle].name, rng)
        yield Telling(thing, receptacle, *words, gold, supersedes=index)


def _words(
    forms: Sequence[tuple[str, str]], home: tuple[str, str], thing: str, receptacle: str, rng: np.random.Generator
) -> tuple[str, str]:
    """Return a statement and how it is told."""
    bare, spoken = forms[int(rng.integers(len(forms)))]
    values = {"who": home[0], "room": home[1], "thing": thing, "spot": spot(receptacle)}
    return bare.format(**values), spoken.format(**values)


def _revise(
    house: House,
    start: Situation,
    placed: Sequence[tuple[str, str, bool]],
    gold: bool,
    chance: float,
    rng: np.random.Generator,
) -> Iterator[tuple[int, str]]:
    """Yield the index of a statement that is corrected later, with the receptacle that it names at first."""
    things = [house.things[thing] for thing, _, _ in placed]
    movable = [i for i, thing in enumerate(things) if placed[i][2] is gold and "pickupable" in thing.properties]
    if not movable or rng.random() >= chance:
        return
    index = movable[int(rng.integers(len(movable)))]
    thing, told = things[index], {receptacle for _, receptacle, _ in placed}
    needed = {house.receptacles[receptacle].kind for _, receptacle, is_gold in placed if is_gold and not gold}
    fitting = [r for r in house.receptacles.values() if thing.kind in house.accepts.get(r.kind, ())]
    wrong = [r.id for r in fitting if r.id not in start.where[thing.id] | told and r.kind not in needed]
    if wrong:
        yield index, wrong[int(rng.integers(len(wrong)))]


def _distract(
    house: House,
    errand: Errand,
    needed: Mapping[str, str],
    home: tuple[str, str],
    others: Sequence[str],
    rng: np.random.Generator,
) -> Iterator[str]:
    """Yield statements about the same kind of room of other people, and about another room of the same person."""
    who, setting = home
    taken = {house.receptacles[receptacle].name for receptacle in needed.values()}
    kinds = sorted(kind for kind, things in house.accepts.items() if errand.thing in things) or ["shelf"]
    receptacles = [f"{kind} {number}" for kind in kinds for number in range(1, 5)]
    receptacles = [receptacle for receptacle in receptacles if receptacle not in taken]
    for other in others[: _DISTRACTORS - 1]:
        thing = f"{errand.thing} {int(rng.integers(1, 4))}"
        receptacle = receptacles[int(rng.integers(len(receptacles)))]
        yield _words(STATEMENTS, (other, setting), thing, receptacle, rng)[1]
    rooms = [name for name in OTHER_ROOMS if name != setting]
    elsewhere = rooms[int(rng.integers(len(rooms)))]
    pairs = [(thing, kind) for thing, kind in OTHER_ROOMS[elsewhere] if thing != errand.thing]
    thing, kind = pairs[int(rng.integers(len(pairs)))]
    yield _words(STATEMENTS, (who, elsewhere), f"{thing} 1", f"{kind} {int(rng.integers(1, 3))}", rng)[1]
