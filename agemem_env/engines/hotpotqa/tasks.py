"""Which tasks a split has, and what a task is: from a question to query, facts, messages and answer."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from functools import lru_cache, partial

from agemem_env.engines.base import TaskSet
from agemem_env.engines.hotpotqa.briefing import message, tell
from agemem_env.engines.hotpotqa.official import HotpotSplit, find_file, open_split
from agemem_env.engines.hotpotqa.records import HotpotRecord, Paragraph, Revision
from agemem_env.engines.hotpotqa.world import SPLIT_SIZES, generate
from agemem_env.types import Task


def choose_tasks(split: str, source: str) -> tuple[str, TaskSet]:
    """Return where the tasks come from, ``official`` or ``generated``, and the tasks.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated``, or ``auto``: official if the file of the split is present.

    Raises:
        DataError: If official questions are asked for and missing or corrupt.
    """
    if source == "auto":
        source = "generated" if find_file(split) is None else "official"
    return source, _official_tasks(split) if source == "official" else _generated_tasks(split)


def to_task(
    record: HotpotRecord,
    revisions: Sequence[Revision],
    related: Sequence[Paragraph],
    split: str,
    source: str,
    useful: Collection[tuple[str, int]] | None = None,
) -> Task:
    """Return the task of a record: its facts, in the order in which they are told, and its messages.

    Args:
        record: The question.
        revisions: Sentences that are told wrongly first; none for official records.
        related: Stage 2 paragraphs.
        split: Split that the record belongs to.
        source: ``official`` or ``generated``.
        useful: Title and index of each sentence that states what can be asked; None for all.
    """
    facts, utterances = tell(record, revisions, useful)
    offset = zlib.crc32(record.id.encode()) // 7
    return Task(
        id=record.id,
        benchmark="HotpotQA",
        split=split,
        source=source,
        query=record.question.strip(),
        facts=tuple(facts),
        utterances=tuple(utterances),
        distractors=tuple(message(p, offset + i) for i, p in enumerate(related)),
        answer=record.answer,
        data={"record": record},
        difficulty=record.level,
    )


def _generated_tasks(split: str) -> TaskSet:
    find = partial(_generated_index, split)
    return TaskSet(SPLIT_SIZES[split], partial(_generated_task, split), find, f"gen-{split}-{{:06}}".format)


def _official_tasks(split: str) -> TaskSet:
    questions = open_split(split)
    build, name = partial(_official_task, split, questions), partial(_official_id, questions)
    return TaskSet(len(questions.positions), build, questions.index_of.get, name)


def _official_id(questions: HotpotSplit, index: int) -> str:
    return questions.file.ids[questions.positions[index]]


def _generated_index(split: str, key: str) -> int | None:
    digits = key.removeprefix(f"gen-{split}-")
    if digits == key or len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


@lru_cache(maxsize=64)
def _generated_task(split: str, index: int) -> Task:
    made = generate(split, index)
    return to_task(made.record, made.revisions, made.related, split, "generated", made.useful)


@lru_cache(maxsize=64)
def _official_task(split: str, questions: HotpotSplit, index: int) -> Task:
    position = questions.positions[index]
    record = questions.file.record(position)
    return to_task(record, (), questions.file.related(position), split, "official")
