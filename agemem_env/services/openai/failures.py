"""What the error responses of services mean: their bodies in every form, and one table of their wordings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Meaning = Literal["malformed_call", "filter", "context", "parameter", "tools"]
"""What a refusal is about.

``malformed_call``: the model wrote a tool call that the server could not read. ``filter``: a content filter refused
the prompt. ``context``: the prompt is too long. ``parameter``: a field of the request is not allowed. ``tools``: the
server cannot use tools.
"""

ENDING: frozenset[Meaning] = frozenset({"malformed_call", "filter", "context"})
"""What is not asked again, whatever the status."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What a service said went wrong.

    Attributes:
        message: Its words, in one line; may be empty.
        codes: ``code`` and ``type`` of the error, in lower case.
        param: Field of the request that it is about, or an empty text.
        generation: What the model had written, where the service tells it.
    """

    message: str
    codes: frozenset[str] = frozenset()
    param: str = ""
    generation: str = ""


@dataclass(frozen=True, slots=True)
class _Wording:
    meaning: Meaning
    statuses: frozenset[int]
    codes: frozenset[str]
    pattern: re.Pattern[str]


def _wording(meaning: Meaning, statuses: set[int], codes: set[str], *patterns: str) -> _Wording:
    return _Wording(meaning, frozenset(statuses), frozenset(codes), re.compile("|".join(patterns), re.IGNORECASE))


WORDINGS = (
    _wording(
        "malformed_call",
        {400, 422, 500},
        {"tool_use_failed", "output_parse_failed"},
        r"(?:error|failed|failure|unable|could not|cannot) (?:to )?pars(?:e|ing) (?:the )?(?:tool|function).?call",
        r"failed to parse (?:input at pos|the model'?s? output)",
        r"failed to call a function",
        r"tool.?call validation failed",
        r"model (?:generated|produced) (?:output|a tool call|an invalid)",
    ),
    _wording(
        "filter",
        {400, 403, 422, 451},
        {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed"},
        r"content (?:management |usage )?policy|content.?filter|content.?moderation|requires moderation",
        r"(?:input|prompt|request) was (?:flagged|blocked)|inappropriate content|usage polic|safety (?:system|filter)",
    ),
    _wording(
        "context",
        {400, 413, 422, 500},
        {"context_length_exceeded", "exceed_context_size_error", "prompt_too_long"},
        r"context.?(?:length|window|size|limit)|maximum (?:prompt|input|sequence|model) length|max_model_len",
        r"(?:prompt|input) is too long|too many (?:input )?tokens|maximum.{0,20}tokens allowed|reduce the length of",
        r"(?:inputs?|prompt)`? tokens? .{0,40}(?:exceed|must be)|range of input length|input token count",
        r"must have less than \d+ tokens",
    ),
    _wording(
        "parameter",
        {400, 422},
        {"unsupported_value", "unsupported_parameter"},
        r"(?:unsupported|unknown|invalid|unrecognized|not supported).{0,60}(?:temperature|max_tokens)",
        r"(?:temperature|max_tokens).{0,60}(?:unsupported|not supported|not allowed|does not support|only the default)",
    ),
    _wording("tools", {400, 404, 422, 500, 501}, set(), r"tool|function.?call"),
)
"""How services say things, the first that fits counts: status and code, or status and words."""

_RAW_CALL = re.compile(r"raw='(.*)', err=", re.DOTALL)


def meaning(status: int, body: ErrorBody) -> Meaning | None:
    """Return what an error response is about, if that can be told.

    >>> meaning(400, ErrorBody("This model's maximum context length is 4096 tokens"))
    'context'
    >>> meaning(500, ErrorBody("oops")) is None
    True
    """
    for wording in WORDINGS:
        if status in wording.statuses and (body.codes & wording.codes or wording.pattern.search(body.message)):
            return wording.meaning
    return None


def refused_field(body: ErrorBody) -> str:
    """Return the name of the field that a refusal of meaning ``parameter`` is about, or an empty text.

    >>> refused_field(ErrorBody("Unsupported value: 'temperature' does not support 0 with this model."))
    'temperature'
    """
    if body.param:
        return body.param
    named = [name for name in ("temperature", "max_tokens") if re.search(rf"\b{name}\b", body.message)]
    return named[0] if named else ""


def read_error(text: str) -> ErrorBody:
    """Return what the body of an error response says, in whatever form.

    >>> read_error('{"error": {"message": "No.", "code": "nope"}}')
    ErrorBody(message='No.', codes=frozenset({'nope'}), param='', generation='')
    >>> [read_error(t).message for t in ('{"error": "a"}', '{"detail": "b"}', '[{"error": {"message": "c"}}]', "d")]
    ['a', 'b', 'c', 'd']
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ErrorBody(_one_line(text))
    return error_of(value, text)


def error_of(value: Any, text: str = "") -> ErrorBody:
    """Return what a JSON value says went wrong.

    Args:
        value: The body of a response, or the error in it.
        text: The body as it came, for what is not understood.
    """
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return ErrorBody(_one_line(value))
    if not isinstance(value, Mapping):
        return ErrorBody(_one_line(text))
    for name in ("error", "detail", "errors"):
        inner = value.get(name)
        if inner and isinstance(inner, (Mapping, list, str)):
            found = error_of(inner, text)
            return found if found.codes else ErrorBody(found.message, _codes(value), found.param, found.generation)
    message = next((m for m in map(value.get, ("message", "msg", "title")) if isinstance(m, str) and m), text)
    generation = value.get("failed_generation")
    raw = _RAW_CALL.search(message)
    if not isinstance(generation, str):
        generation = raw[1] if raw else ""
    return ErrorBody(_one_line(message), _codes(value), _text(value.get("param")), generation)


def status_of(value: Any, default: int) -> int:
    """Return the HTTP status that an error inside a reply names, or the default."""
    code = value.get("code") if isinstance(value, Mapping) else None
    return code if isinstance(code, int) and 400 <= code < 600 else default


def _codes(value: Mapping[Any, Any]) -> frozenset[str]:
    found = (value.get(name) for name in ("code", "type"))
    return frozenset(code.lower() for code in found if isinstance(code, str) and code)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
