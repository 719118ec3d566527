"""Tinker: the environments for ``tinker_cookbook.rl``.

An environment returns the whole prompt after each turn. The cookbook merges turns whose prompts repeat what came before
and starts a new datum where they do not, so an episode becomes one datum more than its context was rewritten. Needs the
package ``tinker-cookbook``; ``examples/tinker_rl.py`` trains with Thinking Machines' service.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError

try:
    import chz
    from tinker_cookbook.renderers import Renderer, get_renderer
    from tinker_cookbook.renderers.base import Message, ToolCall
    from tinker_cookbook.rl.message_env import EnvFromMessageEnv, MessageEnv, MessageStepResult
    from tinker_cookbook.rl.types import Env, EnvGroupBuilder, Metrics, RLDataset, RLDatasetBuilder, Trajectory
    from tinker_cookbook.tokenizer_utils import get_tokenizer
except ImportError as error:
    raise MissingExtraError("tinker_cookbook", "tinker", "the Tinker adapter") from error

_THOUGHT = re.compile(r"<think>(.*?)</think>\n?", flags=re.S)


class AgeMemMessageEnv(MessageEnv):
    """One episode as messages; the environment is made when the episode starts.

    Args:
        renderer: Writes the tools into the system message and reads calls from turns.
        env_id: Id of the environment.
        seed: Seed of the episode.
        options: Keyword arguments of the environment; ``keep_think`` is True unless they say otherwise: the renderer
            decides what of it the next prompt shows.
    """

    def __init__(self, renderer: Renderer, env_id: str, seed: int, options: Mapping[str, Any] | None = None) -> None:
        self._renderer, self._env_id, self._seed = renderer, env_id, seed
        self._options = {"keep_think": True, **(options or {})}
        self._env: gym.Env[Any, Any] | None = None
        self._info: Mapping[str, Any] = {}
        self._reward, self._over, self._turn = 0.0, True, 0
        self._alone = threading.Lock()  # a rollout that is cancelled leaves the thread of its turn to itself
        self.example_id = f"{env_id}/{seed}"

    async def initial_observation(self) -> list[Message]:
        """Start the episode and return its prompt."""
        return await asyncio.to_thread(self._start)

    async def step(self, message: Message) -> MessageStepResult:
        """Take the model's turn.

        Raises:
            ConfigurationError: If the episode is over or was never started.
            EngineCrash: If the simulator was lost: nothing says what the episode was worth.
        """
        before = self._reward
        prompt = await asyncio.to_thread(self._take, message)
        return MessageStepResult(reward=self._reward - before, episode_done=self._over, next_messages=prompt)

    def finish(self) -> float:
        """Return the episode's reward; one that has not ended is ended as it stands, and scored once."""
        with self._alone:
            if not self._over and self._env is not None:
                self._note(cast(AgeMemEnv, self._env.unwrapped).finish())
        return self._reward

    def metrics(self) -> Metrics:
        """Return the parts of the reward, the metrics and the agent's mistakes, those that apply."""
        named = {**self._info.get("reward_components", {}), **self._info.get("metrics", {})}
        mistakes = float(sum(self._info.get("errors", {}).values()))
        return {name: float(value) for name, value in {**named, "mistakes": mistakes}.items() if value is not None}

    def close(self) -> None:
        """Close the environment."""
        if self._env is not None:
            self._env.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_alone"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _alone=threading.Lock())

    def _start(self) -> list[Message]:
        if self._env is None:
            import agemem_env  # noqa: F401 - registers the environments

            self._env = gym.make(self._env_id, **self._options)
        self._reward, self._over, self._turn, self._info = 0.0, False, 0, {}
        observation, _ = self._env.reset(seed=self._seed)
        return self._prompt(observation)

    def _take(self, message: Message) -> list[Message]:
        with self._alone:
            if self._env is None or self._over:
                raise ConfigurationError("no episode is being played; await initial_observation() first")
            self._turn += 1
            return self._prompt(self._note(self._env.step(to_action(message, self._turn))))

    def _note(self, outcome: tuple[Any, Any, bool, bool, dict[str, Any]]) -> Any:
        observation, reward, terminated, truncated, self._info = outcome
        self._reward += float(reward)
        self._over = terminated or truncated
        if self._info.get("engine_error"):
            raise EngineCrash(str(self._info["engine_error"]))
        return observation

    def _prompt(self, observation: Mapping[str, Any]) -> list[Message]:
        system, *others = observation["messages"]
        tools = [schema["function"] for schema in cast(Any, self._env).action_space.tools()]
        prompt = [Message(role="system", content=system["content"])]
        if self._options.get("tool_format", "native") == "native":
            try:
                prompt = list(self._renderer.create_conversation_prefix_with_tools(tools, system["content"]))
            except NotImplementedError as error:
                raise ConfigurationError(
                    f"{type(self._renderer).__name__} writes no tools; use options={{'tool_format': 'tags'}}, which "
                    "writes them into the system message"
                ) from error
        return [*prompt, *map(to_tinker, others)]


