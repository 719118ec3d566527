"""The thirty task families: what kind of plan solves them, and what an earlier attempt can have found out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from agemem_env.engines.sciworld.house import LabThing, animals, materials

_ESSENTIALS = tuple(
    re.compile(form)
    for form in (
        r"the (.+ surface) has ((?:more|less) friction) than the (.+ surface)",
        r"(inclined plane .+) is (steeper|shallower) than (inclined plane .+)",
        r"the (melting point) of the (.+) is (-?[\d.]+ degrees) celsius",
        r"brought to the boxes without delay, the (.+) is ((?:above|below) -?[\d.]+) degrees celsius",
        r"the (.+?) (?:does not )?(conducts?) (electricity)",
        r"(.+) turned out to be a (dominant|recessive) trait in the (.+ plant)",
        r"of the animals outside, the (.+) (lives) the (longest|shortest)",
        r"the (recipe) for (.+?) is to mix (.+)",
    )
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an earlier attempt found out.

    Attributes:
        text: What is true.
        wrong: A wrong statement in the same words, which the true one corrects.
    """

    text: str
    wrong: str

    @property
    def essentials(self) -> tuple[str, ...]:
        """The phrases that a text must have to state it.

        >>> Finding("the lead surface has more friction than the tin surface", "").essentials
        ('lead surface', 'more friction', 'tin surface')
        """
        found = next(filter(None, (form.fullmatch(self.text) for form in _ESSENTIALS)), None)
        return tuple(phrase for group in found.groups() for phrase in group.split(" and ")) if found else ()


@dataclass(frozen=True, slots=True)
class Lab:
    """A variation as it is at its start.

    Attributes:
        query: ScienceWorld's wording of the task.
        stock: What is in the rooms.
        tree: The simulator's object tree.
        goals: The simulator's report of goals and sub-goals.
    """

    query: str
    stock: tuple[LabThing, ...]
    tree: Any
    goals: str

    def thing(self, name: str) -> LabThing | None:
        """Return the first thing with a name, one that can be seen if there is any."""
        named = [thing for thing in self.stock if thing.name.lower() == name.lower()]
        return min(named, key=lambda thing: len(thing.closed), default=None)

    def property_of(self, name: str, key: str) -> Any:
        """Return a physical property of a thing."""
        return next(material[key] for own, material in materials(self.tree) if own.lower() == name.lower())


@dataclass(frozen=True, slots=True)
class Attempt:
    """A short way of who knows the result of an experiment.

    Attributes:
        commands: What may solve the task; empty where the gold path has to tell.
        findings: What is true if it does.
    """

    commands: tuple[str, ...]
    findings: tuple[Finding, ...]


Finder = Callable[[Lab], Sequence[Attempt]]
"""Returns the attempts to make in a variation, of which the one that succeeds tells the truth."""


Pace = Literal["any", "waits", "gold"]


@dataclass(frozen=True, slots=True)
class Family:
    """How the tasks of a family are solved.

    Attributes:
        find: Finds what the result of an experiment would be; None if the task has no such result.
        pace: ``any`` if nothing has to be waited for, ``waits`` if waiting can be had at any moment, ``gold`` if only
            the gold path's own pace is known to do.
    """

    find: Finder | None = None
    pace: Pace = "any"


def _temperature(lab: Lab) -> list[Attempt]:
    """Return both boxes: a thing takes on the temperature of the room, so that its own at the start decides nothing."""
    what, limit, above, below = _match(_THRESHOLD, lab.query)
    said = f"brought to the boxes without delay, the {what} is {{}} {limit} degrees celsius"
    take = ("focus on thermometer", f"pick up {what}", f"focus on {what}")
    texts = said.format("above"), said.format("below")
    return [
        Attempt((*take, f"move {what} in inventory to {above}"), (Finding(*texts),)),
        Attempt((*take, f"move {what} in inventory to {below}"), (Finding(*texts[::-1]),)),
    ]


def _melting_point(lab: Lab) -> list[Attempt]:
    what, threshold, above, below = _match(_THRESHOLD, lab.query)
    value, limit = float(lab.property_of(what, "meltingPoint")), float(threshold)
    said = f"the melting point of the {what} is {{:g}} degrees celsius"
    finding = Finding(said.format(round(value, 1)), said.format(round(2 * limit - value, 1)))
    box = above if value > limit else below
    return [Attempt(("focus on thermometer", f"focus on {what}", f"focus on {box}"), (finding,))]


def _conductivity(lab: Lab) -> list[Attempt]:
    what, yes, no = _match(_CONDUCTS, lab.query)
    conducts = bool(lab.property_of(what, "electricallyConductive"))
    said = (f"the {what} conducts electricity", f"the {what} does not conduct electricity")
    finding = Finding(*(said if conducts else said[::-1]))
    box = yes if conducts else no
    return [Attempt((f"pick up {what}", f"focus on {what}", f"move {what} in inventory to {box}"), (finding,))]


def _angle(lab: Lab) -> list[Attempt]:
    first, second, which = _match(r"inclined planes \((.+?), (.+?)\) has the (\w+) angle", lab.query)
    more = "steeper" if which == "steepest" else "shallower"
    said = "inclined plane {0} is {2} than inclined plane {1}"
    return _either(first, second, "inclined plane {}", said, more)


