"""A judge whose failures leave a score open instead of ending the episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TypeVar

from agemem_env.errors import EndpointError, ReplayMissError, ServiceError, UnscoredError
from agemem_env.services.judges import Judge, MemoryVerdict

T = TypeVar("T")


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
        return self._ask(key, lambda: _score(self._judge.answer(question, predicted, expected)))

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
        return self._ask(
            key, lambda: _verdict(self._judge.memory(question, expected, entries, gold, outdated), len(entries))
        )

    def relevance(self, query: str, retrieved: Sequence[str]) -> float | None:
        """Return the judge's score of a retrieved set.

        Raises:
            UnscoredError: If the judge fails.
        """
        key = ("relevance", query, tuple(retrieved))
        return self._ask(key, lambda: _score_or_none(self._judge.relevance(query, retrieved)))

    def _ask(self, key: object, ask: Callable[[], T]) -> T:
        if key in self._failed:
            raise UnscoredError(self._failed[key])
        try:
            return ask()
        except _WrongScoreError as error:
            fault = ServiceError(f"judge {self.name!r} returned {error}")
        except (EndpointError, ReplayMissError):
            raise
        except ServiceError as error:
            fault = error
        self._failed[key] = str(fault)
        self._note(str(fault))
        raise UnscoredError(str(fault)) from fault


class _WrongScoreError(ValueError):
    """What a judge returned is no score."""


def _score(value: object) -> float:
    """Return a score as a number of Python's.

    >>> _score(1), _score(0.5)
    (1.0, 0.5)
    """
    if not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise _WrongScoreError(f"{value!r:.80}, which is no number from 0 to 1")
    return float(value)


def _score_or_none(value: object) -> float | None:
    return None if value is None else _score(value)


def _verdict(verdict: object, entries: int) -> MemoryVerdict:
    """Return a verdict of so many entries with numbers of Python's."""
    if not isinstance(verdict, MemoryVerdict):
        raise _WrongScoreError(f"{verdict!r:.80}, which is no MemoryVerdict")
    quality = tuple(map(_score, verdict.entry_quality))
    if len(quality) != entries:
        raise _WrongScoreError(f"the quality of {len(quality)} entries, where there are {entries}")
    rest = map(_score_or_none, (verdict.coverage, verdict.precision, verdict.quality))
    return MemoryVerdict(quality, *rest)
