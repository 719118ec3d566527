"""A judge whose failures leave a score open instead of ending the episode."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TypeVar

from agemem_env.errors import EndpointError, ReplayMissError, ServiceError, UnscoredError
from agemem_env.services.judges import Judge, MemoryVerdict

T = TypeVar("T", bound="float | MemoryVerdict | None")


class GuardedJudge:
    """Another judge, which is not asked again what it failed to judge, and whose failures are noted.

    What the user has to mend, such as a missing key or a request that is not in the cassette, is raised as it is.

    Args:
        judge: The judge.
        note: Takes one line for each question that could not be judged.
    """

    def __init__(self, judge: Judge, note: Callable[[str], None]) -> None:
        self._judge = judge
        self._note = note
        self._failed: dict[object, str] = {}

    @property
    def name(self) -> str:
        """The judge's name."""
        return self._judge.name

    @property
    def is_model(self) -> bool:
        """Whether the judge is a model."""
        return self._judge.is_model

    def answer(self, question: str, predicted: str, expected: str) -> float:
        """Return the judge's score of an answer.

        Raises:
            UnscoredError: If the judge fails.
        """
        key = ("answer", question, predicted, expected)
        return self._ask(key, lambda: self._judge.answer(question, predicted, expected))

    def memory(
        self,
        question: str,
        expected: str | None,
        entries: Sequence[str],
        gold: Sequence[str],
        outdated: Mapping[int, Sequence[str]] | None = None,
    ) -> MemoryVerdict:
        """Return the judge's verdict of memory entries.

        Raises:
            UnscoredError: If the judge fails.
        """
        key = ("memory", question, tuple(entries))
        return self._ask(key, lambda: self._judge.memory(question, expected, entries, gold, outdated))

    def relevance(self, query: str, retrieved: Sequence[str]) -> float | None:
        """Return the judge's score of a retrieved set.

        Raises:
            UnscoredError: If the judge fails.
        """
        key = ("relevance", query, tuple(retrieved))
        return self._ask(key, lambda: self._judge.relevance(query, retrieved))

    def _ask(self, key: object, ask: Callable[[], T]) -> T:
        if key in self._failed:
            raise UnscoredError(self._failed[key])
        try:
            verdict = ask()
            if not _is_finite(verdict):
                raise ServiceError(f"judge {self.name!r} returned a score that is no finite number: {verdict!r}")
            return verdict
        except (EndpointError, ReplayMissError):
            raise
        except ServiceError as error:
            self._failed[key] = str(error)
            self._note(str(error))
            raise UnscoredError(str(error)) from error


def _is_finite(verdict: object) -> bool:
    """Whether every score of a verdict is a finite number or None."""
    if isinstance(verdict, MemoryVerdict):
        return all(map(_is_finite, (*verdict.entry_quality, verdict.coverage, verdict.precision, verdict.quality)))
    return verdict is None or (isinstance(verdict, Real) and math.isfinite(verdict))
