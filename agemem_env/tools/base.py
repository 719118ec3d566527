"""What a tool is: a docstring that the model reads, typed arguments, and `run`.

A tool's arguments are a frozen dataclass whose fields are made with `agemem_env.tools.arguments.arg`; the JSON schema
and the checks come from it. The agent's mistakes come back as `Violation`s with a text that says what to do; nothing
here raises for them.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from agemem_env.context.context import Context
from agemem_env.context.messages import Origin
from agemem_env.context.prompts import Advice
from agemem_env.engines.base import TaskEngine
from agemem_env.episode.ledger import Effect
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import Encoder
from agemem_env.services.summarizers import Summarizer
from agemem_env.tools.arguments import ArgumentSpec, specs_of
from agemem_env.types import EngineStep, Stage, Violation

NO_EFFECT = Effect()


@dataclass(frozen=True, slots=True)
class ToolState:
    """Everything that a tool may read or change, for one call.

    Attributes:
        memory: Long-term memory.
        context: Short-term context.
        engine: The task's engine.
        encoder: Embeds texts.
        summarizer: Writes summaries when the agent does not.
        rng: The episode's generator.
        step: Round of the episode, from 1.
        stage: Current stage.
        top_k: Default number of entries to retrieve.
        threshold: Similarity from which `Filter_context` removes a message.
    """

    memory: LongTermMemory
    context: Context
    engine: TaskEngine
    encoder: Encoder
    summarizer: Summarizer
    rng: np.random.Generator
    step: int
    stage: Stage
    top_k: int
    threshold: float


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call returns.

    Attributes:
        text: Shown to the agent.
        effect: What it changed, for the ledger.
        origin: Origin of the message that shows `text`.
        violations: Mistakes in the call.
        outcome: What the engine said, if the call reached it.
        answer: The final answer, if the call gave one.
    """

    text: str
    effect: Effect = NO_EFFECT
    origin: Origin = "result"
    violations: tuple[Violation, ...] = ()
    outcome: EngineStep | None = None
    answer: str | None = None


class Tool(ABC):
    """One tool. The class docstring is the description that the model reads."""

    name: ClassVar[str]
    """Function name in the schema."""

    arguments: ClassVar[type[Any]]
    """Dataclass of the arguments."""

    stages: ClassVar[tuple[Stage, ...]] = (1, 2, 3)
    """Stages in which a call does something."""

    advice: ClassVar[tuple[Advice, ...]] = ()
    """What the system message tells about the use of the tool, by stage."""

    word: ClassVar[str] = ""
    """What a person types for the tool in `agemem chat`; empty: the first word of the name in lower case."""

    @abstractmethod
    def run(self, args: Any, state: ToolState) -> ToolResult:
        """Execute the call with checked arguments, an instance of `arguments`."""

    def off_stage(self) -> ToolResult:
        """Return the result of a call in a stage in which the tool does nothing."""
        return refuse("wrong_stage", f"{self.name} is not available now.")

    @classmethod
    def problem(cls) -> str | None:
        """Return what the class lacks to be offered, or None."""
        name, arguments = getattr(cls, "name", None), getattr(cls, "arguments", None)
        if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
            return f"its `name` is {name!r}; use up to 64 of the characters a-z, A-Z, 0-9, _ and -"
        if not isinstance(arguments, type) or not is_dataclass(arguments):
            return f"its `arguments` is {arguments!r}; use a dataclass whose fields are made with `arg`"
        if not all("spec" in f.metadata for f in fields(arguments)):
            return f"the fields of {arguments.__name__} must be made with `arg`"
        return None if cls.description() else "it has no docstring, which the model would read"

    @classmethod
    def chat_word(cls) -> str:
        """Return what a person types for the tool.

        >>> from agemem_env.tools.long_term import AddMemory
        >>> AddMemory.chat_word()
        'add'
        """
        return cls.word or cls.name.partition("_")[0].lower()

    @cached_property
    def specs(self) -> Mapping[str, ArgumentSpec]:
        """The arguments by name."""
        return specs_of(self.arguments)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Name or alias of an argument -> its name."""
        return {word: name for name, spec in self.specs.items() for word in (name, *spec.aliases)}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the arguments that a call must have."""
        return tuple(name for name, spec in self.specs.items() if spec.required)

    @classmethod
    def description(cls) -> str:
        """Return the class docstring as one paragraph."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the tool in OpenAI's function-calling format."""
        specs = specs_of(cls.arguments)
        parameters = {
            "type": "object",
            "properties": {name: spec.schema() for name, spec in specs.items()},
            "required": [name for name, spec in specs.items() if spec.required],
            "additionalProperties": False,
        }
        function = {"name": cls.name, "description": cls.description(), "parameters": parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Bound:
    """Arguments checked against a tool: `args` is None if the call must be refused."""

    args: Any
    violations: tuple[Violation, ...] = ()


def bind(tool: Tool, given: Mapping[str, Any]) -> Bound:
    """Check and convert the arguments of a call.

    Lossless conversions ("3" for 3, 3 for "3", "true" for true) are made and counted as ``coerced_argument``; unknown
    arguments are left out and counted as ``extra_argument``. A missing, empty, mistyped or out-of-range argument
    refuses the call. Null stands for a missing argument.
    """
    specs, spellings = tool.specs, tool.spellings
    values: dict[str, Any] = {}
    notes: list[Violation] = []
    for key, value in given.items():
        name = spellings.get(key)
        if name is None:
            allowed = ", ".join(specs)
            notes.append(Violation("extra_argument", f"{tool.name} ignored {key!r}; it takes: {allowed}."))
        elif value is not None:
            result = specs[name].convert(tool.name, name, value)
            if isinstance(result, Violation):
                return Bound(None, (*notes, result))
            values[name], coerced = result
            if coerced:
                text = f"{tool.name}: {name} should be a JSON {specs[name].json_type}."
                notes.append(Violation("coerced_argument", text))
    missing = [name for name in tool.required if name not in values]
    if missing:
        text = f"{tool.name} was not run: it needs {', '.join(missing)}."
        return Bound(None, (*notes, Violation("missing_argument", text)))
    return Bound(tool.arguments(**values), tuple(notes))


def refuse(kind: str, text: str) -> ToolResult:
    """Return the result of a call that was not run because of the agent's mistake."""
    return ToolResult(text, violations=(Violation(kind, text),))
