"""What a reward part is, and how parts become a reward.

A part is a function of the episode (`EpisodeView`) and the judge that returns a score, or None if it does not
apply. A component is the mean of its parts that apply; the reward is the weighted sum of the components that apply,
plus the penalties (Eq. 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agemem_env.episode.view import EpisodeView, Metric
from agemem_env.services.judges import Judge


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a component.

    Attributes:
        score: The function.
        judged: Whether it asks the judge. A judge that is a model is asked at the end only.
    """

    score: Metric
    judged: bool = False


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
        names = [n for c, parts in profile.components.items() for n in (c, *(f"{c}/{p}" for p in parts))]
        names += ["penalty", *(f"penalty/{p}" for p in profile.penalties)]
        return cls(0.0, dict.fromkeys(names))


@dataclass(frozen=True)
class Profile:
    """A way to score an episode: parts by component, and penalties.

    Attributes:
        name: Value of the environment's ``reward`` argument.
        components: Component -> part name -> part.
        penalties: Name -> penalty; a penalty is at most 0 and is summed, not averaged.
    """

    name: str
    components: Mapping[str, Mapping[str, Part]]
    penalties: Mapping[str, Part]

    def score(self, view: EpisodeView, judge: Judge, weights: Mapping[str, float]) -> Scores:
        """Return the reward of an episode if it ended now."""
        values: dict[str, float | None] = {}
        total = 0.0
        for component, parts in self.components.items():
            scored = {f"{component}/{name}": _ask(part, view, judge) for name, part in parts.items()}
            known = [value for value in scored.values() if value is not None]
            values[component] = mean = sum(known) / len(known) if known else None
            values.update(scored)
            total += weights[component] * mean if mean is not None else 0.0
        charged = {f"penalty/{name}": _ask(part, view, judge) for name, part in self.penalties.items()}
        values["penalty"] = penalty = sum((value for value in charged.values() if value is not None), 0.0)
        values.update(charged)
        return Scores(total + penalty, values)


def _ask(part: Part, view: EpisodeView, judge: Judge) -> float | None:
    if part.judged and judge.is_model and not view.over:
        return None
    value = part.score(view, judge)
    return None if value is None else float(value)
