"""What has been read of the text of one turn so far: calls, answers, thoughts, and what stands outside all tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agemem_env.actions.attempts import attempt_as_command
from agemem_env.actions.calls import listed_calls, read_call
from agemem_env.actions.dialects import may_hold_no_call
from agemem_env.actions.names import TOOLS
from agemem_env.actions.template_tokens import without_template_tokens
from agemem_env.text.relaxed_json import Decoded, decode, valid_text
from agemem_env.types import ToolCall

MAX_FAILURES = 8
"""Unreadable pieces of JSON in one text before the rest is given up; keeps the time linear."""

# Without ASCII, "ı" and "ſ" would match letters of the word.
_ACTION_LINE = re.compile(r"\*{0,2}action\*{0,2}\s*:\*{0,2}(.*)", re.IGNORECASE | re.ASCII)


class TextState:
    """A position in a text, and what was found before it. Searches are remembered.

    Args:
        text: The text of a turn.
        commands: Whether plain text is a command.
        tools: Names of the tools that are offered.

    Attributes:
        thought_spans: Where the thoughts stand, tags included, once the text has been read.
    """

    def __init__(self, text: str, commands: bool, tools: Iterable[str] = TOOLS) -> None:
        self.text = without_template_tokens(valid_text(text))
        self.tools = tuple(tools)
        self.is_plain = may_hold_no_call(self.text)
        self.commands = commands
        self.pos = 0
        self.calls: list[ToolCall] = []
        self.answers: list[str] = []
        self.outside: list[str] = []
        self.left = 0
        self.thoughts: list[str] = []
        self.thought_spans: list[tuple[int, int]] = []
        self.thought_end = 0
        self.thought_cut = False
        self.call_tag = False
        self.acted = False
        self.kinds: list[str] = []
        self.failures = 0
        self.found: dict[re.Pattern[str], re.Match[str] | None] = {}

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match from the current position on."""
        match = self.found.get(pattern)
        if pattern not in self.found or (match is not None and match.start() < self.pos):
            match = self.found[pattern] = pattern.search(self.text, self.pos)
        return match

    def decode(self, start: int) -> Decoded | None:
        """Read the JSON value that begins at `start`, if one does."""
        if self.failures >= MAX_FAILURES or not self.text.startswith(("{", "["), start):
            return None
        found = decode(self.text, start)
        self.failures += found is None
        return found

    def add(self, found: Decoded) -> None:
        """Take the calls of one list or object and go on after it."""
        if found.repaired:
            self.kinds.append("repaired_json")
        items = listed_calls(found.value)
        if not items:
            self.kinds.append("empty_action")
        self.calls += [call for item in items if (call := read_call(item, self.kinds)) is not None]
        self.pos = found.end

    def leave(self, start: int, end: int) -> None:
        """Leave a piece of text outside all tags; one that follows another directly is part of it."""
        if self.outside and start and start == self.left:
            self.outside[-1] += self.text[start:end]
        else:
            self.outside.append(self.text[start:end])
        self.left = end

    def all_thought(self, end: int, after: int) -> None:
        """Take everything before a position for thought, and go on after another."""
        self.thoughts.append(self.text[self.thought_end : end])
        self.thought_spans = [(0, after)]
        self.kinds = ["unbalanced_tags"] if self.thought_end else []
        self.thought_end = after
        self.calls, self.answers, self.outside = [], [], []
        self.acted = self.call_tag = False

    def spoken(self) -> str:
        """Return the text without its thoughts; as it is if there are none."""
        if not self.thought_spans:
            return self.text
        pieces, position = [], 0
        for start, end in self.thought_spans:
            pieces.append(self.text[position:start].strip())
            position = end
        return "\n".join(filter(None, [*pieces, self.text[position:].strip()]))

    def act(self, command: str) -> None:
        """Take a command: one line, once per turn."""
        if self.acted:
            self.kinds.append("several_actions")
        elif not command:
            self.kinds.append("empty_action")
        elif attempt_as_command(command, self.tools):
            self.kinds.append("malformed_call")
        elif len(command.splitlines()) > 1:
            self.kinds.append("multiline_command")
        else:
            self.calls.append(ToolCall("act", {"command": command}))
            self.acted = True

    def command_text(self, text: str) -> str:
        """Take the command of a plain text; return what is left of the text."""
        lines = [(line, _ACTION_LINE.match(line.strip())) for line in text.splitlines()]
        marked = [match[1].strip() for _, match in lines if match]
        for command in marked or [text]:
            self.act(command)
        if not self.acted:
            return "" if "malformed_call" in self.kinds else text
        return "\n".join(line for line, match in lines if not match).strip() if marked else ""
