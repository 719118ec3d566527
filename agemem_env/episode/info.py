"""What `info` is made of, beside the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.context.transcript import Transcript
from agemem_env.engines.base import TaskEngine
from agemem_env.episode.seen import seen
from agemem_env.episode.state import Episode


@dataclass(frozen=True)
class InfoWriter:
    """Writes ``info``, whose keys `AgeMemEnv` describes.

    Attributes:
        engine: Plays the task.
        transcript: Writes the messages.
        tools: Names of the tools that are offered.
        token_counter: Name of the token counter.
        judge: Name of the judge.
    """

    engine: TaskEngine
    transcript: Transcript
    tools: Sequence[str]
    token_counter: str
    judge: str

    def write(
        self, episode: Episode, components: Mapping[str, float | None], metrics: Mapping[str, float | None] | None
    ) -> dict[str, Any]:
        """Return the ``info`` of a state; the transcript has just been asked for its messages.

        Args:
            episode: The episode.
            components: Components of the reward and their parts.
            metrics: Metrics of the episode; None before its end.
        """
        calls = episode.ledger.calls
        info: dict[str, Any] = {
            "stage": episode.stage,
            "source": episode.task.source,
            "success": episode.success,
            "progress": episode.progress,
            "reward_components": dict(components),
            "tool_calls": {name: calls.get(name, 0) for name in self.tools},
            "errors": dict(episode.ledger.errors),
            "tokens": episode.context.tokens,
            "token_counter": self.token_counter,
            "judge": self.judge,
            "overflow": episode.context.overflowed,
            "context_rewritten": episode.context.rewritten or episode.mended,
            "state_hash": episode.state_hash(self.engine.state_hash()),
            **seen(episode, self.transcript),
        }
        if episode.stage == 3:
            info["task_id"] = episode.task.id
        info |= self._commands(episode, info["shown_memories"])
        if episode.engine_error:
            info["engine_error"] = episode.engine_error
        if metrics is not None:
            info["metrics"] = metrics
        return info

    def _commands(self, episode: Episode, shown: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        """Return the commands that the engine lists, and those that it suggests to one who was shown some memories."""
        found: dict[str, list[str]] = {}
        if self.engine.lists_commands:
            allowed = list(admissible(self.engine, episode))
            found["admissible_commands"] = allowed
            found["idle_commands"] = [command for command in self.engine.idle_commands if command in allowed]
        if self.engine.suggests_commands:
            notes = [str(memory["content"]) for memory in shown]
            found["candidate_commands"] = list(self.engine.suggested(notes)) if episode.stage == 3 else []
        return found


def admissible(engine: TaskEngine, episode: Episode | None) -> Sequence[str]:
    """Return the commands that are allowed now; none outside stage 3 or if the benchmark has none."""
    if episode is None or episode.stage != 3 or episode.over or not engine.has_commands:
        return ()
    return engine.admissible()
