"""`exchanges`: a stored episode as prompts and replies, in the form of the chat API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from agemem_env.config import EnvConfig
from agemem_env.context.messages import Message, render
from agemem_env.context.origins import BETWEEN
from agemem_env.engines import engine_class
from agemem_env.errors import DataError
from agemem_env.text.paper_format import render_calls
from agemem_env.text.relaxed_json import valid_text
from agemem_env.tools import MEMORY_TOOLS, ToolBox, memory_tools
from agemem_env.types import ToolCall
from benchmarks.trajectories.rebuild import PlayedEpisode, PlayedTurn

Chat = dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """A turn as a model sees it.

    Attributes:
        turn: The turn as it is stored: what came of it.
        prompt: The messages that were answered.
        reply: The message that answers them, as it was sent.
        goes_on: Whether the prompt is that of the turn before, its reply, and new messages, word by word.
    """

    turn: PlayedTurn
    prompt: tuple[Chat, ...]
    reply: Chat
    goes_on: bool


def exchanges(episode: PlayedEpisode) -> Iterator[Exchange]:
    """Yield the turns of an episode. Actions that were no message, such as a bare number, are left out."""
    before: tuple[Chat, ...] | None = None
    for last, turn in zip(episode.turns, episode.turns[1:], strict=False):
        prompt = _prompt(episode, last)
        kept = _kept(episode, last, turn)
        reply = _reply(turn, kept, str(episode.setting["tool_format"]))
        goes_on = before is not None and prompt[: len(before)] == before
        before = None
        if reply is not None:
            yield Exchange(turn, prompt, reply, goes_on)
            before = (*prompt, reply)


def segments(episode: PlayedEpisode) -> Iterator[list[Exchange]]:
    """Yield the turns of an episode in groups: a new one starts where the context was rewritten."""
    group: list[Exchange] = []
    for exchange in exchanges(episode):
        if group and not exchange.goes_on:
            yield group
            group = []
        group.append(exchange)
    if group:
        yield group


def tools_of(episode: PlayedEpisode) -> list[dict[str, Any]]:
    """Return the function schemas that the episode offered; none if its calls are written in tags.

    Raises:
        AgeMemError: If its benchmark, or one of its tools, is not installed here.
    """
    if episode.setting["tool_format"] != "native":
        return []
    env_id, kwargs = episode.spec["env_id"], episode.spec["env_kwargs"]
    engine = engine_class(env_id if ":" in env_id else gym.spec(env_id).kwargs.get("benchmark", env_id))
    # A memory system may offer fewer than the environment was asked for.
    known = {tool.name: tool for tool in (*MEMORY_TOOLS.values(), *memory_tools(kwargs.get("tools", ())))}
    missing = [name for name in episode.setting["memory_tools"] if name not in known]
    if missing:
        raise DataError(f"the tools {', '.join(missing)} of the episode are not known here")
    offered = [known[name] for name in episode.setting["memory_tools"]]
    answer = kwargs.get("offer_answer", EnvConfig.offer_answer)
    return ToolBox(offered, commands=engine.has_commands, answer=answer).schemas()


def _prompt(episode: PlayedEpisode, turn: PlayedTurn) -> tuple[Chat, ...]:
    """Return the prompt after a turn: messages of the user that follow each other are one."""
    chats: list[Chat] = []
    for message in (episode.messages[number] for number in turn.context):
        chat = _chat(message, episode)
        if chats and chat["role"] == "user" == chats[-1]["role"]:
            chats[-1] = {"role": "user", "content": f"{chats[-1]['content']}{BETWEEN}{chat['content']}"}
        else:
            chats.append(chat)
    return tuple(chats)


def _chat(message: Message, episode: PlayedEpisode) -> Chat:
    sent = render(message, episode.setting["tool_format"])
    content = sent["content"] or ""
    if message.origin == "system" and episode.instructions:
        content = f"{content}\n\n{episode.instructions}"
    return {**sent, "content": content}


def _kept(episode: PlayedEpisode, last: PlayedTurn, turn: PlayedTurn) -> Chat | None:
    """Return the agent's message as the next prompt repeats it right after this one; None if it does not."""
    place = len(last.context)
    if turn.context[:place] != last.context or len(turn.context) <= place:
        return None
    message = episode.messages[turn.context[place]]
    return _chat(message, episode) if message.origin == "agent" else None


def _reply(turn: PlayedTurn, kept: Chat | None, tool_format: str) -> Chat | None:
    """Return an action as the assistant's message; calls that are in no message are written as the next prompt does."""
    action = turn.action
    if isinstance(action, str):
        return {"role": "assistant", "content": valid_text(action)}
    if isinstance(action, Mapping) and ("content" in action or "tool_calls" in action):
        return _message(action)
    calls = [call for call in map(_call, action if isinstance(action, list) else [action]) if call is not None]
    if not calls:
        return None
    if kept is not None:
        return kept
    if tool_format == "tags":
        return {"role": "assistant", "content": render_calls(calls)}
    return {"role": "assistant", "content": "", "tool_calls": [_native(turn, i, call) for i, call in enumerate(calls)]}


def _message(action: Mapping[str, Any]) -> Chat | None:
    content, calls = action.get("content"), action.get("tool_calls") or ()
    if not (content is None or isinstance(content, str)) or not all(map(_is_native, calls)):
        return None
    message: Chat = {"role": "assistant", "content": valid_text(content or "")}
    if calls:
        message["tool_calls"] = [_as_sent(call) for call in calls]
    if isinstance(action.get("reasoning_content"), str) and action["reasoning_content"]:
        message["reasoning_content"] = valid_text(action["reasoning_content"])
    return message


def _as_sent(call: Mapping[str, Any]) -> Chat:
    function = {name: valid_text(call["function"][name]) for name in ("name", "arguments")}
    return {"id": valid_text(call["id"]), "type": "function", "function": function}


def _is_native(call: Any) -> bool:
    function = call.get("function") if isinstance(call, Mapping) else None
    texts = (function.get("name"), function.get("arguments")) if isinstance(function, Mapping) else (None,)
    return all(isinstance(text, str) for text in (*texts, call.get("id") if isinstance(call, Mapping) else None))


def _call(item: Any) -> ToolCall | None:
    """Return a call from ``{"name": ..., "arguments": {...}}``."""
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        return None
    arguments = item.get("arguments", {})
    return ToolCall(item["name"], arguments) if isinstance(arguments, dict) else None


def _native(turn: PlayedTurn, index: int, call: ToolCall) -> Chat:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {
        "id": f"call_{turn.number}_{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def plain(messages: Sequence[Mapping[str, Any]]) -> list[Chat]:
    """Return messages as chat templates take them: arguments of calls as objects instead of texts.

    >>> call = {"id": "a", "type": "function", "function": {"name": "answer", "arguments": '{"text": "x"}'}}
    >>> plain([{"role": "assistant", "content": "", "tool_calls": [call]}])[0]["tool_calls"][0]["function"]
    {'name': 'answer', 'arguments': {'text': 'x'}}
    """
    return [{**m, "tool_calls": list(map(_opened, m["tool_calls"]))} if "tool_calls" in m else {**m} for m in messages]


def _opened(call: Mapping[str, Any]) -> Chat:
    function = call["function"]
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:  # what the model sent was no JSON
        arguments = function["arguments"]
    return {**call, "function": {**function, "arguments": arguments}}
