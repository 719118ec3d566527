"""The parts of the memory component ``R_memory`` (Eq. 22 to 25), literal and strict."""

from __future__ import annotations

from collections.abc import Mapping

from agemem_env.episode.ledger import Event
from agemem_env.episode.view import EpisodeView, last_writes, stored_entries
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.judges import Judge
from agemem_env.text.matching import match_memory, states, states_only
from agemem_env.types import Task

HIGH_QUALITY = 0.5
"""Judge's quality, in [0, 1], from which a stored entry counts as of high quality."""


def storage(view: EpisodeView, judge: Judge) -> float | None:
    """Return ``N_high_quality / max(1, N_total)`` over the entries added in stage 1 (Eq. 23).

    An entry is judged in its last version, deleted entries included.
    """
    if 1 not in view.stages:
        return None
    added = [e.id for event in view.ledger.of("add", stage=1) for e in event.effect.after]
    if not added:
        return 0.0
    versions = {e.id: e.content for event in view.ledger.of("add", "update") for e in event.effect.after}
    gold = [fact.text for fact in view.task.gold_facts]
    verdict = judge.memory(
        view.task.query, view.task.answer, [versions[i] for i in added], gold, outdated_gold(view.task)
    )
    return sum(quality >= HIGH_QUALITY for quality in verdict.entry_quality) / len(added)


def maintenance(view: EpisodeView, judge: Judge) -> float | None:
    """Return 1 if an entry was updated or deleted, else 0 (Eq. 24)."""
    return float(bool(view.ledger.of("update", "delete"))) if 1 in view.stages else None


def relevance(view: EpisodeView, judge: Judge) -> float | None:
    """Return the judge's semantic score of what was retrieved in stage 3 for the query (Eq. 25); 0 for nothing."""
    if 1 not in view.stages:
        return None
    retrieved = [entry.content for entry in retrieved_entries(view)]
    return judge.relevance(view.task.query, retrieved) or 0.0 if retrieved else 0.0


def storage_f1(view: EpisodeView, judge: Judge) -> float | None:
    """Return the F1 of the entries that this episode stored before stage 3 against the gold facts.

    Precision counts words, so neither one entry that holds everything nor many copies of a gold fact pay.
    """
    if 1 not in view.stages:
        return None
    gold = [fact.text for fact in view.task.gold_facts]
    contents = [entry.content for entry in stored_entries(view)]
    return match_memory(contents, gold, outdated_gold(view.task)).f1


def corrections(view: EpisodeView, judge: Judge) -> float | None:
    """Return the share of stored, then superseded facts that were corrected, minus harmful operations.

    A superseded fact counts if its revision is needed and the outdated version was stored. It was corrected if an
    update or delete touched it, no entry states the outdated version any more and one states the new one. Each update
    or delete after which a gold fact is missing for good costs ``1 / number of gold facts``; the result is at least 0.
    None if nothing stored was superseded and nothing was harmed.
    """
    if 1 not in view.stages:
        return None
    stored = [(old, new) for old, new in _gold_revisions(view.task) if _was_stored(view, old, new)]
    corrected = sum(_corrected(view, old, new) for old, new in stored)
    harmful = sum(_harmed(view, event) for event in view.ledger.of("update", "delete"))
    if not stored and not harmful:
        return None
    share = corrected / len(stored) if stored else 0.0
    return max(0.0, share - harmful / max(1, len(view.task.gold_facts)))


def retrieval_precision(view: EpisodeView, judge: Judge) -> float | None:
    """Return the share of the entries retrieved in stage 3 that state a gold fact; None if none was retrieved.

    Entries written in stage 3 count as useless: the query was known.
    """
    if 1 not in view.stages:
        return None
    retrieved = retrieved_entries(view)
    gold = [fact.text for fact in view.task.gold_facts]
    late = {entry_id for entry_id, stage in last_writes(view).items() if stage == 3}
    useful = sum(e.id not in late and any(states(e.content, fact) for fact in gold) for e in retrieved)
    return useful / len(retrieved) if retrieved else None


def retrieved_entries(view: EpisodeView) -> list[MemoryEntry]:
    """Return the entries that the agent, or a memory system for it, retrieved in stage 3, each version once."""
    events = [event for event in view.ledger.of("retrieve", stage=3) if event.actor != "environment"]
    return list({(e.id, e.content): e for event in events for e in event.effect.after}.values())


def outdated_gold(task: Task) -> Mapping[int, tuple[str, ...]]:
    """Return the outdated versions of each gold fact, by its index in ``task.gold_facts``."""
    index = {fact.text: i for i, fact in enumerate(task.gold_facts)}
    rivals: dict[int, tuple[str, ...]] = {}
    for old, new in _gold_revisions(task):
        rivals[index[new]] = (*rivals.get(index[new], ()), old)
    return rivals


def _gold_revisions(task: Task) -> list[tuple[str, str]]:
    """Return the texts of each outdated version of a gold fact with the version that is true at the end."""
    pairs = []
    for old, new in task.superseded.items():
        while new in task.superseded:
            new = task.superseded[new]
        if task.facts[new].gold:
            pairs.append((task.facts[old].text, task.facts[new].text))
    return pairs


def _was_stored(view: EpisodeView, old: str, new: str) -> bool:
    written = [e for event in view.ledger.of("add", "update") for e in event.effect.after]
    return any(states_only(entry.content, old, new) for entry in written)


def _corrected(view: EpisodeView, old: str, new: str) -> bool:
    touched = [e for event in view.ledger.of("update", "delete") for e in event.effect.before]
    return (
        any(states_only(entry.content, old, new) for entry in touched)
        and not any(states_only(entry.content, old, new) for entry in view.entries)
        and any(states(entry.content, new, old) for entry in view.entries)
    )


def _harmed(view: EpisodeView, event: Event) -> bool:
    rivals = outdated_gold(view.task)
    for i, fact in enumerate(view.task.gold_facts):
        outdated = rivals.get(i, ())
        held = any(_states_current(e, fact.text, outdated) for e in event.effect.before)
        if held and not any(_states_current(e, fact.text, outdated) for e in (*event.effect.after, *view.entries)):
            return True
    return False


def _states_current(entry: MemoryEntry, fact: str, outdated: tuple[str, ...]) -> bool:
    return states(entry.content, fact) and all(states(entry.content, fact, old) for old in outdated)
