"""Drives langmem's memory manager with its default settings: one call inserts memories and patches similar ones.

The library's model is our `ChatModel`; the memories that it may change are found in the environment's store and its
results are applied there.
"""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.context.context import MESSAGE_OVERHEAD
from agemem_env.episode.desk import MemoryDesk
from agemem_env.errors import ServiceError
from agemem_env.services.chat import ChatModel, ChatRequest
from baselines.memory.backends import MESSAGE_SHARE
from baselines.memory.questions import TRIES
from baselines.memory.reading.replies import json_values
from baselines.memory.reading.values import read_text

with warnings.catch_warnings():
    # Its parts use names of each other that are going to be removed.
    warnings.simplefilter("ignore", DeprecationWarning)
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_openai_messages
    from langchain_core.outputs import ChatGeneration, ChatResult
    from langchain_core.utils.function_calling import convert_to_openai_tool
    from langgraph.errors import GraphRecursionError
    from langmem import create_memory_manager

for _name in ("trustcall", "langmem"):
    # Without a handler Python would print the library's log to the terminal; what matters of it is in the ledger.
    logging.getLogger(_name).addHandler(logging.NullHandler())

_SESSION = re.compile(r"session_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


CALL_AGAIN: Mapping[str, Any] = {
    "role": "user",
    "content": "The arguments of your last calls could not be read. Call again.",
}


class LibraryLangMem:
    """`create_memory_manager` around the environment's store.

    A message may fill `MESSAGE_SHARE` of the budget, and the stored memories as much again.

    Args:
        model: Answers the library's prompts.
        source: What new entries have as their source.
        similar: Number of stored memories that the library may rewrite.
    """

    def __init__(self, model: ChatModel, source: str, similar: int) -> None:
        self._model, self._source, self._similar = model, source, similar

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Bring the store up to date with a message."""
        counter, share = desk.services.counter, int(desk.max_tokens * MESSAGE_SHARE)
        known = {hit.entry.id: hit.entry.content for hit in desk.search(message, self._similar)}
        while known and counter.count(json.dumps(known)) > share:
            known.popitem()
        text = counter.truncate(message, share)
        model = _Model(chat_model=self._model, desk=desk)
        manager = create_memory_manager(model)
        existing = [(memory_id, "Memory", {"content": content}) for memory_id, content in known.items()]
        try:
            # One call after the other, so that equal episodes have equal ledgers.
            results = manager.invoke(
                {"messages": [HumanMessage(text)], "existing": existing}, config={"max_concurrency": 1}
            )
        except (_GivenUp, GraphRecursionError):
            results = []
        if model.failure is not None:
            raise model.failure
        for memory_id, memory in results:
            content = (memory if isinstance(memory, dict) else memory.model_dump())["content"].strip()
            if not content:
                desk.fault("unknown_operation", f"{memory_id} would be blank")
            elif memory_id not in known:
                desk.add(content, {"source": self._source})
            elif content != known[memory_id]:
                desk.update(memory_id, content)


class _GivenUp(Exception):
    """Nothing usable came of a message; the fault has been noted."""


class _Model(BaseChatModel):  # type: ignore[misc]
    """LangChain's view of a `ChatModel`, for one message.

    The library asks again, in some cases without end, for what it cannot read; after `TRIES` calls it is stopped.
    It catches some of what its model raises; `failure` keeps the error of a service.
    """

    chat_model: Any
    desk: Any
    calls: int = 0
    failure: Any = None

    @property
    def _llm_type(self) -> str:
        return "agemem"

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
        """Return the model with tools, as OpenAI function schemas."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools])

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        """Ask the model of the session, as often as tries are left, for a reply that the library can read."""
        if self.calls:
            self.desk.fault("malformed_reply", "manage: the library could not use the last reply")
        if self.calls >= TRIES:
            raise _GivenUp
        chat = convert_to_openai_messages(messages)
        prompt = [{**m, "content": _SESSION.sub("session", m["content"] or "")} for m in chat]
        tools = options.get("tools", ())
        counter = self.desk.services.counter
        size = sum(counter.count(str(m["content"])) + MESSAGE_OVERHEAD for m in (*prompt, CALL_AGAIN))
        size += counter.count(json.dumps(tools))
        if size > self.desk.max_tokens:
            self.desk.fault("no_room", f"manage: the library's prompt has {size} tokens")
            raise _GivenUp
        text, calls, unread = self._ask(prompt, tools)
        while unread and self.calls < TRIES:
            text, calls, unread = self._ask([*prompt, CALL_AGAIN], tools)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, tool_calls=calls))])

    def _ask(self, prompt: Sequence[Any], tools: Sequence[Any]) -> tuple[str, list[dict[str, Any]], int]:
        """Return text and calls of the next reply, and how many calls cannot be read; those are counted."""
        self.calls += 1
        try:
            reply = self.chat_model.chat(ChatRequest(prompt, tools=tools, purpose="memory"))
        except ServiceError as error:
            self.failure = error
            raise
        self.desk.charge(reply.usage, "manage")
        calls = [_read_call(call) for call in reply.tool_calls]
        unread = [call for call, read in zip(reply.tool_calls, calls, strict=True) if read is None]
        if unread:
            self.desk.fault("malformed_reply", f"manage: {unread}")
        return reply.text, [call for call in calls if call is not None], len(unread)


def _read_call(call: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a call in LangChain's form, its memory under the name that the library reads; None if it is unclear."""
    function = call["function"]
    values = json_values(str(function["arguments"]))
    arguments = values[0] if len(values) == 1 else None
    if not isinstance(arguments, dict):
        return None
    if function["name"] == "Memory":
        content = read_text(arguments)
        if content is None:
            return None
        arguments = {"content": content}
    return {"id": call["id"], "name": function["name"], "args": arguments}
