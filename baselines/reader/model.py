"""The reader: a chat model that follows rules, so that memory systems can be compared without any language model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.services.tokens import make_token_counter
from agemem_env.text.paper_format import render_answer, render_calls
from agemem_env.types import ToolCall, Usage
from baselines.reader.act import act_on_task
from baselines.reader.answer import answer_or_look_up
from baselines.reader.conversation import Conversation, read_conversation
from baselines.reader.extract import answer_memory_system
from baselines.reader.store import store_new_messages


class Reader:
    """Reads messages and tool schemas, and nothing else, and acts by rules.

    It knows the language in which the generated questions are told and asked. What it is told before the task it
    keeps if it is offered a tool for that; a question it answers from the statements that it sees, after looking up
    what is missing; a task with commands it plays by trying commands that are listed. Its tokens are estimates,
    its price is 0.
    """

    name = "reader"

    def __init__(self) -> None:
        self._counter = make_token_counter("estimate")

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply."""
        if request.purpose == "act":
            conversation = read_conversation(request)
            calls = _choose_calls(conversation)
            text, native = _render_reply(calls, conversation.tags, len(request.messages))
        else:
            text, native = answer_memory_system(request), ()
        reason = "tool_calls" if native else "stop"
        return ChatReply(text, native, finish_reason=reason, usage=self._usage(request, text, native))

    def _usage(self, request: ChatRequest, text: str, native: Sequence[Mapping[str, Any]]) -> Usage:
        sent = [m.get("content") or json.dumps(m.get("tool_calls", ""), ensure_ascii=False) for m in request.messages]
        sent += [json.dumps(tool, ensure_ascii=False) for tool in request.tools]
        received = text + (json.dumps(native, ensure_ascii=False) if native else "")
        return Usage(1, sum(map(self._counter.count, sent)), self._counter.count(received), 0.0)


ACKNOWLEDGEMENT = "Noted."


def _choose_calls(conversation: Conversation) -> list[ToolCall]:
    if not conversation.query:
        return store_new_messages(conversation)
    return act_on_task(conversation) if "act" in conversation.tools else answer_or_look_up(conversation)


def _render_reply(calls: Sequence[ToolCall], tags: bool, number: int) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    """Return calls as text and native calls; a reply without calls is polite."""
    if not calls:
        return ACKNOWLEDGEMENT, ()
    if tags:
        if calls[0].name == "answer":
            return render_answer(str(calls[0].arguments["text"])), ()
        return render_calls(calls), ()
    return "", tuple(
        {
            "id": f"call_{number}_{i}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)},
        }
        for i, call in enumerate(calls)
    )
