"""The three stages of an episode as a list of incoming messages (Algorithms 1, 3, 4 and 5).

Stage 1 tells the facts, one message per turn. Stage 2 starts with an empty context and brings one distractor per
turn; long-term memory stays. Stage 3 continues in the context of stage 2 with the query and has an open end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agemem_env.context.messages import Origin
from agemem_env.errors import ConfigurationError
from agemem_env.types import Stage, Task


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that the environment sends at the start of a turn."""

    stage: Stage
    origin: Origin
    text: str


def check_stages(stages: Sequence[int]) -> tuple[Stage, ...]:
    """Return the stages as a tuple.

    Raises:
        ConfigurationError: Unless they are an increasing selection of 1, 2, 3 that ends with 3.

    >>> check_stages([1, 3])
    (1, 3)
    """
    chosen = tuple(stages) if isinstance(stages, Sequence) else ()
    allowed: tuple[tuple[Stage, ...], ...] = ((1, 2, 3), (1, 3), (2, 3), (3,))
    for option in allowed:
        if chosen == option:
            return option
    raise ConfigurationError(f"stages={stages!r} is not allowed; use one of {', '.join(map(str, allowed))}")


def schedule(task: Task, stages: Sequence[Stage], facts_per_turn: int) -> tuple[Incoming, ...]:
    r"""Return the incoming messages of an episode, in order; the last one is the query.

    Args:
        task: The task.
        stages: The stages to play.
        facts_per_turn: Number of stage 1 utterances that are told in one message.

    >>> from agemem_env.types import Fact
    >>> task = Task("t", "b", "test", "generated", "Where is it?", (Fact("a"), Fact("b")), (), ("c",))
    >>> [(m.stage, m.text) for m in schedule(task, (1, 2, 3), 2)]
    [(1, 'a\nb'), (2, 'c'), (3, 'Where is it?')]
    """
    told = [u.text for u in task.utterances] or [f.text for f in task.facts]
    turns = ["\n".join(told[i : i + facts_per_turn]) for i in range(0, len(told), facts_per_turn)]
    incoming = [Incoming(1, "fact", text) for text in turns if 1 in stages]
    incoming += [Incoming(2, "distractor", text) for text in task.distractors if 2 in stages]
    return (*incoming, Incoming(3, "query", task.query))
