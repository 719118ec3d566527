"""HotpotQA questions as values.

A record has the fields of the official distractor setting::

    {"_id": "5f0c", "question": "Where was the director of Salt Harbour born?", "answer": "Tolmvik",
     "type": "bridge", "level": "medium", "supporting_facts": [["Salt Harbour", 1], ["Ida Brekke", 0]],
     "context": [["Salt Harbour", ["Salt Harbour is a film.", " It was directed by Ida Brekke."]], ...]}

`HotpotRecord.from_json` checks it. How it is told is in `briefing`, how it becomes a task in `tasks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agemem_env.engines.hotpotqa.columns import official_form
from agemem_env.errors import DataError
from agemem_env.text.relaxed_json import valid_text

Paragraph = tuple[str, tuple[str, ...]]
"""Title and sentences, in order."""


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
        useful: Title and index of each sentence that states what can be asked.
    """

    record: HotpotRecord
    revisions: tuple[Revision, ...]
    related: tuple[Paragraph, ...]
    useful: tuple[tuple[str, int], ...] = ()


def paragraph_text(paragraph: Paragraph) -> str:
    """Return the sentences as running text.

    >>> paragraph_text(("X", ("One.", "", " Two.")))
    'One. Two.'
    """
    return " ".join(s.strip() for s in paragraph[1] if s.strip())


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
