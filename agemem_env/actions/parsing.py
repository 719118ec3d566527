"""The action parser: whatever an agent sends becomes one `agemem_env.types.Turn`.

`parse` is total (no value makes it raise), pure and takes time linear in the length of the text. It judges
form only: which tools exist and which arguments they take is checked by whoever executes the calls.

Forms, all equal in effect (the first is the paper's):

* ``<think>…</think>`` (optional), then ``<tool_call>[{"name": …, "arguments": {…}}, …]</tool_call>`` or
  ``<answer>…</answer>``, which is the call ``answer(text)``;
* one object in a tag, several ``<tool_call>`` tags in a row; a thought that only ends with ``</think>``,
  because the chat template has opened it;
* a chat message with ``tool_calls`` and ``content``, as a dict or as an object of the OpenAI SDK;
  ``reasoning_content`` or ``reasoning`` is the thought;
* ``{"name": …, "arguments": {…}}`` (or ``parameters``, or wrapped in ``{"function": …}``), a `ToolCall`, or a
  list of those; a `Turn` is returned as it is;
* plain text. With ``commands=True`` one line is the call ``act(command)``, as are ``<action>…</action>`` and
  a line ``Action: …``. Otherwise it is a reply: `Turn.text` and no call.

Mistakes of form never stop a turn whose meaning is clear: they are mended and reported, each kind once per
turn. A text that looks like an attempt to call a tool and cannot be read is neither a command nor a reply.
The kinds, with the messages that tell the agent what to do, are the table `VIOLATIONS`.

>>> parse('<tool_call>[{"name": "Add_memory", "arguments": {"content": "x"}}]</tool_call>', commands=True)
Turn(calls=(ToolCall(name='Add_memory', arguments={'content': 'x'}),), text='', think='', violations=())
>>> parse("open drawer 1", commands=True).calls
(ToolCall(name='act', arguments={'command': 'open drawer 1'}),)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from agemem_env.actions.turn_reader import END_TAGS, VIOLATIONS, TextReader, read_call, violations_of
from agemem_env.text.relaxed_json import NotPlainError, Plain, plain, valid_text
from agemem_env.types import ToolCall, Turn

__all__ = ["VIOLATIONS", "SupportsModelDump", "parse", "render_answer", "render_calls"]


@runtime_checkable
class SupportsModelDump(Protocol):
    """A pydantic object, such as the SDK's ``ChatCompletionMessage`` or one of its tool calls."""

    def model_dump(self, *, warnings: bool) -> dict[str, Any]:
        """Return the fields as a dict."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A chat message; a call is None if it has no JSON form."""

    content: str | None
    reasoning: str
    calls: list[Plain | None]


def parse(action: object, *, commands: bool) -> Turn:
    """Return the turn that an action means.

    Args:
        action: Anything; the accepted forms are listed in the module's description.
        commands: Whether plain text is a task command. False in stages 1 and 2 and in question answering,
            where plain text is a reply.

    Returns:
        A turn whose arguments are fresh plain JSON values and whose strings are valid Unicode. Its violations
        have the kinds and messages of `VIOLATIONS`, each at most once.

    >>> parse("Action: go north", commands=False).text
    'Action: go north'
    >>> [v.kind for v in parse('{"name": "Add_memory"', commands=True).violations]
    ['malformed_call']
    """
    try:
        form = _form(action)
    except Exception:  # only the action's own code fails here: model_dump, iteration, __class__
        form = None
    if isinstance(form, Turn):
        return form
    if isinstance(form, str):
        return TextReader(form, commands).turn()
    if isinstance(form, _Message):
        return _message_turn(form, commands)
    if isinstance(form, list):
        return _calls_turn(form)
    return Turn(violations=violations_of(["unsupported_action"]))


