"""Turns a problem into a task: the query, the facts of stage 1 with revisions, the distractors of stage 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agemem_env.engines.pddl.setup import Ground, PDDLSetup, turn_limit
from agemem_env.engines.pddl.strips.parser import Atom
from agemem_env.engines.pddl.wording import agentboard_goal, plain_literal, wanted_literal
from agemem_env.types import Fact, Task, Utterance

PLACES = (
    "Ashford", "Birchley", "Corwen", "Dunmore", "Elmsworth", "Farleigh", "Glenhope", "Harwick", "Inverley", "Jarrow",
    "Kelmore", "Langholm", "Marston", "Northam", "Oakhurst", "Penrith", "Quarley", "Roxby", "Selwick", "Thornbury",
    "Ulverton", "Verwood", "Wexcombe", "Yarmley", "Zelham", "Appleton", "Bramford", "Clifden", "Dalton", "Eastmere",
    "Foxton", "Granby", "Hexley", "Ilminster", "Kirkdale", "Lowther", "Millbrook", "Netherby", "Ormsby", "Plumstead",
)  # fmt: skip
"""Names of places; a task has one and its distractors have others."""

_OPENERS = ("{}", "By the way: {}", "Just so you know: {}", "One more thing: {}", "I was told this. {}")
_CORRECTIONS = ("A correction: {}", "That has changed: {}", "Please forget what I said before: {}")
_SCENES = {
    "gripper": "You steer a robot that carries balls from room to room.",
    "blockworld": "You steer an arm that builds stacks of blocks.",
    "barman": "You steer a barman who fills shot glasses and mixes cocktails.",
    "tyreworld": "You look after the wheels of a car.",
}
_REVISED = 0.7
_USELESS = 3
_HIDDEN_SHARE = 2 / 3


@dataclass(frozen=True, slots=True)
class _Telling:
    """One statement on its way to becoming a fact; `replaces` is the statement that it corrects."""

    atom: Atom
    text: str
    gold: bool
    replaces: _Telling | None = None


def make_task(
    task_id: str,
    split: str,
    source: str,
    protocol: str,
    ground: Ground,
    difficulty: str | None,
    rng: np.random.Generator,
) -> Task:
    """Return the task for a problem.

    Args:
        task_id: Its id.
        split: ``train``, ``valid`` or ``test``.
        source: ``official`` or ``generated``.
        protocol: ``agemem``, or ``agentboard``, in which nothing is hidden.
        ground: The problem.
        difficulty: Its difficulty, if known.
        rng: Draws the place, what is told, and the distractors.
    """
    names = [PLACES[int(i)] for i in rng.permutation(len(PLACES))]
    hidden_goals = _hidden_goals(ground, rng) if protocol == "agemem" else ()
    tellings = _tellings(ground, names[0], hidden_goals, rng)
    facts = tuple(Fact(t.text, t.gold, tellings.index(t.replaces) if t.replaces else None) for t in tellings)
    openers = [_OPENERS if t.replaces is None else _CORRECTIONS for t in tellings]
    told = [str(words[int(rng.integers(len(words)))]) for words in openers]
    distractors = _distractors(ground, names[1:], rng)
    return Task(
        id=task_id,
        benchmark="PDDL",
        split=split,
        source=source,
        query=_query(ground, names[0], hidden_goals, protocol),
        facts=facts,
        utterances=tuple(Utterance(w.format(f.text), (i,)) for i, (w, f) in enumerate(zip(told, facts, strict=True))),
        distractors=tuple(_OPENERS[int(rng.integers(len(_OPENERS)))].format(text) for text in distractors),
        max_rounds=turn_limit(ground.plan) if protocol == "agemem" else None,
        data={"setup": PDDLSetup(ground, names[0], difficulty, hidden_goals, tuple(t.atom for t in tellings))},
    )


def full_goal(ground: Ground) -> str:
    """Return the words for the whole goal."""
    parts = [
        wanted_literal(ground.kind, p.atom) if p.positive else f"not: {' '.join(p.atom)}" for p in ground.problem.goal
    ]
    return "; ".join(parts)


def fact_text(kind: str | None, place: str, atom: Atom, *, goal: bool = False, changed: bool = False) -> str:
    """Return the statement of an atom at a place.

    >>> fact_text("gripper", "Ashford", ("at", "ball1", "attic"), changed=True)
    'At Ashford, ball1 lies in attic now.'
    """
    phrase = wanted_literal(kind, atom) if goal else plain_literal(kind, atom)
    return f"At {place}, {phrase}{' now' if changed else ''}."


def _query(ground: Ground, place: str, hidden_goals: tuple[Atom, ...], protocol: str) -> str:
    if protocol == "agentboard":
        return agentboard_goal(ground.problem.goal)
    scene = f"{_SCENES.get(ground.kind or '', 'Reach the goal.')} The place is {place}."
    if not hidden_goals:
        return f"{scene} Goal: {full_goal(ground)}."
    shown = [wanted_literal(ground.kind, p.atom) for p in ground.problem.goal if p.atom not in hidden_goals]
    visible = f"{'; '.join(shown)}; " if shown else ""
    rest = (
        f"{len(hidden_goals)} more wishes of the client of {place}"
        if len(hidden_goals) > 1
        else "one more wish of the client"
    )
    return f"{scene} Goal: {visible}and {rest}, as told before."


def _hidden_goals(ground: Ground, rng: np.random.Generator) -> tuple[Atom, ...]:
    """Return the wishes that the query leaves out: in blockworld two thirds of those still open at the start."""
    if ground.kind != "blockworld":
        return ()
    start = set(ground.problem.init)
    wishes = [p.atom for p in ground.problem.goal if p.positive and p.atom[0] == "on" and p.atom not in start]
    count = max(1, round(len(wishes) * _HIDDEN_SHARE)) if wishes else 0
    return tuple(wishes[int(i)] for i in sorted(rng.permutation(len(wishes))[:count]))


def _tellings(ground: Ground, place: str, hidden_goals: tuple[Atom, ...], rng: np.random.Generator) -> list[_Telling]:
    """Return what is told, in order; a correction comes at least one message after what it corrects."""
    world, kind = ground.world, ground.kind
    unknown = {atom for group in ground.groups for atom in group}
    needed = {a for i in ground.plan or () for a in world.members(world.actions[i].needs & world.init) if a in unknown}
    true = set(ground.problem.init)
    candidates = [a for a in dict.fromkeys(a for g in ground.groups for a in g) if a in true and a not in needed]
    candidates += [a for a in ground.problem.init if a not in unknown and plain_literal(kind, a)]
    useless = _some(candidates[: 4 * _USELESS], _USELESS, rng)
    plain = [_Telling(a, fact_text(kind, place, a), True) for a in world.atoms if a in needed]
    plain += [_Telling(a, fact_text(kind, place, a, goal=True), True) for a in hidden_goals]
    gold = len(plain)
    plain += [_Telling(a, fact_text(kind, place, a), False) for a in useless]
    corrected: dict[int, _Telling] = {}
    if gold and len(plain) > 2 and rng.random() < _REVISED:
        chosen = int(rng.integers(gold))
        outdated = _outdated(ground, plain[chosen].atom, {t.atom for t in plain}, rng)
        if outdated is not None:
            goal = plain[chosen].atom in hidden_goals
            corrected[chosen] = _Telling(outdated, fact_text(kind, place, outdated, goal=goal), True)
    return _ordered(plain, corrected, rng)


def _ordered(plain: list[_Telling], corrected: dict[int, _Telling], rng: np.random.Generator) -> list[_Telling]:
    order = [int(i) for i in rng.permutation(len(plain)) if int(i) not in corrected]
    told = [plain[i] for i in order]
    for i, outdated in corrected.items():
        before = int(rng.integers(len(told)))
        told.insert(before, outdated)
        after = int(rng.integers(before + 2, len(told) + 1))
        atom = plain[i].atom
        told.insert(after, _Telling(atom, f"{plain[i].text.removesuffix('.')} now.", True, outdated))
    return told


def _outdated(ground: Ground, atom: Atom, told: set[Atom], rng: np.random.Generator) -> Atom | None:
    """Return a false version of a statement, with another object in its last place."""
    group = next((g for g in ground.groups if atom in g and len({a[-1] for a in g}) > 1), None)
    if group is None and atom[0] == "on":
        group = tuple((*atom[:-1], name) for name in ground.world.objects if name != atom[1])
    true = {*ground.problem.init, *(p.atom for p in ground.problem.goal), *told, atom}
    wrong = [a for a in group or () if a not in true]
    return wrong[int(rng.integers(len(wrong)))] if wrong else None


def _distractors(ground: Ground, places: list[str], rng: np.random.Generator) -> list[str]:
    """Return statements about other places in the same words."""
    goal = ground.kind == "blockworld"
    pool = [a for a in dict.fromkeys(a for g in ground.groups for a in g)]
    if goal:
        names = list(ground.world.objects)
        pool = [("on", x, y) for x in names for y in names if x != y]
    pool = pool or [a for a in ground.problem.init if plain_literal(ground.kind, a)]
    atoms = _some(pool, int(rng.integers(3, 6)), rng)
    return [fact_text(ground.kind, place, atom, goal=goal) for place, atom in zip(places, atoms, strict=False)]


def _some(items: list[Atom], count: int, rng: np.random.Generator) -> list[Atom]:
    return [items[int(i)] for i in rng.permutation(len(items))[:count]]
