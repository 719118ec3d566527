"""The protocol on the wire: requests to JSON bodies, and bodies to replies, with nothing in between."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agemem_env.services.chat import MALFORMED_CALL, ChatReply, ChatRequest, ReplyTokens
from agemem_env.services.openai.failures import ErrorBody, error_of, status_of
from agemem_env.services.openai.stream import assemble, is_stream
from agemem_env.services.openai.values import list_of, mapping_of, text_of, thought_of
from agemem_env.text.relaxed_json import valid_text

_THINK = re.compile(r"\s*(?:<think\s*>)?(.*?)</think\s*>\s*", re.DOTALL | re.IGNORECASE)

_FAILED = frozenset({"error", "abort", "network_error"})
"""Reasons to stop that say that the service failed."""


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of a call, as the server reports them."""

    prompt: int
    completion: int
    cached: int = 0


class FailedReplyError(Exception):
    """A response of status 200 says that the service failed.

    Args:
        status: The status that it should have had.
        body: What it says.
    """

    def __init__(self, status: int, body: ErrorBody) -> None:
        super().__init__(body.message)
        self.status = status
        self.body = body


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


def read_json(content: bytes) -> Any:
    """Return the JSON value of a body.

    Raises:
        ValueError: If it is none, or one that is nested without end.
        FailedReplyError: If it is an error.
    """
    try:
        value = assemble(content) if is_stream(content) else json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if isinstance(value, Mapping) and value.get("error") and not value.get("choices") and not value.get("data"):
        _fail(value["error"])
    return value


def read_reply(content: bytes) -> tuple[ChatReply, TokenCounts | None]:
    """Return the reply in a response, and the tokens if the server counted them.

    Args:
        content: The body of the response: one JSON value, or a stream of server-sent events.

    Raises:
        ValueError: If it is no reply: not JSON, or without a choice.
        FailedReplyError: If it says that the service failed.
    """
    payload = read_json(content)
    choices = payload.get("choices") if isinstance(payload, Mapping) else None
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"it has no choice: {content[:200].decode('utf-8', 'replace')}")
    choice = {"text": choices[0]} if isinstance(choices[0], str) else mapping_of(choices[0], "its choice")
    reason = _reason(choice)
    message = choice.get("message", choice.get("text"))
    if message is None or isinstance(message, (list, bool, int)):
        raise ValueError(f"its choice has no message: {content[:200].decode('utf-8', 'replace')}")
    message = {"content": message} if isinstance(message, str) else mapping_of(message, "its message")
    text = text_of(message.get("content")) or text_of(message.get("refusal"))
    reasoning = thought_of(message.get("reasoning_content")) or thought_of(message.get("reasoning"))
    thought, text = split_reasoning(text)
    calls = tuple(_call(i, c) for i, c in enumerate(list_of(message.get("tool_calls"), "tool_calls")))
    said = "\n".join(filter(None, (reasoning, thought)))
    reply = ChatReply(text, calls, said, reason, tokens=_tokens(payload, choice))
    return reply, read_counts(payload.get("usage"))


def _tokens(payload: Mapping[str, Any], choice: Mapping[str, Any]) -> ReplyTokens | None:
    """Return the tokens in a response to a request with ``return_token_ids``, as vLLM tells them, or None."""
    ids: list[Any] = [payload.get("prompt_token_ids"), choice.get("token_ids")]
    if not all(isinstance(one, list) and all(type(token) is int for token in one) for one in ids):
        return None
    prompt, sampled = ids
    told = choice.get("logprobs")
    listed = told.get("content") if isinstance(told, Mapping) else ()
    items = listed if isinstance(listed, list) else ()
    found = [item.get("logprob") if isinstance(item, Mapping) else None for item in items]
    known = [float(value) for value in found if isinstance(value, (int, float))]
    return ReplyTokens(tuple(prompt), tuple(sampled), tuple(known) if len(known) == len(sampled) else None)


def split_reasoning(text: str) -> tuple[str, str]:
    r"""Return reasoning and text of a reply that begins with its reasoning, as local models write it.

    The opening tag may be missing, because the chat template has written it. Reasoning that does not end stays where
    it is: the reply was cut off.

    >>> split_reasoning("<think>Hm.</think>\n\nYes."), split_reasoning("Hm.</think>Yes."), split_reasoning("Yes.")
    (('Hm.', 'Yes.'), ('Hm.', 'Yes.'), ('', 'Yes.'))
    """
    match = _THINK.match(text)
    return (match[1].strip(), text[match.end() :]) if match else ("", text)


def read_counts(usage: Any) -> TokenCounts | None:
    """Return the tokens that a response counts, or None."""
    if not isinstance(usage, Mapping):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt is None or completion is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, Mapping) else None
    return TokenCounts(prompt, completion, cached or 0)


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return int(value) if whole and not isinstance(value, bool) and value >= 0 else None


def _reason(choice: Mapping[str, Any]) -> str:
    """Return why the model stopped.

    Raises:
        FailedReplyError: If the service did.
    """
    reason = str(choice.get("finish_reason") or "stop")
    if any("malformed_function_call" in str(choice.get(n)).lower() for n in ("finish_reason", "native_finish_reason")):
        return MALFORMED_CALL
    if choice.get("error"):
        _fail(choice["error"])
    if reason.lower() in _FAILED:
        raise FailedReplyError(502, ErrorBody(f"the reply ended with finish_reason {reason!r}"))
    return reason


def _fail(error: Any) -> None:
    raise FailedReplyError(status_of(error, 502), error_of(error, json.dumps(error)[:300]))


def _call(index: int, call: Any) -> dict[str, Any]:
    """Return a tool call in the form of the chat API: with an id, and with its arguments as text."""
    given = mapping_of(call, "a tool call")
    function = given.get("function")
    inner = function if isinstance(function, Mapping) else given if function is None else {"name": function}
    arguments = inner.get("arguments", given.get("arguments"))
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments or {}, ensure_ascii=False)
    name = inner.get("name")
    return {
        "id": str(given.get("id") or f"call_{index}"),
        "type": "function",
        "function": {"name": name if isinstance(name, str) else "", "arguments": valid_text(arguments)},
    }
