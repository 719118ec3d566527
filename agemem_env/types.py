"""The values that cross module borders: tasks and facts, turns and tool calls, engine results.

All of them are frozen: an episode shares them between its context, its ledger and its snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Stage = Literal[1, 2, 3]
"""1: learn facts (LTM construction); 2: distractors after a context reset; 3: the task."""

Split = Literal["train", "valid", "test"]

SPLITS: tuple[str, ...] = get_args(Split)

SOURCES: tuple[str, ...] = ("auto", "official", "generated")
"""Where tasks may come from; ``auto`` is official if present."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One atomic statement of the contextual information ``I_q``.

    Attributes:
        text: The bare statement, self-contained ("mug 2 is in cabinet 3").
        gold: True if stage 3 needs this statement or the one that later replaces it.
        supersedes: Index in `Task.facts` of the earlier statement that this one corrects.
        useful: True if a query of this family of tasks could need the statement, gold or not; the rest is small talk.
        essentials: Phrases that a text must contain to state this, in any order; empty lets them be derived from the
            other statements of the task.
    """

    text: str
    gold: bool = False
    supersedes: int | None = None
    useful: bool = False
    essentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of stage 1: the words in which some facts are told.

    Attributes:
        text: The message, in casual conversation.
        facts: Indices in `Task.facts` of the statements that it makes.
    """

    text: str
    facts: tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """One task ``T = (q, I_q, A_q)`` with its distractors (paper, section 3.1).

    Attributes:
        id: Unique within the benchmark and stable across runs.
        benchmark: Name in the table of engines, for example ``"HotpotQA"``.
        split: ``train``, ``valid`` or ``test``.
        source: ``official`` or ``generated``.
        query: The query ``q``, first shown in stage 3.
        facts: The statements of ``I_q``, superseded ones included.
        utterances: The stage 1 messages in order; empty means one message per fact.
        distractors: The stage 2 messages in order.
        answer: The expected answer ``A_q``; None if the engine's progress scores the task.
        max_rounds: Turn limit of stage 3 for this task; None means the engine's.
        data: Whatever the engine needs to start the task; opaque to everything else.
        difficulty: ``easy``, ``medium`` or ``hard``; None if nobody said. For analysis, not for agents.
    """

    id: str
    benchmark: str
    split: str
    source: str
    query: str
    facts: tuple[Fact, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    distractors: tuple[str, ...] = ()
    answer: str | None = None
    max_rounds: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    difficulty: str | None = None

    @property
    def superseded(self) -> Mapping[int, int]:
        """Index of each superseded fact, mapped to the index of the fact that replaces it."""
        return {f.supersedes: i for i, f in enumerate(self.facts) if f.supersedes is not None}

    @property
    def gold_facts(self) -> tuple[Fact, ...]:
        """The statements that stage 3 needs and that are still true at its start."""
        stale = self.superseded
        return tuple(f for i, f in enumerate(self.facts) if f.gold and i not in stale)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of one tool: its name and a JSON object of arguments.

    ``typed`` is False if the call was written in a form in which every argument is text; numbers and the like are
    then read from it.
    """

    name: str
    arguments: Mapping[str, Any]
    typed: bool = field(default=True, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"name": ..., "arguments": {...}}``, the form used in the paper's tags."""
        return {"name": self.name, "arguments": dict(self.arguments)}


@dataclass(frozen=True, slots=True)
class Violation:
    """A mistake of the agent: a kind that is counted and a message that tells the agent what to do."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One parsed action of the agent.

    Attributes:
        calls: Tool calls to execute, in order; task commands and answers are calls too.
        text: Plain text outside every tag (a reply, or a bare command); empty if there is none.
        think: Content of the think block; empty if there is none.
        violations: Mistakes of form found while parsing.
    """

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    think: str = ""
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineStep:
    """What the engine says to one command or to the final answer.

    Attributes:
        text: Observation shown to the agent.
        progress: Best progress so far, in [0, 1].
        done: The engine has ended the episode.
        success: The task is solved.
        valid: The command was understood and allowed; False is a counted violation.
        error: Why the simulator lost the episode, which then is done; empty if it did not.
    """

    text: str
    progress: float
    done: bool
    success: bool
    valid: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls of language models cost.

    Attributes:
        calls: Number of calls.
        prompt_tokens: Tokens sent.
        completion_tokens: Tokens received, reasoning included.
        price: US dollars; None if the price of a call is not known.
        seconds: Time spent waiting; equal episodes may differ in it.

    >>> Usage(1, 100, 5, 0.01) + Usage(1, 50, 5, None)
    Usage(calls=2, prompt_tokens=150, completion_tokens=10, price=None, seconds=0.0)
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    price: float | None = 0.0
    seconds: float = field(default=0.0, compare=False)

    def __add__(self, other: Usage) -> Usage:
        unknown = self.price is None or other.price is None
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            None if unknown else (self.price or 0.0) + (other.price or 0.0),
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """What a benchmark's own metrics may look at.

    Attributes:
        task: The task, expected answer included.
        answer: The final answer, or None.
        notes: What the agent had written down when the task came; None if it was told nothing beforehand.
    """

    task: Task
    answer: str | None
    notes: tuple[str, ...] | None


TaskMetric = Callable[[FinishedTask], "float | None"]
"""A benchmark's own score of an episode, without a weight; None if it does not apply."""
