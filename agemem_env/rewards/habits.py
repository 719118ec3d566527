"""What an agent did with what it was told: figures of a finished episode that no reward and no metric is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agemem_env.episode.view import EpisodeView
from agemem_env.rewards.memory import outdated_gold, revisions
from agemem_env.text.told import Told


def corrected(view: EpisodeView) -> float | None:
    """Return 1 if an entry that stated an outdated gold fact was deleted, or updated so that it does not, else 0.

    Operations count from the message on that told the revision, and up to stage 3. None without stage 1, or if no gold
    fact was revised.
    """
    told_in = _gold_revisions(view)
    if not told_in:
        return None
    told = Told.of(view.task)
    for event in view.ledger.of("update", "delete"):
        before = [told.facts_in(entry.content) for entry in event.effect.before]
        after = [told.facts_in(entry.content) for entry in event.effect.after]
        gone = frozenset[int]().union(*before) - frozenset[int]().union(*after)
        if event.stage < 3 and any(event.step >= told_in[old] for old in gone & told_in.keys()):
            return 1.0
    return 0.0


def answered_outdated(view: EpisodeView) -> float | None:
    """Return 1 if the answer is what an outdated gold fact says and its revision does not, else 0.

    None without stage 1, if no answer is expected, or if no gold fact was revised.
    """
    rivals = outdated_gold(view.task)
    if 1 not in view.stages or view.task.answer is None or not rivals:
        return None
    given = _plain(view.ledger.answer or "")
    if not given or given == _plain(view.task.answer):
        return 0.0
    gold = [fact.text for fact in view.task.gold_facts]
    return float(
        any(
            f" {given} " in f" {_plain(old)} " and f" {given} " not in f" {_plain(gold[place])} "
            for place, versions in rivals.items()
            for old in versions
        )
    )


def small_talk_stored(view: EpisodeView) -> float | None:
    """Return the share of the small talk that memory stated when the query came; None if there was none."""
    facts = view.task.facts
    chat = {i for i, fact in enumerate(facts) if not fact.gold and not fact.useful}
    if 1 not in view.stages or not chat:
        return None
    told = Told.of(view.task)
    stated = frozenset[int]().union(*(told.facts_in(entry.content) for entry in view.stored))
    return len(chat & stated) / len(chat)


HABITS: Mapping[str, Callable[[EpisodeView], float | None]] = {
    "corrected": corrected,
    "answered outdated": answered_outdated,
    "small talk stored": small_talk_stored,
}
"""Figures by name; None where one does not apply."""


def habits(view: EpisodeView) -> dict[str, float | None]:
    """Return all figures of a finished episode."""
    return {name: figure(view) for name, figure in HABITS.items()}


def _gold_revisions(view: EpisodeView) -> dict[int, int]:
    """Return the round in which the revision of each outdated gold fact was told, by the outdated fact."""
    if 1 not in view.stages:
        return {}
    return {old: view.told_in(new) for old, new in revisions(view.task) if view.task.facts[new].gold}


def _plain(text: str) -> str:
    """Return a text as its words alone."""
    return " ".join(re.findall(r"\w+", text.casefold()))
