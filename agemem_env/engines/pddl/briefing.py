"""What a task says: the query, the facts of stage 1 with revisions, the distractors of stage 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agemem_env.engines.briefing import (
    USELESS,
    Statement,
    mix,
    one_of,
    revisions,
    sample,
    with_corrections,
)
from agemem_env.engines.pddl.setup import Ground
from agemem_env.engines.pddl.strips.parser import Atom
from agemem_env.engines.pddl.wording import plain_literal, wanted_literal
from agemem_env.engines.smalltalk import essentials_of_remark, remarks
from agemem_env.types import Fact, Utterance

_FIRST = (
    "Ash", "Birch", "Cor", "Dun", "Elm", "Far", "Glen", "Hather", "Inver", "Kel", "Lang", "Mars", "Nor", "Oak", "Pen",
    "Quar", "Rox", "Thorn", "Ulver", "Wex",
)  # fmt: skip
_MIDDLE = ("", "a", "en", "er", "ing", "le", "o", "ra", "s", "tin", "u", "win")
_LAST = (
    "ford", "ley", "wen", "more", "worth", "hope", "wick", "holm", "combe", "ton", "ham", "hurst", "by", "bury",
    "stead", "bridge",
)  # fmt: skip
PLACES = tuple(first + middle + last for last in _LAST for middle in _MIDDLE for first in _FIRST)
"""Names of places; a task has one and its distractors have others. So many that hardly any is met twice."""

_NAMED = 24
"""Places that are named at most, of all stages."""

_OPENERS = ("{}", "By the way: {}", "Just so you know: {}", "One more thing: {}", "I was told this. {}")
_CORRECTIONS = ("A correction: {}", "That has changed: {}", "Please forget what I said before: {}")
_SCENES = {
    "gripper": "You steer a robot that carries balls from room to room.",
    "blockworld": "You steer an arm that builds stacks of blocks.",
    "barman": "You steer a barman who fills shot glasses and mixes cocktails.",
    "tyreworld": "You look after the wheels of a car.",
}
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
        atoms: The atom that each of the facts states; None for small talk and for what is so at another place.
        utterances: The messages of stage 1, one for each fact.
        distractors: The messages of stage 2.
    """

    place: str
    hidden_goals: tuple[Atom, ...]
    facts: tuple[Fact, ...]
    atoms: tuple[Atom | None, ...]
    utterances: tuple[Utterance, ...]
    distractors: tuple[str, ...]


class _Site:
    """A place, its problem, and what is hidden of it."""

    def __init__(self, place: str, ground: Ground, hides_goals: bool, rng: np.random.Generator) -> None:
        self.place, self.ground = place, ground
        self.hidden_goals = _hidden_goals(ground, rng) if hides_goals else ()
        self.needed = _needed(ground)

    @property
    def gold(self) -> list[_Claim]:
        """What a task at this place needs to know."""
        wishes = [_Claim(self, atom, goal=True) for atom in self.hidden_goals]
        return [*(_Claim(self, atom) for atom in self.needed), *wishes]


@dataclass(frozen=True, slots=True)
class _Claim:
    """That an atom holds at the start at a place, or that it belongs to the goal there."""

    site: _Site
    atom: Atom
    goal: bool = False


