"""How a harness that recorded episodes differs from the benchmark's protocol: data, not code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from agemem_env.types import EngineStep
from benchmarks.replay.records import Record

CLOSING = "The task is not completed."
"""What some harnesses add to the last observation of an episode that is no success."""

_ENDINGS = re.compile(r"(?:\s+The task is (?:not )?completed\.)*\s*$")


@dataclass(frozen=True)
class Dialect:
    """How a harness differs from the benchmark's protocol.

    Attributes:
        name: What the record's ``dialect`` begins with, if it has one.
        thoughts: Replies to inputs that the harness did not hand to the engine.
        invalid: Replies that stand for whatever the engine says to an invalid action.
        outcome_rewards: The reward of an action is 1 if it reached the goal, else 0; only replies to requests for
            help carry the progress. Otherwise every reward is the progress after the step.
        help_words: Words that make an input a request for help.
        ignored_rewards: Rewards that are marks of the harness and say nothing of the game.
        outcome_total: The reward of the episode is 1 if the goal was reached, else 0, and not the progress.
        partial_opening: The first observation may lack sentences.
        whole_success: An episode is a success if its progress is 1, however the game ended.
    """

    name: str = "protocol"
    thoughts: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    outcome_rewards: bool = False
    help_words: tuple[str, ...] = ()
    ignored_rewards: tuple[float, ...] = ()
    outcome_total: bool = False
    partial_opening: bool = False
    whole_success: bool = False

    def fits(self, record: Record) -> bool:
        """Return whether a record is written in this dialect."""
        marks = (*self.thoughts, *self.invalid)
        rewards = [step["reward"] for step in record["steps"] if step.get("reward") is not None]
        falls = any(later < earlier for earlier, later in pairwise(rewards))
        return (
            str(record.get("dialect", "")).startswith(self.name)
            or any(step["observation"] in marks for step in record["steps"])
            or (self.outcome_rewards and falls)
        )

    def expected_reward(self, action: str, result: EngineStep) -> float:
        """Return the reward that the harness would have recorded for a valid step."""
        if not self.outcome_rewards or any(word in action.lower() for word in self.help_words):
            return result.progress
        return float(result.success)

    def won(self, result: EngineStep) -> bool:
        """Return whether the harness would have called an episode that ends with this step a success."""
        return result.progress == 1.0 if self.whole_success else result.success


def is_closed(observation: str) -> bool:
    """Return whether a harness has said of a last observation that the task is not completed."""
    return observation.rstrip().endswith(CLOSING)


def without_endings(*observations: str) -> tuple[str, ...]:
    r"""Return observations without the sentences that tell whether the task is completed.

    >>> without_endings("You see a key.\n The task is not completed.", "You see a key.\n The task is completed.")
    ('You see a key.', 'You see a key.')
    """
    return tuple(_ENDINGS.sub("", text) for text in observations)
