"""The penalties ``P`` (Eq. 26)."""

from __future__ import annotations

from agemem_env.episode.view import EpisodeView
from agemem_env.services.judges import Judge

ROUNDS = -1.0
OVERFLOW = -0.5


def rounds(view: EpisodeView, judge: Judge) -> float:
    """Return `ROUNDS` if a task that expects an answer was ended by the turn limit; else 0.

    Where the engine's progress is the score, failing costs the progress that is missing and nothing more, however the
    episode ends: giving up must not be better than trying.
    """
    return ROUNDS if view.truncated and view.task.answer is not None else 0.0


def overflow(view: EpisodeView, judge: Judge) -> float:
    """Return `OVERFLOW` if the context ever exceeded ``T_max`` tokens; else 0."""
    return OVERFLOW if view.overflow else 0.0
