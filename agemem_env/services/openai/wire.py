"""The chat protocol on the wire: requests to JSON bodies, and bodies to replies, with nothing in between."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.services.chat import ChatReply, ChatRequest

_THINK = re.compile(r"\s*(?:<think\s*>)?(.*?)</think\s*>\s*", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of a call, as the server reports them."""

    prompt: int
    completion: int
    cached: int = 0


def chat_body(request: ChatRequest, model: str, sampling: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON body of a request.

    >>> chat_body(ChatRequest([{"role": "user", "content": "Hi"}], json_reply=True), "m", {"temperature": 0})
    {'model': 'm', 'messages': [{'role': 'user', 'content': 'Hi'}], 'temperature': 0, \
'response_format': {'type': 'json_object'}}
    """
    body: dict[str, Any] = {"model": model, "messages": list(request.messages), **sampling}
    if request.tools:
        body["tools"] = list(request.tools)
        if request.force_tool:
            body["tool_choice"] = "required"
    if request.json_reply:
        body["response_format"] = {"type": "json_object"}
    return body


def read_reply(content: bytes) -> tuple[ChatReply, TokenCounts | None]:
    """Return the reply in a response, and the tokens if the server counted them.

    Args:
        content: The body of the response: one JSON value, or a stream of server-sent events.

    Raises:
        ValueError: If it is no reply: not JSON, or without a choice.
    """
    is_stream = content.startswith((b"data:", b"event:", b":"))
    payload = _assemble(content) if is_stream else json.loads(content)
    choices = payload.get("choices") if isinstance(payload, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ValueError(f"it has no choice: {content[:200].decode('utf-8', 'replace')}")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise ValueError(f"its choice has no message: {content[:200].decode('utf-8', 'replace')}")
    text = _text(message.get("content")) or _text(message.get("refusal"))
    reasoning = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    thought, text = split_reasoning(text)
    calls = tuple(_call(i, c) for i, c in enumerate(message.get("tool_calls") or ()) if isinstance(c, dict))
    reason = str(choices[0].get("finish_reason") or "stop")
    said = "\n".join(filter(None, (reasoning, thought)))
    return ChatReply(text, calls, said, reason), _counts(payload.get("usage"))


def split_reasoning(text: str) -> tuple[str, str]:
    r"""Return reasoning and text of a reply that begins with its reasoning, as local models write it.

    The opening tag may be missing, because the chat template has written it. Reasoning that does not end stays where
    it is: the reply was cut off.

    >>> split_reasoning("<think>Hm.</think>\n\nYes."), split_reasoning("Hm.</think>Yes."), split_reasoning("Yes.")
    (('Hm.', 'Yes.'), ('Hm.', 'Yes.'), ('', 'Yes.'))
    """
    match = _THINK.match(text)
    return (match[1].strip(), text[match.end() :]) if match else ("", text)


def _text(content: Any) -> str:
    """Return a text, or the texts of a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _call(index: int, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool call in the form of the chat API: with an id, and with its arguments as text."""
    function = call.get("function")
    given = function if isinstance(function, dict) else {}
    arguments = given.get("arguments")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments or {}, ensure_ascii=False)
    name = str(given.get("name") or "")
    return {
        "id": str(call.get("id") or f"call_{index}"),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _counts(usage: Any) -> TokenCounts | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return TokenCounts(prompt, completion, cached if isinstance(cached, int) else 0)


def _assemble(content: bytes) -> dict[str, Any]:
    """Return the reply that a stream of events adds up to, in the form of one that was sent whole."""
    texts: dict[str, list[str]] = {"content": [], "reasoning_content": [], "reasoning": [], "refusal": []}
    calls: dict[int, dict[str, Any]] = {}
    reason, usage, seen = None, None, False
    for line in content.decode("utf-8").splitlines():
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data == "[DONE]":
            continue
        chunk = json.loads(data)
        usage = chunk.get("usage") or usage
        for choice in chunk.get("choices") or ():
            seen = True
            reason = choice.get("finish_reason") or reason
            delta = choice.get("delta") or {}
            for name, parts in texts.items():
                parts.append(_text(delta.get(name)))
            _add_calls(calls, delta.get("tool_calls") or ())
    if not seen or reason is None:
        raise ValueError("the stream ended before the reply did")
    message = {name: "".join(parts) for name, parts in texts.items()}
    ordered = [calls[index] for index in sorted(calls)]
    return {"choices": [{"finish_reason": reason, "message": {**message, "tool_calls": ordered}}], "usage": usage}


def _add_calls(calls: dict[int, dict[str, Any]], deltas: Sequence[Mapping[str, Any]]) -> None:
    for delta in deltas:
        call = calls.setdefault(int(delta.get("index") or 0), {"function": {"name": "", "arguments": ""}})
        function = delta.get("function") or {}
        call["id"] = delta.get("id") or call.get("id")
        call["function"]["name"] += function.get("name") or ""
        call["function"]["arguments"] += function.get("arguments") or ""
