"""The penalties ``P`` (Eq. 26)."""

from __future__ import annotations

from agemem_env.episode.view import EpisodeView
from agemem_env.services.judges import Judge

ROUNDS = -1.0
OVERFLOW = -0.5


def rounds(view: EpisodeView, judge: Judge) -> float:
    """Return `ROUNDS` if the turn limit ended the episode: the agent needed more than ``N_max`` rounds; else 0."""
    return ROUNDS if view.truncated else 0.0


def overflow(view: EpisodeView, judge: Judge) -> float:
    """Return `OVERFLOW` if the context ever exceeded ``T_max`` tokens; else 0."""
    return OVERFLOW if view.overflow else 0.0
