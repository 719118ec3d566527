"""Candidates that answer a question: spans of what was found, ordered by how they hang together with the question.

A sentence that names what the question names is of the first hop, one that names something of such a sentence of the
second, and so on. Candidates depend on the question and the texts alone, so that they are made once for all rollouts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agemem_env.wrappers.menu.blocks import Block, Offers, call, crossed
from agemem_env.wrappers.menu.sight import Memory
from agemem_env.wrappers.menu.words import names, relation, sentences, spans, stems, title

_ASKS_YES_NO = re.compile(r"(?:is|are|did|do|does|was|were|have|has|can|had) ")
_QUANTITIES = ("how many", "how large", "how long", "how high", "how tall", "height", "length", "area")
_PERSON = re.compile(r"(?:who|whom|whose)\b|.{0,20}\bwho\b")
_YEAR = re.compile(r"(?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:1[5-9]\d\d|20\d\d)")
_FOCUS = re.compile(r"\b(?:which|what) ((?:[a-z-]+ ){1,3})")
_NO_HOP, _HOPS = 9, 3
_NAMES = 6


class SeenSentence(NamedTuple):
    """A sentence of an entry, with the hop at which it is reached from the question."""

    entry: int
    title: str
    text: str
    hop: int


class Span(NamedTuple):
    """A text that may be the answer, where it fits best."""

    text: str
    type: str
    sentence: SeenSentence
    relation: int


@dataclass(frozen=True)
class AskedQuestion:
    """What a question is about.

    Attributes:
        text: The question in lower case.
        relation: What it says beside names.
        first: Its first word.
        quantity: How it asks for a number; empty if it does not.
        year: Whether it asks for a year.
        person: Whether it asks for a person.
        focus: Stems of what it asks for ("which film").
    """

    text: str
    relation: frozenset[str]
    first: str
    quantity: str
    year: bool
    person: bool
    focus: frozenset[str]

    @property
    def yes_no(self) -> bool:
        """Whether it can be answered by yes or no."""
        return _ASKS_YES_NO.match(self.text) is not None


@lru_cache(4096)
def question(query: str) -> AskedQuestion:
    """Return what a question is about."""
    low = query.lower()
    first = low.split()[0] if low.split() else ""
    focus = _FOCUS.search(low)
    return AskedQuestion(
        low,
        relation(query),
        first,
        next((word for word in _QUANTITIES if word in low), ""),
        "year" in low or first == "when" or "how old" in low,
        _PERSON.match(low) is not None,
        stems(focus[1]) if focus else frozenset(),
    )


@lru_cache(512)
def answers(query: str, memories: tuple[Memory, ...], others: tuple[str, ...]) -> Block:
    """Return the answers to a question.

    Args:
        query: The question.
        memories: Where to look.
        others: Where to look if there is no memory.
    """
    asked, offers = question(query), Offers(frozenset())
    found = _spans(query, tuple(memory.content for memory in memories) or others)
    remembered = float(bool(memories))
    deepest = max((s.sentence.hop for s in found if s.sentence.hop < _NO_HOP), default=0)
    counts = Counter(text.lower() for s in {s.sentence for s in found} for text, _ in spans(s.text))
    titles = {s.sentence.title.lower() for s in found}
    ranked = sorted(found, key=lambda s: (-s.relation, s.sentence.hop))
    for span in ranked:
        score = memories[span.sentence.entry].score if memories else 0.0
        features = _features(query, span, deepest, titles, counts)
        offers.add(
            "answer",
            call("answer", text=span.text),
            [*features[:15], remembered, *features[15:], score],
            _crosses(query, span.sentence.text, span.type, span.sentence.hop, deepest, span.relation > 0),
        )
    wanted = float(asked.yes_no)
    for word in ("yes", "no"):
        yes = float(word == "yes")
        offers.add("yes or no", call("answer", text=word), (1.0, wanted, yes, remembered, wanted * remembered))
    if not found:
        offers.add("yes or no", call("answer", text="unknown"), (0.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    return offers.block()


def offer_names(query: str, memories: tuple[Memory, ...], looked_up: Sequence[str], offers: Offers) -> None:
    """Offer to look up names that were found, those in the sentences first that are most like the question."""
    texts = tuple(memory.content for memory in memories)
    found = [span for span in _spans(query, texts) if span.type == "N" and span.text not in looked_up]
    ranked = sorted(found, key=lambda s: (-s.relation, s.sentence.hop))[:_NAMES]
    titles = {span.sentence.title.lower() for span in found}
    for span in ranked:
        features = _name_features(span, titles, alone=len(ranked) == 1)
        offers.add(
            "look up a name",
            call("Retrieve_memory", query=span.text, top_k=3),
            features,
            _asked_and_said("name", query, span.sentence.text),
        )
    if len(ranked) > 1:
        calls = [call("Retrieve_memory", query=span.text, top_k=2) for span in ranked[:4]]
        offers.add("look up names", calls, _name_features(ranked[0], titles, alone=False))


@lru_cache(512)
def _spans(query: str, texts: tuple[str, ...]) -> tuple[Span, ...]:
    """Return every span of the texts that is not in the question, once, in the sentence where it fits best."""
    asked, low = question(query), query.lower()
    best: dict[str, Span] = {}
    for sentence in _hops(query, texts):
        shared = len(relation(sentence.text) & asked.relation)
        for text, kind in spans(sentence.text):
            key = text.lower()
            if key in low:
                continue
            old = best.get(key)
            if old is None or (shared, -sentence.hop) > (old.relation, -old.sentence.hop):
                best[key] = Span(text, kind, sentence, shared)
    return tuple(best.values())


def _hops(query: str, texts: tuple[str, ...]) -> list[SeenSentence]:
    """Return the sentences of the texts with the hop at which each is reached."""
    told = [(e, title(text), sentence) for e, text in enumerate(texts) for sentence in sentences(text)]
    named = [{about.lower(), *(name.lower() for name in names(sentence))} - {""} for _, about, sentence in told]
    asked = [name.lower() for name in names(query)]
    reached: dict[str, int] = dict.fromkeys(asked, 0)
    hops = [_NO_HOP] * len(told)
    for hop in range(_HOPS):
        new: set[str] = set()
        for i, here in enumerate(named):
            if hops[i] != _NO_HOP:
                continue
            near = any(reached.get(name) == hop for name in here)
            if near or (hop == 0 and any(name in phrase for name in here for phrase in asked)):
                hops[i] = hop
                new |= here
        for name in new:
            reached.setdefault(name, hop + 1)
    return [SeenSentence(*parts, hop) for parts, hop in zip(told, hops, strict=True)]


def _features(query: str, span: Span, deepest: int, titles: set[str], counts: Counter[str]) -> list[float]:
    """Return the features of an answer but for those of the entry as a whole."""
    sentence, hop, related = span.sentence, span.sentence.hop, float(span.relation > 0)
    low, fit = span.text.lower(), _fit(query, span.text, span.type, sentence.text)
    return [
        1.0, float(hop == 0), float(hop == 1), float(hop == 2), float(hop == _NO_HOP), span.relation / 3, *fit[:9],
        sentence.entry / 5, min(counts[low], 3) / 3, float(low in titles), float(hop == deepest), *fit[9:],
        float(sentence.title.lower() == low), related * (hop == deepest), related * (1 <= hop < _NO_HOP),
    ]  # fmt: skip


@lru_cache(8192)
def _fit(query: str, text: str, kind: str, sentence: str) -> tuple[float, ...]:
    """Return the features of an answer that depend on the question and the sentence alone, wherever it was found."""
    asked, own = question(query), stems(text)
    year = kind == "9" and _YEAR.fullmatch(text) is not None
    values = (
        asked.focus & own, asked.focus & relation(sentence), kind == "N", kind == "9", kind == "l",
        asked.quantity and kind == "9" and not year, asked.year and year, asked.person and kind == "N" and " " in text,
        sentence.rstrip(".").endswith(text), len(text.split()) / 4, asked.yes_no,
        len(stems(asked.text) & own) / max(1, len(own)), asked.quantity and kind != "9",
    )  # fmt: skip
    return tuple(float(value) if isinstance(value, (int, float)) else float(bool(value)) for value in values)


@lru_cache(8192)
def _crosses(query: str, sentence: str, kind: str, hop: int, deepest: int, related: bool) -> tuple[int, ...]:
    """Return the crossed features of an answer: what is asked with what its sentence says."""
    asked = question(query)
    return (
        *_asked_and_said("answer", query, sentence),
        *(crossed("type", a, kind) for a in sorted(asked.relation)),
        *(crossed("form", word, kind, hop) for word in (asked.first, asked.quantity)),
        crossed("hop", hop, deepest, related, kind),
    )


@lru_cache(4096)
def _asked_and_said(what: str, query: str, sentence: str) -> tuple[int, ...]:
    """Return the crosses of what is asked with what a sentence says; sorted, so that sums are the same everywhere."""
    asked = question(query)
    said = sorted(relation(sentence) - asked.relation)
    return tuple(crossed(what, a, b) for a in sorted(asked.relation) for b in said)


def _name_features(span: Span, titles: set[str], *, alone: bool) -> tuple[float, ...]:
    sentence, hop = span.sentence, span.sentence.hop
    return (
        1.0, span.relation / 3, float(hop == 0), float(hop == 1), float(hop == _NO_HOP),
        float(span.text.lower() in titles), sentence.entry / 5, len(span.text.split()) / 4,
        float(sentence.text.rstrip(".").endswith(span.text)), float(alone),
    )  # fmt: skip
