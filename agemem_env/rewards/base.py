"""What a reward part is, and how parts become a reward.

A part is a function of the episode (`EpisodeView`) and the judge that returns a score, or None if it does not
apply; one whose judge fails is None too. A component is the mean of its parts that have a score; the reward is the
weighted sum of the components that have one, plus the penalties (Eq. 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agemem_env.episode.view import EpisodeView, Metric
from agemem_env.errors import ConfigurationError, UnscoredError, unknown_name
from agemem_env.services.judges import Judge, MemoryVerdict

COMPONENTS = ("task", "context", "memory")
"""The components of a reward, in the paper's order."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The reward and what it is made of.

    Attributes:
        total: Weighted sum of the components plus the penalty.
        components: `task`, `context`, `memory`, `penalty` and each part as ``component/part``; None: not scored.
    """

    total: float
    components: Mapping[str, float | None]

    @classmethod
    def unscored(cls, profile: Profile) -> Scores:
        """Return the scores of an episode that is not scored yet: the same keys, all None."""
        names = [n for c in COMPONENTS for n in (c, *(f"{c}/{p}" for p in profile.components.get(c, {})))]
        names += ["penalty", *(f"penalty/{p}" for p in profile.penalties)]
        return cls(0.0, dict.fromkeys(names))


@dataclass(frozen=True)
class Profile:
    """A way to score an episode: parts by component, and penalties.

    A judge that is a model is asked when the episode has ended: until then, a part that asks it is not scored.

    Attributes:
        name: The name, for messages and result rows.
        components: Component -> part name -> part. Components are `COMPONENTS`; one that is left out is not scored.
        penalties: Name -> penalty; a penalty is at most 0 and is summed, not averaged.

    Raises:
        ConfigurationError: If a component is unknown, or a part is no function.

    Example:
        >>> profile = Profile("brief", {"context": {"room": lambda view, judge: 1 - view.tokens / view.max_tokens}})
        >>> list(Scores.unscored(profile).components)
        ['task', 'context', 'context/room', 'memory', 'penalty']
    """

    name: str
    components: Mapping[str, Mapping[str, Metric]]
    penalties: Mapping[str, Metric] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for component in self.components:
            if component not in COMPONENTS:
                raise unknown_name(f"component of profile {self.name!r}", component, COMPONENTS)
        for name, part in self._parts():
            if not callable(part):
                raise ConfigurationError(
                    f"part {name!r} of profile {self.name!r} is {part!r}; use a function of EpisodeView and Judge"
                )

    def score(self, view: EpisodeView, judge: Judge, weights: Mapping[str, float]) -> Scores:
        """Return the reward of an episode if it ended now."""
        judge = _SilentJudge() if judge.is_model and not view.over else judge
        values: dict[str, float | None] = {}
        total = 0.0
        for component in COMPONENTS:
            parts = self.components.get(component, {})
            scored = {f"{component}/{name}": _ask(part, view, judge) for name, part in parts.items()}
            known = [value for value in scored.values() if value is not None]
            values[component] = mean = sum(known) / len(known) if known else None
            values.update(scored)
            total += weights[component] * mean if mean is not None else 0.0
        charged = {f"penalty/{name}": _ask(part, view, judge) for name, part in self.penalties.items()}
        values["penalty"] = penalty = sum((value for value in charged.values() if value is not None), 0.0)
        values.update(charged)
        return Scores(total + penalty, values)

    def _parts(self) -> Iterator[tuple[str, Metric]]:
        yield from ((f"{c}/{name}", part) for c, parts in self.components.items() for name, part in parts.items())
        yield from ((f"penalty/{name}", part) for name, part in self.penalties.items())


def at_end(part: Metric) -> Metric:
    """Return the part, scored when the episode is over: before, it would tell which message was gold, or the query."""

    def waiting(view: EpisodeView, judge: Judge) -> float | None:
        return part(view, judge) if view.over else None

    return waiting


class _NotNow(Exception):
    """A part asked a model before the episode was over."""


class _SilentJudge:
    """Stands for a judge that is a model while the episode goes on, and tells by its silence which parts ask it."""

    name = "silent"
    is_model = True

    def answer(self, question: str, predicted: str, expected: str) -> float:
        raise _NotNow

    def memory(
        self,
        question: str,
        expected: str | None,
        entries: Sequence[str],
        gold: Sequence[str],
        outdated: Mapping[int, Sequence[str]] | None = None,
    ) -> MemoryVerdict:
        raise _NotNow

    def relevance(self, query: str, retrieved: Sequence[str]) -> float | None:
        raise _NotNow


def _ask(part: Metric, view: EpisodeView, judge: Judge) -> float | None:
    try:
        score = if_judged(part, view, judge)
    except _NotNow:
        return None
    return None if score is None else float(score)


def if_judged(metric: Metric, view: EpisodeView, judge: Judge) -> float | None:
    """Return a score, or None if the judge that it asks fails."""
    try:
        return metric(view, judge)
    except UnscoredError:
        return None
