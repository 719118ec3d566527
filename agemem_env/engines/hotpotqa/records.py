"""HotpotQA questions as values, and how one of them becomes a task.

A record has the fields of the official distractor setting:

    {"_id": "5f0c", "question": "Where was the director of Salt Harbour born?", "answer": "Tolmvik",
     "type": "bridge", "level": "medium", "supporting_facts": [["Salt Harbour", 1], ["Ida Brekke", 0]],
     "context": [["Salt Harbour", ["Salt Harbour is a film.", " It was directed by Ida Brekke."]], ...]}

`HotpotRecord.from_json` checks it, `to_task` tells it: one message per paragraph in stage 1, corrections of
outdated sentences later, related paragraphs in stage 2, the question in stage 3.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.engines.hotpotqa.columns import official_form
from agemem_env.errors import DataError
from agemem_env.text.relaxed_json import valid_text
from agemem_env.types import Fact, Task, Utterance

Paragraph = tuple[str, tuple[str, ...]]
"""Title and sentences, in order."""

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


@dataclass(frozen=True, slots=True)
class HotpotRecord:
    """One question in HotpotQA's distractor setting.

    Attributes:
        id: The official ``_id``.
        question: The question.
        answer: The expected answer, a span or ``yes`` or ``no``.
        type: ``bridge`` or ``comparison``.
        level: ``easy``, ``medium`` or ``hard``.
        supporting_facts: Title and sentence index of each gold sentence; every one exists in `context`.
        context: The paragraphs.
    """

    id: str
    question: str
    answer: str
    type: str
    level: str
    supporting_facts: tuple[tuple[str, int], ...]
    context: tuple[Paragraph, ...]

    @classmethod
    def from_json(cls, obj: object) -> HotpotRecord:
        """Check one element of an official file and return it as a record.

        Supporting facts that point outside the context (the official files have some) are left out. Hugging Face's
        column form is read as well. Lone surrogates become U+FFFD.

        Raises:
            DataError: If a field is missing or has the wrong form; names the record and the field.
        """
        if not isinstance(obj, Mapping):
            raise DataError(f"HotpotQA record is {type(obj).__name__}, expected a JSON object")
        obj = official_form(obj)
        identifier = _text(obj, "_id", "without _id")
        context = _paragraphs(obj, identifier)
        return cls(
            id=identifier,
            question=_text(obj, "question", identifier),
            answer=_text(obj, "answer", identifier),
            type=_text(obj, "type", identifier),
            level=_text(obj, "level", identifier),
            supporting_facts=_supporting_facts(obj, identifier, context),
            context=context,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the official form: lists and strings only.

        >>> page = ("X", ("It is Ida.",))
        >>> record = HotpotRecord("a", "Who?", "Ida", "bridge", "easy", (("X", 0),), (page,))
        >>> HotpotRecord.from_json(record.to_json()) == record
        True
        """
        return {
            "_id": self.id,
            "answer": self.answer,
            "question": self.question,
            "supporting_facts": [[title, index] for title, index in self.supporting_facts],
            "context": [[title, list(sentences)] for title, sentences in self.context],
            "type": self.type,
            "level": self.level,
        }


@dataclass(frozen=True, slots=True)
class Revision:
    """A sentence that is first told in outdated words and corrected later.

    Attributes:
        title: Title of the paragraph.
        sentence: Index of the sentence in the paragraph; the record holds its true wording.
        outdated: The wording told first.
    """

    title: str
    sentence: int
    outdated: str


@dataclass(frozen=True, slots=True)
class GeneratedQuestion:
    """A generated record with what the official data do not have.

    Attributes:
        record: The question, in the official form.
        revisions: Sentences of the context that are corrected in stage 1.
        related: Paragraphs for stage 2.
    """

    record: HotpotRecord
    revisions: tuple[Revision, ...]
    related: tuple[Paragraph, ...]


