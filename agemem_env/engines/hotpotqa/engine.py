"""The HotpotQA benchmark: facts are told in stage 1, one question is asked in stage 3.

Nothing is played with commands: the only task call is the final answer, scored by exact match (success) and
token F1 (progress) under HotpotQA's rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.base import TaskEngine, TaskSet
from agemem_env.engines.hotpotqa.metrics import METRICS
from agemem_env.engines.hotpotqa.official import OfficialSplit, find_file, open_split
from agemem_env.engines.hotpotqa.records import HotpotRecord, paragraph_text, to_task
from agemem_env.engines.hotpotqa.world import SPLIT_SIZES, generate
from agemem_env.text.answers import answer_f1, exact_match
from agemem_env.text.matching import states
from agemem_env.types import EngineStep, Task, TaskMetric, ToolCall

_ALL_WORDS = 1.0
"""Distractors are so similar to gold facts that a fact is known only if all its words are."""

_INSTRUCTIONS = (
    "You will be asked one question. It can be answered by combining facts from the conversation. "
    "Give the final answer in as few words as possible: a name, a date, a number or a short phrase, "
    "without a sentence around it. Answer a yes/no question with yes or no."
)


class HotpotQAEngine(TaskEngine):
    """Multi-hop question answering.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated``, or ``auto``: official if the file of the split is present.
        protocol: ``agemem``.

    Raises:
        ConfigurationError: If an argument is not allowed.
        DataError: If official questions are asked for and missing or corrupt.
    """

    name: ClassVar[str] = "HotpotQA"
    max_rounds: ClassVar[int] = 20
    instructions = _INSTRUCTIONS
    has_commands: ClassVar[bool] = False
    metrics: ClassVar[Mapping[str, TaskMetric]] = METRICS

    def __init__(self, *, split: str = "test", source: str = "auto", protocol: str = "agemem") -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        if source == "auto":
            source = "generated" if find_file(self.split) is None else "official"
        self._provide(source, _official_tasks(self.split) if source == "official" else _generated_tasks(self.split))
        self._answer: str | None = None

    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        """Start a question; an agent that was not briefed is shown its paragraphs.

        Args:
            task: One of `tasks`.
            rng: Not used: a question has no randomness.
            briefed: Whether the facts were told in stage 1.
        """
        del rng
        self._task = task
        self._answer = None
        if briefed:
            return ""
        record: HotpotRecord = task.data["record"]
        return "\n\n".join(f"{p[0]}: {paragraph_text(p)}" for p in record.context)

    def submit(self, answer: str) -> EngineStep:
        """Score the final answer: progress is its F1, success is exact match."""
        expected = _expected(self._current())
        self._answer = answer
        return EngineStep(
            text="Answer recorded.",
            progress=answer_f1(answer, expected),
            done=True,
            success=exact_match(answer, expected),
        )

    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Answer if the current version of every gold fact is stated in something known, else ``unknown``."""
        task = self._current()
        outdated = {f.text: task.facts[f.supersedes].text for f in task.facts if f.supersedes is not None}
        informed = all(
            any(states(text, fact.text, outdated.get(fact.text), _ALL_WORDS) for text in known)
            for fact in task.gold_facts
        )
        return ToolCall("answer", {"text": _expected(task) if informed else "unknown"})

    def state_hash(self) -> str:
        """Return a digest of the current question and the answer given."""
        state = repr((None if self._task is None else self._task.id, self._answer))
        return hashlib.blake2b(state.encode("utf-8", "replace"), digest_size=16).hexdigest()

    def snapshot(self) -> tuple[Task | None, str | None]:
        """Return the current question and the answer given."""
        return self._task, self._answer

    def restore(self, snapshot: Any) -> None:
        """Return to a state taken with `snapshot`."""
        self._task, self._answer = snapshot


def _expected(task: Task) -> str:
    record: HotpotRecord = task.data["record"]
    return record.answer


def _generated_tasks(split: str) -> TaskSet:
    find = partial(_generated_index, split)
    return TaskSet(SPLIT_SIZES[split], partial(_generated_task, split), find, f"gen-{split}-{{:06}}".format)


def _official_tasks(split: str) -> TaskSet:
    questions = open_split(split)
    ids, positions = questions.file.ids, questions.positions
    build = partial(_official_task, split, questions)
    return TaskSet(len(positions), build, questions.index_of.get, lambda index: ids[positions[index]])


def _generated_index(split: str, key: str) -> int | None:
    digits = key.removeprefix(f"gen-{split}-")
    if digits == key or len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


@lru_cache(maxsize=64)
def _generated_task(split: str, index: int) -> Task:
    made = generate(split, index)
    return to_task(made.record, made.revisions, made.related, split, "generated")


@lru_cache(maxsize=64)
def _official_task(split: str, questions: OfficialSplit, index: int) -> Task:
    position = questions.positions[index]
    record = questions.file.record(position)
    return to_task(record, (), questions.file.related(position), split, "official")
