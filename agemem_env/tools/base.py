"""What a tool is: a docstring that the model reads, typed arguments, and `run`.

A tool's arguments are a frozen dataclass whose fields are made with `arg`; the JSON schema and the checks come from
it. The agent's mistakes come back as `Violation`s with a text that says what to do; nothing here raises for them.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np

from agemem_env.context.context import Context
from agemem_env.context.messages import Origin
from agemem_env.engines.base import TaskEngine
from agemem_env.episode.ledger import Effect
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import Encoder
from agemem_env.services.summarizers import Summarizer
from agemem_env.types import EngineStep, Stage, Violation

NO_EFFECT = Effect()

JSONType = Literal["string", "integer", "boolean", "object"]


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

    @abstractmethod
    def run(self, args: Any, state: ToolState) -> ToolResult:
        """Execute the call with checked arguments, an instance of `arguments`."""

    def off_stage(self) -> ToolResult:
        """Return the result of a call in a stage in which the tool does nothing."""
        return refuse("wrong_stage", f"{self.name} is not available now.")

    @cached_property
    def specs(self) -> Mapping[str, ArgumentSpec]:
        """The arguments by name."""
        return _specs(self.arguments)

    @classmethod
    def description(cls) -> str:
        """Return the class docstring as one paragraph."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the tool in OpenAI's function-calling format."""
        specs = _specs(cls.arguments)
        parameters = {
            "type": "object",
            "properties": {name: spec.schema() for name, spec in specs.items()},
            "required": [name for name, spec in specs.items() if spec.required],
            "additionalProperties": False,
        }
        function = {"name": cls.name, "description": cls.description(), "parameters": parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """One argument of a tool: JSON type, description for the model, aliases and range."""

    json_type: JSONType
    description: str
    required: bool = True
    aliases: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    allow_empty: bool = False

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the argument."""
        schema: dict[str, Any] = {"type": self.json_type, "description": self.description}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


def arg(json_type: JSONType, description: str, *, default: Any = MISSING, **spec: Any) -> Any:
    """Declare an argument of a tool: a dataclass field that carries an `ArgumentSpec`."""
    made = ArgumentSpec(json_type, description, required=default is MISSING, **spec)
    return field(default=default, metadata={"spec": made})


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
    specs = tool.specs
    named = {alias: name for name, spec in specs.items() for alias in spec.aliases}
    values: dict[str, Any] = {}
    notes: list[Violation] = []
    for key, value in given.items():
        name = named.get(key, key)
        if name not in specs:
            allowed = ", ".join(specs)
            notes.append(Violation("extra_argument", f"{tool.name} ignored {key!r}; it takes: {allowed}."))
        elif value is not None:
            result = _convert(tool.name, name, value, specs[name])
            if isinstance(result, Violation):
                return Bound(None, (*notes, result))
            values[name], coerced = result
            if coerced:
                text = f"{tool.name}: {name} should be a JSON {specs[name].json_type}."
                notes.append(Violation("coerced_argument", text))
    missing = [name for name, spec in specs.items() if spec.required and name not in values]
    if missing:
        text = f"{tool.name} was not run: it needs {', '.join(missing)}."
        return Bound(None, (*notes, Violation("missing_argument", text)))
    return Bound(tool.arguments(**values), tuple(notes))


def refuse(kind: str, text: str) -> ToolResult:
    """Return the result of a call that was not run because of the agent's mistake."""
    return ToolResult(text, violations=(Violation(kind, text),))


def _specs(arguments: type[Any]) -> Mapping[str, ArgumentSpec]:
    listed: tuple[Field[Any], ...] = fields(arguments)
    return {f.name: f.metadata["spec"] for f in listed}


def _convert(tool: str, name: str, value: Any, spec: ArgumentSpec) -> tuple[Any, bool] | Violation:
    converted = _CONVERTERS[spec.json_type](value)
    if converted is None:
        text = f"{tool} was not run: {name} must be a JSON {spec.json_type}, not {type(value).__name__}."
        return Violation("wrong_type", text)
    if spec.json_type == "string" and not spec.allow_empty and not converted.strip():
        return Violation("empty_argument", f"{tool} was not run: {name} is empty.")
    low, high = spec.minimum, spec.maximum
    if (low is not None and converted < low) or (high is not None and converted > high):
        text = f"{tool} was not run: {name} must be from {low} to {high}, not {converted}."
        return Violation("argument_out_of_range", text)
    return converted, type(converted) is not type(value)


def _to_string(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _to_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _to_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def _to_object(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


_CONVERTERS: Mapping[JSONType, Callable[[Any], Any]] = {
    "string": _to_string,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "object": _to_object,
}
