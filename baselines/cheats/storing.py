"""Cheats that store what is told in some shape, and give up without having looked at any of it."""

from __future__ import annotations

import re
from typing import Any

from agemem_env.types import ToolCall
from baselines.base import Info, Observation
from baselines.cheats.base import Cheat, said

_MEMORY_ID = re.compile(r"mem_[0-9a-f]{8}")
_STORED = re.compile(r"Stored as (mem_[0-9a-f]{8})")
_CORRECTION = re.compile(r"\b(now|no longer|actually|instead|moved|correct\w*|after all|wrong|changed|sorry)\b", re.I)


class Storing(Cheat):
    """Stores what each message of stage 1 says, in the shape that a sub-class gives it."""

    turns_in_stage_3 = 0

    def trick(self, observation: Observation) -> Any:
        """Return the calls that store the message in stage 1, a polite reply after it."""
        if observation["stage"] > 1:
            return "Noted."
        return self.store(said(observation)) or "Noted."

    def store(self, text: str) -> list[ToolCall]:
        """Return the calls that store one message."""
        return [add(text)]


class StoreAll(Storing):
    """Stores each message as an entry, whatever it says: exploits a memory that is judged by recall (c4)."""

    name = "cheat-store-all"


class Giant(Storing):
    """Keeps one entry with all that was said: exploits precision that is counted per entry (c2)."""

    name = "cheat-giant"

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._entry, self._content = "", ""

    def trick(self, observation: Observation) -> Any:
        """Note the id of the entry as soon as it is shown, then go on."""
        if observation["stage"] == 1 and self._content and not self._entry:
            self._entry = memory_id(observation)
        return super().trick(observation)

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that adds the entry, or puts the longer text in its place."""
        self._content = self.together(self._content, text)
        if not self._entry:
            return [add(self._content)]
        return [ToolCall("Update_memory", {"memory_id": self._entry, "content": self._content})]

    def together(self, before: str, text: str) -> str:
        """Return the content of the entry with one more message."""
        return f"{before}\n{text}".strip()


class Bag(Giant):
    """Keeps one entry with every distinct word that was said: exploits precision that is counted in words (c3)."""

    name = "cheat-bag"

    def together(self, before: str, text: str) -> str:
        """Return the words, each once, in the order in which they came."""
        return " ".join(dict.fromkeys(f"{before} {text}".split()))


class Words(Storing):
    """Stores each word as an entry: exploits an average over entries (c10)."""

    name = "cheat-words"

    def store(self, text: str) -> list[ToolCall]:
        """Return a call per word."""
        return [add(word) for word in dict.fromkeys(text.split())]


class Distractors(Storing):
    """Stores the messages of stage 2 and nothing else: exploits their likeness to what was told (c11)."""

    name = "cheat-distractors"

    def trick(self, observation: Observation) -> Any:
        """Return the call in stage 2, a polite reply before."""
        return [add(said(observation))] if observation["stage"] == 2 else "Noted."


class Corrections(Storing):
    """Stores what sounds like a correction: exploits corrections that are gold more often than the rest (c13)."""

    name = "cheat-corrections"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call if a word of the message corrects something."""
        return [add(text)] if is_correction(text) else []


def add(content: str) -> ToolCall:
    """Return the call that stores a text.

    >>> add("Mug 1 is on desk 2.").arguments
    {'content': 'Mug 1 is on desk 2.'}
    """
    return ToolCall("Add_memory", {"content": content})


def is_correction(text: str) -> bool:
    """Return whether a message sounds like a correction.

    >>> is_correction("The key is now in the attic."), is_correction("The key is in the attic.")
    (True, False)
    """
    return _CORRECTION.search(text) is not None


def memory_id(observation: Observation) -> str:
    """Return the last memory id that is shown, or an empty text."""
    for message in reversed(observation["messages"]):
        found = _MEMORY_ID.findall(str(message["content"]))
        if found:
            return str(found[-1])
    return ""


def stored_id(observation: Observation) -> str:
    """Return the id of the entry that was stored last, or an empty text; ids of retrieved entries do not count."""
    for message in reversed(observation["messages"]):
        found = _STORED.findall(str(message["content"]))
        if found:
            return str(found[-1])
    return ""
