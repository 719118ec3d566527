"""What the agent reads: states, changes, lists of commands, refusals, in the words of one protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from agemem_env.engines.bits import bits_of
from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.engines.pddl.strips.strips import State
from agemem_env.engines.pddl.wording import plain_literal, sentences, usage

_LIST = ("check valid actions", "check valid action", "check actions", "check available actions", "check")
_LOOK = ("look around", "look")


class Screen(ABC):
    """The texts of one task.

    Args:
        setup: The task.
    """

    hides: ClassVar[bool]
    """Whether the protocol hides literals from an agent that was told the facts."""

    not_understood: ClassVar[str]

    def __init__(self, setup: PDDLSetup) -> None:
        self._kind = setup.ground.kind
        self._world = setup.ground.world

    @abstractmethod
    def asks(self, command: str) -> str:
        """Return ``commands`` or ``look`` if a command asks for help, else an empty string."""

    @abstractmethod
    def opening(self, known: State) -> str:
        """Return the first observation."""

    @abstractmethod
    def change(self, before: State, after: State, solved: bool) -> str:
        """Return the observation after an action, given the known parts of the states."""

    @abstractmethod
    def look(self, known: State) -> str:
        """Return everything that is known of the state."""

    @abstractmethod
    def commands(self, actions: Sequence[int]) -> str:
        """Return the list of actions."""

    @abstractmethod
    def refusal(self, missing: str) -> str:
        """Return the reply to an action that is not possible.

        Args:
            missing: Words for a condition that is not met; empty if there is none to tell.
        """


class PlainScreen(Screen):
    """The texts of ``protocol="agemem"``: what changed, in whole sentences, and why something is not possible."""

    hides = True
    not_understood = "That is no action here. Write check valid actions to see the list."

    def __init__(self, setup: PDDLSetup) -> None:
        super().__init__(setup)
        phrases = [(plain_literal(self._kind, atom), 1 << i) for i, atom in enumerate(self._world.atoms)]
        self._texts = {bit: sentences([phrase]) for phrase, bit in phrases if phrase}
        self._usage = "; ".join(usage(schema) for schema in self._world.domain.actions.values())

    def asks(self, command: str) -> str:
        """Help commands are the whole text."""
        text = " ".join(command.lower().split()).removesuffix(".")
        return "commands" if text in _LIST else "look" if text in _LOOK else ""

    def opening(self, known: State) -> str:
        """Return the forms of the actions and what is known."""
        return f"Actions: {self._usage}.\n{self._listed(known)}"

    def change(self, before: State, after: State, solved: bool) -> str:
        """Return what is new."""
        new = self._listed(after & ~before) or "Nothing has changed."
        return f"{new} The goal is reached." if solved else new

    def look(self, known: State) -> str:
        """Return what is known."""
        return self._listed(known)

    def commands(self, actions: Sequence[int]) -> str:
        """Return the actions that seem possible and the help commands."""
        names = [*(self._world.commands[i] for i in actions), "check valid actions", "look around"]
        return f"Possible actions: {', '.join(names)}."

    def refusal(self, missing: str) -> str:
        """Say what is missing."""
        return f"That is not possible: it is not so that {missing}." if missing else "That is not possible here."

    def _listed(self, state: State) -> str:
        texts = self._texts
        return " ".join(sorted([texts[bit] for i in bits_of(state) if (bit := 1 << i) in texts]))
