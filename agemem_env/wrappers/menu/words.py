"""What menus read out of texts; everything is kept, since the same texts come again at every step."""

from __future__ import annotations

import re
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
def corrected(entry: str, message: str) -> str:
    """Return an entry with its sentence replaced that a message corrects.

    >>> corrected("Ann was born in Rome. Ann sings.", "I was wrong about Ann. It should be: Ann was born in Oslo.")
    'Ann was born in Oslo. Ann sings.'
    """
    parts = list(sentences(entry))
    news = max(sentences(message), key=lambda s: len(stems(s) & stems(entry)), default=message)
    head, colon, body = news.partition(":")
    if colon and len(stems(body)) > 1 and not stems(head) & stems(body):
        news = body.strip()
    if len(parts) < 2:
        return news
    nearest = max(range(len(parts)), key=lambda i: len(stems(parts[i]) & stems(news)) / max(1, len(stems(parts[i]))))
    parts[nearest] = news
    return " ".join(parts)
