"""Tools on long-term memory: Add, Update, Delete (Eq. 10 to 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agemem_env.context.prompts import Advice
from agemem_env.episode.ledger import Effect
from agemem_env.tools.arguments import arg
from agemem_env.tools.base import Tool, ToolResult, ToolState, refuse


@dataclass(frozen=True, slots=True)
class AddArguments:
    """Arguments of `AddMemory`."""

    content: str = arg("string", "The information to store, complete enough to be understood on its own.")
    metadata: Mapping[str, Any] | None = arg("object", "Any JSON object to keep with the entry.", default=None)
    memory_type: str | None = arg("string", "A short label such as fact, event or preference.", default=None)


class AddMemory(Tool):
    """Store a new entry in long-term memory. It outlives the context: use it for what may be needed later."""

    name = "Add_memory"
    arguments = AddArguments
    advice = (Advice(1, "Store what may matter later: the conversation will be cleared.", concludes=True),)

    def run(self, args: AddArguments, state: ToolState) -> ToolResult:
        """Store the entry and tell its id."""
        metadata: dict[str, Any] = {"source": "agent", **(args.metadata or {}), "timestamp": state.step}
        if args.memory_type is not None:
            metadata["memory_type"] = args.memory_type
        entry = state.memory.add(args.content, metadata, state.step, state.rng)
        return ToolResult(f"Stored as {entry.id}.", Effect("add", after=(entry,)))


@dataclass(frozen=True, slots=True)
class UpdateArguments:
    """Arguments of `UpdateMemory`."""

    memory_id: str = arg("string", "Id of the entry, for example mem_a5b40d65.", names="memory")
    content: str = arg("string", "The new content; it replaces the old one.")
    metadata: Mapping[str, Any] | None = arg(
        "object", "A JSON object that replaces the entry's metadata.", default=None
    )


class UpdateMemory(Tool):
    """Replace the content of an entry in long-term memory, for example when a fact has changed."""

    name = "Update_memory"
    arguments = UpdateArguments
    advice = (Advice(1, "When something you stored turns out to be outdated, update or delete it."),)

    def run(self, args: UpdateArguments, state: ToolState) -> ToolResult:
        """Replace the entry."""
        old = state.memory.get(args.memory_id)
        if old is None:
            return _unknown(self.name, args.memory_id)
        new = state.memory.update(old.id, args.content, args.metadata, state.step)
        return ToolResult(f"Updated {new.id}.", Effect("update", before=(old,), after=(new,)))


@dataclass(frozen=True, slots=True)
class DeleteArguments:
    """Arguments of `DeleteMemory`."""

    memory_id: str = arg("string", "Id of the entry, for example mem_a5b40d65.", names="memory")
    confirmation: bool = arg("boolean", "Must be true for the entry to be removed.", aliases=("confirmed",))


class DeleteMemory(Tool):
    """Remove an entry from long-term memory for good, for example when it is wrong or no longer needed."""

    name = "Delete_memory"
    arguments = DeleteArguments

    def run(self, args: DeleteArguments, state: ToolState) -> ToolResult:
        """Remove the entry if the call confirms it."""
        if state.memory.get(args.memory_id) is None:
            return _unknown(self.name, args.memory_id)
        if not args.confirmation:
            return ToolResult(f"{args.memory_id} was not deleted: confirmation is false.")
        entry = state.memory.delete(args.memory_id)
        return ToolResult(f"Deleted {entry.id}.", Effect("delete", before=(entry,)))


def _unknown(tool: str, memory_id: str) -> ToolResult:
    shown = memory_id if len(memory_id) <= 40 else f"{memory_id[:40]}…"
    return refuse(
        "unknown_memory",
        f"{tool} was not run: there is no memory {shown!r}. Add_memory and Retrieve_memory tell the ids.",
    )
