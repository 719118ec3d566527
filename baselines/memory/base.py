"""What a memory system is: a policy around a policy, with a desk in the environment between the turns.

Before each turn of the inner policy a system may recall (show memories that fit the situation) and observe (store what
was said). It keeps everything in the environment's long-term store, so that an episode can be branched and every
operation is in the ledger with its cost.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.episode.desk import MemoryDesk
from agemem_env.memory.store import Hit
from agemem_env.services.chat import ChatModel
from agemem_env.types import Usage
from baselines.base import Info, Observation, Policy
from baselines.outside import Player, as_policy

SITUATION_TOKENS = 512
"""Tokens of the text with which memories are looked up."""

NO_TOOLS: Mapping[str, Any] = MappingProxyType({"tools": ()})
"""Arguments of an environment in which the agent has no memory tools of its own."""


class MemoryPolicy(Policy):
    """A policy with a memory system around it.

    Sub-classes say what to store of a message (`observe`) and what to show before a turn (`recall`). In stage 1 nothing
    is recalled: there the environment itself shows the memories closest to each message (Algorithm 3). In stage 3
    nothing is stored unless asked for: the task and its observations stay in the prompt, and what is written once the
    query is known is no memory of the facts.

    Args:
        inner: Plays the turns: a `Policy`, or any object with `reset` and `act`.
        model: The model that the system itself asks; systems that ask none ignore it.
        learn_from_task: Also store what the task says in stage 3, as a memory that is kept across episodes needs it.
    """

    system: ClassVar[str] = ""
    """Name of the system, in `baselines.memory.MEMORY_SYSTEMS` and in tables; that of the class if it states none."""

    env_kwargs: Mapping[str, Any] = NO_TOOLS
    """Arguments with which the environment must be made: those of the system and, once made, of the inner policy."""

    needs_model: ClassVar[bool] = False
    """Whether the system itself asks a model."""

    options: ClassVar[tuple[str, ...]] = ("learn_from_task",)
    """Options: the keyword-only arguments of ``__init__``, unless the class states fewer."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        if "system" not in own:
            cls.system = cls.__name__
        if "options" not in own and "__init__" in own:
            parameters = inspect.signature(cls.__init__).parameters.values()
            cls.options = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    def __init__(
        self, inner: Policy | Player, model: ChatModel | None = None, *, learn_from_task: bool = False
    ) -> None:
        inner = as_policy(inner)
        self.name = f"{inner.name} + {self.system}"
        self.env_kwargs = MappingProxyType({**inner.env_kwargs, **self.env_kwargs})
        self._inner = inner
        self._learn_from_task = learn_from_task
        self._env: AgeMemEnv | None = None

    @property
    def usage(self) -> Usage:
        """What the turns have cost; what the system itself asked is in the environment's ledger."""
        return self._inner.usage

    @property
    def instructions(self) -> str:
        """What the inner policy adds to the system message."""
        return self._inner.instructions

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take the desk of this environment from now on."""
        self._env = cast(AgeMemEnv, env.unwrapped)
        self._inner.attach(env)

    def reset(self, info: Info) -> None:
        """Prepare the inner policy; the system's memories are the environment's."""
        self._inner.reset(info)

    def act(self, observation: Observation, info: Info) -> Any:
        """Let the system work, then return the inner policy's action.

        Raises:
            RuntimeError: If the policy was not attached to an environment.
        """
        if self._env is None:
            raise RuntimeError(f"{self.name!r} has no environment: call attach(env) before the first act()")
        desk = self._env.desk()
        self.prepare(desk)
        return self._inner.act(*desk.observation())

    def prepare(self, desk: MemoryDesk) -> None:
        """Recall for, then store, what the world has said since the last turn."""
        news = desk.news
        if desk.stage > 1 and news:
            self.recall(desk, situation(desk))
        if desk.stage < 3 or self._learn_from_task:
            for message in news:
                if message != desk.query:
                    self.observe(desk, message)

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Store what is worth storing of a message."""

    def recall(self, desk: MemoryDesk, text: str) -> None:
        """Show the memories that fit a situation; by default the most similar ones."""
        desk.show(desk.search(text))


class Unaided(MemoryPolicy):
    """A policy without a memory system: nothing happens between its turns."""

    def __init__(self, inner: Policy, model: ChatModel | None = None) -> None:
        super().__init__(inner, model)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the inner policy's action."""
        return self._inner.act(observation, info)


def situation(desk: MemoryDesk) -> str:
    """Return the text with which memories are looked up: the task, if known, and the newest message."""
    parts = dict.fromkeys(part for part in (desk.query, *desk.news[-1:]) if part)
    return desk.services.counter.truncate("\n".join(parts), SITUATION_TOKENS)


def join(first: list[Hit], second: list[Hit], limit: int) -> list[Hit]:
    """Return the hits of two lists, each entry once, at most ``limit`` of them."""
    return list({hit.entry.id: hit for hit in (*reversed(second), *reversed(first))}.values())[::-1][:limit]
