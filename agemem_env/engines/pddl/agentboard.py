"""AgentBoard's protocol: its texts of literals, actions and goals, and what it answers.

AgentBoard's templates have one table for all its domains, which is why some read oddly; they are reproduced as its
protocol has them. How it finds an action in what was typed is in `commands`, its problem files are in `official`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agemem_env.engines.pddl.screen import Screen
from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.engines.pddl.strips.parser import Atom, Literal
from agemem_env.engines.pddl.strips.strips import State

AGENTBOARD_LITERALS: Mapping[str, str] = MappingProxyType(
    {
        "ball": "{} is a ball. ",
        "gripper": "{} is a gripper. ",
        "at-robby": "Robby is at {}. ",
        "at": "{} is at {}. ",
        "free": "{} is free. ",
        "carry": "{} is carrying {}. ",
        "clear": "The {} is clear.",
        "on-table": "{} is on the table.",
        "arm-empty": "Your arm is empty.",
        "holding": "You are holding {}. ",
        "on": "{} is on {}.",
        "ontable": "{} is on the table. ",
        "empty": "{} is empty. ",
        "contains": "{} contains {}. ",
        "clean": "{} is clean. ",
        "used": "Pour {} from a shot glass to a used shaker {}",
        "dispenses": "{} dispenses {}. ",
        "shaker-empty-level": "{} is at empty level {}. ",
        "shaker-level": "{} is at level {}. ",
        "next": "level {} is next to level {}. ",
        "unshaked": "{} is unshaked. ",
        "shaked": "{} is shaked. ",
        "cocktail-part1": "{} part1 ingredient is {}. ",
        "cocktail-part2": "{} part2 ingredient is {}. ",
        "isopen": "{} is open.",
        "closed": "{} is closed.",
        "have": "You have {}.",
        "in": "{} is in {}.",
        "loose": "The nut {} on the hub {} is loose.",
        "tight": "The nut {} on the hub {} is tight.",
        "unlocked": "{} is unlocked.",
        "on-ground": "Hub {} is on the ground.",
        "not-on-ground": "Hub {} is not on the ground.",
        "inflated": "Wheel {} is inflated.",
        "not-inflated": "Wheel {} is not inflated.",
        "fastened": "Hub {} is fastened.",
        "unfastened": "Hub {} is unfastened.",
        "intact": "Wheel {} is intact.",
    }
)

AGENTBOARD_ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "move": "Move from {} to {}. ",
        "pick": "Pick up {} at {} with arm {}. ",
        "pickup": "Pickup {}.",
        "putdown": "Putdown {}.",
        "stack": "Stack {} on {}.",
        "unstack": "Unstack {} from {}.",
        "grasp": "{} grasp {}. ",
        "leave": "{} leave {}. ",
        "fill-shot": "fill-shot glass {} with {} with {} and {} holding {}. ",
        "refill-shot": "refill-shot {} with {} with {} and {} holding {}. ",
        "empty-shot": "use hand {} to empty-shot glass {} with beverage {}. ",
        "clean-shot": "clean-shot glass {} with {} with hand {} holding shot glass and {}. ",
        "pour-shot-to-clean-shaker": "pour-shot-to-clean-shaker from a shot glass {} with {} to a clean shaker {} "
        "with hand {} from level {} to level {}",
        "pour-shot-to-used-shaker": "pour-shot-to-used-shaker from a shot glass {} with {} to a used shaker {} "
        "with hand {} from level {} to level {}",
        "empty-shaker": "use hand {} to empty-shaker {} with ingredient {} from level {} to level {}.",
        "clean-shaker": "use hand {} and hand {} to clean-shaker {}",
        "shake": "shake a cocktail {} with ingredient {} and ingredient {} in a shaker {} with hand {} and hand {}",
        "pour-shaker-to-shot": "pour-shaker-to-shot to a shot glass {} the ingredient {} with hand {} from shaker {} "
        "from level {} to level {}",
        "open": "Open {}.",
        "close": "Close {}.",
        "fetch": "Fetch {} from {}.",
        "put-away": "Put-away {} in {}.",
        "loosen": "Loosen the nut {} on the hub {}.",
        "tighten": "Tighten the nut {} on the hub {}.",
        "jack-up": "jack-up the hub {}.",
        "jack-down": "Jack-down the hub {}.",
        "undo": "Undo the fastening of the nut {} on the hub {}.",
        "do-up": "Do-up the nut {} on the hub {}.",
        "remove-wheel": "Remove-wheel {} from the hub {}.",
        "put-on-wheel": "put-on-wheel {} on the hub {}.",
        "inflate": "Inflate the wheel {}.",
    }
)


def agentboard_literal(atom: Atom) -> str:
    """Return AgentBoard's text of an atom.

    >>> agentboard_literal(("at", "ball1", "rooma")), agentboard_literal(("room", "rooma"))
    ('ball1 is at rooma. ', 'room rooma')
    """
    return AGENTBOARD_LITERALS.get(atom[0], " ".join(atom)).format(*atom[1:])


def agentboard_action(name: str, arguments: Sequence[str]) -> str:
    """Return AgentBoard's text of an action.

    >>> agentboard_action("stack", ("b1", "b2"))
    'Stack b1 on b2.'
    """
    return AGENTBOARD_ACTIONS.get(name, " ".join((name, *arguments))).format(*arguments)


def agentboard_goal(goal: Sequence[Literal]) -> str:
    """Return AgentBoard's text of a goal."""
    texts = sorted(agentboard_literal(p.atom) if p.positive else f"not {agentboard_literal(p.atom)}" for p in goal)
    return f"The goal is to satisfy the following conditions: {', '.join(texts)}"


class AgentBoardScreen(Screen):
    """AgentBoard's texts, exactly."""

    hides = False
    not_understood = "The action is not valid and therefore takes no effect. Please check valid actions."

    def __init__(self, setup: PDDLSetup) -> None:
        super().__init__(setup)
        texts = [(agentboard_literal(atom).capitalize(), 1 << i) for i, atom in enumerate(self._world.atoms)]
        self._texts = texts
        self._sorted = sorted(texts)
        self._actions = [agentboard_action(a.name, a.arguments) for a in self._world.actions]
        self._only_new = self._kind in ("barman", "tyreworld")

    def asks(self, command: str) -> str:
        """AgentBoard looks for the words anywhere in the text."""
        text = command.lower()
        return "commands" if "check" in text else "look" if "look around" in text else ""

    def opening(self, known: State) -> str:
        """Return the whole state."""
        return self._listed(known)

    def change(self, before: State, after: State, solved: bool) -> str:
        """Return the whole state or, in barman and tyreworld, the literals that are new."""
        shown = self._listed(after & ~before if self._only_new else after)
        return f"{shown} The goal is satisfied." if solved else shown

    def look(self, known: State) -> str:
        """Return the whole state, unsorted."""
        return " ".join(text for text, bit in self._texts if known & bit)

    def commands(self, actions: Sequence[int]) -> str:
        """Return the applicable actions and the help commands."""
        extra = ["check valid actions", *(["look around"] if self._only_new else [])]
        return f"Valid actions are: {', '.join([*(self._actions[i] for i in actions), *extra])}"

    def refusal(self, missing: str) -> str:
        """Return the same sentence whatever is missing."""
        return (
            "The action is not valid and therefore takes no effect. Please remember to satisfy the restriction of "
            "actions. You can also check valid actions."
        )

    def _listed(self, state: State) -> str:
        return " ".join([text for text, bit in self._sorted if state & bit])
