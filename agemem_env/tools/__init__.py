"""The tools: six on memory, two on the task, and any that a user passes by class or as ``module:Class``.

`base` says what a tool is and `arguments` what its arguments are; `long_term`, `short_term` and `task` are the tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from inspect import isabstract
from types import MappingProxyType
from typing import Any

from agemem_env.context.prompts import Advice
from agemem_env.data.loading import load, names_object
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.tools.arguments import arg
from agemem_env.tools.base import Tool, ToolResult, ToolState, bind, refuse
from agemem_env.tools.long_term import AddMemory, DeleteMemory, UpdateMemory
from agemem_env.tools.short_term import FilterContext, RetrieveMemory, SummaryContext
from agemem_env.tools.task import Act, Answer
from agemem_env.tools.untyped import typed_arguments
from agemem_env.types import ToolCall

__all__ = [
    "MEMORY_TOOLS",
    "PAPER_TOOLS",
    "Advice",
    "Tool",
    "ToolBox",
    "ToolResult",
    "ToolState",
    "arg",
    "memory_tools",
    "refuse",
]

_TOOL_CLASSES = (AddMemory, UpdateMemory, DeleteMemory, RetrieveMemory, SummaryContext, FilterContext)

MEMORY_TOOLS: Mapping[str, type[Tool]] = MappingProxyType({cls.name: cls for cls in _TOOL_CLASSES})
"""Name -> class of every memory tool that can be offered by its name. A new one is a class and one line here."""

PAPER_TOOLS: tuple[str, ...] = (
    "Add_memory",
    "Update_memory",
    "Delete_memory",
    "Retrieve_memory",
    "Summary_context",
    "Filter_context",
)
"""The paper's tools, in its order: what an environment offers unless told otherwise, whatever `MEMORY_TOOLS` holds."""

_TASK_TOOLS: tuple[type[Tool], ...] = (Act, Answer)


def memory_tools(chosen: Iterable[str | type[Tool]]) -> tuple[type[Tool], ...]:
    """Return the classes of tools, in order, each once.

    Args:
        chosen: Names in `MEMORY_TOOLS`, ``"module:Class"``, and sub-classes of `Tool`, mixed.

    Raises:
        ConfigurationError: If a name is unknown, a class is no complete tool, or two tools share a name or the word
            that a person types for them.

    >>> [tool.name for tool in memory_tools(["Add_memory", RetrieveMemory, "Add_memory"])]
    ['Add_memory', 'Retrieve_memory']
    """
    classes = tuple(dict.fromkeys(map(_tool_class, chosen)))
    taken: dict[tuple[str, str], type[Tool]] = {}
    for tool in (*_TASK_TOOLS, *classes):
        for attribute, value in (("name", tool.name), ("word", tool.chat_word())):
            other = taken.setdefault((attribute, value), tool)
            if other is not tool:
                raise ConfigurationError(
                    f"tools={[cls.name for cls in classes]!r} is not allowed: {other.__name__} and {tool.__name__} "
                    f"share the {attribute} {value!r}; leave one out or set `{attribute}` in one of the classes"
                )
    return classes


def _tool_class(chosen: object) -> type[Tool]:
    """Return the class of one tool that was chosen by name or by class."""
    if isinstance(chosen, str) and chosen in MEMORY_TOOLS:
        return MEMORY_TOOLS[chosen]
    tool = load("tool", chosen) if isinstance(chosen, str) and names_object(chosen) else chosen
    if isinstance(tool, str) or not isinstance(tool, type):
        raise unknown_name("tool", chosen, (*MEMORY_TOOLS, "module:Class"))
    if not issubclass(tool, Tool) or isabstract(tool):
        raise ConfigurationError(f"tool {chosen!r} is not allowed: it is no sub-class of Tool with a method `run`")
    problem = tool.problem()
    if problem:
        raise ConfigurationError(f"tool {chosen!r} is not allowed: {problem}")
    return tool


class ToolBox:
    """The tools that an episode offers.

    Args:
        chosen: Memory tools as `memory_tools` takes them, in the order in which they are offered.
        commands: Whether the benchmark takes commands (offers `act`).
        answer: Whether `answer` is offered.

    Raises:
        ConfigurationError: As `memory_tools` does.

    Attributes:
        memory_names: Names of the memory tools, in order.
        names: Names of all tools, in order.

    Example:
        >>> [tool["function"]["name"] for tool in ToolBox(["Add_memory"], commands=False).schemas()]
        ['Add_memory', 'answer']
    """

    def __init__(self, chosen: Iterable[str | type[Tool]], *, commands: bool, answer: bool = True) -> None:
        offered = memory_tools(chosen)
        task_tools = [tool for tool, wanted in zip(_TASK_TOOLS, (commands, answer), strict=True) if wanted]
        self._tools = {tool.name: tool() for tool in (*offered, *task_tools)}
        self.memory_names = tuple(tool.name for tool in offered)
        self.names = tuple(self._tools)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def schemas(self) -> list[dict[str, Any]]:
        """Return the tools in OpenAI's function-calling format."""
        return [tool.schema() for tool in self._tools.values()]

    def advice(self) -> list[Advice] | None:
        """Return what the memory tools tell about their use, in order; None if there is no memory tool."""
        if not self.memory_names:
            return None
        return [advice for name in self.memory_names for advice in self._tools[name].advice]

    def accepts(self, call: ToolCall) -> bool:
        """Whether the tool is offered and the arguments fit it."""
        tool = self._tools.get(call.name)
        return tool is not None and bind(tool, typed_arguments(tool, call)).args is not None

    def run(self, call: ToolCall, state: ToolState) -> ToolResult:
        """Check and execute one call. Every mistake of the agent comes back as text; nothing is raised for it."""
        tool = self._tools.get(call.name)
        if tool is None:
            near = get_close_matches(call.name[:40], self._tools, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            text = f"There is no tool {call.name[:40]!r}.{hint} Available: {', '.join(self._tools)}."
            return refuse("unknown_tool", text)
        if state.stage not in tool.stages:
            return tool.off_stage()
        bound = bind(tool, typed_arguments(tool, call))
        notes = " ".join(v.message for v in bound.violations)
        if bound.args is None:
            return ToolResult(notes, violations=bound.violations)
        result = tool.run(bound.args, state)
        if not notes:
            return result
        violations = (*bound.violations, *result.violations)
        return replace(result, text=f"{result.text}\n{notes}", violations=violations)