@dataclass
class AgeMemGroupBuilder(EnvGroupBuilder):
    """A group of episodes of one seed.

    Every trajectory earns the environment's reward to the last digit: what the cookbook pays for a turn that was cut
    off, that it could not read or that left no room is taken back, and the episode is scored as it stands instead.

    Attributes:
        renderer: The renderer of the model, made with ``get_renderer`` so that it can be pickled.
        env_id: Id of the environment.
        seed: Seed of the episodes.
        options: Keyword arguments of the environment.
        group_size: Number of episodes.
        max_trajectory_tokens: Tokens from which on a prompt leaves no room; None for no limit.
        max_generation_tokens: Tokens that are kept free for a turn.
    """

    renderer: Renderer
    env_id: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)
    group_size: int = 8
    max_trajectory_tokens: int | None = None
    max_generation_tokens: int | None = None
    _made: list[AgeMemMessageEnv] = field(default_factory=list, init=False, repr=False, compare=False)

    async def make_envs(self) -> Sequence[Env]:
        """Return new environments."""
        made = [AgeMemMessageEnv(self.renderer, self.env_id, self.seed, self.options) for _ in range(self.group_size)]
        self._made += made
        limits = {"max_trajectory_tokens": self.max_trajectory_tokens}
        limits |= {"max_generation_tokens": self.max_generation_tokens}
        return [EnvFromMessageEnv(self.renderer, env, **limits) for env in made]

    async def compute_group_rewards(
        self, trajectory_group: list[Trajectory], env_group: Sequence[Env]
    ) -> list[tuple[float, Metrics]]:
        """Score the episodes that were stopped, and return what each is owed with its metrics."""
        found: list[tuple[float, Metrics]] = []
        for trajectory, env in zip(trajectory_group, env_group, strict=True):
            played = cast(AgeMemMessageEnv, cast(Any, env).message_env)
            owed = await asyncio.to_thread(played.finish)
            found.append((owed - sum(t.reward for t in trajectory.transitions), played.metrics()))
        return found

    async def cleanup(self) -> None:
        """Close the environments."""
        while self._made:
            await asyncio.to_thread(self._made.pop().close)

    def logging_tags(self) -> list[str]:
        """Return the environment's id, under which the group is logged."""
        return [self.env_id]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": []}


@dataclass(frozen=True)
class SeededGroups(RLDataset):
    """Batches of groups, one group per seed.

    Attributes:
        builders: The groups.
        batch_size: Groups in a batch; what is left of the last one is not used.
    """

    builders: Sequence[AgeMemGroupBuilder]
    batch_size: int

    def get_batch(self, index: int) -> Sequence[EnvGroupBuilder]:
        """Return a batch."""
        return self.builders[index * self.batch_size : (index + 1) * self.batch_size]

    def __len__(self) -> int:
        return len(self.builders) // self.batch_size


@chz.chz
class AgeMemDatasetBuilder(RLDatasetBuilder):
    """The dataset for ``tinker_cookbook.rl.train.Config``."""

    model_name: str
    renderer_name: str
    env_id: str = "AgeMem-HotpotQA-v0"
    options: Mapping[str, Any] = chz.field(default_factory=dict)
    seeds: Iterable[int] = range(1000)
    batch_size: int = 8
    group_size: int = 8
    max_trajectory_tokens: int | None = None
    max_generation_tokens: int | None = None

    async def __call__(self) -> tuple[RLDataset, RLDataset | None]:
        """Return the groups of the seeds, and no test set."""
        renderer = get_renderer(self.renderer_name, get_tokenizer(self.model_name), model_name=self.model_name)
        builders = [
            AgeMemGroupBuilder(
                renderer, self.env_id, seed, self.options, self.group_size, self.max_trajectory_tokens,
                self.max_generation_tokens,
            )
            for seed in self.seeds
        ]  # fmt: skip
        return SeededGroups(builders, self.batch_size), None


def to_tinker(message: Mapping[str, Any]) -> Message:
    """Return a message of a prompt as renderers have it: thoughts and calls apart from the text.

    >>> to_tinker({"role": "assistant", "content": "<think>so</think>Yes."})["content"][0]
    {'type': 'thinking', 'thinking': 'so'}
    """
    text = message["content"] or ""
    found = Message(role=message["role"], content=text)
    if message["role"] == "tool":
        found["tool_call_id"] = message["tool_call_id"]
        if "name" in message:
            found["name"] = message["name"]
    if message["role"] == "assistant" and (thought := _THOUGHT.match(text)):
        said = text[thought.end() :]
        parts: list[Any] = [{"type": "thinking", "thinking": thought[1]}]
        found["content"] = [*parts, *([{"type": "text", "text": said}] if said else [])]
    if calls := message.get("tool_calls"):
        found["tool_calls"] = [ToolCall(id=call["id"], function=dict(call["function"])) for call in calls]
    return found


def to_action(message: Message, turn: int = 0) -> Mapping[str, Any]:
    """Return a model's turn as an OpenAI message; calls that the renderer could not read are left in the text.

    Args:
        message: What the renderer read.
        turn: Number of the turn, for the ids of calls that have none.
    """
    content = message["content"]
    parts: Sequence[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    text = "".join(part["text"] for part in parts if part["type"] == "text")
    unread = [call.raw_text for call in message.get("unparsed_tool_calls", ())]
    said: dict[str, Any] = {"role": "assistant", "content": "\n".join(filter(None, [text, *unread])) or None}
    thoughts = [part["thinking"] for part in parts if part["type"] == "thinking"]
    if thoughts:
        said["reasoning_content"] = "\n".join(thoughts)
    if calls := message.get("tool_calls"):
        said["tool_calls"] = [
            {"id": call.id or f"call{turn:03d}{number:02d}", "type": "function", "function": call.function.model_dump()}
            for number, call in enumerate(calls)
        ]
    return said
