"""The HotpotQA benchmark: facts are told in stage 1, one question is asked in stage 3.

Nothing is played with commands: the only task call is the final answer, scored by exact match (success) and
token F1 (progress) under HotpotQA's rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.base import TaskEngine
from agemem_env.engines.hotpotqa.metrics import METRICS
from agemem_env.engines.hotpotqa.oracle import next_answer
from agemem_env.engines.hotpotqa.records import HotpotRecord, paragraph_text
from agemem_env.engines.hotpotqa.tasks import choose_tasks
from agemem_env.text.answers import answer_f1, exact_match
from agemem_env.types import EngineStep, Task, TaskMetric, ToolCall

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
    main_score: ClassVar[str] = "J"
    instructions = _INSTRUCTIONS
    has_commands: ClassVar[bool] = False
    metrics: ClassVar[Mapping[str, TaskMetric]] = METRICS

    def __init__(self, *, split: str = "test", source: str = "auto", protocol: str = "agemem") -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        self._provide(*choose_tasks(self.split, source))
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
        expected = self._current().data["record"].answer
        self._answer = answer
        return EngineStep(
            text="Answer recorded.",
            progress=answer_f1(answer, expected),
            done=True,
            success=exact_match(answer, expected),
        )

    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Answer if the current version of every gold fact is stated in something known, else ``unknown``."""
        return next_answer(self._current(), known)

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
