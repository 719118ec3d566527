"""How a question is told: its paragraphs one by one in stage 1, corrections of outdated sentences between them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence

from agemem_env.engines.hotpotqa.records import HotpotRecord, Paragraph, Revision, paragraph_text
from agemem_env.types import Fact, Utterance

OPENERS = (
    "I was just reading about {title}. {body}",
    "Here is something I came across today: {body}",
    "Let me tell you about {title}. {body}",
    "By the way, do you know {title}? {body}",
    "A friend told me this about {title}: {body}",
    "I looked up {title} this morning. {body}",
    "This may be of interest. {body}",
    "I have some notes on {title}: {body}",
    "We talked about {title} at lunch. {body}",
    "Did you ever hear of {title}? {body}",
    "From an article I read: {body}",
)
"""Ways to tell a paragraph."""

CORRECTIONS = (
    "A correction to what I said about {title}: {sentence}",
    "I got one thing wrong about {title} earlier. It should be: {sentence}",
    "About {title} again, I checked and this is right: {sentence}",
    "Sorry, I misremembered something about {title}. In fact: {sentence}",
    "One of my notes on {title} was out of date. The right version: {sentence}",
)
"""Ways to correct a sentence."""


def tell(
    record: HotpotRecord, revisions: Sequence[Revision], useful: Collection[tuple[str, int]] | None = None
) -> tuple[list[Fact], list[Utterance]]:
    """Lay out stage 1: one message per paragraph; a correction follows with at least one message between.

    Args:
        record: The question.
        revisions: Sentences that are told in outdated words first.
        useful: Title and index of each sentence that states what can be asked; None for all.

    Returns:
        The facts, in the order in which they are told, and the messages.
    """
    seed = zlib.crc32(record.id.encode())
    gold = _gold_positions(record)
    outdated = {(_find(record, r), r.sentence): r for r in revisions}
    order = _telling_order(len(record.context), {p for p, _ in outdated})
    script = _schedule(order, list(outdated), seed)
    facts: list[Fact] = []
    utterances: list[Utterance] = []
    told: dict[tuple[int, int], int] = {}
    for number, (paragraph, sentence) in enumerate(script):
        title, sentences = record.context[paragraph]
        if sentence is not None:
            text = sentences[sentence].strip()
            old = told[paragraph, sentence]
            facts.append(Fact(f"{title}: {text}", facts[old].gold, old, facts[old].useful))
            words = CORRECTIONS[(seed + number) % len(CORRECTIONS)].format(
                title=_spoken(title, paragraph_text(record.context[paragraph])), sentence=text
            )
            utterances.append(Utterance(words, (len(facts) - 1,)))
            continue
        now = tuple(
            outdated[paragraph, i].outdated if (paragraph, i) in outdated else s for i, s in enumerate(sentences)
        )
        first = len(facts)
        for i, text in enumerate(now):
            if text.strip():
                told[paragraph, i] = len(facts)
                can_be_asked = useful is None or (title, i) in useful
                facts.append(Fact(f"{title}: {text.strip()}", (paragraph, i) in gold, useful=can_be_asked))
        if len(facts) > first:
            utterances.append(Utterance(message((title, now), seed + number), tuple(range(first, len(facts)))))
    return facts, utterances


def _gold_positions(record: HotpotRecord) -> set[tuple[int, int]]:
    """Paragraph and sentence index of each supporting fact: the first paragraph of that title that has it."""
    return {
        next(
            (p, index) for p, (name, sentences) in enumerate(record.context) if name == title and index < len(sentences)
        )
        for title, index in record.supporting_facts
    }


def _find(record: HotpotRecord, revision: Revision) -> int:
    titles = [title for title, _ in record.context]
    return titles.index(revision.title)


def _telling_order(size: int, revised: set[int]) -> list[int]:
    """Paragraph order, with a revised last paragraph moved to the front so that something can follow it."""
    order = list(range(size))
    while len(revised) < size and order[-1] in revised:
        order.insert(0, order.pop())
    return order


def _schedule(order: Sequence[int], corrections: Sequence[tuple[int, int]], seed: int) -> list[tuple[int, int | None]]:
    """Insert the corrections; a step is a paragraph with None, or with the sentence to correct."""
    script: list[tuple[int, int | None]] = [(p, None) for p in order]
    for number, (paragraph, sentence) in enumerate(corrections):
        earliest = min(script.index((paragraph, None)) + 2, len(script))
        free = len(script) - earliest + 1
        script.insert(earliest + (seed // 11 + number) % free, (paragraph, sentence))
    return script


def message(paragraph: Paragraph, number: int) -> str:
    """Return a paragraph as somebody tells it; numbers that follow each other take different openings."""
    body = paragraph_text(paragraph)
    return OPENERS[number % len(OPENERS)].format(title=_spoken(paragraph[0], body), body=body)


def _spoken(title: str, body: str) -> str:
    """The title as one says it: with an article if the paragraph uses one."""
    return f"the {title}" if body.startswith(f"The {title} ") else title
