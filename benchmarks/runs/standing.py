"""`Standing`: how far a run has come: episodes, scores, tokens, cost so far and expected, time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec, main_score


@dataclass
class Count:
    """Sums over the rows of some episodes.

    Attributes:
        total: Number of episodes.
        there: Those that have a row.
        failed: Those of them that crashed.
        score: Sum of the scores.
        scored: Number of scores.
        tokens: Tokens of models, sent and received.
        price: US dollars; None if the price of a call is not known.
    """

    total: int = 0
    there: int = 0
    failed: int = 0
    score: float = 0.0
    scored: int = 0
    tokens: float = 0.0
    price: float | None = 0.0

    def add(self, row: EpisodeRow) -> None:
        """Count a row."""
        self.there += 1
        self.failed += row.error is not None
        score = None if row.metrics is None else row.metrics.get(main_score(row.benchmark))
        if score is not None:
            self.score, self.scored = self.score + score, self.scored + 1
        cost = row.cost or {}
        self.tokens += (cost.get("prompt_tokens") or 0) + (cost.get("completion_tokens") or 0)
        price = cost.get("price", 0.0)
        self.price = None if price is None or self.price is None else self.price + price

    @property
    def mean(self) -> float | None:
        """Mean score so far; None without any."""
        return self.score / self.scored if self.scored else None


@dataclass
class Standing:
    """How far a run has come.

    Attributes:
        whole: All episodes.
        benchmarks: The same by benchmark.
        clock: Returns the time in seconds.
    """

    whole: Count = field(default_factory=Count)
    benchmarks: dict[str, Count] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _players: dict[str, Count] = field(default_factory=dict)
    _started: float = 0.0
    _played: int = 0

    @classmethod
    def of(cls, specs: Sequence[RunSpec], clock: Callable[[], float] = time.monotonic) -> Standing:
        """Return the standing of a run that starts now."""
        standing = cls(clock=clock)
        for spec in specs:
            for tally in standing._tallies(spec):
                tally.total += 1
        standing._started = clock()
        return standing

    def add(self, row: EpisodeRow, *, played: bool = True) -> None:
        """Count a row that was played now, or was there already."""
        for tally in self._tallies(row.spec):
            tally.add(row)
        self._played += played

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._started

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest takes, at the pace so far; None if nothing was played yet."""
        left = self.whole.total - self.whole.there
        return self.seconds / self._played * left if self._played else None

    @property
    def expected_price(self) -> float | None:
        """US dollars of the whole run if further episodes cost what those of their player do; None if not known."""
        expected = 0.0
        known = self.whole.price
        if known is None or not self.whole.there:
            return known
        for tally in self._players.values():
            each = (tally.price or 0.0) / tally.there if tally.there else known / self.whole.there
            expected += each * tally.total
        return expected

    def _tallies(self, spec: RunSpec) -> tuple[Count, ...]:
        benchmark = self.benchmarks.setdefault(spec.benchmark, Count())
        return self.whole, benchmark, self._players.setdefault(spec.group, Count())


def in_words(standing: Standing) -> str:
    """Return the standing as one line."""
    whole, left = standing.whole, standing.seconds_left
    told = [f"{whole.there} of {whole.total} episodes after {standing.seconds / 60:.1f} min"]
    if whole.failed:
        told.append(f"{whole.failed} crashed")
    scores = [f"{n} {main_score(n)} {t.mean:.2f}" for n, t in standing.benchmarks.items() if t.mean is not None]
    if scores:
        told.append("so far " + ", ".join(scores))
    if whole.tokens:
        told.append(f"{whole.tokens:,.0f} tokens")
        told.append(price_in_words(standing))
    if left is not None and whole.there < whole.total:
        told.append(f"about {left / 60:.0f} min left")
    return "; ".join(told)


def price_in_words(standing: Standing) -> str:
    """Return what a run has cost and is expected to cost.

    >>> price_in_words(Standing(Count(total=2, price=0.0)))
    '$0.00 of about $0.00'
    """
    spent, expected = standing.whole.price, standing.expected_price
    return "price not known" if spent is None or expected is None else f"${spent:.2f} of about ${expected:.2f}"
