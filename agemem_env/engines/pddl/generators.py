"""Seeded problems of the four domains in three difficulty bands.

A problem belongs to one split by a checksum of its content, so that no two splits share one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from agemem_env.engines.briefing import sample, shuffled
from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain
from agemem_env.engines.pddl.plans.shipped import KnownPlan, checksum, known_plan
from agemem_env.engines.pddl.setup import Ground, grounded, prepare, reaches_goal
from agemem_env.engines.pddl.strips.parser import Atom, Literal, Problem

SPLIT_SIZES: Mapping[str, int] = MappingProxyType({"train": 10_000, "valid": 200, "test": 200})
"""Number of generated tasks; domains take turns."""

DIFFICULTIES = ("easy", "medium", "hard")
MAX_EVALUATIONS = 300
"""States that the planner looks at before another problem is drawn."""
WORK = 200_000
"""What is spent on making the plan of a generated problem shorter."""

_SHARES = {"train": range(0, 8), "valid": range(8, 9), "test": range(9, 10)}
_ATTEMPTS = 1_000

_ROOMS = (
    "attic", "balcony", "cellar", "den", "entrance", "foyer", "garage", "hall", "infirmary", "kitchen", "library",
    "nursery",
    "office", "pantry", "studio", "terrace",
)  # fmt: skip
_DRINKS = ("ale", "bitters", "cider", "gin", "honey", "juice", "lime", "mint", "rum", "soda", "tonic", "vermouth")
_COCKTAILS = ("aurora", "bramble", "comet", "dahlia", "ember", "fjord", "garnet", "harbor")
_STORES = (
    "barrel", "basket", "boot", "cabinet", "chest", "crate", "cupboard", "drawer", "hamper", "locker", "rack", "shelf",
    "toolbox", "trunk",
)  # fmt: skip


def generate(split: str, index: int) -> tuple[Ground, str, np.random.Generator]:
    """Return the problem with an index, its difficulty, and the generator for whatever else is drawn for it.

    What `search` finds comes with the package (`agemem_env.engines.pddl.plans`), so that nothing has to be searched;
    where it does not fit the problem that is drawn, it is searched.

    Args:
        split: A key of `SPLIT_SIZES`.
        index: Number of the task, from 0; it fixes domain and difficulty.
    """
    known = known_plan(split, index)
    found = None if known is None else _recalled(split, index, known)
    if found is None:
        found = search(split, index)[1:]
    ground, rng = found
    return ground, difficulty_of(index), rng


def difficulty_of(index: int) -> str:
    """Return the difficulty of the task with this number."""
    return DIFFICULTIES[index // len(DOMAINS) % len(DIFFICULTIES)]


def search(split: str, index: int) -> tuple[int, Ground, np.random.Generator]:
    """Draw problems until one is of the split and has a plan; return which it was, from 1, and as `generate`."""
    kind, rng = DOMAINS[index % len(DOMAINS)], _generator(split, index)
    for attempt in range(1, _ATTEMPTS + 1):
        problem = _draw(index, rng)
        if split_of(problem) != split or all(p.atom in problem.init for p in problem.goal):
            continue
        ground = prepare(kind, builtin_domain(kind), problem, MAX_EVALUATIONS, WORK)
        if ground.plan:
            return attempt, ground, rng
    raise AssertionError(f"no {difficulty_of(index)} problem of {kind} in {_ATTEMPTS} attempts")


def _recalled(split: str, index: int, known: KnownPlan) -> tuple[Ground, np.random.Generator] | None:
    """Return what `search` would find, None if the plan is that of another problem."""
    kind, rng = DOMAINS[index % len(DOMAINS)], _generator(split, index)
    for _ in range(known.attempt):
        problem = _draw(index, rng)
    if checksum(problem) != known.checksum:
        return None
    ground = grounded(kind, builtin_domain(kind), problem, known.plan)
    return (ground, rng) if reaches_goal(ground.world, known.plan) else None


def _generator(split: str, index: int) -> np.random.Generator:
    seed = [zlib.crc32(f"AgeMem-PDDL {split}".encode()), index]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def _draw(index: int, rng: np.random.Generator) -> Problem:
    return _GENERATORS[DOMAINS[index % len(DOMAINS)]](DIFFICULTIES.index(difficulty_of(index)), rng)


def split_of(problem: Problem) -> str:
    """Return the split to which a problem belongs, whatever the order in which its facts are listed."""
    content = repr((sorted(problem.objects), sorted(problem.init), sorted(p.atom for p in problem.goal)))
    number = zlib.crc32(content.encode()) % 10
    return next(split for split, share in _SHARES.items() if number in share)


def _gripper(level: int, rng: np.random.Generator) -> Problem:
    """Balls in other rooms than the robot, each with a room where it belongs."""
    rooms = sorted(sample(_ROOMS, 10 + 2 * level + int(rng.integers(2)), rng))
    start, *others = shuffled(rooms, rng)
    balls = [f"ball{i}" for i in range(1, 2 + level + 3)]
    places = {ball: str(rng.choice(others)) for ball in balls}
    wanted = balls[: 2 + level]
    targets = sample(rooms, 2, rng)
    goal = [("at", ball, next(t for t in shuffled(targets, rng) if t != places[ball])) for ball in wanted]
    init: list[Atom] = [("room", room) for room in rooms]
    init += [("ball", ball) for ball in balls]
    init += [("gripper", "left"), ("gripper", "right"), ("at-robby", start), ("free", "left"), ("free", "right")]
    init += [("at", ball, room) for ball, room in places.items()]
    return _problem("gripper-strips", {"object": [*rooms, *balls, "left", "right"]}, init, goal)


def _blockworld(level: int, rng: np.random.Generator) -> Problem:
    """Stacks to be turned into other stacks; nothing that is wanted is there already."""
    blocks = [f"b{i}" for i in range(1, 5 + level + int(rng.integers(2)))]
    while True:
        init, goal = _stacks(blocks, rng), [a for a in _stacks(blocks, rng) if a[0] == "on"]
        if len(goal) >= 2 and not set(goal) & set(init):
            break
    return _problem("blocksworld-4ops", {"object": blocks}, [("arm-empty",), *init], goal)


def _stacks(blocks: Sequence[str], rng: np.random.Generator) -> list[Atom]:
    facts: list[Atom] = []
    below: str | None = None
    for block in shuffled(blocks, rng):
        if below is None or rng.random() < 0.35:
            facts += [("clear", below)] if below is not None else []
            facts.append(("on-table", block))
        else:
            facts.append(("on", block, below))
        below = block
    return [*facts, ("clear", str(below))]


def _barman(level: int, rng: np.random.Generator) -> Problem:
    """Shots to be filled with a cocktail or two and, but for the easy ones, with an ingredient."""
    drinks = sorted(sample(_DRINKS, 4 + int(level > 0), rng))
    cocktails = sorted(sample(_COCKTAILS, 3, rng))
    shots = [f"shot{i}" for i in range(1, 4 + int(level > 1))]
    dispensers = [f"dispenser{i}" for i in range(1, len(drinks) + 1)]
    init: list[Atom] = []
    for vessel in ("shaker1", *shots):
        init += [("ontable", vessel), ("clean", vessel), ("empty", vessel)]
    init += [("handempty", "left"), ("handempty", "right"), ("shaker-empty-level", "shaker1", "l0")]
    init += [("shaker-level", "shaker1", "l0"), ("next", "l0", "l1"), ("next", "l1", "l2")]
    init += [("dispenses", d, drink) for d, drink in zip(dispensers, shuffled(drinks, rng), strict=True)]
    for cocktail in cocktails:
        first, second = sample(drinks, 2, rng)
        init += [("cocktail-part1", cocktail, first), ("cocktail-part2", cocktail, second)]
    ordered = [*sample(cocktails, 1 + int(level > 1), rng), *sample(drinks, int(level > 0), rng)]
    goal = [("contains", shot, drink) for shot, drink in zip(shots, ordered, strict=False)]
    objects = {
        "shaker": ["shaker1"], "hand": ["left", "right"], "shot": shots, "ingredient": drinks,
        "cocktail": cocktails, "dispenser": dispensers, "level": ["l0", "l1", "l2"],
    }  # fmt: skip
    return _problem("barman", objects, init, goal)


def _tyreworld(level: int, rng: np.random.Generator) -> Problem:
    """Tools and spare wheels in several containers: a wheel or two to inflate, or to change as well."""
    stores = sorted(sample(_STORES, 10 + level + int(rng.integers(2)), rng))
    count = 2 + int(level > 0)
    numbers = range(1, count + 1)
    hubs, nuts = [f"hub{i}" for i in numbers], [f"nuts{i}" for i in numbers]
    spare, worn = [f"r{i}" for i in numbers], [f"w{i}" for i in numbers]
    init: list[Atom] = [(state, store) for store in stores for state in ("closed", "unlocked")]
    init += [("in", thing, str(rng.choice(stores))) for thing in ("jack", "pump", "wrench", *spare)]
    init += [("tight", nut, hub) for nut, hub in zip(shuffled(nuts, rng), hubs, strict=True)]
    init += [("on", wheel, hub) for wheel, hub in zip(worn, hubs, strict=True)]
    init += [(state, hub) for hub in hubs for state in ("on-ground", "fastened")]
    init += [(state, wheel) for wheel in spare for state in ("intact", "not-inflated")]
    changed = sample(list(numbers), (0, 1, 2)[level], rng)
    inflated = changed or sample(list(numbers), 1, rng)
    goal: list[Atom] = [("inflated", f"r{i}") for i in inflated] + [("on", f"r{i}", f"hub{i}") for i in changed]
    if not changed:
        goal += [("have", f"r{i}") for i in inflated] + [("have", "jack")]
    objects = {"container": stores, "hub": hubs, "nut": nuts, "wheel": [*spare, *worn]}
    return _problem("tyreworld", objects, init, goal)


_GENERATORS: Mapping[str, Callable[[int, np.random.Generator], Problem]] = MappingProxyType(
    {"gripper": _gripper, "blockworld": _blockworld, "barman": _barman, "tyreworld": _tyreworld}
)


def _problem(domain: str, objects: Mapping[str, Sequence[str]], init: Sequence[Atom], goal: Sequence[Atom]) -> Problem:
    pairs = tuple((name, kind) for kind, names in objects.items() for name in names)
    return Problem("generated", domain, pairs, tuple(init), tuple(Literal(atom) for atom in sorted(goal)))
