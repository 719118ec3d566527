"""The action parser: whatever an agent sends becomes one `agemem_env.types.Turn`.

`parse` is total (no value makes it raise), pure and takes time linear in the length of the text. It judges
form only: which tools exist and which arguments they take is checked by whoever executes the calls.

Forms, all equal in effect (the first is the paper's):

* ``<think>…</think>`` (optional), then ``<tool_call>[{"name": …, "arguments": {…}}, …]</tool_call>`` or
  ``<answer>…</answer>``, which is the call ``answer(text)``;
* one object in a tag, several ``<tool_call>`` tags in a row; a thought that only ends with ``</think>``,
  because the chat template has opened it;
* a dialect of a family of models, see `agemem_env.actions.dialects`;
* a chat message with ``tool_calls`` and ``content``, as a dict or as an object of the OpenAI SDK, or the completion
  or choice that holds it; ``reasoning_content`` or ``reasoning`` is the thought; content may be parts, among them
  calls; a message with nothing but a ``refusal`` is a reply that says so;
* ``{"name": …, "arguments": {…}}`` (or ``parameters``, or wrapped in ``{"function": …}``), a `ToolCall`, or a
  list of those; a `Turn` is returned as it is;
* plain text. With ``commands=True`` one line is the call ``act(command)``, as are ``<action>…</action>`` and
  a line ``Action: …``. Otherwise it is a reply: `Turn.text` and no call.

Mistakes of form never stop a turn whose meaning is clear: they are mended and reported, each kind once per
turn. Template tokens at the end of a text are cut. A text that looks like an attempt to call a tool and cannot be read
is neither a command nor a reply.
The kinds, with the messages that tell the agent what to do, are the table `VIOLATIONS`.

>>> parse('<tool_call>[{"name": "Add_memory", "arguments": {"content": "x"}}]</tool_call>', commands=True)
Turn(calls=(ToolCall(name='Add_memory', arguments={'content': 'x'}),), text='', think='', violations=())
>>> parse("open drawer 1", commands=True).calls
(ToolCall(name='act', arguments={'command': 'open drawer 1'}),)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agemem_env.actions.calls import read_call
from agemem_env.actions.forms import ChatForm, element, form_of
from agemem_env.actions.names import TOOLS
from agemem_env.actions.turn_reader import TextReader
from agemem_env.actions.violations import VIOLATIONS, violations_of
from agemem_env.text.relaxed_json import Plain, valid_text
from agemem_env.types import ToolCall, Turn

__all__ = ["VIOLATIONS", "Reading", "Sent", "SentCall", "parse", "read"]


@dataclass(frozen=True, slots=True)
class SentCall:
    """One native call of a message as it was sent, and what it means.

    Attributes:
        id: Its id; empty if it has none.
        name: Its name.
        arguments: Its arguments if they are text, else an empty text.
        call: The call, or None if it could not be read.
    """

    id: str
    name: str
    arguments: str
    call: ToolCall | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it was sent.

    Attributes:
        text: Its content, without template tokens at the end; None if it has none.
        spoken: The content without thoughts.
        reasoning: Thought beside the content.
        calls: Its native calls.
        exact: Whether text and calls are all of the message, letter by letter.
    """

    text: str | None
    spoken: str | None
    reasoning: str = ""
    calls: tuple[SentCall, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A turn, and the message that it was read from; None for objects that are no message."""

    turn: Turn
    sent: Sent | None


def parse(action: object, *, commands: bool, tools: Iterable[str] = TOOLS) -> Turn:
    """Return the turn that an action means.

    Args:
        action: Anything; the accepted forms are listed in the module's description.
        commands: Whether plain text is a task command. False in stages 1 and 2 and in question answering,
            where plain text is a reply.
        tools: Names of the tools that are offered, by which a text that only speaks of data or code is told from an
            attempt to call one.

    Returns:
        A turn whose arguments are fresh plain JSON values and whose strings are valid Unicode. Its violations
        have the kinds and messages of `VIOLATIONS`, each at most once.

    >>> parse("Action: go north", commands=False).text
    'Action: go north'
    >>> [v.kind for v in parse('{"name": "Add_memory"', commands=True).violations]
    ['malformed_call']
    """
    return read(action, commands=commands, tools=tools).turn


def read(action: object, *, commands: bool, tools: Iterable[str] = TOOLS) -> Reading:
    """Return the turn that an action means, as `parse` does, with the message as it was sent.

    >>> read(" Noted. ", commands=False).sent.text
    ' Noted. '
    """
    try:
        form = form_of(action)
        if isinstance(form, Turn):
            return Reading(_made(form), None)
    except Exception:  # only the action's own code fails here: model_dump, iteration, __class__
        form = None
    if isinstance(form, str):
        reader = TextReader(form, commands, tools)
        return Reading(reader.turn(), _sent(form, reader))
    if isinstance(form, ChatForm):
        return _read_message(form, commands, tools)
    if isinstance(form, list):
        return Reading(_calls_turn(form), None)
    return Reading(Turn(violations=violations_of(["unsupported_action"])), None)


def _made(turn: Turn) -> Turn:
    """Return a turn that was handed in, made plain."""
    kinds: list[str] = []
    read = [(_read_element(element(call), kinds), call.typed) for call in turn.calls]
    calls = tuple(replace(call, typed=typed) for call, typed in read if call is not None)
    violations = turn.violations + violations_of(kinds)
    return Turn(calls, valid_text(turn.text), valid_text(turn.think), violations)


def _sent(form: str, reader: TextReader) -> Sent:
    return Sent(reader.text, reader.spoken(), exact=reader.text == form)


def _read_message(message: ChatForm, commands: bool, tools: Iterable[str]) -> Reading:
    """Read a chat message: its native calls if it has some, else what its text says."""
    reader = TextReader(message.content or "", commands and not message.calls, tools)
    inner = reader.turn()
    kinds: list[str] = []
    pairs = [(item, _read_element(item, kinds)) for item in message.calls]
    sent = Sent(
        text=None if message.content is None else reader.text,
        spoken=None if message.content is None else reader.spoken(),
        reasoning=message.reasoning,
        calls=tuple(_sent_call(item, call) for item, call in pairs),
        exact=message.exact and reader.text == (message.content or ""),
    )
    think = "\n".join(filter(None, (message.reasoning, inner.think)))
    if message.calls:
        # What is wrong with a text that stands beside native calls matters only where it tries to act.
        kinds += ["call_and_answer" if call.name == "answer" else "calls_twice" for call in inner.calls]
        calls = tuple(call for _, call in pairs if call is not None)
        return Reading(Turn(calls, inner.text, think, violations_of(kinds)), sent)
    if not message.understood:
        unread = Sent(None, None, message.reasoning, exact=False)
        return Reading(Turn(think=think, violations=violations_of(["unsupported_action"])), unread)
    if message.refusal and not (message.content or "").strip():
        refused = Sent(message.refusal, message.refusal, message.reasoning, exact=False)
        return Reading(Turn(text=message.refusal, think=think), refused)
    return Reading(Turn(inner.calls, inner.text, think, inner.violations), sent)


def _sent_call(item: Plain | None, call: ToolCall | None) -> SentCall:
    value = item.value if item is not None and isinstance(item.value, dict) else {}
    inner = value.get("function")
    fields = inner if isinstance(inner, dict) else value
    texts = (value.get("id"), fields.get("name"), fields.get("arguments"))
    call_id, name, arguments = (text if isinstance(text, str) else "" for text in texts)
    return SentCall(call_id, name or (call.name if call else ""), arguments, call)


def _calls_turn(items: Sequence[Plain | None]) -> Turn:
    kinds: list[str] = [] if items else ["empty_action"]
    calls = [_read_element(item, kinds) for item in items]
    return Turn(tuple([call for call in calls if call is not None]), violations=violations_of(kinds))


def _read_element(item: Plain | None, kinds: list[str]) -> ToolCall | None:
    if item is not None and item.repaired:
        kinds.append("repaired_json")
    return read_call(None if item is None else item.value, kinds)
