"""What a person may type in `agemem chat`: short forms of the tools, and how they are completed.

The short forms follow from the tools' schemas, so that a new tool has one without a word here.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

DEFAULTS: Mapping[str, str] = MappingProxyType({"span": "all"})
"""Arguments that may be left out, and what they are then."""

LOCAL: Mapping[str, str] = MappingProxyType(
    {
        "help": "Show what can be typed.",
        "memory": "Show long-term memory, which a model sees only in parts that it retrieves.",
        "messages": "Show the whole prompt again.",
        "quit": "Leave.",
    }
)
"""Commands that take no turn."""

MEMORY_ID = "memory_id"


class WrongInputError(Exception):
    """A line that stands for nothing; the message tells the person what to type."""


@dataclass(frozen=True)
class ShortForm:
    """A tool as it is typed: ``/name argument … the last argument to the end of the line``.

    Attributes:
        name: First word of the tool's name, in lower case.
        tool: The tool's name.
        arguments: Names of the arguments that are typed, in order.
        confirmations: Names of the arguments that are true without being typed.
        description: What the tool does.
    """

    name: str
    tool: str
    arguments: tuple[str, ...]
    confirmations: tuple[str, ...]
    description: str

    @property
    def usage(self) -> str:
        """How it is typed.

        >>> ShortForm("update", "Update_memory", ("memory_id", "content"), (), "").usage
        '/update MEMORY_ID CONTENT'
        """
        return " ".join([f"/{self.name}", *(f"[{a.upper()}]" if a in DEFAULTS else a.upper() for a in self.arguments)])

    def call(self, text: str) -> dict[str, Any]:
        """Return the call that the rest of a line stands for.

        >>> ShortForm("delete", "Delete_memory", ("memory_id",), ("confirmation",), "").call("mem_1")
        {'name': 'Delete_memory', 'arguments': {'memory_id': 'mem_1', 'confirmation': True}}

        Raises:
            WrongInputError: If an argument is missing.
        """
        words = text.split(maxsplit=max(0, len(self.arguments) - 1))
        given: dict[str, Any] = dict(zip(self.arguments, words, strict=False))
        for name in self.arguments[len(words) :]:
            if name not in DEFAULTS:
                raise WrongInputError(f"{name} is missing: {self.usage}")
            given[name] = DEFAULTS[name]
        return {"name": self.tool, "arguments": given | dict.fromkeys(self.confirmations, True)}


def short_forms(tools: Iterable[Mapping[str, Any]]) -> dict[str, ShortForm]:
    """Return the short forms of tools in OpenAI's format, by name. Optional arguments have none."""
    forms = {}
    for tool in tools:
        function = tool["function"]
        properties = function["parameters"]["properties"]
        kinds = {argument: properties[argument]["type"] for argument in function["parameters"]["required"]}
        name = function["name"].partition("_")[0].lower()
        typed = tuple(argument for argument, kind in kinds.items() if kind != "boolean")
        confirmed = tuple(argument for argument, kind in kinds.items() if kind == "boolean")
        forms[name] = ShortForm(name, function["name"], typed, confirmed, function["description"])
    return forms


def read_line(line: str, forms: Mapping[str, ShortForm]) -> str | dict[str, Any]:
    """Return the action that a line stands for: a call for a short form, else the text as a model would say it.

    Raises:
        WrongInputError: If the line is empty, names no short form or lacks an argument.
    """
    text = line.strip()
    if not text:
        raise WrongInputError("Say something, or type /help.")
    if not text.startswith("/"):
        return text
    name, _, rest = text[1:].partition(" ")
    if name in forms:
        return forms[name].call(rest.strip())
    near = difflib.get_close_matches(name, [*forms, *LOCAL], n=1)
    hint = f" Did you mean /{near[0]}?" if near else " Type /help for the list."
    raise WrongInputError(f"There is no /{name}.{hint}")


class ChatCompleter(Completer):
    """Completes short forms, ids of memories and, where the task has them, commands.

    Args:
        forms: The short forms, by name.
        memories: Returns id and content of each memory.
        commands: Returns the commands allowed now.
    """

    def __init__(
        self,
        forms: Mapping[str, ShortForm],
        memories: Callable[[], Iterable[tuple[str, str]]],
        commands: Callable[[], Sequence[str]],
    ) -> None:
        self._forms, self._memories, self._commands = forms, memories, commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield what may stand in place of the line's end."""
        text = document.text_before_cursor.lstrip()
        name, space, rest = text[1:].partition(" ")
        if not text.startswith("/"):
            found = ((command, "") for command in self._commands())
            yield from _starting_with(text, found)
        elif not space:
            listed = {**{form.name: form.description for form in self._forms.values()}, **LOCAL}
            yield from _starting_with(text, ((f"/{known}", about) for known, about in listed.items()))
        elif name in self._forms and MEMORY_ID in self._forms[name].arguments[:1] and " " not in rest:
            yield from _starting_with(rest, self._memories())
        elif name == "act":
            yield from _starting_with(rest, ((command, "") for command in self._commands()))


def _starting_with(typed: str, found: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    for word, about in found:
        if word.lower().startswith(typed.lower()):
            yield Completion(word, start_position=-len(typed), display_meta=about)
