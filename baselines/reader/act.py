"""Plays a task with commands: the reader tries those that it may give, one after the other.

Which those are it learns from a command that lists them, if the system message names one, else from the forms of
commands in the system message and the things that it has seen. Those come first that share words with the goal and
with a statement that it knows, and those whose like has not just failed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, permutations

from agemem_env.text.words import content_words
from agemem_env.types import ToolCall
from baselines.reader.conversation import Conversation
from baselines.reader.statements import read_statements

_HELP = re.compile(r"check (?:valid|available) (?:actions|commands)", re.IGNORECASE)
_LIST = re.compile(r"(?:actions|commands)[^:]*:\s*(?P<list>.+)", re.DOTALL | re.IGNORECASE)
_FORMS = re.compile(r"\bCommands: (?P<forms>[^.\n]+)")
_REMARK = re.compile(r"\s*\([^)]*\)|\s+for an? .*")
_SLOT = re.compile(r"<[^>]+>|\b[A-Z]{2,}\b")
_THING_NAME = re.compile(
    r"\b(?:an?|the|to) ((?:[a-z]+ ){0,2}?(?:[a-z]+ \d+|[a-z]{3,}))(?=[,.;:\n(]|$| (?:\(|is|are|and|in|on|to)\b)"
)
_CHANGES_NOTHING = re.compile(r"check (?:valid|available)|look|inventory|help|wait|examine|task|focus", re.IGNORECASE)
_FAILED = re.compile(
    r"nothing happens|no known action|not possible|not recognized|no action here|can(?:no|')t", re.IGNORECASE
)

DEFAULT_HELP = "check valid actions"
LOOKED_UP = 10
"""Memories looked up at the start of a task."""

MOST_OPTIONS = 600
MOST_THINGS = 20


def act_on_task(conversation: Conversation) -> list[ToolCall]:
    """Return the next call: look up what is known, then give commands."""
    commands = [(str(c.arguments.get("command", "")), result) for c, result in conversation.calls if c.name == "act"]
    if not conversation.calls and "Retrieve_memory" in conversation.tools:
        return [ToolCall("Retrieve_memory", {"query": conversation.query, "top_k": LOOKED_UP})]
    named, forms = _HELP.search(conversation.system), _FORMS.search(conversation.system)
    if forms and not named:
        options = list(islice(_fill_forms(forms["forms"], _seen_things(conversation)), MOST_OPTIONS))
    else:
        options = _read_listing(commands[-1][1]) if commands and _HELP.search(commands[-1][0]) else []
    command = _choose_command(options, commands, conversation) if options else (named[0] if named else DEFAULT_HELP)
    return [ToolCall("act", {"command": command})]


def _read_listing(listing: str) -> list[str]:
    match = _LIST.search(listing)
    parts = re.split(r",\s*|;\s*|\n", match["list"]) if match else []
    options = [part.strip(" .-'\"[]") for part in parts]
    return [option for option in options if option]


def _seen_things(conversation: Conversation) -> list[str]:
    """Return names of things that were seen in the task, the latest first."""
    names = [name for text in reversed(conversation.observations) for name in _THING_NAME.findall(text)]
    return list(dict.fromkeys(names))[:MOST_THINGS]


def _fill_forms(forms: str, things: Sequence[str]) -> Iterator[str]:
    """Yield commands of the forms ``go to <place>; pour OBJ into OBJ; look``, filled with things."""
    for form in forms.split(";"):
        pieces = _SLOT.split(_REMARK.sub("", form).strip())
        for chosen in permutations(things, len(pieces) - 1):
            yield "".join(piece + thing for piece, thing in zip(pieces, (*chosen, ""), strict=True)).strip()


def _choose_command(options: Sequence[str], commands: Sequence[tuple[str, str]], conversation: Conversation) -> str:
    """Return the option that promises most among those that were tried least."""
    goal = set(content_words(conversation.query))
    facts = {frozenset(content_words(s.text)) for text in conversation.texts for s in read_statements(text)}
    known = [fact for fact in facts if fact & goal]
    tried = Counter(command for command, _ in commands)
    failed = Counter(_first_word(command) for command, result in commands if _FAILED.search(result))

    def rank(option: str) -> tuple[bool, int, int, int]:
        """Order commands, best first: one that changes something, is untried, and has to do with the goal."""
        words = set(content_words(option))
        together = max((len(words & fact) for fact in known), default=0)
        return (
            bool(_CHANGES_NOTHING.match(option)),
            tried[option],
            2 * failed[_first_word(option)] - len(words & goal),
            -together,
        )

    return min(options, key=rank)


def _first_word(command: str) -> str:
    return command.partition(" ")[0]
