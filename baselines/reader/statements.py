"""Reads texts as statements: one sentence each, with the thing that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from agemem_env.text.words import STOP_WORDS, content_words, split_sentences
from baselines.reader.world import CORRECTIONS, OPENERS, nouns

_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+")
_ENTRY = re.compile(r"\[?mem_\w+\]?(?: \(-?\d+\.\d+\))?: ?")
_TITLE_AND_BODY = re.compile(r"(?P<title>[^:\n]{1,90}?): (?P<body>\S.*)")
_NAMED_AT_START = re.compile(r"(?P<s>(?:[Tt]he |[Aa] )?[^\W\d_a-z].*?)(?:, (?:born|who)| \(born| (?:is|was) )")
_SAYS_CORRECTION = re.compile(
    r"\bnow\b|\bchanged\b|\bcorrection\b|\bmisremembered\b|\bwrong\b|\bforget what\b|\bin fact\b"
    r"|\bout of date\b|\bthis is right\b|\bactually\b|\bno longer\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence.

    Attributes:
        subject: What it is about; empty if that is not known.
        text: The sentence.
        is_correction: Whether it was told as a correction of something said before.
    """

    subject: str
    text: str
    is_correction: bool = False

    @property
    def standalone(self) -> str:
        """The sentence in a form that can be understood on its own."""
        return f"{self.subject}: {self.text}" if self.subject else self.text


def normal_name(name: str) -> str:
    """Return a name in the form in which names are compared.

    >>> normal_name("The Salt Harbour") == normal_name("the Salt Harbour") == normal_name("Salt Harbour")
    True
    """
    return name.strip().casefold().removeprefix("the ")


def stands_for(shown: str, subject: str) -> bool:
    """Return whether words in a paragraph about `subject` stand for it: its name, a pronoun, "the film".

    >>> stands_for("She", "Ida Brekke"), stands_for("Brekke", "Ida Brekke"), stands_for("Tolm", "Ida Brekke")
    (True, True, False)
    """
    words = normal_name(shown)
    return words == normal_name(subject) or words in _short_references() or normal_name(subject).endswith(f" {words}")


def says_correction(text: str) -> bool:
    """Return whether a message says that something has changed or was wrong."""
    return _SAYS_CORRECTION.search(text) is not None


@lru_cache(maxsize=4096)
def read_statements(text: str) -> tuple[Statement, ...]:
    """Return the statements that a message makes.

    >>> message = "I looked up Salt Harbour this morning. Salt Harbour is a film. It is old."
    >>> [statement.standalone for statement in read_statements(message)]
    ['Salt Harbour: Salt Harbour is a film.', 'Salt Harbour: It is old.']
    """
    return tuple(s for line in text.splitlines() for s in _read_line(_strip_markers(line)))


def _strip_markers(line: str) -> str:
    """Remove bullets and memory ids."""
    bullet = _BULLET.match(line)
    rest = line[bullet.end() :] if bullet else line.strip()
    entry = _ENTRY.match(rest)
    return rest[entry.end() :].strip() if entry else rest.strip()


def _read_line(line: str) -> Iterator[Statement]:
    for pattern in _compile_openings(CORRECTIONS):
        match = pattern.fullmatch(line)
        if match:
            yield Statement(_without_article(match["title"]), match["sentence"], True)
            return
    title, body = _split_title(line)
    sentences = [_with_full_stop(s) for s in split_sentences(body) if not _is_preface(s)]
    if not title and sentences:
        intro = _NAMED_AT_START.match(sentences[0])
        title = "" if intro is None else intro["s"]
    changed = says_correction(line)
    for sentence in sentences:
        yield Statement(_without_article(title), sentence, changed)


def _is_preface(sentence: str) -> bool:
    """Return whether a sentence only says where the next ones come from: "I was told this."."""
    return sentence.startswith("I ") and len(content_words(sentence)) < 2


def _with_full_stop(sentence: str) -> str:
    """Return a sentence with a full stop, which memory systems may have lost."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _split_title(line: str) -> tuple[str, str]:
    """Return the title, if the line tells one, and what is told of it."""
    for pattern in _compile_openings(OPENERS):
        match = pattern.fullmatch(line)
        if match:
            return match.groupdict().get("title", ""), match["body"]
    match = _TITLE_AND_BODY.fullmatch(line)
    if match is None or match["title"].endswith((".", "?")):
        return "", line
    return ("", match["body"]) if _is_filler(match["title"]) else (match["title"], match["body"])


def _is_filler(words: str) -> bool:
    """Return whether words before a colon are not the title of anything: "Just so you know"."""
    return any(word in STOP_WORDS and word not in _TITLE_WORDS for word in words.casefold().split())


_TITLE_WORDS = frozenset({"a", "an", "and", "at", "by", "for", "in", "of", "on", "over", "the", "to"})


def _without_article(title: str) -> str:
    return title.removeprefix("the ")


@cache
def _compile_openings(wordings: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(re.sub(r"\\\{(\w+)\\\}", lambda m: f"(?P<{m[1]}>.+{'?' if m[1] == 'title' else ''})", re.escape(w)))
        for w in wordings
    )


@cache
def _short_references() -> frozenset[str]:
    return frozenset({"he", "she", "it", *nouns()})
