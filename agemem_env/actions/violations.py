"""The kinds of mistakes of form that a turn may hold, and what the agent is told about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agemem_env.types import Violation

_CALL = '<tool_call>[{"name": "...", "arguments": {...}}]</tool_call>'

VIOLATIONS: Mapping[str, str] = MappingProxyType(
    {
        "empty_action": f"The turn holds no action. Send {_CALL} or <answer>...</answer>.",
        "unsupported_action": 'Send text, a chat message, or {"name": "...", "arguments": {...}}.',
        "malformed_call": f"A tool call could not be read and was not executed. Send {_CALL}, valid JSON.",
        "missing_tags": f"Put tool calls between tags: {_CALL}.",
        "unbalanced_tags": "Open and close every tag, as in <tool_call>...</tool_call>.",
        "repaired_json": "The tool call was mended. Send one valid JSON array: double quotes, true, "
        "false, null, finite numbers, no trailing comma, no code fence.",
        "extra_keys": "Keys beside name and arguments were ignored. Put everything that the tool takes into arguments.",
        "text_outside_tags": "Write nothing outside <think>, <tool_call> and <answer>.",
        "call_and_answer": "The answer was ignored because the turn also calls a tool. Send "
        "<answer>...</answer> alone in the next turn.",
        "several_answers": "Only the first answer counts. Send one <answer>...</answer>.",
        "several_actions": "Only the first command was executed. Send one command per turn.",
        "multiline_command": "Nothing was executed. Send one command on one line.",
        "calls_twice": "Calls in the text were ignored. Send calls in tool_calls or in the text, not both.",
    }
)
"""Every kind of violation that `agemem_env.actions.parsing.parse` reports, and its message to the agent."""


def violations_of(kinds: Iterable[str]) -> tuple[Violation, ...]:
    """Return one violation per kind, in order of first appearance."""
    return tuple([Violation(kind, VIOLATIONS[kind]) for kind in dict.fromkeys(kinds)])
