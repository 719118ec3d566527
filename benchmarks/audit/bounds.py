"""What must hold of measured rewards: nobody is paid who did not do the work, and playing on is never the worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from baselines.cheats import RED_TEAM, STORE_NOTHING_TRUE
from benchmarks.audit.bandit import CONVERGED, FLOOR, play_probability
from benchmarks.audit.outcomes import Outcome

NOTHING = 0.02
"""Largest mean reward that counts as nothing."""

ALIKE = 0.05
"""Largest difference of the memory component between shapes of the same memory."""

STATES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "no memory": ("do-nothing", "idle", "expert-no-memory"),
        "giant": ("giant-quit", "giant-idle", "giant-play"),
        "store-all": ("store-all-quit", "store-all-idle", "store-all-play"),
        "gold": ("expert-quit", "expert-idle", "expert"),
    }
)
"""State of memory -> who gives up in it, who fails in it, and who plays on in it."""

SAME_ACTION = 0.001
"""Largest difference of rewards between two ways to do the same; the wording of an answer has tokens."""

SAME: Mapping[str, str] = MappingProxyType(
    {
        "cheat-prune": "store-all-quit",
        "cheat-prune-gold": "cheat-store-all",
        "cheat-preload": "store-all-quit",
        "cheat-bag-tidy": "cheat-bag",
        "cheat-combined": "do-nothing",
        "cheat-false-facts": "do-nothing",
        **dict.fromkeys(("cheat-contradict", "cheat-pairs", "cheat-merged", "cheat-spelled"), "cheat-store-all"),
        "cheat-back-and-forth": "cheat-store-all",
        "cheat-summary-echo": "store-all-quit",
        "cheat-late-correction": "cheat-corrections",
    }
)
"""Cheat -> who earns as much without its trick."""

GIVE_UP: tuple[str, ...] = (
    *(name for name in RED_TEAM if name.startswith("cheat-") and name != "cheat-prune-gold"),
    "giant-quit",
    "store-all-quit",
)
"""Who gives up without knowing what is gold."""

ORDER = ("expert", "store-all-play", "expert-no-memory", "do-nothing")
"""Who must earn more than the next; the last two are equal where nothing can be tried without memory."""

_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a bound holds for a benchmark.

    Attributes:
        bound: Its letter and what it says.
        benchmark: Name of the benchmark.
        profile: Name of the profile.
        held: Whether it holds.
        figures: The measured numbers that say so.
    """

    bound: str
    benchmark: str
    profile: str
    held: bool
    figures: str


class Means:
    """Mean rewards and memory components of one benchmark under one profile.

    Args:
        found: Outcomes of any benchmarks.
        benchmark: The benchmark.
        profile: The profile.
    """

    def __init__(self, found: Sequence[Outcome], benchmark: str, profile: str) -> None:
        self._own = [o for o in found if o.benchmark == benchmark]
        self._profile = profile

    def rewards(self, policy: str) -> list[float]:
        """Return the rewards of a policy, by seed."""
        return [o.rewards[self._profile] for o in self._own if o.policy == policy]

    def reward(self, policy: str) -> float:
        """Return the mean reward of a policy."""
        return float(np.mean(self.rewards(policy)))

    def memory(self, policy: str) -> float:
        """Return the mean memory component of a policy; not scored counts as 0."""
        return float(np.mean([o.memory[self._profile] or 0.0 for o in self._own if o.policy == policy]))


def findings(found: Sequence[Outcome], profile: str) -> list[Finding]:
    """Return every bound for every benchmark.

    Args:
        found: Outcomes of all audited policies.
        profile: Name of the profile.
    """
    checked = []
    for name, check in CHECKS.items():
        for benchmark in dict.fromkeys(o.benchmark for o in found):
            held, figures = check(Means(found, benchmark, profile))
            checked.append(Finding(name, benchmark, profile, held, figures))
    return checked


