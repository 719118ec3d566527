"""Commands worth considering: those about what texts have mentioned, at most 60 of some 2,900 that are possible.

They are composed of texts alone, without the simulator: of the task, of notes that are in sight, and of what the
laboratory has shown. Not every one of them can be carried out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agemem_env.engines.sciworld.house import DOORS
from agemem_env.engines.sciworld.suggesting.circuits import circuits
from agemem_env.engines.sciworld.suggesting.mentions import MentionedPlace, holding, mentioned

MOST = 60
"""Commands at most."""

_SWITCHED = ("sink", "stove", "blast furnace")
_DEVICES = (
    *_SWITCHED, "freezer", "fridge", "cupboard", "large cupboard", "bee hive", "oven", "ultra low temperature freezer",
)  # fmt: skip
_TAKE_VESSELS = ("sink", "stove", "freezer", "blast furnace")
_CHOICE = re.compile(r"^(\d+):\t", re.MULTILINE)
_PLANES = re.compile(r"inclined planes \(([^)]+)\)")
_CHANGED = re.compile(r"(?:boil|melt|freeze) ([a-z ]+?)\.")
_GROWN = re.compile(r"grow an? ([a-z]+)")
_STAGED = re.compile(r"\ban? ([\w -]+?) in the (\w+) stage")
_POTTED = re.compile(r"(flower pot \d+) \(containing an? ([a-z ]+?) in the \w+ stage")
_IN_CUP = re.compile(r"the ([a-z ]+?) is (?:now )?in the ([a-z]+ (?:cup|jar))")
_CALLED = {"moth": "butterfly", "common toad": "frog"}
"""What notes call animals that commands have to call otherwise."""
_LONGEST_ANIMAL = 2


@dataclass(frozen=True)
class _Known:
    """What commands are composed of.

    Attributes:
        query: The task.
        notes: Notes in sight.
        place: Where the agent is and what it has seen and taken.
        asked: Things that the task names, boxes aside.
        noted: Things that the notes name.
        boxes: Boxes that the task or the room names.
    """

    query: str
    notes: str
    place: MentionedPlace
    asked: tuple[str, ...]
    noted: tuple[str, ...]
    boxes: tuple[str, ...]

    @property
    def relevant(self) -> list[str]:
        """Things that task or notes name."""
        return [x for x in dict.fromkeys((*self.asked, *self.noted)) if x not in self.boxes]

    @property
    def vessels(self) -> list[str]:
        """Vessels that may be filled: taken, in the room, or told of."""
        near = (*self.place.taken, *self.place.things, *self.noted)
        return [x for x in dict.fromkeys(near) if x in ("metal pot", "jug", "bowl")][:2]

    @property
    def pots(self) -> list[str]:
        """Flower pots in the room."""
        return [x for x in self.place.things if x.startswith("flower pot")][:4]


def candidates(query: str, notes: Sequence[str], place: MentionedPlace) -> list[str]:
    """Return commands about what was mentioned, those about the task first.

    Args:
        query: The task.
        notes: What the agent was told or has looked up, as far as it is in sight.
        place: Where the agent is and what the laboratory has shown since the task began.

    >>> from agemem_env.engines.sciworld.suggesting.mentions import Laboratory
    >>> shown = ["This room is called the workshop. In it, you see: a red box (containing nothing), a aluminum foil"]
    >>> place = Laboratory().look(shown)
    >>> found = candidates("First, focus on the aluminum foil. Then place it in the red box.", [], place)
    >>> "pick up aluminum foil" in found, "focus on red box" in found, "go to hallway" in found, len(found) < MOST
    (True, True, True, True)
    """
    asked = mentioned(query, wanted=True)
    noted = tuple(thing for note in notes for thing in mentioned(note))
    boxes = tuple(x for x in dict.fromkeys((*asked, *place.things)) if x.endswith(" box"))
    known = _Known(query, "\n".join(notes), place, asked, noted, boxes)
    found: dict[str, None] = {}
    for source in _SOURCES:
        for command in source(known):
            found[command] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _ways(known: _Known) -> Iterator[str]:
    """Answer a question, go, look, wait."""
    if known.place.last.startswith("Ambiguous"):
        yield from _CHOICE.findall(known.place.last)[:10]
    for room in DOORS.get(known.place.room, tuple(DOORS)):
        yield f"go to {room}"
    yield from ("look around", "wait", "wait1")


def _surfaces(known: _Known) -> Iterator[str]:
    """Focus on an inclined plane or a box."""
    for found in _PLANES.finditer(known.query):
        for plane in found[1].split(", "):
            low = plane.lower()
            yield f"focus on inclined plane with a {low} surface"
            yield f"focus on inclined plane {low}"
            yield f"focus on inclined plane with a {low.replace(' ', '')} surface"
    for box in known.boxes[:4]:
        yield f"focus on {box}"


def _living(known: _Known) -> Iterator[str]:
    """Focus on and take animals, which commands call by their stage of life."""
    if not re.search(r"living thing|animal|life span", known.query):
        return
    near = [x for x in known.place.things if x.endswith(" egg") or x.startswith("baby ")]
    for thing in dict.fromkeys((*known.noted, *near)):
        bare = re.sub(r"^baby | egg$", "", thing)
        bare = _CALLED.get(bare, bare)
        if len(bare.split()) > _LONGEST_ANIMAL or thing in known.boxes:
            continue
        young, egg = f"baby {bare}" in known.place.text, f"{bare} egg" in known.place.text
        forms = ([] if young or egg else [bare]) + ([] if egg else [f"baby baby {bare}"])
        for form in forms + ([] if young else [f"egg {bare}", f"{bare} egg"]):
            yield from (f"focus on {form}", f"pick up {form}")
        if thing in known.place.taken and thing != bare:
            yield from (f"move egg {thing} in inventory to {box}" for box in known.boxes[:2])
        if bare in known.place.taken or thing in known.place.taken:
            for box in known.boxes[:2]:
                yield from (
                    f"move baby baby {bare} in inventory to {box}",
                    f"move egg {bare} egg in inventory to {box}",
                )


def _devices(known: _Known) -> Iterator[str]:
    """Open and switch on devices."""
    for device in _DEVICES:
        if device in known.place.text_here or device in known.noted:
            yield f"open {device}"
            if device in _SWITCHED:
                yield f"activate {device}"


def _vessels(known: _Known) -> Iterator[str]:
    """Fill vessels, and put them where it is hot, cold or wet."""
    here = known.place.text_here
    if "sink is now activated" in here or "sink, which is turned on" in here:
        yield "deactivate sink"
    for vessel in known.vessels:
        yield from (f"move {vessel} to {spot}" for spot in _TAKE_VESSELS if spot in here)
        yield from (f"pour {vessel} into {pot}" for pot in known.pots)
        yield from (f"mix {vessel}", f"focus on substance in {vessel}", f"focus on paint in {vessel}")
        yield f"pick up {vessel}"
        if "paint" not in known.query:
            yield from (f"pick up substance in {vessel}", f"move substance in inventory to {vessel}")
            yield "focus on substance in inventory"
        yield from (f"move {thing} to {vessel}" for thing in known.asked if "box" not in thing)
        yield from (f"pour {vessel} in {vessel}", f"pour {vessel} into {vessel}")


def _contents(known: _Known) -> Iterator[str]:
    """Pour what the task is about, or paints, into a vessel."""
    changed, into = _CHANGED.search(known.query), known.vessels[:1]
    if changed and into:
        yield from ("pick up cup", "pick up substance in cup", f"pour cup containing {changed[1]} into {into[0]}")
    held = [*holding(known.place.text_here), *((cup, what) for what, cup in _IN_CUP.findall(known.notes))]
    for vessel, what in held:
        kind = vessel.split()[-1]
        if what in known.relevant or vessel in known.relevant:
            yield from (f"pick up {kind}", f"pick up substance in {kind}", f"pick up {vessel} containing {what}")
            yield from (f"focus on {vessel} containing {what}", f"pick up {vessel}", f"focus on {vessel}")
        paint = what.endswith("paint")
        if paint or any(what in thing or thing in what for thing in known.relevant):
            for other in into:
                yield from (f"pour {kind} containing {what} into {other}", f"pour {kind} containing {what} in {other}")
                if paint:
                    yield f"pour {kind} containing {what} in {known.place.room} in {other}"


def _plants(known: _Known) -> Iterator[str]:
    """Sow, and take grown plants."""
    grown = _GROWN.search(known.query)
    seeds = [*re.findall(r"an? ([a-z]+) seed", known.place.text), *([grown[1]] if grown else [])]
    for seed in dict.fromkeys(seeds):
        yield from (f"move {seed} seed in seed jar to {pot}" for pot in known.pots)
        yield from (f"focus on {seed} seed in {pot}" for pot in known.pots)
    if grown:
        yield f"focus on {grown[1]} in living thing"
    if known.pots:
        yield "open bee hive"
        yield from (f"close door to {room}" for room in DOORS.get(known.place.room, ()))
    if "soil" in known.place.text + known.notes or "shovel" in known.place.text_here:
        yield from ("use shovel in inventory on ground", "pick up soil", "pick up shovel")
        yield from (f"move soil{where} to {pot}" for pot in known.pots for where in (" in inventory", ""))
    for plant, stage in dict.fromkeys(_STAGED.findall(known.place.text_here)):
        yield f"focus on {stage} {plant}"
    for pot, plant in dict.fromkeys(_POTTED.findall(known.place.text)):
        if pot in known.place.taken:
            yield from (f"move {pot} containing {plant} and soil in inventory to {box}" for box in known.boxes[:2])
        yield f"pick up {pot}"


def _taken(known: _Known) -> Iterator[str]:
    """Put what was taken into boxes."""
    for thing in known.place.taken:
        for box in known.boxes[:3]:
            yield from (f"move {thing} in inventory to {box}", f"move {thing} to {box}")
        yield f"focus on {thing}"


def _things(known: _Known) -> Iterator[str]:
    """Focus on and take what task and notes name, and what in the room is like it."""
    for thing in known.relevant[:10]:
        yield from (f"focus on {thing}", f"pick up {thing}")
    words = {word for thing in known.relevant for word in thing.split() if len(word) > 3}
    for thing in known.place.things:
        if words.intersection(thing.split()):
            yield from (f"focus on {thing}", f"pick up {thing}")


def _electric(known: _Known) -> Iterator[str]:
    """Build circuits."""
    return circuits(known.query, known.place, known.asked, known.boxes)


def _not_living(known: _Known) -> Iterator[str]:
    """Take anything, if anything will do."""
    if "non-living thing" not in known.query:
        return
    for thing in dict.fromkeys((*known.noted, *known.place.things[:12])):
        yield from (f"focus on {thing}", f"pick up {thing}")
        yield from (f"move {thing} to {box}" for box in known.boxes[:1])
    for kind in dict.fromkeys(thing.split()[-1] for thing in known.noted if " " in thing):
        yield from (f"focus on {kind}", *(f"move {kind} to {box}" for box in known.boxes[:1]))


_SOURCES: tuple[Callable[[_Known], Iterator[str]], ...] = (
    _ways, _surfaces, _taken, _not_living, _living, _electric, _devices, _vessels, _contents, _plants, _things,
)  # fmt: skip
"""Where commands come from, the most telling first."""
