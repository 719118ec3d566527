"""The parts of the memory component ``R_memory`` (Eq. 22 to 25), literal and strict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agemem_env.episode.ledger import Event
from agemem_env.episode.view import EpisodeView, last_writes
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.judges import Judge
from agemem_env.text.told import Told
from agemem_env.types import Task

HIGH_QUALITY = 0.5
"""Judge's quality, in [0, 1], from which a stored entry counts as of high quality."""


def storage(view: EpisodeView, judge: Judge) -> float | None:
    """Return ``N_high_quality / max(1, N_total)`` over the entries added in stage 1 (Eq. 23).

    An entry is judged in the version in which stage 1 left it, deleted entries included.
    """
    if 1 not in view.stages:
        return None
    added = [e.id for event in view.ledger.of("add", stage=1) for e in event.effect.after]
    if not added:
        return 0.0
    versions = {e.id: e.content for event in view.ledger.of("add", "update", stage=1) for e in event.effect.after}
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
    retrieved = [entry.content for entry in retrieved_entries(view, from_stage=3)]
    return judge.relevance(view.task.query, retrieved) or 0.0 if retrieved else 0.0


def kept_worth(view: EpisodeView, judge: Judge) -> float | None:
    """Return recall of the gold facts times precision over statements, of memory as it was when the query came.

    Precision is the share of the statements in memory that are worth keeping: among all facts, earlier versions and
    sentences of distractors that it states, once each, and text that states nothing of the task, counted by its length.
    What was known before the episode counts as what was stored in it, as far as it is about the task. None without
    stage 1 or without gold facts.
    """
    told = Told.of(view.task)
    if 1 not in view.stages or not told.gold:
        return None
    found = told.read(entry.content for entry in stored_entries(view))
    if not found.facts:
        return 0.0
    recall = len(found.facts & told.gold) / len(told.gold)
    return recall * len(found.facts & told.worth) / found.size


def corrections(view: EpisodeView, judge: Judge) -> float | None:
    """Return the share of stored, then superseded facts that were corrected, minus harmful operations.

    A superseded fact counts if its revision is worth keeping and memory stated the outdated version before the message
    that told the revision. It was corrected if memory, as it was when the query came, states the new version and the
    outdated one no more. Each update or delete before stage 3 after which a fact worth keeping is missing for good
    costs ``1 / number of facts worth keeping``; the result is at least 0. None if nothing stored was superseded and
    nothing was harmed.
    """
    if 1 not in view.stages:
        return None
    told = Told.of(view.task)
    held = _stated(told, view.stored)
    events = [e for e in view.ledger.of("add", "update", "delete") if e.stage < 3]
    since = _stated_since(view, told, events)
    stored = [
        (old, new)
        for old, new in revisions(view.task)
        if new in told.worth and since.get(old, view.told_in(new)) < view.told_in(new)
    ]
    corrected = sum(new in held and old not in held for old, new in stored)
    harmful = sum(_harmed(told, event, held) for event in events)
    if not stored and not harmful:
        return None
    share = corrected / len(stored) if stored else 0.0
    return max(0.0, share - harmful / max(1, len(told.worth)))


def retrieval_precision(view: EpisodeView, judge: Judge) -> float | None:
    """Return gold statements over all statements in what was retrieved since the context was last cleared.

    Retrievals of stage 2 count, since stage 3 continues in its context. Text that states nothing of the task counts by
    its length, and so does all of an entry that was written in stage 3: the query was known. 0 if nothing was
    retrieved; None without stage 1.
    """
    if 1 not in view.stages:
        return None
    told = Told.of(view.task)
    late = {entry_id for entry_id, stage in last_writes(view).items() if stage == 3}
    retrieved = retrieved_entries(view, from_stage=2)
    found = told.read(entry.content for entry in retrieved if entry.id not in late)
    useless = told.read(entry.content for entry in retrieved if entry.id in late)
    size = found.size + useless.size
    return len(found.facts & told.gold) / size if size else 0.0


def stored_entries(view: EpisodeView) -> list[MemoryEntry]:
    """Return memory as it was when the query came: what this episode wrote, and of the rest what is about the task."""
    told, written = Told.of(view.task), last_writes(view)
    return [entry for entry in view.stored if entry.id in written or told.facts_in(entry.content)]


def retrieved_entries(view: EpisodeView, *, from_stage: int) -> list[MemoryEntry]:
    """Return the entries that the agent, or a memory system for it, retrieved from a stage on, each version once."""
    events = [e for e in view.ledger.of("retrieve") if e.stage >= from_stage and e.actor != "environment"]
    return list({(e.id, e.content): e for event in events for e in event.effect.after}.values())


def outdated_gold(task: Task) -> Mapping[int, tuple[str, ...]]:
    """Return the outdated versions of each gold fact, by its index in ``task.gold_facts``."""
    place = {fact.text: i for i, fact in enumerate(task.gold_facts)}
    rivals: dict[int, tuple[str, ...]] = {}
    for old, new in revisions(task):
        if task.facts[new].gold:
            gold = place[task.facts[new].text]
            rivals[gold] = (*rivals.get(gold, ()), task.facts[old].text)
    return rivals


def revisions(task: Task) -> list[tuple[int, int]]:
    """Return the index of each outdated fact with that of the version that is true at the end."""
    pairs = []
    for old, new in task.superseded.items():
        while new in task.superseded:
            new = task.superseded[new]
        pairs.append((old, new))
    return pairs


def _stated(told: Told, entries: Iterable[MemoryEntry]) -> frozenset[int]:
    return frozenset[int]().union(*(told.facts_in(entry.content) for entry in entries))


def _stated_since(view: EpisodeView, told: Told, events: Sequence[Event]) -> dict[int, int]:
    """Return the round from which memory stated each fact; 0 for what it stated before the episode."""
    added = {entry.id for event in events if event.effect.kind == "add" for entry in event.effect.after}
    written = last_writes(view)
    before = [entry for event in events for entry in event.effect.before if entry.id not in added]
    known = [entry for entry in view.stored if entry.id not in written]
    since = dict.fromkeys(_stated(told, (*before, *known)), 0)
    for event in events:
        for fact in _stated(told, event.effect.after):
            since.setdefault(fact, event.step)
    return since


def _harmed(told: Told, event: Event, held: frozenset[int]) -> bool:
    lost = _stated(told, event.effect.before) - _stated(told, event.effect.after) - held
    return bool(lost & told.worth)