def _nothing_true(means: Means) -> tuple[bool, str]:
    paid = {name: means.reward(name) for name in ("do-nothing", *STORE_NOTHING_TRUE)}
    name, most = max(paid.items(), key=lambda item: item[1])
    return most <= NOTHING, f"most {most:+.3f} ({name})"


def _playing_on(means: Means) -> tuple[bool, str]:
    gains = []
    for state, (quits, fails, plays) in STATES.items():
        base = means.reward(quits)
        gains.append((state, means.reward(fails) - base, means.reward(plays) - base))
    held = all(fail >= -_EXACT and play >= -_EXACT for _, fail, play in gains)
    return held, ", ".join(f"{state} {fail:+.3f}/{play:+.3f}" for state, fail, play in gains)


def _shapes(means: Means) -> tuple[bool, str]:
    giant, bag, entries = (means.memory(f"cheat-{name}") for name in ("giant", "bag", "store-all"))
    held = abs(giant - entries) <= ALIKE and bag - entries <= ALIKE and bag - giant <= ALIKE
    return held, f"giant {giant:.3f}, bag {bag:.3f}, store-all {entries:.3f}"


def _tricks(means: Means) -> tuple[bool, str]:
    gains = {cheat: means.reward(cheat) - means.reward(same) for cheat, same in SAME.items()}
    figures = ", ".join(f"{cheat.removeprefix('cheat-')} {gain:+.3f}" for cheat, gain in gains.items())
    return max(gains.values()) <= NOTHING, figures


def _order(means: Means) -> tuple[bool, str]:
    paid = [means.reward(name) for name in ORDER]
    cheats = max(means.reward(name) for name in STORE_NOTHING_TRUE)
    expert, honest, forgetful, nothing = paid
    held = expert > honest > forgetful >= nothing - _EXACT and cheats <= nothing + NOTHING
    return held, " > ".join(f"{value:+.3f}" for value in paid) + f", cheats {cheats:+.3f}"


def _bandit(means: Means) -> tuple[bool, str]:
    """Leave out states in which playing on is the same as giving up: there is nothing to learn."""
    chances: dict[str, float] = {}
    figures = []
    for state, (quits, _, plays) in STATES.items():
        arms = means.rewards(quits), means.rewards(plays)
        if np.abs(np.subtract(*arms)).max() <= SAME_ACTION:
            figures.append(f"{state} same")
            continue
        chances[state] = _learnt(arms, 0.0)
        floored = f" ({_learnt(arms, FLOOR):.2f} with a floor)" if chances[state] < CONVERGED else ""
        figures.append(f"{state} {chances[state]:.2f}{floored}")
    return min(chances.values(), default=0.0) >= CONVERGED, ", ".join(figures)


def _learnt(arms: tuple[list[float], list[float]], floor: float) -> float:
    return play_probability(*arms, np.random.Generator(np.random.PCG64(0)), floor=floor)


CHECKS: Mapping[str, Callable[[Means], tuple[bool, str]]] = MappingProxyType(
    {
        "(a) giving up with nothing true stored earns nothing": _nothing_true,
        "(b) playing on earns at least as much as giving up (failing / playing)": _playing_on,
        "(c) shapes of the same memory are paid alike": _shapes,
        "(d) tricks earn nothing beyond the same without them": _tricks,
        "(e) expert > store-all-play > expert-no-memory >= do-nothing >= cheats": _order,
        "(f) a bandit learns to play on: probability after training": _bandit,
    }
)
"""Bound -> its check."""


def worst_ratio(found: Sequence[Outcome], profile: str) -> Iterator[tuple[str, str, float, float]]:
    """Yield, per benchmark, who of `GIVE_UP` earns most, what it earns, and what doing nothing earns."""
    for benchmark in dict.fromkeys(o.benchmark for o in found):
        means = Means(found, benchmark, profile)
        name = max(GIVE_UP, key=means.reward)
        yield benchmark, name, means.reward(name), means.reward("do-nothing")
