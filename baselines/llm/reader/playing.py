"""How the reader plays a task with commands: it has them listed and tries one after the other.

Those come first that have words of the goal, and among them those that have several words of something it knows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agemem_env.text import content_words
from agemem_env.types import ToolCall
from baselines.llm.reader.asking import tidy
from baselines.llm.reader.conversation import Conversation
from baselines.llm.reader.statements import statements

_HELP = re.compile(r"check (?:valid|available) (?:actions|commands)", re.IGNORECASE)
_LIST = re.compile(r"(?:actions|commands)[^:]*:\s*(?P<list>.+)", re.DOTALL | re.IGNORECASE)
_IDLE = re.compile(r"check (?:valid|available)|look|inventory|help|wait|examine", re.IGNORECASE)
DEFAULT_HELP = "check valid actions"
RECALLED = 10
"""Memories looked up at the start of a task."""


def play(conversation: Conversation) -> list[ToolCall]:
    """Return the next call: look up what is known, have the commands listed, try one, and so on."""
    commands = [(str(c.arguments.get("command", "")), result) for c, result in conversation.calls if c.name == "act"]
    if not conversation.calls and "Retrieve_memory" in conversation.tools:
        recall = ToolCall("Retrieve_memory", {"query": conversation.query, "top_k": RECALLED})
        return [*tidy(conversation), recall]
    options = _options(commands[-1][1]) if commands and _HELP.search(commands[-1][0]) else []
    command = _choose(options, commands, conversation) if options else _help(conversation, commands)
    return [ToolCall("act", {"command": command})]


def _help(conversation: Conversation, commands: Sequence[tuple[str, str]]) -> str:
    """Return the command that lists the commands, in the words in which the benchmark names it."""
    named = next((m[0] for text in (*conversation.told, conversation.query) if (m := _HELP.search(text))), "")
    return named or DEFAULT_HELP


def _options(listing: str) -> list[str]:
    match = _LIST.search(listing)
    parts = re.split(r",\s*|;\s*|\n", match["list"]) if match else []
    options = [part.strip(" .-'\"[]") for part in parts]
    return [option for option in options if option]


def _choose(options: Sequence[str], commands: Sequence[tuple[str, str]], conversation: Conversation) -> str:
    """Return the option that was tried least; among those the one with most words of goal and of one statement."""
    goal = set(content_words(conversation.query))
    known = [set(content_words(s.text)) for text in conversation.told for s in statements(text)]
    tried = Counter(command for command, _ in commands)

    def rank(option: str) -> tuple[bool, int, int, int]:
        words = set(content_words(option))
        together = max((len(words & fact) for fact in known), default=0)
        return bool(_IDLE.match(option)), tried[option], -len(words & goal), -together

    return min(options, key=rank)
