"""What menus read out of texts; everything is kept, since the same texts come again at every step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from agemem_env.services.encoders import stem
from agemem_env.text.key_phrases import key_phrases
from agemem_env.text.words import content_words, split_sentences, word_set

_KEPT = 1 << 14
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CUES = frozenset({"now", "after", "again", "no", "not", "correction", "wrong", "changed", "actually"})
_EMPTY = word_set(
    """
    a an the of in on at by for with to from was is are were be as it its his her their and or he she they which that
    had has have
    """
)
_UNIT = re.compile(r"\d[\d,.]*(?: (?:million|square))? [a-z]+")
_PAIR = re.compile(r"(\w+ and \w+)$")
_KIND = re.compile(r"\b(?:a|an|its?) ([a-z]+)(?= (?:on|in|as|with)\b|$)")
_TAIL = 3
_FEW_WORDS = 3
_LEADING = re.compile(r"\?$|\b(?:I|me|you|[Ww]e|This|[Mm]y)\b")
_WORDS = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"[a-z]+ \d+\b|\b[a-z]+\d+\b")

stem_of = lru_cache(1 << 16)(stem)


@lru_cache(_KEPT)
def stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry content."""
    return frozenset(map(stem_of, content_words(text)))


@lru_cache(_KEPT)
def names(text: str) -> tuple[str, ...]:
    """Return the key phrases of a text."""
    return key_phrases(text)


@lru_cache(_KEPT)
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text."""
    return tuple(split_sentences(text))


@lru_cache(_KEPT)
def relation(text: str) -> frozenset[str]:
    """Return what a text says beside names: the beginnings of its lower-case content words.

    >>> sorted(relation("The Reeds was created by Radovan."))
    ['creat']
    """
    content = set(content_words(text))
    return frozenset(word[:5] for word in _WORD.findall(text) if word.islower() and word in content)


@lru_cache(_KEPT)
def cues(text: str) -> frozenset[str]:
    """Return the words that tell what sort of message this is."""
    return relation(text) | _CUES.intersection(re.findall(r"[a-z]+", text.lower()))


@lru_cache(_KEPT)
def title(text: str) -> str:
    """Return the first name in a text; empty if there is none."""
    found = names(text)
    return found[0] if found else ""


@lru_cache(_KEPT)
def spans(sentence: str) -> tuple[tuple[str, str], ...]:
    """Return what in a sentence may answer a question, with its type: ``N`` name, ``9`` number, ``l`` lower case.

    >>> spans("The Reeds was shot in two barns.")
    (('Reeds', 'N'), ('barns', 'l'), ('two barns', 'l'))
    """
    found: dict[str, str] = {}
    for phrase in names(sentence):
        found.setdefault(phrase, "9" if phrase[0].isdigit() else "N")
    bare = sentence.rstrip(".!?")
    for match in _UNIT.finditer(bare):
        found.setdefault(match[0], "9")
    for tail in _tails(bare):
        if tail[0].islower():
            found.setdefault(tail, "l")
    pair, kind = _PAIR.search(bare), _KIND.search(bare)
    if pair and pair[0][0].islower():
        found.setdefault(pair[0], "l")
    if kind:
        found.setdefault(kind[1], "l")
    return tuple(found.items())


def _tails(sentence: str) -> list[str]:
    """Return the last one to three words of a sentence, as far as they carry content."""
    run: list[str] = []
    for word in reversed(sentence.split()):
        if word.lower() in _EMPTY or len(run) == _TAIL:
            break
        run.insert(0, word)
    return [" ".join(run[-n:]) for n in range(1, len(run) + 1)]


@lru_cache(_KEPT)
def body(message: str) -> tuple[str, ...]:
    """Return the sentences of a message without the words that lead up to them, as far as those name nothing else.

    >>> body("Did you ever hear of Ann? Ann was born in Oslo. She sings.")
    ('Ann was born in Oslo.', 'She sings.')
    >>> body("I got one thing wrong about Ann. It should be: Ann was born in Oslo.")
    ('Ann was born in Oslo.',)
    >>> body("It's Kwame. I moved mug 1: it is in drawer 2.")
    ("It's Kwame. I moved mug 1: it is in drawer 2.",)
    """
    said = list(_remarks(message))
    if len(said) > 1 and _LEADING.search(said[0]) and _names_nothing_else(said[0], said[1:]):
        del said[0]
    if not said:
        return ()
    head, colon, rest = said[0].partition(": ")
    if colon and rest[:1].isupper() and _names_nothing_else(head, [rest, *said[1:]]):
        said[0] = rest
    return tuple(said)


@lru_cache(_KEPT)
def _remarks(text: str) -> tuple[str, ...]:
    """Return the sentences of a text, each with what is said before it in a few words, such as who speaks."""
    found: list[str] = []
    for sentence in sentences(text):
        if found and len(found[-1].split()) <= _FEW_WORDS and found[-1][-1] != "?":
            found[-1] += " " + sentence
        else:
            found.append(sentence)
    return tuple(found)


def _names_nothing_else(head: str, following: Sequence[str]) -> bool:
    """Return whether all names and numbers of a text come again in what follows it."""
    rest = " ".join(following).lower()
    return all(name.lower() in rest for name in names(head))


@lru_cache(_KEPT)
def alone(sentence: str, about: str) -> str:
    """Return a sentence that says by itself what it is about.

    >>> alone("She sings.", "Ann")
    'Ann: She sings.'
    """
    return sentence if not about or about in sentence else f"{about}: {sentence}"


@lru_cache(_KEPT)
def corrected(entry: str, message: str) -> str:
    """Return an entry with its sentence replaced that a message corrects.

    >>> corrected("Ann was born in Rome. Ann sings.", "I was wrong about Ann. It should be: Ann was born in Oslo.")
    'Ann was born in Oslo. Ann sings.'
    """
    told, own, parts = body(message), body(entry), list(_remarks(entry))
    if len(own) < 2:
        return alone(" ".join(told), title(message))
    places = range(len(parts) - len(own), len(parts))
    news, place = max(((n, i) for n in told for i in places), key=lambda pair: likeness(parts[pair[1]], pair[0]))
    parts[place] = alone(news, title(message)) if not title(entry) else news
    return " ".join(parts)


@lru_cache(_KEPT)
def likeness(one: str, other: str) -> float:
    """Return how much two sentences are alike, in [0, 1]: the words that they share, and those they begin with.

    >>> round(likeness("Ann was born in Rome.", "Ann was born in Oslo."), 2)
    0.73
    """
    first, second = _said(one), _said(other)
    shared = len(set(first) & set(second)) / max(1, len({*first, *second}))
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    return (shared + same / max(1, min(len(first), len(second)))) / 2


@lru_cache(_KEPT)
def _said(sentence: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(sentence.rpartition(": ")[2].lower()))


@lru_cache(_KEPT)
def numbered(text: str) -> tuple[str, ...]:
    """Return the things with numbers of their own, in order.

    >>> numbered("I moved mug 1: it is in drawer 2, and ball3 is here.")
    ('mug 1', 'drawer 2', 'ball3')
    """
    return tuple(_NUMBERED.findall(text.lower()))