def _friction(lab: Lab) -> list[Attempt]:
    first, second, which = _match(r"inclined planes \((.+?), (.+?)\) has the (\w+) friction", lab.query)
    said = "the {0} surface has {2} friction than the {1} surface"
    return _either(first, second, "inclined plane with a {} surface", said, "more" if which == "most" else "less")


def _either(first: str, second: str, referent: str, said: str, how: str) -> list[Attempt]:
    found = []
    for winner, other in ((first, second), (second, first)):
        finding = Finding(said.format(winner, other, how), said.format(other, winner, how))
        found.append(Attempt((f"focus on {referent.format(winner.lower())}",), (finding,)))
    return found


def _dominance(lab: Lab) -> list[Attempt]:
    trait, plant, dominant, recessive = _match(_MENDEL, lab.query)
    said = "{} turned out to be a {} trait in the {} plant"
    texts = [said.format(trait, kind, plant) for kind in ("dominant", "recessive")]
    return [
        Attempt((f"focus on {dominant}",), (Finding(texts[0], texts[1]),)),
        Attempt((f"focus on {recessive}",), (Finding(texts[1], texts[0]),)),
    ]


def _life_span(lab: Lab) -> list[Attempt]:
    """Return nothing to try: the gold path names the animals. The findings follow from the animals' life spans."""
    ranked = sorted(animals(lab.tree, "outside"), key=lambda animal: animal[1])
    shortest, longest = ranked[0][0], ranked[-1][0]
    said = "of the animals outside, the {} lives the {}"
    found = []
    if "longest" in lab.query:
        found.append(Finding(said.format(longest, "longest"), said.format(shortest, "longest")))
    if "shortest" in lab.query:
        found.append(Finding(said.format(shortest, "shortest"), said.format(longest, "shortest")))
    return [Attempt((), tuple(found))]


def _recipe(lab: Lab) -> list[Attempt]:
    """Return nothing to try: the gold path knows the recipe, which the goals name too."""
    (product,) = _match(r"create the substance '(.+?)'", lab.query)
    named = re.findall(r"be in same location as (.+)", lab.goals)
    ingredients = [name.strip() for name in named if name.strip() != product]
    wrong = [*ingredients[:-1], "soap" if "soap" not in ingredients else "wood"]
    texts = [f"the recipe for {product} is to mix {' and '.join(parts)}" for parts in (ingredients, wrong)]
    return [Attempt((), (Finding(*texts),))]


_THRESHOLD = (
    r"measure the (?:temperature|melting point) of (.+?), which .*? above (-?[\d.]+) degrees celsius, "
    r"(?:place it in|focus on) the (\w+ box)\..*? below .*? degrees celsius, (?:place it in|focus on) the (\w+ box)\."
)
_CONDUCTS = (
    r"determine if (.+?) is electrically conductive\. .*?conductive, place it in the (\w+ box)\."
    r".*?nonconductive, place it in the (\w+ box)\."
)
_MENDEL = (
    r"determine whether (.+?) is a dominant or recessive trait in the (.+?) plant\..*?"
    r"dominant, focus on the (\w+ box)\..*?recessive, focus on the (\w+ box)\."
)


def _match(pattern: str, query: str) -> tuple[str, ...]:
    found = re.search(pattern, query)
    assert found is not None, f"ScienceWorld words this task differently: {query!r}"
    return found.groups()


_PLAIN, _TIMED = Family(), Family(pace="waits")

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "boil": _TIMED,
        "melt": _TIMED,
        "freeze": _TIMED,
        "change-the-state-of-matter-of": _TIMED,
        "use-thermometer": Family(_temperature),
        "measure-melting-point-known-substance": Family(_melting_point),
        "measure-melting-point-unknown-substance": Family(_melting_point),
        "power-component": _PLAIN,
        "power-component-renewable-vs-nonrenewable-energy": _PLAIN,
        "test-conductivity": Family(_conductivity),
        "test-conductivity-of-unknown-substances": Family(_conductivity),
        "find-living-thing": _PLAIN,
        "find-non-living-thing": _PLAIN,
        "find-plant": _PLAIN,
        "find-animal": _PLAIN,
        "grow-plant": _TIMED,
        "grow-fruit": Family(pace="gold"),
        "chemistry-mix": Family(_recipe),
        "chemistry-mix-paint-secondary-color": _PLAIN,
        "chemistry-mix-paint-tertiary-color": _PLAIN,
        "lifespan-longest-lived": Family(_life_span),
        "lifespan-shortest-lived": Family(_life_span),
        "lifespan-longest-lived-then-shortest-lived": Family(_life_span),
        "identify-life-stages-1": _TIMED,
        "identify-life-stages-2": _TIMED,
        "inclined-plane-determine-angle": Family(_angle),
        "inclined-plane-friction-named-surfaces": Family(_friction),
        "inclined-plane-friction-unnamed-surfaces": Family(_friction),
        "mendelian-genetics-known-plant": Family(_dominance),
        "mendelian-genetics-unknown-plant": Family(_dominance),
    }
)
"""Name of each ScienceWorld task, in its order."""
