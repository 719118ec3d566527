"""Inspect: episodes as samples, for ``inspect eval`` and its log viewer.

A sample is an environment and a seed. The solver plays the episode with the model of the evaluation: it gives the whole
prompt each turn, so nothing is appended to what the environment has rewritten. Needs the package ``inspect-ai``::

    inspect eval agemem_env/agemem --model openai/gpt-4o-mini -T env_id=AgeMem-HotpotQA-v0 -T episodes=4
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError

try:
    from inspect_ai import Task, task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import (
        ChatMessage,
        ChatMessageAssistant,
        ChatMessageSystem,
        ChatMessageTool,
        ChatMessageUser,
        ContentReasoning,
        ModelOutput,
        get_model,
    )
    from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
    from inspect_ai.solver import Generate, Solver, TaskState, solver
    from inspect_ai.tool import ToolCall, ToolInfo, ToolParams
except ImportError as error:
    raise MissingExtraError("inspect_ai", "inspect-ai", "the Inspect adapter") from error

RESULT = "agemem"
"""Where a sample's ``metadata`` holds what came of the episode."""

F = TypeVar("F", bound=Callable[..., Any])


def _of_the_package(function: F) -> F:
    """Let Inspect name a function after the package that is installed: it takes the name from the module."""
    function.__module__ = "agemem_env"
    return function


@task
@_of_the_package
def agemem(
    env_id: str = "AgeMem-HotpotQA-v0",
    episodes: int = 100,
    first_seed: int = 0,
    options: Mapping[str, Any] | str | None = None,
) -> Task:
    """Episodes of one environment, one per seed.

    Args:
        env_id: Id of the environment.
        episodes: Number of episodes.
        first_seed: Seed of the first.
        options: Keyword arguments of the environment, as a mapping or as a JSON object.
    """
    chosen = json.loads(options) if isinstance(options, str) else dict(options or {})
    if not isinstance(episodes, int) or episodes < 1:
        raise ConfigurationError(f"episodes={episodes!r} is not allowed; use an integer from 1 on")
    _made(env_id, chosen).close()  # what is wrong with the arguments is said at once, and once
    samples = [
        Sample(input=f"{env_id}, seed {seed}", id=f"{env_id}/{seed}", metadata={"seed": seed})
        for seed in range(first_seed, first_seed + episodes)
    ]
    return Task(dataset=samples, solver=play(env_id, chosen), scorer=episode_score())


@solver
@_of_the_package
def play(env_id: str, options: Mapping[str, Any]) -> Solver:
    """Play the episode of a sample's seed.

    An episode whose prompt exceeds the model's context, or that a limit of Inspect stops, is scored as it stands; one
    whose simulator is lost is an error of the sample.

    Args:
        env_id: Id of the environment.
        options: Its keyword arguments.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        """Play the episode of a sample and leave its result in the sample's metadata."""
        env = await asyncio.to_thread(_made, env_id, options)
        try:
            episode = _Playing(env, state)
            await asyncio.to_thread(episode.reset)
            try:
                while not episode.over:
                    output = await get_model().generate(episode.messages, tools=episode.tools)
                    await asyncio.to_thread(episode.take, output)
            finally:
                episode.close()
        finally:
            await asyncio.to_thread(env.close)
        return state

    return solve


@scorer(metrics={"*": [mean(), stderr()]})
@_of_the_package
def episode_score() -> Scorer:
    """Score a sample with the episode's reward and metrics; what does not apply is NaN, which Inspect leaves out."""

    async def score(state: TaskState, target: Target) -> Score:
        """Return the score of a sample; unscored if no episode was played."""
        result = (state.metadata or {}).get(RESULT)
        if result is None:
            return Score.unscored(explanation="the episode was not played")
        named = {"reward": result["reward"], **result["metrics"], "mistakes": float(sum(result["errors"].values()))}
        value = {name: float("nan") if number is None else float(number) for name, number in named.items()}
        return Score(value=value, explanation=f"task {result['task_id']}", metadata=dict(result))

    return score


