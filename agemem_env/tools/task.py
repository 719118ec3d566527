"""Tools on the task itself: a command to the engine, and the final answer."""

from __future__ import annotations

from dataclasses import dataclass

from agemem_env.episode.ledger import Effect
from agemem_env.tools.arguments import arg
from agemem_env.tools.base import Tool, ToolResult, ToolState, refuse
from agemem_env.types import Violation


@dataclass(frozen=True, slots=True)
class ActArguments:
    """Arguments of `Act`."""

    command: str = arg("string", "The command, in the benchmark's words.", names="command", allow_empty=True)


class Act(Tool):
    """Carry out one command of the task. Only one per turn, as the last call."""

    name = "act"
    arguments = ActArguments
    stages = (3,)

    def run(self, args: ActArguments, state: ToolState) -> ToolResult:
        """Send the command to the engine."""
        if not args.command.strip() and not state.engine.takes_blank:
            return refuse("empty_argument", "act was not run: command is empty.")
        outcome = state.engine.step(bare_command(args.command, state.engine.protocol))
        wrong = () if outcome.valid else (Violation("invalid_command", outcome.text),)
        return ToolResult(outcome.text, Effect("command"), "observation", wrong, outcome)

    def off_stage(self) -> ToolResult:
        """Say that the task has not begun."""
        return refuse("wrong_stage", "act was not run: the task has not begun yet.")


def bare_command(command: str, protocol: str) -> str:
    """Return a command without blanks around it and, in the default protocol, without a full stop at its end.

    >>> bare_command(" turn left. ", "agemem"), bare_command(" turn left. ", "agentboard")
    ('turn left', 'turn left.')
    """
    bare = command.strip()
    return bare.removesuffix(".").rstrip() or bare if protocol == "agemem" else bare


@dataclass(frozen=True, slots=True)
class AnswerArguments:
    """Arguments of `Answer`."""

    text: str = arg("string", "The final answer.", allow_empty=True, aliases=("answer",))


class Answer(Tool):
    """Give the final answer or declare the task finished. This ends the episode."""

    name = "answer"
    arguments = AnswerArguments
    stages = (3,)

    def run(self, args: AnswerArguments, state: ToolState) -> ToolResult:
        """Hand the answer to the engine."""
        outcome = state.engine.submit(args.text)
        return ToolResult(outcome.text, Effect("answer"), outcome=outcome, answer=args.text)

    def off_stage(self) -> ToolResult:
        """Take the answer for a polite reply: models answer every message, and no question was asked."""
        return ToolResult("Noted. The question comes later.", Effect("answer"))
