"""Words for where things are in somebody's rooms: bare statements, and what the people who live there say."""

from __future__ import annotations

from collections.abc import Iterable

PEOPLE = (
    "Adela", "Bruno", "Carmen", "Dmitri", "Elsa", "Farid", "Greta", "Hamish", "Ingrid", "Jonas", "Katya", "Leonard",
    "Mireille", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Stefan", "Tamara", "Umberto", "Vera", "Wanda",
    "Xavier", "Yusuf", "Zelda", "Anselm", "Beatrix", "Cosimo", "Delphine", "Emeka", "Fiona", "Gustav", "Helga",
    "Ismail", "Juliana", "Kwame", "Lucinda", "Matteo", "Noemi", "Olufemi", "Petra", "Ramon", "Sigrid", "Thaddeus",
    "Ursula",
)  # fmt: skip

ROOMS = {
    "kitchen": ("fridge", "microwave", "stoveburner"),
    "bathroom": ("toilet", "bathtubbasin", "towelholder", "handtowelholder"),
    "bedroom": ("bed",),
    "living room": ("sofa", "armchair", "coffeetable", "tvstand"),
}
"""Rooms, mapped to the furniture that tells them; the first that fits counts."""

OTHER_ROOMS = {
    "kitchen": (("mug", "cabinet"), ("apple", "fridge"), ("knife", "drawer"), ("plate", "countertop")),
    "bathroom": (("soapbar", "sinkbasin"), ("cloth", "bathtubbasin"), ("candle", "toilet"), ("spraybottle", "cabinet")),
    "bedroom": (("cellphone", "bed"), ("alarmclock", "dresser"), ("cd", "drawer"), ("book", "desk")),
    "living room": (("remotecontrol", "sofa"), ("newspaper", "coffeetable"), ("vase", "shelf"), ("laptop", "armchair")),
}
"""What may be where in rooms that the task is not about."""

_IN = frozenset(
    {"cabinet", "drawer", "fridge", "microwave", "safe", "garbagecan", "laundryhamper", "sinkbasin", "sink"}
    | {"bathtubbasin", "bathtub", "box", "cart", "toilet", "coffeemachine", "toaster"}
)

STATEMENTS = (
    ("In {who}'s {room}, {thing} is {spot}.", "{who} here. In my {room}, {thing} is {spot}."),
    ("{who} keeps {thing} {spot} in the {room}.", "It's {who}. I keep {thing} {spot} in the {room}."),
    ("In {who}'s {room}, {thing} lies {spot}.", "{who} again: in my {room}, {thing} lies {spot}."),
    ("{who} left {thing} {spot} in the {room}.", "{who} speaking. I left {thing} {spot} in the {room}."),
)
"""Ways to say where something is: as a bare statement, and as its owner says it."""

CORRECTIONS = (
    ("{who} put {thing} {spot} in the {room} after all.", "{who}: I put {thing} {spot} in the {room} after all."),
    ("In {who}'s {room}, {thing} is {spot} now.", "{who} here. In my {room}, {thing} is {spot} now."),
    ("{who} moved {thing} in the {room}: it is {spot}.", "It's {who}. I moved {thing} in the {room}: it is {spot}."),
)
"""Ways to say that something is elsewhere than was said before."""


def setting_of(kinds: Iterable[str]) -> str:
    """Return what kind of room has this furniture.

    >>> setting_of(["cabinet", "fridge"]), setting_of(["shelf"])
    ('kitchen', 'room')
    """
    there = set(kinds)
    return next((room for room, signs in ROOMS.items() if not there.isdisjoint(signs)), "room")


def spot(place: str) -> str:
    """Return the words for being at a place.

    >>> spot("cabinet 3"), spot("desk 1")
    ('in cabinet 3', 'on desk 1')
    """
    return f"{'in' if place.split(' ')[0] in _IN else 'on'} {place}"
