"""What an agent sees now, in the form that menus need: read from observation and info alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agemem_env.context.origins import Saying, read

_LIMIT = re.compile(r"\n\nTurns that you have for this: (\d+)\.$")
_TASK = "Your task is"
_PARTS = re.compile(r";|\band\b(?= [a-z]+ )")


class Memory(NamedTuple):
    """A memory that the prompt shows.

    Attributes:
        id: Its id.
        content: What it says.
        score: Similarity to what was looked for; 0 if it was not measured.
    """

    id: str
    content: str
    score: float


@dataclass(frozen=True)
class Sight:
    """What an agent sees before a turn.

    Attributes:
        stage: 1, 2 or 3.
        round: Turns taken in the episode.
        tokens: Size of the prompt.
        memory_size: Entries in long-term memory.
        text: The message to react to (stages 1 and 2), or the last observation.
        related: Memories shown together with the message to react to (stage 1).
        memories: All memories in the prompt, in order.
        distractors: Texts of the distractors in the prompt.
        query: The task, without the turn limit (stage 3).
        limit: The turn limit that the query tells; 0 if it tells none.
        shown: Whatever was shown with the query at once, such as a first observation.
        commands: Commands that are allowed now and may change something.
        errors: Mistakes so far.
        effects: ``info["last_effect"]``.
    """

    stage: int
    round: int
    tokens: int
    memory_size: int
    text: str
    related: tuple[Memory, ...]
    memories: tuple[Memory, ...]
    distractors: tuple[str, ...]
    query: str
    limit: int
    shown: str
    commands: tuple[str, ...]
    errors: int
    effects: Sequence[Mapping[str, Any]]

    @property
    def goal(self) -> str:
        """What the query asks for, without what it tells before a colon, or before the words "Your task".

        >>> import dataclasses
        >>> seen = see(*EXAMPLE)
        >>> dataclasses.replace(seen, query="The place is Kelmore. Goal: you have jack; r1 is flat.").goal
        'you have jack; r1 is flat.'
        """
        place = self.query.find(_TASK)
        return self.query[place:] if place >= 0 else self.query.rsplit(":", 1)[-1].strip() or self.query

    @property
    def goal_parts(self) -> tuple[str, ...]:
        """The parts of the goal, if there are several."""
        parts = tuple(part.strip() for part in _PARTS.split(self.goal) if part.strip())
        return parts if len(parts) > 1 else ()


EXAMPLE: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "messages": ({"role": "system", "content": "Help."}, {"role": "user", "content": "Where is it?"}),
        "stage": 3,
        "round": 0,
        "tokens": 20,
        "memory_size": 0,
    },
    {"origins": ((("system", 5),), (("query", 12),)), "shown_memories": [], "last_effect": [], "errors": {}},
)
"""A small observation with its info."""


def see(observation: Mapping[str, Any], info: Mapping[str, Any]) -> Sight:
    """Return what an agent sees.

    Args:
        observation: Of `AgeMemEnv`.
        info: Of the same step.

    >>> see(*EXAMPLE).query
    'Where is it?'
    """
    said = list(read(observation["messages"], info["origins"]))
    memories = tuple(Memory(m["id"], m["content"], m["score"] or 0.0) for m in info["shown_memories"])
    query, limit, shown = _query(said) if observation["stage"] == 3 else ("", 0, "")
    idle = frozenset(info.get("idle_commands", ()))
    commands = [*info.get("admissible_commands", ()), *info.get("candidate_commands", ())]
    last = said[-1]
    return Sight(
        stage=observation["stage"],
        round=int(observation["round"]),
        tokens=int(observation["tokens"]),
        memory_size=int(observation["memory_size"]),
        text=next((s.text for s in reversed(said) if s.origin in _INCOMING[observation["stage"]]), ""),
        related=_related(said, last, memories),
        memories=memories,
        distractors=tuple(s.text for s in said if s.origin == "distractor"),
        query=query,
        limit=limit,
        shown=shown,
        commands=tuple(command for command in commands if command not in idle),
        errors=sum(info["errors"].values()),
        effects=info["last_effect"],
    )


_INCOMING: Mapping[int, tuple[str, ...]] = {1: ("told",), 2: ("distractor",), 3: ("observation",)}
"""Origin of the message to react to, by stage."""


def _query(said: Sequence[Saying]) -> tuple[str, int, str]:
    """Return the query, the turn limit that it tells, and what is shown with it."""
    place = next(i for i, part in enumerate(said) if part.origin == "query")
    text, limit = said[place].text, _LIMIT.search(said[place].text)
    following = said[place + 1] if place + 1 < len(said) else None
    shown = following.text if following is not None and following.origin == "observation" else ""
    return _LIMIT.sub("", text), int(limit[1]) if limit else 0, shown


def _related(said: Sequence[Saying], last: Saying, memories: tuple[Memory, ...]) -> tuple[Memory, ...]:
    """Return the memories that are shown in the last message."""
    texts = [part.text for part in said[-3:] if part.message == last.message and part.origin == "retrieval"]
    return tuple(memory for memory in memories if any(memory.id in text for text in texts))
