"""Candidates that give a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agemem_env.wrappers.menu.blocks import Offers, call, crossed
from agemem_env.wrappers.menu.claims import claim_crosses
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.rooms.crosses import room_crosses
from agemem_env.wrappers.menu.scene import SeenScene, Words, form_of, scene, words_of
from agemem_env.wrappers.menu.sight import Sight
from agemem_env.wrappers.menu.squares import Square
from agemem_env.wrappers.menu.words import stem_of

_FLAGGED = 3
"""Things of a command that its crossed features look at."""

_BLIND = 8
"""Commands that are offered together with looking up, before what is found is seen."""


def offer_commands(seen: Sight, past: Past, offers: Offers, before: Sequence[dict[str, Any]]) -> None:
    """Offer the commands that are allowed; with the calls before them, if there are any, in one turn."""
    around = scene(seen, past)
    offered = []
    for command in seen.commands:
        features = command_features(command, past, around)
        crosses = command_crosses(command, past, around, new=features[9] > 0, near=features[14:18])
        action = call("act", command=command)
        offers.add("command", action, features, crosses)
        offered.append((action, features, crosses))
    if before:
        for action, features, crosses in sorted(offered, key=_share, reverse=True)[:_BLIND]:
            offers.add("look up and command", [*before, action], features, crosses)


def _share(offered: tuple[Any, tuple[float, ...], list[int]]) -> float:
    """Return the share of a command's words that the goal has."""
    return offered[1][1]


def command_features(command: str, past: Past, around: SeenScene) -> tuple[float, ...]:
    """Return the features of a command, in the order of its kind."""
    words, goal = words_of(command), around.goal
    things, numbered = frozenset(words.things), frozenset(words.numbered)
    share = sum(stem in goal.stems for stem in words.stems) / max(1, len(words.stems))
    told = any(numbered & said.numbered for said in around.relevant)
    usable = any(numbered & said.numbered for said in around.pending)
    in_goal = max((len(part & things) for part in goal.parts), default=0) >= 2
    in_memory = max((len(said.words & things) for said in (*around.relevant, *around.others)), default=0) >= 2
    times = min(past.done.count(command), 3)
    new, wanted = bool(past.possible) and command not in past.possible, around.holding
    nearer, known, passed, on_way = _direction(command, past, around)
    again = sum(thing in around.words for thing in words.things) / max(1, len(words.things))
    return (
        1.0, share, float(words.verb in goal.text), float(told), float(usable), float(in_goal), float(in_memory),
        times / 3, float(past.done[-1:] == [command]), float(new), float(bool(past.held)), float(wanted),
        share * wanted, float(usable and not wanted), nearer, known, passed, on_way, again,
        float(stem_of(words.verb) in goal.stems), nearer * known, float(times > 0), float(new and share > 0),
        float(share > 0 and not wanted), float(not words.things),
    )  # fmt: skip


def command_crosses(command: str, past: Past, around: SeenScene, *, new: bool, near: Sequence[float]) -> list[int]:
    """Return the crossed features of a command: its verb with what its things are to goal and memories."""
    words, goal = words_of(command), around.goal
    verb, wanted, done = words.verb, around.holding, command in past.done
    things = frozenset(words.things)
    flags = ",".join(_numbered_flags(words, past, around) if words.numbered else _flags(words, past, around))
    in_goal = any(len(part & things) >= 2 for part in goal.parts)
    in_memory = any(len(said.words & things) >= 2 for said in (*around.relevant, *around.others))
    crosses = [
        crossed("verb", verb),
        crossed("after", verb, around.last),
        crossed("flags", verb, flags, wanted),
        crossed("parts", verb, flags, in_goal, in_memory, done),
        crossed("new", verb, flags, new, done, wanted),
        crossed("next", around.before, form_of(command)),
        crossed("next, done", around.before, form_of(command), flags, done),
    ]
    crosses += claim_crosses(verb, words.things, around.claims, past.held, past.states)
    if around.rooms is not None:
        return [*crosses, *room_crosses(command, around.rooms)]
    for word in sorted(goal.relation):
        crosses += (crossed("goal", verb, word), crossed("goal, done", verb, word, verb in around.verbs, wanted))
        crosses += (crossed("noun", noun, word, wanted) for noun in sorted(words.nouns))
    if around.here is not None:
        nearer, known, passed, on_way = near
        to_door, share = "door" in command, any(stem in goal.stems for stem in words.stems)
        crosses += (
            crossed("near", verb, round(nearer * 2), known, on_way > 0.5, passed > 0, done),
            crossed("way", verb, around.way is not None, on_way > 0.5, nearer > 0),
            crossed("aim", verb, to_door, share, known, done),
        )
    return crosses


def _flags(words: Words, past: Past, around: SeenScene) -> list[str]:
    """Return what each thing is: held, in a memory to use, in the goal, in another memory."""
    flags = []
    for thing in words.things[:_FLAGGED]:
        if thing in past.held:
            flags.append("h")
        elif any(thing in said.words for said in around.pending):
            flags.append("p")
        elif thing in around.goal.things:
            flags.append("g")
        else:
            flags.append("i" if any(thing in said.words for said in around.others) else "-")
    return flags


def _numbered_flags(words: Words, past: Past, around: SeenScene) -> list[str]:
    """Return the same for things with numbers, whose nouns alone say little."""
    flags = []
    for thing in words.numbered:
        noun = thing.split()[0]
        ranks = (("p", around.pending), ("m", around.relevant), ("i", around.others))
        memory = next((flag for flag, told in ranks if any(thing in said.numbered for said in told)), "")
        wanted = noun in around.goal.things or stem_of(noun) in around.goal.stems
        flags.append(("h" if noun in past.held else "") + memory + ("g" if wanted else ""))
    return flags


def _direction(command: str, past: Past, around: SeenScene) -> tuple[float, float, float, float]:
    """Return how much nearer a command leads, whether a way is known, and what is known of the door that it takes."""
    here, target = around.here, around.target
    if here is None:
        return 0.0, 0.0, 0.0, 0.0
    square, passed, on_way = _leads_to(command, past, around)
    if square is None or target is None:
        return 0.0, float(target is not None), passed, on_way
    gain = _distance(here.own, target) - _distance(square, target)
    scale = 1 if command in _SINGLE_STEPS else 4
    return max(-1.5, min(1.5, gain / scale)), 1.0, passed, on_way


_SINGLE_STEPS = {"move forward": 0, "turn right": 1, "turn left": 3}
"""Commands of one step, with the turns to the right after which the next square is looked at."""


def _leads_to(command: str, past: Past, around: SeenScene) -> tuple[Square | None, float, float]:
    """Return the square that a command leads to, how often its door was passed, and whether it is on the way."""
    here = around.here
    assert here is not None
    if command in _SINGLE_STEPS:
        return here.beside(_SINGLE_STEPS[command]), 0.0, 0.0
    square, passed, on_way = None, 0.0, 0.0
    for name, at in here.things.items():
        if name in command:
            square = at
            if "door" in name:
                passed = min(past.doors.get(at, 0), 2) / 2
                on_way = 0.3 * (at in around.told_doors) + 0.7 * (at == around.way)
    return square, passed, on_way


def _distance(one: Square, other: Square) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])
