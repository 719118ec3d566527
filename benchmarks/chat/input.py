"""What a person may type in `agemem chat`: short forms of the tools, and how they are completed.

The short forms follow from the tools' classes, so that a new tool has one without a word here.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from agemem_env.errors import ConfigurationError
from agemem_env.tools import Tool
from agemem_env.tools.arguments import ArgumentSpec

LOCAL: Mapping[str, str] = MappingProxyType(
    {
        "help": "Show what can be typed.",
        "memory": "Show long-term memory, which a model sees only in parts that it retrieves.",
        "messages": "Show the whole prompt again.",
        "quit": "Leave.",
    }
)
"""Commands that take no turn."""


class WrongInputError(Exception):
    """A line that stands for nothing; the message tells the person what to type."""


@dataclass(frozen=True)
class ShortForm:
    """A tool as it is typed: ``/name argument … the last argument to the end of the line``.

    Attributes:
        name: What is typed for the tool.
        tool: The tool's name.
        arguments: The arguments that are typed, by name, in order.
        confirmations: Names of the arguments that are true without being typed.
        description: What the tool does.
    """

    name: str
    tool: str
    arguments: Mapping[str, ArgumentSpec]
    confirmations: tuple[str, ...]
    description: str

    @classmethod
    def of(cls, tool: Tool) -> ShortForm:
        """Return the short form of a tool, in which optional arguments have no place.

        >>> from agemem_env.tools import MEMORY_TOOLS
        >>> ShortForm.of(MEMORY_TOOLS["Update_memory"]()).usage
        '/update MEMORY_ID CONTENT'
        """
        required = {name: spec for name, spec in tool.specs.items() if spec.required}
        typed = {name: spec for name, spec in required.items() if spec.json_type != "boolean"}
        confirmed = tuple(name for name in required if name not in typed)
        return cls(tool.chat_word(), tool.name, typed, confirmed, tool.description())

    @property
    def usage(self) -> str:
        """How it is typed."""
        shown = (f"[{n.upper()}]" if a.when_left_out is not None else n.upper() for n, a in self.arguments.items())
        return " ".join([f"/{self.name}", *shown])

    @property
    def completes(self) -> str | None:
        """What the first argument names, if anything: ``memory`` or ``command``."""
        return next((spec.names for spec in self.arguments.values()), None)

    def call(self, text: str) -> dict[str, Any]:
        """Return the call that the rest of a line stands for.

        >>> from agemem_env.tools import MEMORY_TOOLS
        >>> ShortForm.of(MEMORY_TOOLS["Delete_memory"]()).call("mem_1")
        {'name': 'Delete_memory', 'arguments': {'memory_id': 'mem_1', 'confirmation': True}}

        Raises:
            WrongInputError: If an argument is missing.
        """
        words = text.split(maxsplit=max(0, len(self.arguments) - 1))
        given: dict[str, Any] = dict(zip(self.arguments, words, strict=False))
        for name, spec in self.arguments.items():
            if name not in given and spec.when_left_out is None:
                raise WrongInputError(f"{name} is missing: {self.usage}")
            given.setdefault(name, spec.when_left_out)
        return {"name": self.tool, "arguments": given | dict.fromkeys(self.confirmations, True)}


def short_forms(tools: Iterable[Tool]) -> dict[str, ShortForm]:
    """Return the short forms of tools, by name.

    Raises:
        ConfigurationError: If the word of a tool is that of a command of the chat itself.
    """
    forms = {tool.chat_word(): ShortForm.of(tool) for tool in tools}
    for word in forms.keys() & LOCAL.keys():
        raise ConfigurationError(f"tool {forms[word].tool!r} cannot be typed: /{word} is taken; set its `word`")
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
        elif name in self._forms and self._forms[name].completes == "memory" and " " not in rest:
            yield from _starting_with(rest, self._memories())
        elif name in self._forms and self._forms[name].completes == "command":
            yield from _starting_with(rest, ((command, "") for command in self._commands()))


def _starting_with(typed: str, found: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    for word, about in found:
        if word.lower().startswith(typed.lower()):
            yield Completion(word, start_position=-len(typed), display_meta=about)
