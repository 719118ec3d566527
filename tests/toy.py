"""A benchmark with commands that is small enough to check by hand: a key lies in one of five boxes.

Stage 1 tells in which box (and moves it in half of the tasks), stage 2 talks of other rooms, stage 3 wants the box
opened. The box is one command away for who remembers it, up to five for who does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.base import TaskEngine, TaskSet
from agemem_env.types import EngineStep, Fact, Task, ToolCall

COLOURS = ("red", "green", "blue", "weiß", "黒")
SIZE = 20


def make_task(index: int) -> Task:
    first, box = COLOURS[index % 5], COLOURS[(index * 2 + 1) % 5]
    moved = index % 2 == 1 and first != box
    place = "The key of vault {} lies in the {} box."
    facts = [Fact(place.format(index, first if moved else box), gold=True), Fact("The ceiling is high.")]
    if moved:
        facts.append(Fact(place.format(index, box), gold=True, supersedes=0))
    others = tuple(place.format(100 + index + i, COLOURS[i]) for i in range(2))
    return Task(
        f"toy-{index}",
        "Toy",
        "test",
        "generated",
        f"Find the key of vault {index}.",
        tuple(facts),
        (),
        others,
        data={"box": box},
    )


class ToyEngine(TaskEngine):
    name: ClassVar[str] = "Toy"
    max_rounds: ClassVar[int] = 8
    instructions = "Open the box that holds the key: open COLOUR box."
    lists_commands: ClassVar[bool] = True
    options: ClassVar[tuple[str, ...]] = ("boxes",)

    def __init__(self, *, split: str, source: str, protocol: str, boxes: int = 5) -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        self._provide("generated", TaskSet(SIZE, make_task, {f"toy-{i}": i for i in range(SIZE)}.get))
        self._boxes = COLOURS[:boxes]
        self._opened: tuple[str, ...] = ()
        self.closed = 0

    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        self._task, self._opened = task, ()
        hint = "" if briefed else f" A note says: {task.gold_facts[0].text}"
        return f"You see {len(self._boxes)} boxes.{hint}"

    def step(self, command: str) -> EngineStep:
        if command not in self.admissible():
            return EngineStep("Nothing happens.", self._progress(), False, False, valid=False)
        colour = command.split()[1]
        self._opened += (colour,)
        won = colour == self._current().data["box"]
        text = "You found the key." if won else f"The {colour} box is empty."
        return EngineStep(text, 1.0 if won else self._progress(), won, won)

    def submit(self, answer: str) -> EngineStep:
        return EngineStep("Finished.", self._progress(), True, False)

    def admissible(self) -> Sequence[str]:
        return [f"open {c} box" for c in self._boxes]

    def oracle(self, known: Sequence[str]) -> ToolCall:
        number = self._current().id.removeprefix("toy-")
        for colour in self._boxes:
            if any(f"vault {number} lies in the {colour} box" in k for k in known):
                return ToolCall("act", {"command": f"open {colour} box"})
        closed = [c for c in self._boxes if c not in self._opened]
        return ToolCall("act", {"command": f"open {closed[0]} box"})

    def state_hash(self) -> str:
        return f"{self._current().id}:{','.join(self._opened)}"

    def snapshot(self) -> Any:
        return self._task, self._opened

    def restore(self, snapshot: Any) -> None:
        self._task, self._opened = snapshot

    def close(self) -> None:
        self.closed += 1

    def _progress(self) -> float:
        return min(0.5, 0.1 * len(self._opened))
