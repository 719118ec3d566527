"""Replay of ScienceWorld recordings: AgentBoard's protocol, progress from the recorded texts.

The recordings were made in a Java machine whose listings and ambiguous choices come in an order that changes from run
to run, and with temperatures that differ by a degree. Observations are the same if they differ in nothing else, and
the number that answers a recorded choice is looked up among the choices now. Choices in equal words, such as three cups
of the same name, keep their order among themselves; if the episode then differs, their other orders are tried too, one
for the whole episode. Some harnesses leave the request for help out of the list of valid actions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise, permutations

from agemem_env.engines.agentboard_labels import subgoals
from agemem_env.engines.sciworld.agentboard import HELP, AgentBoardGame, SciWorldSubGoals
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.replay.records import Record
from benchmarks.replay.replay import Played, ReplayAdapter

DEGREES = 1
"""Difference up to which two temperatures are the same."""

_ORDERS = 24
"""Orders of choices in equal words that are tried."""

_ORDER = "order of equal choices"
_TEMPERATURE = re.compile(r"(?<=a temperature of )-?\d+(?= degrees celsius)")
_CHOICE = re.compile(r"^(\d+):\t(.*)$", re.MULTILINE)
_PIECE = re.compile(r", |: |\. ")


class SciWorldReplay(ReplayAdapter):
    """Takes task, variation and sub-goals from the record: ``task_name``, ``var`` and ``subgoals``."""

    def __init__(self) -> None:
        self._game = AgentBoardGame(SciWorldSimulator())
        self._order: Sequence[int] = ()

    def readings(self, record: Record) -> Iterator[Record]:
        """Yield the record with the choices in equal words in each order, as recorded first."""
        asked = pairwise(record["steps"])
        equal = [len(_equal(step["observation"], answer["action"])) for step, answer in asked]
        for order in islice(permutations(range(max(equal, default=0))), _ORDERS):
            yield {**record, _ORDER: order}

    def start(self, record: Record) -> tuple[Played, str]:
        """Return the game at the start of the recorded episode."""
        try:
            opening = self._game.start(record["task_name"], int(record["var"]), subgoals(record["subgoals"]))
        except (KeyError, TypeError, ValueError, ConfigurationError) as error:
            raise DataError(f"the recording does not name a task, variation and sub-goals: {error}") from error
        self._order = record.get(_ORDER, ())
        return self._game, opening

    def progress(self, record: Record) -> Callable[[str, str], float]:
        """Return what follows the recorded texts, whatever the simulator says now."""
        reached = SciWorldSubGoals.of(record["subgoals"])

        def after(action: str, observation: str) -> float:
            """Return the recorded progress after one more step; a question for help is none."""
            nonlocal reached
            if action.strip() != HELP:
                reached = reached.after(observation)
            return reached.progress

        return after

    def translate(self, action: str, recorded: str, played: str) -> str:
        """Return the number that the recorded choice has now."""
        equal = _equal(recorded, action)
        if not equal:
            return action
        chosen = dict(_CHOICE.findall(recorded))[action.strip()]
        still = [number for number, choice in _CHOICE.findall(played) if choice == chosen]
        rank = equal.index(action.strip())
        place = self._order[rank] if rank < len(self._order) else rank
        return still[min(place, len(still) - 1)] if still else action

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations differ at most in the order of listings and by a degree."""
        if action.strip() == HELP:
            recorded, played = (text.removesuffix(f", {HELP}") for text in (recorded, played))
        if _shape(recorded) != _shape(played):
            return False
        pairs = zip(_temperatures(recorded), _temperatures(played), strict=True)
        return all(abs(a - b) <= DEGREES for a, b in pairs)


def _equal(text: str, answer: str) -> list[str]:
    """Return the numbers of the choices in a text that are worded like the one that an answer names."""
    choices = _CHOICE.findall(text)
    chosen = dict(choices).get(answer.strip())
    return [number for number, choice in choices if choice == chosen]


def _shape(text: str) -> Counter[tuple[str, ...]]:
    """Return the lines of a text in no order, each as its pieces in no order, without numbers that may differ."""
    bare = _TEMPERATURE.sub("#", _CHOICE.sub(r"\2", text))
    return Counter(tuple(sorted(_PIECE.split(line.strip(" .\t")))) for line in bare.splitlines())


def _temperatures(text: str) -> list[int]:
    return sorted(int(number) for number in _TEMPERATURE.findall(text))