def brief(
    ground: Ground, *, hides_goals: bool, rng: np.random.Generator, others: Sequence[Ground] = ()
) -> PDDLBriefing:
    """Choose what is told about a problem.

    What other problems need is told as well, in the same words, and some small talk. If there are none, other things
    about the problem itself are told instead.

    Args:
        ground: The problem.
        hides_goals: Whether the query may leave out a part of the goal, which is told in stage 1 instead.
        rng: Draws the place, what is told, and the distractors.
        others: Problems that could be asked about at other places.
    """
    places = sample(PLACES, _NAMED, rng)
    sites = [_Site(place, each, hides_goals, rng) for place, each in zip(places, (ground, *others), strict=False)]
    own = sites[0]
    told = _told(sites, rng)
    facts = tuple(_fact(each) for each in told)
    spoken = [one_of(_OPENERS if f.supersedes is None else _CORRECTIONS, rng).format(f.text) for f in facts]
    distractors = _distractors(sites, places[len(sites) :], rng)
    return PDDLBriefing(
        place=own.place,
        hidden_goals=own.hidden_goals,
        facts=facts,
        atoms=tuple(s.about.atom if isinstance(s.about, _Claim) and s.about.site is own else None for s in told),
        utterances=tuple(Utterance(text, (i,)) for i, text in enumerate(spoken)),
        distractors=tuple(one_of(_OPENERS, rng).format(text) for text in distractors),
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


def _told(sites: Sequence[_Site], rng: np.random.Generator) -> list[Statement[_Claim | str]]:
    """Return what is told, in order, corrections included."""
    own, *others = sites
    beside = [claim for site in others for claim in site.gold]
    if not others:
        useless = _useless(own.ground, own.needed)[:_CANDIDATES]
        beside = [_Claim(own, atom) for atom in sample(useless, USELESS, rng)]
    talk = remarks([f"At {site.place}" for site in sites], len(own.gold) + len(beside), rng) if others else []
    told: list[Statement[_Claim | str]] = mix([*own.gold], [*beside], [*talk], rng)
    said = {
        site.place: [s.about.atom for s in told if isinstance(s.about, _Claim) and s.about.site is site]
        for site in sites
    }
    wrong: dict[int, _Claim | str] = {}
    for index in revisions(told, lambda about: isinstance(about, _Claim), rng):
        about = told[index].about
        assert isinstance(about, _Claim)
        outdated = _outdated(about, said[about.site.place], rng)
        if outdated is not None:
            wrong[index] = outdated
            said[about.site.place].append(outdated.atom)
    return with_corrections(told, wrong)


def _fact(told: Statement[_Claim | str]) -> Fact:
    about = told.about
    if isinstance(about, str):
        return Fact(about, essentials=essentials_of_remark(about))
    changed = told.supersedes is not None
    text = fact_text(about.site.ground.kind, about.site.place, about.atom, goal=about.goal, changed=changed)
    return Fact(text, told.gold, told.supersedes, told.useful)


def _needed(ground: Ground) -> list[Atom]:
    """Return the atoms of the start that stage 3 hides and the plan depends on."""
    world, unknown = ground.world, _unknown(ground)
    needed = {
        atom for i in ground.plan or () for atom in world.members(world.action(i).needs & world.init) if atom in unknown
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


def _outdated(claim: _Claim, told: Iterable[Atom], rng: np.random.Generator) -> _Claim | None:
    """Return a false version of a claim, with another object in its last place; None if there is none."""
    atom, ground = claim.atom, claim.site.ground
    rivals = next((group for group in ground.groups if atom in group and len({a[-1] for a in group}) > 1), ())
    if not rivals and atom[0] == "on":
        rivals = tuple((*atom[:-1], name) for name in ground.world.objects if name != atom[1])
    true = {*ground.problem.init, *(p.atom for p in ground.problem.goal), *told}
    wrong = [rival for rival in rivals if rival not in true]
    return _Claim(claim.site, one_of(wrong, rng), claim.goal) if wrong else None


def _distractors(sites: Sequence[_Site], places: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return statements about further places in the same words, as likely about one problem's things as another's."""
    texts = []
    for place in places[: int(rng.integers(3, 6))]:
        ground = one_of(sites, rng).ground
        goal = ground.kind == "blockworld"
        names = list(ground.world.objects)
        pool = [("on", x, y) for x in names for y in names if x != y] if goal else list(_unknown(ground))
        pool = pool or [atom for atom in ground.problem.init if plain_literal(ground.kind, atom)]
        if pool:
            texts.append(fact_text(ground.kind, place, one_of(pool, rng), goal=goal))
    return texts
