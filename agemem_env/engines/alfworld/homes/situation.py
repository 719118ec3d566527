"""What changes in a game: where the player and everything else is now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agemem_env.engines.alfworld.homes.goal import TREATMENTS
from agemem_env.engines.alfworld.homes.house import Fact

_CHANGING = frozenset({"inreceptacle", "opened", "atlocation", "holds", "istoggled", *TREATMENTS})


@dataclass
class Situation:
    """A situation; as it is, or as somebody believes it to be. Things and receptacles are named by their ids.

    Attributes:
        here: The place where the player stands.
        held: The thing in its hand.
        where: Things, mapped to the receptacles that they are in; in some official games a thing is in two.
        opened: Receptacles that are open.
        treated: Pairs of a thing and what was done to it (``clean``, ``heat``, ``cool``).
        lit: Lamps that were switched on.
    """

    here: str = ""
    held: str | None = None
    where: dict[str, set[str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    treated: set[tuple[str, str]] = field(default_factory=set)
    lit: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Situation:
        """Read the facts that change.

        >>> Situation.of([("inreceptacle", "mug_1", "desk_1"), ("holds", "agent1", "pen_1")]).held
        'pen_1'
        """
        now = cls()
        for fact in facts:
            if fact[0] not in _CHANGING:
                continue
            match fact:
                case ("inreceptacle", thing, receptacle):
                    now.where.setdefault(thing, set()).add(receptacle)
                case ("opened", receptacle):
                    now.opened.add(receptacle)
                case ("atlocation", _, place):
                    now.here = place
                case ("holds", _, thing):
                    now.held = thing
                case ("istoggled", lamp):
                    now.lit.add(lamp)
                case (predicate, thing):
                    now.treated.add((thing, TREATMENTS[predicate]))
        return now
