"""Commands that build electrical circuits, and that carry what is tested to where its parts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agemem_env.engines.sciworld.suggesting.mentions import MentionedPlace

_ELECTRIC = ("conductive", "circuit")
_SOURCES = ("battery", "solar panel", "wind generator", "gas generator", "nuclear generator")
_MOST_WIRES, _MOST_PARTS = 4, 3


def circuits(query: str, place: MentionedPlace, asked: Sequence[str], boxes: Sequence[str]) -> Iterator[str]:
    """Yield commands for a task about electricity; none for other tasks.

    Args:
        query: The task.
        place: Where the agent is.
        asked: Things that the task names.
        boxes: Boxes that task or room name.
    """
    if not any(word in query for word in _ELECTRIC):
        return
    near = [thing for thing in (*place.taken, *place.things)]
    wires = [thing for thing in dict.fromkeys(near) if thing.endswith(" wire")][:_MOST_WIRES]
    parts = [part for part in dict.fromkeys(map(_called, (*asked, *near))) if _is_part(part)]
    wanted = [part for part in parts if part in query and "circuit" in query]
    if "conductive" in query and "water" in query:
        yield from _water(place, boxes)
    if "renewable" in query:
        yield from _carrying(place, wires)
    elif wanted:
        yield from (f"focus on {part}" for part in wanted)
    sources = [source for source in _SOURCES if source in near or (source == "battery" and source in place.text_here)]
    for source in sources:
        yield from (f"connect {source} {pole} to {wire} terminal 1" for wire in wires for pole in ("anode", "cathode"))
    tested = [] if wanted else [thing for thing in asked if thing not in boxes and not _is_part(thing)][:1]
    for thing in tested:
        yield from (f"connect {thing} terminal 1 to {wire} terminal 2" for wire in wires)
        yield from (f"connect {thing} terminal 2 to {wire} terminal {end}" for wire in wires for end in (1, 2))
    for part in wanted or parts[:_MOST_PARTS]:
        yield from (f"connect {wire} terminal 2 to {pole} in {part}" for wire in wires for pole in ("cathode", "anode"))


def _water(place: MentionedPlace, boxes: Sequence[str]) -> Iterator[str]:
    """Fetch water in a cup or jug."""
    for vessel in ("cup", "jug"):
        if vessel not in place.text:
            continue
        if "sink" in place.text_here:
            yield from (f"move {vessel} to sink", f"move {vessel} containing nothing in table to sink")
        yield from (f"pick up {vessel}", f"pick up {vessel} containing water", f"focus on substance in {vessel}")
        yield f"drop {vessel}"
        yield from (f"move {vessel} to {box}" for box in boxes[:2])


def _carrying(place: MentionedPlace, wires: Sequence[str]) -> Iterator[str]:
    """Carry the parts of a circuit to where there is wind or sun."""
    sources = [thing for thing in (*place.things, *place.taken) if thing in _SOURCES and thing != "battery"]
    parts = [thing for thing in (*place.things, *place.taken) if _is_part(_called(thing))][:_MOST_PARTS]
    for thing in (*sources, *wires):
        yield f"pick up {thing}"
    for thing in place.taken:
        yield from (f"drop {thing}", f"drop {thing.split()[-1]}")
    yield from (f"pick up {part}" for part in parts)
    if place.taken:
        yield "drop component in inventory"


def _called(thing: str) -> str:
    """Return what commands call a part of a circuit."""
    return "buzzer" if thing == "electric buzzer" else thing


def _is_part(thing: str) -> bool:
    return thing.endswith("light bulb") or thing in ("electric motor", "buzzer")
