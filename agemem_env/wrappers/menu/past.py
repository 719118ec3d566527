"""What an agent remembers of its own choices in an episode; a menu depends on it and on what is seen now."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agemem_env.wrappers.menu.claims import States, note
from agemem_env.wrappers.menu.rooms.seen import SeenRooms
from agemem_env.wrappers.menu.sight import Sight
from agemem_env.wrappers.menu.words import names

_TAKING = frozenset({"take", "pick", "pickup", "fetch", "grasp", "pick-up", "unstack"})
_LEAVING = frozenset({"put", "drop", "move", "put-away", "putdown", "put-down", "stack", "leave"})
_BETWEEN = frozenset({"to", "from", "in", "on", "with", "in/on", "into", "the", "a", "and", "through", "up", "down"})


@lru_cache(1 << 16)
def verb_and_things(command: str) -> tuple[str, tuple[str, ...]]:
    """Return the verb of a command and the words that name things.

    >>> verb_and_things("take mug 1 from cabinet 3")
    ('take', ('mug', '1', 'cabinet', '3'))
    """
    words = command.split()
    return words[0], tuple(word for word in words[1:] if word not in _BETWEEN)


@dataclass
class Past:
    """What was chosen so far in an episode.

    Attributes:
        turns: Turns taken in stage 3.
        looked_up: Queries of look-ups, in order.
        in_vain: Look-ups that found nothing.
        tidied: How often messages were removed.
        useless: Tools whose last call changed nothing, with the number of distractors seen then.
        done: Commands, in order.
        held: What commands have taken and not left.
        acquired: Everything that was ever taken.
        possible: Commands that were allowed before the last turn.
        doors: How often a way through a square was taken.
        squares: Where named things were last seen.
        told: Names in the messages told so far.
        things: What commands have named.
        states: What observations said of things.
        errors: Mistakes until the last turn.
        rooms: What was seen of rooms.
    """

    turns: int = 0
    looked_up: list[str] = field(default_factory=list)
    in_vain: int = 0
    tidied: int = 0
    useless: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    held: frozenset[str] = frozenset()
    acquired: set[str] = field(default_factory=set)
    possible: frozenset[str] = frozenset()
    doors: dict[tuple[int, int], int] = field(default_factory=dict)
    squares: dict[str, tuple[int, int]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    things: set[str] = field(default_factory=set)
    states: States = field(default_factory=dict)
    errors: int = 0
    rooms: SeenRooms = field(default_factory=SeenRooms)

    def copy(self) -> Past:
        """Return an independent copy."""
        return deepcopy(self)

    def chose(self, action: Any, seen: Sight) -> None:
        """Note an action that was chosen when this was seen."""
        self.turns += seen.stage == 3
        if seen.stage == 1:
            self.told.update(names(seen.text))
        self.possible, self.errors = frozenset(seen.commands), seen.errors
        calls = action if isinstance(action, list) else [action] if isinstance(action, Mapping) else []
        for call in calls:
            arguments = call["arguments"]
            if call["name"] == "Retrieve_memory" and seen.stage == 3:
                self.looked_up.append(arguments["query"])
            elif call["name"] == "act":
                self._acted(arguments["command"])

    def saw(self, seen: Sight) -> None:
        """Note what came of the last action."""
        if seen.stage == 3 and seen.commands:
            note(self.states, seen.text)
            self.rooms.read(seen.text, seen.commands, self.done)
            self.things.update(thing for command in seen.commands for thing in verb_and_things(command)[1])
        for effect in seen.effects:
            if effect["kind"] == "none":
                self.useless[effect["tool"]] = len(seen.distractors)
            else:
                self.useless.pop(effect["tool"], None)
            self.tidied += effect["kind"] == "reduce"
            self.in_vain += effect["kind"] == "retrieve" and not effect["memories"] and seen.stage == 3

    def idle(self, tool: str, seen: Sight) -> bool:
        """Return whether a call of this tool would change nothing, as far as the last one tells."""
        return self.useless.get(tool) == len(seen.distractors)

    def _acted(self, command: str) -> None:
        self.done.append(command)
        verb, things = verb_and_things(command)
        if verb in _TAKING and things:
            self.held |= {things[0]}
            self.acquired.add(things[0])
        elif verb in _LEAVING and things:
            self.held -= {things[0]}
        way = self.squares.get(command.partition("through ")[2])
        if way is not None and "door" in command:
            self.doors[way] = self.doors.get(way, 0) + 1
