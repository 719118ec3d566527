"""The crossed features of a command in a world of rooms."""

from __future__ import annotations

from collections.abc import Iterator

from agemem_env.wrappers.menu.blocks import crossed
from agemem_env.wrappers.menu.rooms.roles import RoomScene, pieces
from agemem_env.wrappers.menu.rooms.seen import GO

_TARGETS = 4
"""Rooms to go to that are looked at."""


def room_crosses(command: str, around: RoomScene) -> Iterator[int]:
    """Yield the crossed features of a command: what its things are, what was done before, and the kind of task."""
    if command.startswith(GO):
        yield from _going(command[len(GO) :], around)
        return
    state, before, head = around.state, around.before, around.head
    verb, things, _ = pieces(command)
    shape, places = around.shape(command), tuple(around.role(thing)[1] for thing in things)
    tried = _tried(command, around)
    yield crossed("form", around.form(command), tried)
    yield crossed("form, head", around.form(command), head)
    yield crossed("shape", shape, tried)
    yield crossed("shape, head", shape, head, tried)
    yield crossed("shape, state", shape, head, state)
    yield crossed("shape, next", shape, before[1])
    yield crossed("shape, next, head", shape, before[1], head, tried)
    yield crossed("shape, last two", shape, before[1:])
    yield crossed("shape, last", shape, before[0], head)
    yield crossed("places", verb, places, tried, state[0])
    yield crossed("places, state", verb, places, head, state)
    for noun in sorted({noun for thing in things for noun in thing.split()}):
        yield crossed("room noun", noun, head, state[1])
        yield crossed("room noun, verb", verb, noun, head)
        yield crossed("room noun, next", verb, noun, before[1])
    yield crossed("room verb", verb, head, state)
    yield crossed("room verb, next", verb, before[1], head)


def _tried(command: str, around: RoomScene) -> tuple[bool, bool]:
    """Return whether a command was given before, and refused; of looking around, whether the room was described."""
    if command == "look around":
        return around.rooms.here in around.rooms.described, around.done[-1:] == [command]
    return command in around.done, command in around.rooms.refused


def _going(room: str, around: RoomScene) -> Iterator[int]:
    """Yield the crossed features of going to a room."""
    rooms, state, before, head = around.rooms, around.state, around.before[1], around.head
    elsewhere = [target for target in around.open if target != rooms.here]
    to_open = any(around.hops[target] == room for target in around.open)
    to_wanted = any(around.hops[target] == room for target in around.wanted)
    at_wanted, left = rooms.here in around.wanted, min(len(elsewhere), 2)
    flags = (room in around.open, to_open, room in around.wanted, to_wanted, left, room in rooms.shown)
    yield crossed("go", flags, room == rooms.last)
    yield crossed("go, state", flags, state, at_wanted)
    yield crossed("go, state, head", flags, state, head, at_wanted)
    yield crossed("go, next", flags, before, at_wanted)
    yield crossed("go, next, head", flags, before, head, at_wanted)
    yield crossed("go, last", flags, around.before[0], rooms.here in rooms.described, head)
    yield crossed("from, state", rooms.here, room, head, state)
    yield crossed("from, next", rooms.here, room, head, before)
    for target in elsewhere[:_TARGETS]:
        yield crossed("towards open", rooms.here, target, room)
        yield crossed("towards open, state", rooms.here, target, room, state)
    for target in [target for target in around.wanted if target != rooms.here][:_TARGETS]:
        yield crossed("towards wanted", rooms.here, target, room, left > 0)
        yield crossed("towards wanted, next", rooms.here, target, room, left > 0, before)
