"""What the strictest chat API or chat template asks of a list of messages.

Some templates (Gemma, Mistral) raise an error unless user and assistant take turns; APIs answer 400 to a call without
an answer, to a name or an id with other characters than theirs, or to arguments that are no JSON object. `problems`
tells all of it, so that what passes here is taken everywhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from agemem_env.context.messages import ToolFormat
from agemem_env.text.relaxed_json import MAX_DIGITS

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""Form of a function's name, as OpenAI's API has it."""

CALL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""Form of a call's id: what Anthropic's API allows, in the length that servers make them."""

_ROLES = ("system", "user", "assistant", "tool")


def problems(messages: Sequence[Mapping[str, Any]], tools_format: ToolFormat = "native") -> list[str]:
    """Return everything that a strict chat API or template would refuse in a message list; empty if nothing.

    * One system message comes first, then user and assistant take turns; `tool` messages stand between them.
    * Each call is answered by one `tool` message directly after the assistant's message, and each answers a call.
    * Names of functions match `NAME`; ids of calls match `CALL_ID` and are unique in the list.
    * Arguments are the text of a JSON object. Content is text; beside calls it may be None.
    * In the format ``"tags"`` there are neither calls nor `tool` messages.

    Args:
        messages: The messages, as they are sent.
        tools_format: How calls and results appear.

    >>> problems([{"role": "system", "content": "a"}, {"role": "tool", "tool_call_id": "x", "content": "b"}])
    ["message 1 answers call 'x', which is not open"]
    >>> problems([{"role": "system", "content": "a"}, {"role": "assistant", "content": "b"}])
    ['message 1 has role assistant directly after system']
    """
    checker = _Checker(tools_format)
    found = [problem for i, message in enumerate(messages) for problem in checker.check(i, message)]
    return found + ([f"the calls {checker.open} are not answered"] if checker.open else [])


class _Checker:
    """Reads messages in order."""

    def __init__(self, tools_format: ToolFormat) -> None:
        self.native = tools_format == "native"
        self.before = ""
        self.open: list[str] = []
        self.seen: set[str] = set()

    def check(self, i: int, message: object) -> Iterator[str]:
        """Yield what is wrong with the next message."""
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            role = message.get("role") if isinstance(message, Mapping) else None
            yield f"message {i} has role {role!r}; roles are {', '.join(_ROLES)}"
            return
        role, content = message["role"], message.get("content")
        if (role == "system") != (i == 0):
            yield f"message {i} has role {role!r}; the system message comes first and once"
        calls = message.get("tool_calls")
        if not isinstance(content, str) and not (content is None and calls):
            yield f"message {i} has content {content!r}, which is not a string"
        yield from self._tool(i, message) if role == "tool" else self._turn(i, role)
        if "tool_calls" in message:
            yield from self._calls(i, role, calls)
        self.before = role

    def _tool(self, i: int, message: Mapping[str, Any]) -> Iterator[str]:
        answered = message.get("tool_call_id")
        if not self.native:
            yield f"message {i} has role 'tool', which the tag format does not have"
        if answered in self.open:
            self.open.remove(answered)
        else:
            yield f"message {i} answers call {answered!r}, which is not open"

    def _turn(self, i: int, role: str) -> Iterator[str]:
        if self.open:
            yield f"message {i} comes before the calls {self.open} are answered"
            self.open = []
        if role == self.before or (role == "assistant" and self.before in ("system", "")):
            yield f"message {i} has role {role} directly after {self.before or 'nothing'}"

    def _calls(self, i: int, role: str, calls: object) -> Iterator[str]:
        if role != "assistant" or not isinstance(calls, (list, tuple)) or not calls:
            yield f"message {i} has tool_calls {calls!r}, which are not calls of an assistant"
            return
        if not self.native:
            yield f"message {i} has tool_calls, which the tag format does not have"
        for call in calls:
            wrong = call_problem(call)
            if wrong:
                yield f"message {i} has a call {wrong}"
            elif call["id"] in self.seen:
                yield f"message {i} has a call with the id {call['id']!r}, which is taken"
            else:
                self.seen.add(call["id"])
                self.open.append(call["id"])


def call_problem(call: object) -> str:
    """Return what is wrong with one element of `tool_calls`; empty if nothing.

    >>> call_problem({"id": "a", "type": "function", "function": {"name": "functions.x", "arguments": "{}"}})
    "with the name 'functions.x', which has other characters than letters, digits, _ and -, or more than 64"
    """
    if not isinstance(call, Mapping) or call.get("type") != "function" or not isinstance(call.get("function"), Mapping):
        return f"{call!r}, which is not of type function"
    name, arguments, call_id = call["function"].get("name"), call["function"].get("arguments"), call.get("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return f"with the name {name!r}, which has other characters than letters, digits, _ and -, or more than 64"
    if not isinstance(call_id, str) or not CALL_ID.fullmatch(call_id):
        return f"with the id {call_id!r}, which has other characters than letters, digits, _ and -, or more than 64"
    if not is_json_object(arguments):
        return f"with the arguments {arguments!r}, which are not the text of a JSON object"
    return ""


def is_json_object(arguments: object) -> bool:
    """Return whether arguments of a call are the text of a JSON object, as strict readers take it.

    They refuse numbers that no float can hold, halves of surrogate pairs, and keys that come twice.

    >>> is_json_object('{"a": 1}'), is_json_object('{"a": NaN}'), is_json_object({"a": 1})
    (True, False, False)
    >>> is_json_object('{"a": 1e999}'), is_json_object('{"a": 1, "a": 1}')
    (False, False)
    """
    if not isinstance(arguments, str):
        return False
    try:
        value = json.loads(
            arguments,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_readable,
            object_pairs_hook=_each_key_once,
        )
        if _ESCAPED_SURROGATE.search(arguments):
            json.dumps(value, ensure_ascii=False).encode()
        return isinstance(value, dict)
    except (ValueError, RecursionError):
        return False


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(digits)
    return number


def _readable(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse(digits)
    return int(digits)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        _refuse("a key twice")
    return values