def render_calls(calls: Sequence[ToolCall]) -> str:
    r"""Return the calls in the paper's tag; `parse` reads them back equal, whatever their strings contain.

    >>> render_calls([ToolCall("Add_memory", {"content": "</tool_call>"})])
    '<tool_call>[{"name": "Add_memory", "arguments": {"content": "<\\/tool_call>"}}]</tool_call>'
    """
    body = json.dumps([call.to_dict() for call in calls], ensure_ascii=False)
    # "</" can only be inside a JSON string, where "<\/" means the same.
    return f"<tool_call>{body.replace('</', '<' + chr(92) + '/')}</tool_call>"


def render_answer(text: str) -> str:
    """Return the answer in its tag, or as a call of `answer` if the tag would not keep it as it is.

    >>> render_answer("Paris")
    '<answer>Paris</answer>'
    >>> render_answer("Paris ")
    '<tool_call>[{"name": "answer", "arguments": {"text": "Paris "}}]</tool_call>'
    """
    if text != text.strip() or END_TAGS["answer"].search(text):
        return render_calls([ToolCall("answer", {"text": text})])
    return f"<answer>{text}</answer>"


def _form(action: object) -> Turn | str | _Message | list[Plain | None] | None:
    """Copy the action to plain values; the only function that runs code of foreign objects."""
    if isinstance(action, Turn):
        calls = _calls_turn([_element(call) for call in action.calls]) if action.calls else Turn()
        return Turn(
            calls.calls, valid_text(action.text), valid_text(action.think), action.violations + calls.violations
        )
    if action is None:
        return ""
    if isinstance(action, str):
        return str.__str__(action)
    if isinstance(action, (list, tuple)):
        return [_element(item) for item in action]
    # The protocol comes last: it is slow to check.
    if not isinstance(action, (Mapping, ToolCall)) and isinstance(action, SupportsModelDump):
        action = action.model_dump(warnings=False)
    if isinstance(action, Mapping):
        fields = dict(action)
        if "tool_calls" in fields or "role" in fields or ("content" in fields and "name" not in fields):
            return _message(fields)
        return [_element(fields)]
    return [_element(action)] if isinstance(action, ToolCall) else None


def _element(item: object) -> Plain | None:
    if isinstance(item, ToolCall):
        item = {"name": item.name, "arguments": item.arguments}
    elif not isinstance(item, Mapping) and isinstance(item, SupportsModelDump):
        item = item.model_dump(warnings=False)
    try:
        return plain(item)
    except NotPlainError:
        return None


def _message(fields: Mapping[Any, object]) -> _Message:
    thought = fields.get("reasoning_content") or fields.get("reasoning")
    calls = fields.get("tool_calls") or ()
    return _Message(
        content=_content(fields.get("content")),
        reasoning=valid_text(str.__str__(thought)).strip() if isinstance(thought, str) else "",
        calls=[_element(item) for item in calls] if isinstance(calls, (list, tuple)) else [None],
    )


def _content(content: object) -> str | None:
    """Return a message's text; None if its content is neither text nor a list of parts."""
    if content is None or isinstance(content, str):
        return str.__str__(content or "")
    if not isinstance(content, (list, tuple)):
        return None
    texts = [part.get("text") for part in content if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _message_turn(message: _Message, commands: bool) -> Turn:
    inner = TextReader(message.content or "", commands and not message.calls).turn()
    think = "\n".join(filter(None, (message.reasoning, inner.think)))
    if message.content is None and not message.calls:
        return Turn(think=think, violations=violations_of(["unsupported_action"]))
    if not message.calls:
        return Turn(inner.calls, inner.text, think, inner.violations)
    outer = _calls_turn(message.calls)
    # What is wrong with a text that stands beside native calls matters only where it tries to act.
    kinds = [violation.kind for violation in outer.violations]
    kinds += ["call_and_answer" if call.name == "answer" else "calls_twice" for call in inner.calls]
    return Turn(outer.calls, inner.text, think, violations_of(kinds))


def _calls_turn(items: Sequence[Plain | None]) -> Turn:
    kinds: list[str] = [] if items else ["empty_action"]
    if any(item is not None and item.repaired for item in items):
        kinds.append("repaired_json")
    calls = [read_call(None if item is None else item.value, kinds) for item in items]
    return Turn(tuple(call for call in calls if call is not None), violations=violations_of(kinds))
