"""What a command is compared with: the goal, what memories say of it, what was done, and where things are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agemem_env.wrappers.menu.claims import Claim, claims
from agemem_env.wrappers.menu.past import Past, verb_and_things
from agemem_env.wrappers.menu.rooms.roles import RoomScene, room_scene
from agemem_env.wrappers.menu.sight import Sight
from agemem_env.wrappers.menu.squares import Square, Stand, door, next_door, place, stand
from agemem_env.wrappers.menu.words import names, relation, stem_of, stems

_THING, _NUMBERED = re.compile(r"[a-z][a-z-]*\d*|\d+"), re.compile(r"[a-z]+ \d+")
_ENTITY = re.compile(r"[a-z][a-z-]*\d*")


class Words(NamedTuple):
    """A command in words.

    Attributes:
        verb: Its verb.
        things: The words that name things, numbers aside.
        stems: Their stems.
        numbered: Things with a number of their own ("mug 1"), in order.
        nouns: The things without digits.
    """

    verb: str
    things: tuple[str, ...]
    stems: tuple[str, ...]
    numbered: tuple[str, ...]
    nouns: frozenset[str]


@lru_cache(1 << 16)
def words_of(command: str) -> Words:
    """Return a command in words.

    >>> words_of("take mug 1 from cabinet 3").numbered
    ('mug 1', 'cabinet 3')
    """
    verb, things = verb_and_things(command)
    bare = tuple(thing for thing in things if not thing.isdigit())
    return Words(
        verb,
        bare,
        tuple(map(stem_of, bare)),
        tuple(_NUMBERED.findall(" ".join(things))),
        frozenset(re.sub(r"\d+", "", thing) for thing in bare),
    )


@lru_cache(1 << 16)
def form_of(command: str) -> str:
    """Return a command without numbers.

    >>> form_of("take mug 1 from cabinet 3")
    'take mug from cabinet'
    """
    return " ".join(re.sub(r"\d+", "", command).split())


class Remark(NamedTuple):
    """A memory in words: stems, words, numbered things, and whether it says that something is so now."""

    stems: frozenset[str]
    words: frozenset[str]
    numbered: frozenset[str]
    text: str


@lru_cache(1 << 14)
def said_by(text: str) -> Remark:
    """Return a memory in words."""
    low = text.lower()
    return Remark(stems(text), frozenset(_THING.findall(low)), frozenset(_NUMBERED.findall(low)), text)


@dataclass(frozen=True)
class ReadGoal:
    """A goal in words.

    Attributes:
        text: In lower case.
        stems: Stems of its content words.
        things: Its words.
        parts: The words of each of its parts.
        relation: What it says beside names.
    """

    text: str
    stems: frozenset[str]
    things: frozenset[str]
    parts: tuple[frozenset[str], ...]
    relation: frozenset[str]


@lru_cache(4096)
def goal_of(text: str) -> ReadGoal:
    """Return a goal in words."""
    low = text.lower()
    parts = tuple(frozenset(_ENTITY.findall(part)) for part in low.split(";"))
    return ReadGoal(low, stems(text), frozenset(_ENTITY.findall(low)), parts, relation(text))


@dataclass(frozen=True)
class SeenScene:
    """What the commands of one turn are compared with.

    Attributes:
        goal: The goal.
        relevant: Memories that share a word with the goal, place names aside.
        others: The other memories shown.
        pending: Relevant memories whose things were not taken yet.
        holding: Whether something is held that the goal names.
        last: The verb of the last command.
        before: The last command without numbers.
        verbs: Verbs used so far.
        words: Words of the commands given so far.
        here: Where the agent stands; None where squares have no names.
        target: The square to go to: the next door on the way, or that of the most relevant memory.
        way: The next door on the way, or None.
        told_doors: Doors that memories tell of.
        claims: What goal and memories claim.
        rooms: What is around in worlds of rooms; None elsewhere.
    """

    goal: ReadGoal
    relevant: tuple[Remark, ...]
    others: tuple[Remark, ...]
    pending: tuple[Remark, ...]
    holding: bool
    last: str
    before: str
    verbs: frozenset[str]
    words: frozenset[str]
    here: Stand | None
    target: Square | None
    way: Square | None
    told_doors: frozenset[Square]
    claims: tuple[Claim, ...]
    rooms: RoomScene | None


def scene(seen: Sight, past: Past) -> SeenScene:
    """Return what commands are compared with; squares in view are noted in the past."""
    goal = goal_of(seen.goal)
    places = stems(seen.query) - goal.stems
    remarks = [said_by(memory.content) for memory in seen.memories]
    near = _of_here(seen, remarks)
    told = [(said, said.stems - places) for said in near or remarks]
    relevant = tuple(said for said, own in told if own & goal.stems)
    others = tuple(said for said, own in told if not own & goal.stems)
    here = stand(seen.text) or stand(seen.query)
    if here is not None:
        past.squares.update(here.things)
    target, way, doors = _way(here, goal, [(said, len(own & goal.stems)) for said, own in told], past)
    held = {stem_of(thing) for thing in past.held}
    return SeenScene(
        goal=goal,
        relevant=relevant,
        others=others,
        pending=tuple(said for said in relevant if not said.words & past.acquired),
        holding=bool(past.held & goal.things) or bool(held & goal.stems),
        last=words_of(past.done[-1]).verb if past.done else "",
        before=form_of(past.done[-1]) if past.done else "",
        verbs=frozenset(words_of(command).verb for command in past.done),
        words=frozenset(word for command in past.done for word in command.split()),
        here=here,
        target=target,
        way=way,
        told_doors=doors,
        claims=claims(goal.text.split(";"), [said.text for said, _ in told], past.things, past.states),
        rooms=room_scene(past.rooms, seen.goal, [said.text for said in near], past.done),
    )


def _of_here(seen: Sight, remarks: list[Remark]) -> list[Remark]:
    """Return what memories say of the place that the query names; everything, if it names none."""
    head = seen.query[: len(seen.query) - len(seen.goal)]
    wanted = tuple(name.lower().removesuffix("'s") for name in names(head))
    return [said for said in remarks if not wanted or any(name in said.text.lower() for name in wanted)]


def _way(
    here: Stand | None, goal: ReadGoal, told: list[tuple[Remark, int]], past: Past
) -> tuple[Square | None, Square | None, frozenset[Square]]:
    """Return the square to go to, the next door on the way, and the doors that memories tell of."""
    if here is None:
        return None, None, frozenset()
    doors = frozenset(square for said, _ in told if (square := door(said.text)) is not None)
    best, target = 0.0, None
    for said, shared in told:
        square, weight = place(said.text), shared + 0.1 * (" now " in said.text)
        if square is not None and weight > best:
            best, target = weight, square
    seen_doors = {square for name, square in past.squares.items() if "door" in name}
    way = next_door(here.own, target, doors | seen_doors) if target is not None else None
    return way or target, way, doors
