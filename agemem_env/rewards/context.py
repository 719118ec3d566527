"""The parts of the context component ``R_context`` (Eq. 18 to 21), literal and strict."""

from __future__ import annotations

from agemem_env.episode.view import EpisodeView, Metric
from agemem_env.rewards import task
from agemem_env.rewards.evidence import facts_shown, removed_messages, shows_phrase
from agemem_env.services.judges import Judge
from agemem_env.text.key_phrases import key_phrases
from agemem_env.text.told import Told


def compression(view: EpisodeView, judge: Judge) -> float:
    """Return ``max(0, 1 - T_used / T_max)`` (Eq. 19)."""
    return max(0.0, 1.0 - view.tokens / view.max_tokens)


def preventive(view: EpisodeView, judge: Judge) -> float:
    """Return 1 if the agent removed messages from the context before any overflow, else 0 (Eq. 20)."""
    for event in view.ledger.of("reduce", "overflow"):
        return float(event.effect.kind == "reduce")
    return 0.0


def preservation(view: EpisodeView, judge: Judge) -> float | None:
    """Return 1 if every key phrase of the query is shown in the context outside the query itself (Eq. 21).

    What distractors say does not count. None if the query has no key phrases.
    """
    phrases = key_phrases(view.task.query)
    if not phrases:
        return None
    return float(all(any(shows_phrase(m, p, view.task) for m in view.messages) for p in phrases))


def useful_reduction(view: EpisodeView, judge: Judge) -> float | None:
    """Return 1 if a reduction before any overflow removed a distractor and no evidence for the query, else 0.

    Evidence are the query's key phrases and the gold facts: whatever the reductions removed of them must be shown
    in the context still. None if the episode has no distractors.
    """
    if 2 not in view.stages or not view.task.distractors:
        return None
    reductions = []
    for event in view.ledger.of("reduce", "overflow"):
        if event.effect.kind == "overflow":
            break
        reductions.append(event)
    removed = [m for event in reductions for m in event.effect.removed if event.stage > 1]
    if not any(m.origin == "distractor" for m in removed):
        return 0.0
    told = Told.of(view.task)
    if (facts_shown(removed, told) - facts_shown(view.messages, told)) & told.gold:
        return 0.0
    for phrase in key_phrases(view.task.query):
        lost = any(shows_phrase(m, phrase, view.task) for m in removed)
        if lost and not any(shows_phrase(m, phrase, view.task) for m in view.messages):
            return 0.0
    return 1.0


def gold_kept(view: EpisodeView, judge: Judge) -> float | None:
    """Return the share of the gold facts seen since stage 2 that the context still shows.

    None if no gold fact entered the context.
    """
    told = Told.of(view.task)
    kept = facts_shown(view.messages, told) & told.gold
    entered = kept | facts_shown(removed_messages(view, from_stage=2), told) & told.gold
    return len(kept) / len(entered) if entered else None


def earned(part: Metric) -> Metric:
    """Return the part times the task score: tidying a context that led to nothing helped nothing."""

    def scaled(view: EpisodeView, judge: Judge) -> float | None:
        score = part(view, judge)
        return None if score is None else score * max(0.0, task.answer(view, judge))

    return scaled
