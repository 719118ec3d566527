"""Arguments of tools: what a model reads of them, how they are checked, drawn at random and typed by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal

import numpy as np

from agemem_env.types import Violation

JSONType = Literal["string", "integer", "boolean", "object"]

Referent = Literal["memory", "command"]
"""What the value of an argument names: an entry of long-term memory, or a command that the task allows."""

WORDS = ("mug", "cabinet", "3", "Zürich", "north", "red", "key", "where", "is", "the", "東京", "born", "1984")
"""Words of random texts."""


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """One argument of a tool.

    Attributes:
        json_type: Its JSON type.
        description: What the model reads.
        required: Whether a call must have it.
        aliases: Other names that are taken for it.
        minimum: Smallest integer allowed.
        maximum: Largest integer allowed.
        allow_empty: Whether a blank string is allowed.
        names: What the value names, if anything: `agemem chat` completes it, and random commands are allowed ones.
        draw: Returns a random valid value; None draws one that fits the type and the range.
        when_left_out: What a person means who does not type a required argument; None: it must be typed.
    """

    json_type: JSONType
    description: str
    required: bool = True
    aliases: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    allow_empty: bool = False
    names: Referent | None = None
    draw: Callable[[np.random.Generator], Any] | None = None
    when_left_out: str | None = None

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the argument."""
        schema: dict[str, Any] = {"type": self.json_type, "description": self.description}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema

    def sample(self, rng: np.random.Generator) -> Any:
        """Return a random valid value.

        >>> ArgumentSpec("integer", "How many.", minimum=1, maximum=1).sample(np.random.default_rng(0))
        1
        """
        if self.draw is not None:
            return self.draw(rng)
        if self.names == "memory":
            return f"mem_{int(rng.integers(1 << 32)):08x}"
        match self.json_type:
            case "integer":
                low = min(1, self.maximum or 1) if self.minimum is None else self.minimum
                high = max(low, 5) if self.maximum is None else self.maximum
                return int(rng.integers(low, high + 1))
            case "boolean":
                return bool(rng.random() < 0.5)
            case "object":
                return {"topic": WORDS[int(rng.integers(len(WORDS)))]}
            case _:
                return random_text(rng)

    def convert(self, tool: str, name: str, value: Any) -> tuple[Any, bool] | Violation:
        """Return a given value as the argument takes it, and whether it had to be converted; or why it is refused.

        Args:
            tool: Name of the tool, for the message.
            name: Name of the argument, for the message.
            value: What the call gives.
        """
        converted = _CONVERTERS[self.json_type](value)
        if converted is None:
            text = f"{tool} was not run: {name} must be a JSON {self.json_type}, not {type(value).__name__}."
            return Violation("wrong_type", text)
        if self.json_type == "string" and not self.allow_empty and not converted.strip():
            return Violation("empty_argument", f"{tool} was not run: {name} is empty.")
        low, high = self.minimum, self.maximum
        if (low is not None and converted < low) or (high is not None and converted > high):
            allowed = (
                f"at least {low}" if high is None else f"at most {high}" if low is None else f"from {low} to {high}"
            )
            text = f"{tool} was not run: {name} must be {allowed}, not {converted}."
            return Violation("argument_out_of_range", text)
        return converted, type(converted) is not type(value)


def arg(json_type: JSONType, description: str, *, default: Any = MISSING, **spec: Any) -> Any:
    """Declare an argument of a tool: a dataclass field that carries an `ArgumentSpec`.

    Args:
        json_type: As in `ArgumentSpec`.
        description: As in `ArgumentSpec`.
        default: Value of an argument that a call may leave out; without one the argument is required.
        **spec: Further fields of `ArgumentSpec`.
    """
    made = ArgumentSpec(json_type, description, required=default is MISSING, **spec)
    return field(default=default, metadata={"spec": made})


def specs_of(arguments: type[Any]) -> Mapping[str, ArgumentSpec]:
    """Return the arguments of a dataclass whose fields are made with `arg`, by name."""
    listed: tuple[Field[Any], ...] = fields(arguments)
    return {f.name: f.metadata["spec"] for f in listed}


def random_text(rng: np.random.Generator) -> str:
    """Return one to five random words."""
    return " ".join(WORDS[int(i)] for i in rng.integers(len(WORDS), size=int(rng.integers(1, 6))))


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
