"""What ``info`` tells a learner, so that it need not read it out of prose. It tells nothing that is not shown."""

from __future__ import annotations

from typing import Any

from agemem_env.context.messages import ShownMemory
from agemem_env.context.transcript import Transcript
from agemem_env.episode.state import Episode


def seen(episode: Episode, transcript: Transcript) -> dict[str, Any]:
    """Return the entries of ``info`` on what the agent sees; the transcript has just been asked for the messages."""
    return {
        "origins": transcript.origins(),
        "shown_memories": [_memory(shown) for shown in transcript.memories()],
        "last_effect": last_effect(episode),
    }


def last_effect(episode: Episode) -> list[dict[str, Any]]:
    """Return what each call of the agent's last turn changed, in order; calls of tools that are not offered are none.

    ``kind`` is that of the ledger, ``none`` for a call that was refused or found nothing to do; ``memories`` counts
    the entries that were added, changed, removed or found, ``messages`` those that left the context, and ``tokens`` is
    by how much the context changed before the result was written.
    """
    found: list[dict[str, Any]] = []
    for event in reversed(episode.ledger.events):
        if event.step != episode.round:
            break
        if event.actor == "agent":
            effect = event.effect
            changed = {"tool": event.tool, "kind": effect.kind, "memories": len(effect.after or effect.before)}
            tokens = event.tokens_after - event.tokens_before
            found.append({**changed, "messages": len(effect.removed), "tokens": tokens})
    return found[::-1]


def _memory(shown: ShownMemory) -> dict[str, Any]:
    return {"id": shown.id, "score": shown.score, "content": shown.content}
