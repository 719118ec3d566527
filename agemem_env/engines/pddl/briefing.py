"""What a task says: the query, the facts of stage 1 with revisions, the distractors of stage 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agemem_env.engines.briefing import Statement, one_of, revised, sample, shuffled
from agemem_env.engines.pddl.setup import Ground
from agemem_env.engines.pddl.strips.parser import Atom
from agemem_env.engines.pddl.wording import plain_literal, wanted_literal
from agemem_env.types import Fact, Utterance

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
_CANDIDATES = 12
"""The useless facts are drawn from so many of the first candidates: what stage 3 hides comes before what it shows."""
_HIDDEN_SHARE = 2 / 3


@dataclass(frozen=True, slots=True)
class PDDLBriefing:
    """Everything that is told about a problem.

    Attributes:
        place: Name of the place where it happens.
        hidden_goals: Atoms of the goal that the query leaves out.
        facts: What stage 1 tells, in order.
        atoms: The atom that each of the facts states.
        utterances: The messages of stage 1, one for each fact.
        distractors: The messages of stage 2.
    """

    place: str
    hidden_goals: tuple[Atom, ...]
    facts: tuple[Fact, ...]
    atoms: tuple[Atom, ...]
    utterances: tuple[Utterance, ...]
    distractors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """That an atom holds at the start, or that it belongs to the goal."""

    atom: Atom
    goal: bool = False


def brief(ground: Ground, *, hides_goals: bool, rng: np.random.Generator) -> PDDLBriefing:
    """Choose what is told about a problem.

    Args:
        ground: The problem.
        hides_goals: Whether the query may leave out a part of the goal, which is told in stage 1 instead.
        rng: Draws the place, what is told, and the distractors.
    """
    place, *elsewhere = shuffled(PLACES, rng)
    hidden_goals = _hidden_goals(ground, rng) if hides_goals else ()
    told = _told(ground, hidden_goals, rng)
    facts = tuple(Fact(_text(ground.kind, place, each), each.gold, each.supersedes) for each in told)
    spoken = [one_of(_OPENERS if f.supersedes is None else _CORRECTIONS, rng).format(f.text) for f in facts]
    others = _distractors(ground, elsewhere, rng)
    return PDDLBriefing(
        place=place,
        hidden_goals=hidden_goals,
        facts=facts,
        atoms=tuple(each.about.atom for each in told),
        utterances=tuple(Utterance(text, (i,)) for i, text in enumerate(spoken)),
        distractors=tuple(one_of(_OPENERS, rng).format(text) for text in others),
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


def query(ground: Ground, place: str, hidden_goals: Sequence[Atom]) -> str:
    """Return what the task asks for, at its place; what is hidden of the goal is only counted."""
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
    return tuple(wishes[i] for i in sorted(sample(range(len(wishes)), count, rng)))


def _told(ground: Ground, hidden_goals: Sequence[Atom], rng: np.random.Generator) -> list[Statement[_Claim]]:
    """Return what is told, in order; a correction comes at least one message after what it corrects."""
    needed = _needed(ground)
    useless = sample(_useless(ground, needed)[:_CANDIDATES], _USELESS, rng)
    gold = [*(_Claim(atom) for atom in needed), *(_Claim(atom, goal=True) for atom in hidden_goals)]
    told = [*(Statement(claim, True) for claim in gold), *(Statement(_Claim(atom), False) for atom in useless)]
    index = revised(range(len(gold)), _REVISED, rng) if gold and len(told) > 2 else None
    outdated = None if index is None else _outdated(ground, told[index].about, [each.about.atom for each in told], rng)
    order = [int(i) for i in rng.permutation(len(told))]
    if index is None or outdated is None:
        return [told[i] for i in order]
    others = [told[i] for i in order if i != index]
    return _with_correction(others, told[index].about, outdated, rng)


def _needed(ground: Ground) -> list[Atom]:
    """Return the atoms of the start that stage 3 hides and the plan depends on."""
    world, unknown = ground.world, _unknown(ground)
    needed = {
        atom
        for i in ground.plan or ()
        for atom in world.members(world.actions[i].needs & world.init)
        if atom in unknown
    }
    return [atom for atom in world.atoms if atom in needed]


def _useless(ground: Ground, needed: Sequence[Atom]) -> list[Atom]:
    """Return other true atoms: first those that stage 3 hides, then those that it shows."""
    true, unknown = set(ground.problem.init), _unknown(ground)
    hidden = [atom for atom in unknown if atom in true and atom not in needed]
    return hidden + [atom for atom in ground.problem.init if atom not in unknown and plain_literal(ground.kind, atom)]


def _unknown(ground: Ground) -> dict[Atom, None]:
    """Return the atoms that stage 3 hides, each once, in order."""
    return dict.fromkeys(atom for group in ground.groups for atom in group)


def _with_correction(
    others: Sequence[Statement[_Claim]], right: _Claim, outdated: _Claim, rng: np.random.Generator
) -> list[Statement[_Claim]]:
    """Return statements with an outdated one and, at least one message later, its correction put among them."""
    told = list(others)
    before = int(rng.integers(len(told)))
    told.insert(before, Statement(outdated, True, wrong=True))
    after = int(rng.integers(before + 2, len(told) + 1))
    told.insert(after, Statement(right, True, supersedes=before))
    return told


def _outdated(ground: Ground, claim: _Claim, told: Iterable[Atom], rng: np.random.Generator) -> _Claim | None:
    """Return a false version of a claim, with another object in its last place; None if there is none."""
    atom = claim.atom
    rivals = next((group for group in ground.groups if atom in group and len({a[-1] for a in group}) > 1), ())
    if not rivals and atom[0] == "on":
        rivals = tuple((*atom[:-1], name) for name in ground.world.objects if name != atom[1])
    true = {*ground.problem.init, *(p.atom for p in ground.problem.goal), *told}
    wrong = [rival for rival in rivals if rival not in true]
    return _Claim(one_of(wrong, rng), claim.goal) if wrong else None


def _text(kind: str | None, place: str, told: Statement[_Claim]) -> str:
    return fact_text(kind, place, told.about.atom, goal=told.about.goal, changed=told.supersedes is not None)


def _distractors(ground: Ground, places: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return statements about other places in the same words."""
    goal = ground.kind == "blockworld"
    names = list(ground.world.objects)
    pool = [("on", x, y) for x in names for y in names if x != y] if goal else list(_unknown(ground))
    pool = pool or [atom for atom in ground.problem.init if plain_literal(ground.kind, atom)]
    count = int(rng.integers(3, 6))
    atoms = sample(pool, count, rng)
    return [fact_text(ground.kind, place, atom, goal=goal) for place, atom in zip(places, atoms, strict=False)]