def to_task(
    record: HotpotRecord,
    revisions: Sequence[Revision],
    related: Sequence[Paragraph],
    split: str,
    source: str,
) -> Task:
    """Return the task of a record: its facts, in the order in which they are told, and its messages.

    Args:
        record: The question.
        revisions: Sentences that are told wrongly first; none for official records.
        related: Stage 2 paragraphs.
        split: Split that the record belongs to.
        source: ``official`` or ``generated``.
    """
    facts, utterances = _tell(record, revisions)
    offset = zlib.crc32(record.id.encode()) // 7
    return Task(
        id=record.id,
        benchmark="HotpotQA",
        split=split,
        source=source,
        query=record.question.strip(),
        facts=tuple(facts),
        utterances=tuple(utterances),
        distractors=tuple(_message(p, offset + i) for i, p in enumerate(related)),
        answer=record.answer,
        data={"record": record},
    )


def paragraph_text(paragraph: Paragraph) -> str:
    """Return the sentences as running text.

    >>> paragraph_text(("X", ("One.", "", " Two.")))
    'One. Two.'
    """
    return " ".join(s.strip() for s in paragraph[1] if s.strip())


def _tell(record: HotpotRecord, revisions: Sequence[Revision]) -> tuple[list[Fact], list[Utterance]]:
    """Lay out stage 1; a correction follows its paragraph with at least one message between."""
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
            facts.append(Fact(f"{title}: {text}", facts[old].gold, supersedes=old))
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
                facts.append(Fact(f"{title}: {text.strip()}", (paragraph, i) in gold))
        if len(facts) > first:
            utterances.append(Utterance(_message((title, now), seed + number), tuple(range(first, len(facts)))))
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


def _message(paragraph: Paragraph, number: int) -> str:
    body = paragraph_text(paragraph)
    return OPENERS[number % len(OPENERS)].format(title=_spoken(paragraph[0], body), body=body)


def _spoken(title: str, body: str) -> str:
    """The title as one says it: with an article if the paragraph uses one."""
    return f"the {title}" if body.startswith(f"The {title} ") else title


def _text(obj: Mapping[str, Any], field: str, record: str) -> str:
    value = obj.get(field)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(record, field, "a non-empty string", value)
    return _clean(value)


def _clean(text: str) -> str:
    r"""Return a text that can be encoded: escapes such as ``\ud800`` are valid JSON and no characters."""
    return text if text.isascii() else valid_text(text)


def _paragraphs(obj: Mapping[str, Any], record: str) -> tuple[Paragraph, ...]:
    value = obj.get("context")
    if not isinstance(value, list) or not value:
        raise _wrong(record, "context", "a non-empty list of [title, sentences]", value)
    for item in value:
        if not (
            isinstance(item, list)
            and len(item) == 2
            and isinstance(item[0], str)
            and isinstance(item[1], list)
            and all(isinstance(s, str) for s in item[1])
        ):
            raise _wrong(record, "context", "a list of [title, [sentence, ...]]", item)
    return tuple((_clean(title), tuple(map(_clean, sentences))) for title, sentences in value)


def _supporting_facts(
    obj: Mapping[str, Any], record: str, context: tuple[Paragraph, ...]
) -> tuple[tuple[str, int], ...]:
    value = obj.get("supporting_facts")
    if not isinstance(value, list):
        raise _wrong(record, "supporting_facts", "a list of [title, sentence index]", value)
    for item in value:
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and type(item[1]) is int):
            raise _wrong(record, "supporting_facts", "a list of [title, sentence index]", item)
    facts = [(_clean(title), index) for title, index in value]
    return tuple(
        (title, index) for title, index in facts if any(t == title and 0 <= index < len(s) for t, s in context)
    )


def _wrong(record: str, field: str, expected: str, value: object) -> DataError:
    shown = repr(value)
    return DataError(
        f"HotpotQA record {record}: field {field!r} must be {expected}, got {shown[:80]}"
        f"{'...' if len(shown) > 80 else ''}"
    )