class _Playing:
    """An episode in Inspect's terms; what comes of it is in the sample's state."""

    def __init__(self, env: gym.Env[Any, Any], state: TaskState) -> None:
        self._env, self._core, self._state = env, cast(AgeMemEnv, env.unwrapped), state
        self._reward, self.over = 0.0, True
        self._turn = threading.Lock()
        """Held in a turn: a limit of time leaves its thread to itself."""
        self.messages: list[ChatMessage] = []
        self.tools = [_tool(schema["function"]) for schema in cast(Any, env.action_space).tools()]

    def reset(self) -> None:
        """Start the episode."""
        observation, _ = self._env.reset(seed=self._state.metadata["seed"])
        self.messages, self.over = [to_inspect(message) for message in observation["messages"]], False

    def take(self, output: ModelOutput) -> None:
        """Take the model's turn."""
        if output.stop_reason == "model_length":
            return self.close()
        with self._turn:
            if not self.over:
                self._note(self._env.step(to_action(output)))
                self._state.output = output

    def close(self) -> None:
        """End the episode as it stands, if it is not over."""
        with self._turn:
            if not self.over:
                self._note(self._core.finish())

    def _note(self, outcome: tuple[Any, Any, bool, bool, dict[str, Any]]) -> None:
        observation, reward, terminated, truncated, info = outcome
        self._reward += float(reward)
        self.over = terminated or truncated
        if info.get("engine_error"):
            raise EngineCrash(str(info["engine_error"]))
        self.messages = [to_inspect(message) for message in observation["messages"]]
        self._state.messages = list(self.messages)
        if self.over:
            kept = ("reward_components", "metrics", "errors", "tool_calls", "task_id")
            told = {name: info[name] for name in kept if name in info}
            played = {"task_id": self._core.task.id, "reward": self._reward, "truncated": truncated}
            self._state.metadata[RESULT] = {**told, **played}


def _made(env_id: str, options: Mapping[str, Any]) -> gym.Env[Any, Any]:
    import agemem_env  # noqa: F401 - registers the environments

    return gym.make(env_id, **options)


def _tool(function: Mapping[str, Any]) -> ToolInfo:
    schema = {name: value for name, value in function["parameters"].items() if name != "additionalProperties"}
    return ToolInfo(name=function["name"], description=function["description"], parameters=ToolParams(**schema))


def to_inspect(message: Mapping[str, Any]) -> ChatMessage:
    """Return a message of a prompt as Inspect has it.

    >>> to_inspect({"role": "user", "content": "Where is it?"}).text
    'Where is it?'
    """
    content = message["content"] or ""
    match message["role"]:
        case "system":
            return ChatMessageSystem(content=content)
        case "user":
            return ChatMessageUser(content=content)
        case "tool":
            return ChatMessageTool(content=content, tool_call_id=message["tool_call_id"], function=message.get("name"))
        case _:
            calls = [_from_openai(call) for call in message.get("tool_calls", ())]
            return ChatMessageAssistant(content=content, tool_calls=calls or None)


def to_action(output: ModelOutput) -> Mapping[str, Any]:
    """Return a model's turn as an OpenAI message.

    Arguments that Inspect could not read stay unreadable, so that the environment counts them. What a filter held back
    was not said.
    """
    if output.stop_reason == "content_filter":
        return {"role": "assistant", "content": ""}
    message = output.message
    said: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    parts: Sequence[Any] = () if isinstance(message.content, str) else message.content
    thoughts = [part.reasoning for part in parts if isinstance(part, ContentReasoning) and not part.redacted]
    if thoughts:
        said["reasoning_content"] = "\n".join(thoughts)
    if message.tool_calls:
        said["tool_calls"] = [_to_openai(call) for call in message.tool_calls]
    return said


def _from_openai(call: Mapping[str, Any]) -> ToolCall:
    arguments = json.loads(call["function"]["arguments"])
    return ToolCall(id=call["id"], function=call["function"]["name"], arguments=arguments)


def _to_openai(call: ToolCall) -> dict[str, Any]:
    arguments = call.parse_error or json.dumps(call.arguments, ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.function, "arguments": arguments}}
