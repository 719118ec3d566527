"""The spaces of the suite: chat messages, tool calls and counts.

The first two are sub-classes of `gymnasium.Space` with `__eq__`, so that they work in vector environments with
``shared_memory=False``; text of any language is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from gymnasium import Space
from gymnasium.spaces import Box
from gymnasium.spaces.utils import flatten, flatten_space, unflatten

from agemem_env.actions.names import with_names_meant
from agemem_env.actions.parsing import parse
from agemem_env.tools import Tool, ToolBox
from agemem_env.tools.arguments import random_text

ChatMessages = tuple[dict[str, Any], ...]

_ROLES = ("system", "user", "assistant", "tool")
_UNUSABLE = ("unsupported_action", "malformed_call", "empty_action")


def chat_error(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """Return why a chat API would refuse this message list, or None if it would take it.

    One system message comes first; each `tool` message answers a call of the assistant message before it, and each
    call is answered before anybody else speaks.

    >>> chat_error([{"role": "system", "content": "a"}, {"role": "tool", "tool_call_id": "x", "content": "b"}])
    "message 1 answers call 'x', which is not open"
    """
    open_calls: list[str] = []
    for i, message in enumerate(messages):
        role, content = message.get("role"), message.get("content")
        if role not in _ROLES or (role == "system") != (i == 0):
            return f"message {i} has role {role!r}; the system message comes first and once"
        calls = _call_ids(message)
        if calls is None:
            return f"message {i} has tool_calls {message['tool_calls']!r}, which are not calls of an assistant"
        if not isinstance(content, str) and not (content is None and calls):
            return f"message {i} has content {content!r}, which is not a string"
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                return f"message {i} answers call {message.get('tool_call_id')!r}, which is not open"
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return f"message {i} comes before the calls {open_calls} are answered"
        else:
            open_calls = calls
    return f"the calls {open_calls} are not answered" if open_calls else None


def _call_ids(message: Mapping[str, Any]) -> list[str] | None:
    """Return the ids of the calls in a message, or None if a chat API would refuse them."""
    if "tool_calls" not in message:
        return []
    calls = message["tool_calls"]
    if message["role"] != "assistant" or not isinstance(calls, (list, tuple)) or not all(map(_is_call, calls)):
        return None
    ids = [call["id"] for call in calls]
    return ids if ids and len(set(ids)) == len(ids) else None


def _is_call(call: object) -> bool:
    if not isinstance(call, Mapping) or call.get("type") != "function" or not isinstance(call.get("id"), str):
        return False
    function = call.get("function")
    return isinstance(function, Mapping) and all(isinstance(function.get(key), str) for key in ("name", "arguments"))


class MessageSpace(Space[ChatMessages]):
    """All message lists that a chat API accepts, as tuples of dicts.

    Example:
        >>> space = MessageSpace(seed=0)
        >>> ({"role": "system", "content": "You are helpful."},) in space
        True
        >>> ({"role": "user", "content": 3},) in space
        False
    """

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """False: message lists have no fixed size."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> ChatMessages:
        """Return a short random conversation.

        Raises:
            ValueError: If a mask or probabilities are given; they have no meaning here.
        """
        if mask is not None or probability is not None:
            raise ValueError("MessageSpace.sample takes neither mask nor probability")
        roles = ("system", *("user", "assistant") * int(self.np_random.integers(1, 4)))
        return tuple({"role": role, "content": random_text(self.np_random)} for role in roles)

    def contains(self, x: Any) -> bool:
        """Return whether ``x`` is a tuple or list of messages that a chat API would accept."""
        if not isinstance(x, (tuple, list)) or not x or not all(isinstance(m, Mapping) for m in x):
            return False
        return chat_error(x) is None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageSpace)

    def __repr__(self) -> str:
        return "MessageSpace()"

    def to_jsonable(self, sample_n: Iterable[ChatMessages]) -> list[Any]:
        """Return the message lists as lists of dicts."""
        return [list(messages) for messages in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[ChatMessages]:
        """Return the message lists as tuples of dicts."""
        return [tuple(messages) for messages in sample_n]


class ToolCallSpace(Space[Any]):
    """Everything an agent may send: a call, several calls, raw model text, or a chat message with tool calls.

    `sample` draws a valid call. `contains` is true for whatever the parser understands as a reply, a command or
    well-formed calls of tools that are offered. `AgeMemEnv.step` takes any object all the same.

    Args:
        tools: The memory tools offered, in order, as `agemem_env.tools.memory_tools` takes them.
        commands: Whether the benchmark takes commands.
        answer: Whether the ``answer`` tool is offered.
        admissible: Returns the commands that are allowed now; used by `sample`. It stays behind when the space is
            copied or pickled.
        seed: Seed of `sample`.

    Example:
        >>> space = ToolCallSpace(["Add_memory"], commands=False, seed=0)
        >>> {"name": "Add_memory", "arguments": {"content": "mug 2 is in cabinet 3"}} in space
        True
        >>> {"name": "Add_memory", "arguments": {}} in space
        False
    """

    def __init__(
        self,
        tools: Iterable[str | type[Tool]],
        *,
        commands: bool,
        answer: bool = True,
        admissible: Callable[[], Sequence[str]] | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(seed=seed)
        self._commands = commands
        self._box = ToolBox(tools, commands=commands, answer=answer)
        self._admissible = admissible

    @property
    def box(self) -> ToolBox:
        """The tools themselves."""
        return self._box

    @property
    def is_np_flattenable(self) -> bool:
        """False: calls have no fixed size."""
        return False

    def tools(self) -> list[dict[str, Any]]:
        """Return every tool in OpenAI's function-calling format, ready for ``tools=`` of a chat API."""
        return self._box.schemas()

    def sample(self, mask: Any = None, probability: Any = None) -> dict[str, Any]:
        """Return a random valid call; a command is one of the admissible ones where the engine lists them.

        Raises:
            ValueError: If a mask or probabilities are given; they have no meaning here.
        """
        if mask is not None or probability is not None:
            raise ValueError("ToolCallSpace.sample takes neither mask nor probability")
        tool = tuple(self._box)[int(self.np_random.integers(len(self._box.names)))]
        drawn = {
            name: spec.sample(self.np_random)
            for name, spec in tool.specs.items()
            if spec.required or self.np_random.random() < 0.5
        }
        for name in drawn:
            choices = self._admissible() if tool.specs[name].names == "command" and self._admissible else ()
            if choices:
                drawn[name] = choices[int(self.np_random.integers(len(choices)))]
        return {"name": tool.name, "arguments": drawn}

    def contains(self, x: Any) -> bool:
        """Return whether ``x`` is understood as a reply, a command, or valid calls."""
        turn = with_names_meant(parse(x, commands=self._commands, tools=self._box.names), self._box.names)
        if any(v.kind in _UNUSABLE for v in turn.violations) or not (turn.calls or turn.text):
            return False
        return all(self._box.accepts(call) for call in turn.calls)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ToolCallSpace):
            return False
        return list(map(type, self._box)) == list(map(type, other._box))

    def __repr__(self) -> str:
        return f"ToolCallSpace({', '.join(self._box.names)})"

    def __getstate__(self) -> dict[str, Any]:
        # The callback leads to the environment, which a copy of the space must not drag along.
        return {**self.__dict__, "_admissible": None}


MAX_COUNT = 2**31 - 1
"""Upper end of counting observations."""


class Count(Box):
    """Whole numbers from 0 to `MAX_COUNT`, as Python integers or as arrays of shape ``()``.

    A `Box`, so that vector environments batch it as integers and flattening makes one number of it.

    >>> 8192 in Count(), -1 in Count(), True in Count()
    (True, False, False)
    """

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(0, MAX_COUNT, (), np.int64, seed)

    def contains(self, x: Any) -> bool:
        """Whether a value is in the space."""
        if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
            return 0 <= int(x) <= MAX_COUNT
        return isinstance(x, np.ndarray) and super().contains(x)


def _unchanged(space: Any, *x: Any) -> Any:
    """Leave messages as they are when an observation is flattened, as Gymnasium leaves graphs."""
    return x[0] if x else space


for _function in (flatten_space, flatten, unflatten):
    cast(Any, _function).register(MessageSpace, _unchanged)
