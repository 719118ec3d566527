"""The task component ``R_task`` (Eq. 17)."""

from __future__ import annotations

from agemem_env.episode.view import EpisodeView
from agemem_env.services.judges import Judge

NO_ANSWER = -1.0
"""``P_no_answer``: the task score of an episode that should have given an answer and did not."""


def answer(view: EpisodeView, judge: Judge) -> float:
    """Return the task score, in [0, 1], or `NO_ANSWER`.

    With an expected answer: the judge's score of the agent's answer; `NO_ANSWER` if the episode ended without one,
    and 0 while it goes on. Without: 1 if the engine counts the task as solved, else its progress.
    """
    if view.task.answer is None:
        return 1.0 if view.success else view.progress
    if view.ledger.answer is None:
        return NO_ANSWER if view.over else 0.0
    return judge.answer(view.task.query, view.ledger.answer, view.task.answer)
