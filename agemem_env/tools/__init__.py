"""The tools: six on memory, two on the task. A new memory tool is a class and one line of `MEMORY_TOOLS`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from agemem_env.errors import unknown_name
from agemem_env.tools.base import Tool, ToolResult, ToolState, bind, refuse
from agemem_env.tools.long_term import AddMemory, DeleteMemory, UpdateMemory
from agemem_env.tools.short_term import FilterContext, RetrieveMemory, SummaryContext
from agemem_env.tools.task import Act, Answer
from agemem_env.tools.untyped import typed_arguments
from agemem_env.types import ToolCall

__all__ = ["MEMORY_TOOLS", "Tool", "ToolBox", "ToolResult", "ToolState"]

_TOOL_CLASSES = (AddMemory, UpdateMemory, DeleteMemory, RetrieveMemory, SummaryContext, FilterContext)

MEMORY_TOOLS: Mapping[str, type[Tool]] = MappingProxyType({cls.name: cls for cls in _TOOL_CLASSES})
"""Name -> class of every memory tool, in the paper's order."""


class ToolBox:
    """The tools that an episode offers.

    Args:
        memory_tools: Names from `MEMORY_TOOLS`, in the order in which they are offered.
        commands: Whether the benchmark takes commands (offers `act`).

    Raises:
        ConfigurationError: If a name is unknown.

    Example:
        >>> [tool["function"]["name"] for tool in ToolBox(["Add_memory"], commands=False).schemas()]
        ['Add_memory', 'answer']
    """

    def __init__(self, memory_tools: Iterable[str], *, commands: bool) -> None:
        self._tools: dict[str, Tool] = {}
        for name in memory_tools:
            if name not in MEMORY_TOOLS:
                raise unknown_name("tool", name, MEMORY_TOOLS)
            self._tools[name] = MEMORY_TOOLS[name]()
        for task_tool in (Act(), Answer()) if commands else (Answer(),):
            self._tools[task_tool.name] = task_tool

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tools, in order."""
        return tuple(self._tools)

    def schemas(self) -> list[dict[str, Any]]:
        """Return the tools in OpenAI's function-calling format."""
        return [tool.schema() for tool in self._tools.values()]

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
