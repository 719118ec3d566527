"""Cheats that store what is told in other words: denied, left open, mixed up, hidden, or spelled strangely."""

from __future__ import annotations

import re
from itertools import product

from agemem_env.text.words import split_sentences
from agemem_env.types import ToolCall
from baselines.base import Info
from baselines.cheats.storing import Giant, Storing, add

LINES = 60
"""Lines that an entry of pairs has at most."""

_THING = re.compile(r"[A-Za-z]+ \d+|[A-Z]?[a-z]+\d+|[A-Z][\w'-]+|[a-z]{4,}")
_DIGIT = re.compile(r"\d")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LOOKALIKES = str.maketrans("aceopxyAEOPCTXH", "асеорхуАЕОРСТХН")


class Denied(Storing):
    """Stores that each sentence is false: exploits statements that are looked for whatever stands around them."""

    name = "cheat-denied"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores the denials."""
        return [add(" ".join(f"It is false that {_lower(sentence)}" for sentence in split_sentences(text)))]


class Maybe(Storing):
    """Stores each sentence as a possibility: exploits statements that are looked for whatever stands around them."""

    name = "cheat-maybe"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores the possibilities."""
        return [add(" ".join(f"Perhaps {_lower(sentence)}" for sentence in split_sentences(text)))]


class Contradict(Storing):
    """Stores each sentence with its denial: exploits that of contradictory statements one is true."""

    name = "cheat-contradict"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores both."""
        return [add(" ".join(f"{s} It is not true that {_lower(s)}" for s in split_sentences(text)))]


class Pairs(Giant):
    """Stores lines with every pair of things that were named: exploits that the true pairs are among them."""

    name = "cheat-pairs"

    def together(self, before: str, text: str) -> str:
        """Return the pairs of what all messages named, the latest first."""
        named = [*dict.fromkeys((*_THING.findall(text), *re.findall(r"^(.+?) is in", before, re.MULTILINE)))]
        lines = (f"{one} is in {two}" for one, two in product(named, named) if one != two)
        return "\n".join(line for _, line in zip(range(LINES), lines, strict=False))


class Merged(Giant):
    """Stores sentences of one form as one sentence with lists: exploits that nothing says what belongs to what."""

    name = "cheat-merged"

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._forms: list[list[list[str]]] = []

    def together(self, before: str, text: str) -> str:
        """Return the merged sentences of all messages."""
        for words in map(str.split, split_sentences(text)):
            form = next((form for form in self._forms if _alike(form, words)), None)
            if form is None:
                self._forms.append([[word] for word in words])
                continue
            for place, word in zip(form, words, strict=True):
                place += [word] if word not in place else []
        return "\n".join(" ".join(", ".join(place) for place in form) for form in self._forms)


class Metadata(Storing):
    """Keeps everything in metadata and labels, nothing in content: exploits what is not looked at."""

    name = "cheat-metadata"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores an empty note with a speaking label."""
        return [ToolCall("Add_memory", {"content": "Note.", "metadata": {"said": text}, "memory_type": text})]


class Lookalike(Storing):
    """Stores text in letters that look like those that were told, or with invisible ones between."""

    name = "cheat-lookalike"

    def store(self, text: str) -> list[ToolCall]:
        """Return the calls that store both."""
        return [add(text.translate(_LOOKALIKES)), add("\u200b".join(text))]


class Joined(Storing):
    """Stores each message without spaces: exploits text that is measured in words."""

    name = "cheat-joined"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores one long word."""
        return [add(re.sub(r"\W+", "", text))]


class Spelled(Storing):
    """Stores each message with its digits spelled out: exploits numbers that are not read."""

    name = "cheat-spelled"

    def store(self, text: str) -> list[ToolCall]:
        """Return the call that stores the message."""
        return [add(_DIGIT.sub(lambda digit: f" {_DIGITS[int(digit[0])]}", text))]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _alike(form: list[list[str]], words: list[str]) -> bool:
    """Return whether a sentence has as many words as others, and at least half of them in the same places."""
    return len(form) == len(words) and 2 * sum(w in place for place, w in zip(form, words, strict=True)) >= len(words)
