"""One episode in one of the two protocols: commands in, text and progress out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agemem_env.engines.babyai.agentboard import BabyAISubGoals
from agemem_env.engines.babyai.house import square
from agemem_env.engines.babyai.macros import CHECK, INVENTORY, NO_CHANGE, UNKNOWN, Commands, commands_of
from agemem_env.engines.babyai.view import COMPASS, COMPLETED, BabyAIScene, describe, holding
from agemem_env.engines.babyai.world import BabyAIWorld
from agemem_env.types import EngineStep

_FAILED = "\n The task has failed."
_ENOUGH_TO_END = 0.5
"""AgentBoard lets the agent go on after minigrid's end unless the progress rate is above this."""


@dataclass(frozen=True, slots=True)
class BabyAIRecord:
    """What an episode consists of beside its world.

    Attributes:
        primitives: Every primitive action taken since the start.
        subgoals: Sub-goals where labels are given.
        progress: Best progress so far.
        done: The episode is over.
        success: The task is solved.
        valid: Whether the last command was valid.
    """

    primitives: tuple[int, ...] = ()
    subgoals: BabyAISubGoals | None = None
    progress: float = 0.0
    done: bool = False
    success: bool = False
    valid: bool = False


class BabyAIGame:
    """Plays commands in a world.

    Args:
        world: A world that has been reset.
        protocol: ``agentboard`` (exact, with its oddities) or ``agemem``.
        subgoals: AgentBoard's sub-goals; None scores the share of the instruction's verified parts.
        record: What has been played in the world before.
    """

    def __init__(
        self, world: BabyAIWorld, protocol: str, subgoals: BabyAISubGoals | None, record: BabyAIRecord | None = None
    ) -> None:
        self.world = world
        self.record = record or BabyAIRecord(subgoals=subgoals)
        self._exact = protocol == "agentboard"
        self._commands: Commands | None = None
        self._scene: BabyAIScene | None = None

    @property
    def scene(self) -> BabyAIScene:
        """What the agent sees now."""
        if self._scene is None:
            self._scene = self.world.scene()
        return self._scene

    @property
    def commands(self) -> Commands:
        """What can be done now."""
        if self._commands is None:
            self._commands = commands_of(self.scene, fixed_numbers=not self._exact)
        return self._commands

    def observe(self) -> str:
        """Return the observation text."""
        if self._exact:
            return describe(self.scene)
        return f"{describe(self.scene)} {self._whereabouts()}"

    def admissible(self) -> tuple[str, ...]:
        """Return every command that is accepted now."""
        return (*self.commands.possible, CHECK, *(() if self._exact else (INVENTORY,)))

    def act(self, command: str) -> EngineStep:
        """Take one command."""
        text = command.strip().lower()
        if not self._exact and text.startswith("pick up "):
            text = "pickup " + text.removeprefix("pick up ")
        if "check" in text:
            return self._reply(self.commands.listing(() if self._exact else (INVENTORY,)), valid=True)
        if text == INVENTORY and not self._exact:
            return self._reply(f"{holding(self.scene)} {self._whereabouts()}", valid=True)
        primitives = self.commands.possible.get(text)
        if primitives:
            return self._execute(primitives)
        if primitives is not None or not text:
            # AgentBoard forgets to set its flag here.
            return self._reply(NO_CHANGE, valid=self.record.valid if self._exact else bool(text))
        return self._reply(self.commands.refused.get(text, UNKNOWN), valid=False)

    def _reply(self, text: str, *, valid: bool) -> EngineStep:
        self.record = replace(self.record, valid=valid)
        return self._outcome(text)

    def _outcome(self, text: str) -> EngineStep:
        record = self.record
        return EngineStep(text, record.progress, record.done, record.success, record.valid)

    def _execute(self, primitives: tuple[int, ...]) -> EngineStep:
        taken: list[int] = []
        succeeded = failed = False
        for primitive in primitives:
            moved = self.world.step(primitive)
            taken.append(primitive)
            # AgentBoard looks at the last action alone: a door that is opened on the way does not end the episode.
            succeeded, failed = moved.succeeded, moved.failed
            if not moved.changed or (moved.ended and not self._exact):
                break
        self._commands = self._scene = None
        record = replace(self.record, primitives=(*self.record.primitives, *taken), valid=True)
        if self._exact:
            return self._agentboard(record, succeeded, failed)
        return self._agemem(record, succeeded, failed)

    def _agentboard(self, record: BabyAIRecord, succeeded: bool, failed: bool) -> EngineStep:
        ended = succeeded or failed
        text = self.observe() + (COMPLETED if ended else "")
        record, progress = self._advance(record, text, succeeded)
        done = ended and progress > _ENOUGH_TO_END
        if progress >= 1.0 and not ended:
            done, text = True, text + COMPLETED
        self.record = replace(record, progress=progress, done=done, success=done)
        return self._outcome(text)

    def _agemem(self, record: BabyAIRecord, succeeded: bool, failed: bool) -> EngineStep:
        text = self.observe() + (COMPLETED if succeeded else _FAILED if failed else "")
        record, progress = self._advance(record, text, succeeded)
        self.record = replace(
            record, progress=1.0 if succeeded else progress, done=succeeded or failed, success=succeeded
        )
        return self._outcome(text)

    def _advance(self, record: BabyAIRecord, text: str, succeeded: bool) -> tuple[BabyAIRecord, float]:
        """Return the record with its sub-goals brought up to date, and the progress."""
        if record.subgoals is not None:
            subgoals = record.subgoals.after(text)
            return replace(record, subgoals=subgoals), subgoals.progress
        return record, 1.0 if succeeded else max(record.progress, self.world.parts_done())

    def _whereabouts(self) -> str:
        place = square(self.world.position)
        return f"You are on square {place}, facing {COMPASS[self.world.direction]}."
