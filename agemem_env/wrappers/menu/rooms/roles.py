"""What the things that a command names are to goal and memories, and where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from agemem_env.wrappers.menu.rooms.seen import GO, SeenRooms, is_named
from agemem_env.wrappers.menu.rooms.told import PlacedThing, agreement, compared, told_by
from agemem_env.wrappers.menu.words import sentences

_JOINT = re.compile(r"((?: (?:to|in inventory|in|into|on|containing|with a|terminal \d|anode|cathode)\b)+) ?")
_HEAD = 6
"""Words of a task by which it is told from tasks of other kinds."""

_LAST_CLAUSE = 4


@dataclass(frozen=True)
class RoomScene:
    """What the commands of one turn are compared with.

    Attributes:
        rooms: What was seen.
        clauses: The sentences of the goal, in lower case.
        places: What memories say of places.
        findings: What else they say.
        done: Commands given so far.
        roles: What things are, as far as it was asked.
    """

    rooms: SeenRooms
    clauses: tuple[str, ...]
    places: tuple[PlacedThing, ...]
    findings: tuple[str, ...]
    done: Sequence[str]
    roles: dict[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def head(self) -> str:
        """The first words of the task."""
        return " ".join(" ".join(self.clauses).split()[:_HEAD])

    @cached_property
    def open(self) -> tuple[str, ...]:
        """Rooms in which something is that memories tell of and that was not touched yet."""
        return tuple(dict.fromkeys(one.room for one in self.places if not self.rooms.was_touched(one.thing)))

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """Rooms that the goal names."""
        known = {*(way for ways in self.rooms.ways.values() for way in ways), *(one.room for one in self.places)}
        return tuple(room for room in sorted(known) if any(is_named(room, clause) for clause in self.clauses))

    @cached_property
    def hops(self) -> Mapping[str, str]:
        """Room that is open or wanted -> the next room on the way there, empty if no way is known."""
        return {target: self.rooms.next_room(target) for target in (*self.open, *self.wanted)}

    @cached_property
    def state(self) -> tuple[bool, int, int]:
        """Whether something is to be had here, how much is held, and how often something was focused on."""
        return self.rooms.here in self.open, min(len(self.rooms.held), 2), min(self.rooms.focused, 3)

    @cached_property
    def before(self) -> tuple[str, str, str]:
        """The shapes of the last command, and of the last two that were more than going somewhere or looking around."""
        acts = [command for command in self.done if not command.startswith(GO) and command != "look around"]
        shapes = [self.shape(command) for command in ["", "", *acts][-2:]]
        return self.shape(self.done[-1]) if self.done else "", shapes[1], shapes[0]

    def shape(self, command: str) -> str:
        """Return a command with its things replaced by what they are to goal and memories."""
        if command.startswith(GO):
            return "go"
        verb, things, _ = pieces(command)
        return " ".join([verb, *(self.role(thing)[0] for thing in things)])

    def form(self, command: str) -> str:
        """Return the same, with where the things are and what joins them."""
        verb, things, joints = pieces(command)
        roles = [":".join(self.role(thing)) for thing in things]
        return " ".join([verb, roles[0], *(f"{joint} {other}" for joint, other in zip(joints, roles[1:], strict=True))])

    def role(self, thing: str) -> tuple[str, str]:
        """Return what a thing is to goal and memories, or its name if it is nothing to them, and where it is."""
        if thing not in self.roles:
            self.roles[thing] = self._role(thing) or re.sub(r"\d+", "#", thing), self._where(thing)
        return self.roles[thing]

    def _role(self, thing: str) -> str:
        if not thing:
            return ""
        own = any(thing == one.thing for one in self.places)
        longer = next((one.thing for one in self.places if not own and is_named(one.thing, thing)), "")
        likened = compared(thing, self.clauses, self.findings)
        if longer and not likened:
            young = "".join(str(int(self.rooms.visible(name))) for name in (f"{longer} egg", f"baby {longer}"))
            return f"{thing.replace(longer, 'm')}{young}"
        holds = next((one.thing for one in self.places if thing in one.inside), "")
        clause = next((i for i, text in enumerate(self.clauses) if is_named(thing, text)), None)
        marks = ["m" * (own or bool(longer)), "" if not holds else "c" if self.rooms.was_touched(holds) else "C"]
        marks.append(likened)
        if clause is not None:
            marks.append(f"g{min(clause, _LAST_CLAUSE)}")
            marks.append(agreement(self.clauses[clause], self.clauses, self.findings))
        return "".join([*marks, "b" * thing.endswith(" box")])

    def _where(self, thing: str) -> str:
        """Return where a thing is: ``h`` held, ``v`` seen here, ``t`` told of here, ``e`` elsewhere, ``-`` unknown."""
        if not thing:
            return "-"
        if thing in self.rooms.held:
            return "h"
        if self.rooms.visible(thing):
            return "v"
        told = [one.room for one in self.places if thing == one.thing or thing in one.inside]
        return "t" if self.rooms.here in told else "e" if told else "-"


def room_scene(rooms: SeenRooms, goal: str, memories: Sequence[str], done: Sequence[str]) -> RoomScene | None:
    """Return what commands are compared with; None in worlds without rooms.

    Args:
        rooms: What was seen.
        goal: The goal.
        memories: Memories on the place that the query names.
        done: Commands given so far.
    """
    if not rooms.here:
        return None
    return RoomScene(rooms, tuple(part.lower() for part in sentences(goal)), *told_by(memories), done)


@lru_cache(1 << 14)
def pieces(command: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the verb of a command, its things, and what joins them.

    >>> pieces("move metal pot in inventory to sink")
    ('move', ('metal pot', 'sink'), ('in inventory to',))
    """
    verb, _, rest = command.partition(" ")
    if verb in ("pick", "focus", "look"):
        particle, _, rest = rest.partition(" ")
        verb = f"{verb} {particle}"
    parts = [part.strip() for part in _JOINT.split(rest.lower())]
    return verb, tuple(parts[::2]), tuple(parts[1::2])
