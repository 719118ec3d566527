"""The PDDL benchmark: gripper, blockworld, barman and tyreworld, played with commands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from agemem_env.engines.base import TaskEngine
from agemem_env.engines.pddl.agentboard import AgentBoardScreen
from agemem_env.engines.pddl.briefing import full_goal
from agemem_env.engines.pddl.commands import READERS
from agemem_env.engines.pddl.hidden import Secrets
from agemem_env.engines.pddl.oracle import PDDLView, next_plan
from agemem_env.engines.pddl.screen import PlainScreen, Screen
from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.engines.pddl.strips.strips import State
from agemem_env.engines.pddl.tasks import choose_tasks
from agemem_env.engines.pddl.wording import plain_literal
from agemem_env.types import EngineStep, Task, ToolCall

_INSTRUCTIONS = (
    "The task is a planning problem. Each turn, give one command: an action with its objects, such as `pick ball1 "
    "rooma left`. `check valid actions` lists the actions, `look around` shows what is known; both cost a turn. "
    "The episode ends as soon as the goal is reached."
)


@dataclass(frozen=True, slots=True)
class _Play:
    """The changing part of an episode.

    Attributes:
        state: The true state.
        seen: Hidden literals of the state whose value the agent has seen.
        known_goals: Hidden literals of the goal that the agent has seen fulfilled.
        been: Atoms that held in some state so far.
        best: Best share of the goal's literals after any action, in [0, 1].
        plan: What is left of the expert's plan.
    """

    state: State
    seen: State
    known_goals: State
    been: State
    best: float = 0.0
    plan: tuple[int, ...] = ()


class PDDLEngine(TaskEngine):
    """Planning problems in PDDL.

    Args:
        split: ``train``, ``valid`` or ``test``. Official problems are a test split.
        source: ``official``, ``generated``, or ``auto``: official if present and ``split="test"``.
        protocol: ``agemem``, or ``agentboard``: AgentBoard's texts, parsing and progress; it hides nothing.
        domain: One of the four domains, to play it alone; or a domain file, with `problem`.
        problem: A problem file of that domain, or a folder of them, instead of the benchmark's problems.

    Raises:
        ConfigurationError: If an argument is not allowed.
        DataError: If a file is missing or has something wrong in it.
    """

    name: ClassVar[str] = "PDDL"
    max_rounds: ClassVar[int] = 30
    main_score: ClassVar[str] = "PR"
    instructions = _INSTRUCTIONS
    lists_commands: ClassVar[bool] = True
    protocols: ClassVar[tuple[str, ...]] = ("agemem", "agentboard")
    options: ClassVar[tuple[str, ...]] = ("domain", "problem")

    def __init__(
        self,
        *,
        split: str = "test",
        source: str = "auto",
        protocol: str = "agemem",
        domain: str | None = None,
        problem: str | Path | None = None,
    ) -> None:
        super().__init__(split=split, source=source, protocol=protocol)
        self._screen_class = AgentBoardScreen if protocol == "agentboard" else PlainScreen
        self._provide(*choose_tasks(self.split, source, protocol, domain, problem))
        self._briefed = False

    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        """Start a problem.

        Args:
            task: One of `tasks`.
            rng: Not used: the problems have no randomness.
            briefed: Whether the facts were told in stage 1; if not, everything is shown.
        """
        del rng
        self._start(task, briefed)
        init = self._ground.world.init
        self._play = _Play(init, self._secrets.look(init, 0), 0, init)
        text = self._screen.opening(self._known(self._play))
        if self._setup.hidden_goals and not briefed:
            return f"The whole goal: {full_goal(self._ground)}.\n{text}"
        return text + self._wishes(self._play)

    def step(self, command: str) -> EngineStep:
        """Carry out one command, or answer a request for help."""
        play = self._playing()
        asked = self._screen.asks(command)
        if asked == "commands":
            return self._reply(self._screen.commands(self._options(play)))
        if asked == "look":
            return self._reply(self._screen.look(self._known(play)) + self._wishes(play))
        world = self._ground.world
        options = self._options(play)
        arities = {world.actions[i].name: len(world.actions[i].arguments) for i in options}
        parsed = READERS[self.protocol](command, arities, world.objects)
        if parsed is None:
            return self._reply(self._screen.not_understood, valid=False)
        action = world.index.get(parsed)
        if action is not None and world.allows(play.state, action):
            return self._act(play, action)
        self._play = replace(play, best=max(play.best, world.met(play.state) / world.goal_size))
        if action is not None and action in options:
            return self._fail(self._play, action)
        return self._reply(self._screen.refusal(self._missing(play, action)), valid=False)

    def submit(self, answer: str) -> EngineStep:
        """End the episode; what is written does not matter, only what was reached."""
        play = self._playing()
        solved = self._ground.world.solved(play.state)
        return EngineStep("The episode is over.", play.best, done=True, success=solved)

    def admissible(self) -> Sequence[str]:
        """Return the actions that are possible as far as the agent can know."""
        return [self._commands[i] for i in self._options(self._playing())]

    def oracle(self, known: Sequence[str]) -> ToolCall:
        """Return the next action of a plan in the believed world, or give up if there is none.

        Statements of the task's facts are believed unless something seen speaks against them; for the rest the first
        possibility in the order of the objects is assumed until it fails.
        """
        play = self._playing()
        told, told_goals = self._told(known)
        view = PDDLView(play.state, play.seen, play.known_goals, play.been)
        plans = [play.plan]
        gold, open_world = self._current().gold_facts, not (self._secrets.unknown or self._secrets.goals)
        if open_world or (gold and all(fact.text in known for fact in gold)):
            plans.append(self._ground.plan or ())  # planned once, when the task was made
        plan = next_plan(self._ground, self._secrets, view, told, told_goals, plans)
        self._play = replace(play, plan=plan)
        if not plan:
            return ToolCall("answer", {"text": "I see no way to the goal."})
        return ToolCall("act", {"command": self._commands[plan[0]]})

    def state_hash(self) -> str:
        """Return a digest of the task and of what was done."""
        play = self._play if self._task is not None else None
        state = None if play is None else (play.state, play.seen, play.known_goals, play.been, play.best, self._briefed)
        task_id = None if self._task is None else self._task.id
        return hashlib.blake2b(repr((task_id, state)).encode("utf-8", "replace"), digest_size=16).hexdigest()

    def snapshot(self) -> tuple[Task | None, bool, _Play | None]:
        """Return the task and what was done."""
        return self._task, self._briefed, None if self._task is None else self._play

    def restore(self, snapshot: Any) -> None:
        """Return to a state taken with `snapshot`."""
        task, briefed, play = snapshot
        if task is None:
            self._task = None
            return
        if task is not self._task or briefed != self._briefed:
            self._start(task, briefed)
        self._play = play

    def _start(self, task: Task, briefed: bool) -> None:
        """Prepare everything about a task that does not change."""
        setup: PDDLSetup = task.data["setup"]
        self._task, self._setup, self._ground, self._briefed = task, setup, setup.ground, briefed
        self._screen: Screen = self._screen_class(setup)
        self._secrets = setup.secrets if briefed and self._screen.hides else Secrets()
        self._commands = setup.ground.world.commands
        self._cached: tuple[State, list[int]] = (-1, [])

    def _playing(self) -> _Play:
        self._current()
        return self._play

    def _known(self, play: _Play) -> State:
        """Return the true atoms that the agent can see or has seen."""
        return play.state & ~(self._secrets.unknown & ~play.seen)

    def _options(self, play: _Play) -> list[int]:
        """Return the actions that are applicable if every hidden literal is as it would have to be."""
        hopeful = play.state | self._secrets.unknown & ~play.seen
        if self._cached[0] != hopeful:
            self._cached = hopeful, self._ground.world.applicable(hopeful)
        return self._cached[1]

    def _act(self, play: _Play, action: int) -> EngineStep:
        """Apply an action and say what changed, as far as the player can see it."""
        world, secrets = self._ground.world, self._secrets
        needs = world.actions[action].needs
        after = world.apply(play.state, action)
        seen = secrets.look(play.state, play.seen | needs & secrets.unknown)
        seen = secrets.look(after, seen | world.actions[action].adds & secrets.unknown)
        self._play = now = replace(
            play,
            state=after,
            seen=seen,
            known_goals=play.known_goals | after & secrets.goals,
            been=play.been | after,
            best=max(play.best, world.met(after) / world.goal_size),
            plan=play.plan[1:] if play.plan[:1] == (action,) else (),
        )
        solved = world.solved(after)
        if after == play.state and not self._screen.hides:
            return self._reply(self._screen.refusal(""), valid=False)
        text = self._screen.change(self._known(play), self._known(now), solved)
        return EngineStep(text + ("" if solved else self._wishes(now)), now.best, done=solved, success=solved)

    def _fail(self, play: _Play, action: int) -> EngineStep:
        """Answer an action that fails on something hidden: the agent learns which literal is false."""
        world = self._ground.world
        lacking = world.actions[action].needs & ~play.state
        first = lacking & -lacking
        self._play = replace(play, seen=play.seen | first, plan=())
        (atom,) = world.members(first)
        return self._reply(self._screen.refusal(plain_literal(self._ground.kind, atom)))

    def _missing(self, play: _Play, action: int | None) -> str:
        """Return words for a visible condition that an action lacks."""
        if action is None:
            return ""
        world = self._ground.world
        lacking = world.actions[action].needs & ~(play.state | self._secrets.unknown & ~play.seen)
        return next((plain_literal(self._ground.kind, atom) for atom in world.members(lacking)), "")

    def _wishes(self, play: _Play) -> str:
        """Say how much of a partly hidden goal is fulfilled."""
        if not self._secrets.goals:
            return ""
        world = self._ground.world
        return f" The client sees {world.met(play.state)} of {world.goal_size} wishes fulfilled."

    def _reply(self, text: str, *, valid: bool = True) -> EngineStep:
        return EngineStep(text, self._play.best, done=False, success=False, valid=valid)

    def _told(self, known: Sequence[str]) -> tuple[State, State]:
        """Return the literals of state and goal that known statements tell; corrected ones do not count."""
        texts = set(known)
        task = self._current()
        stale = {old for old, new in task.superseded.items() if task.facts[new].text in texts}
        state = goals = 0
        for i, (fact, atom) in enumerate(zip(task.facts, self._setup.told, strict=True)):
            if atom is not None and fact.text in texts and i not in stale:
                bit = self._ground.world.bit.get(atom, 0)
                state |= bit & self._secrets.unknown
                # Where wishes are hidden, they are all that is needed, so that every needed fact is one.
                goals |= bit if fact.gold and self._secrets.goals else 0
        return state, goals
