"""verifiers: the environments for ``vf-eval`` and for prime-rl.

A taskset yields seeds, and a harness plays the episode of a seed in the process of the evaluation: every model call
goes through the endpoint that verifiers intercepts, so that its trace holds each prompt as it was sent. Prompts are
whole message lists, not appended to: a trace forks where the context was rewritten, and only there. Needs the package
``verifiers``::

    vf-eval agemem -n 4 -r 2 -m MODEL --client.base-url URL --client.api-key-var KEY \
        --env.agent.runtime.type subprocess --no-push --env.taskset.env-id AgeMem-HotpotQA-v0
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import EngineCrash, MissingExtraError

try:
    import verifiers.v1 as vf
    from openai import APIStatusError, AsyncOpenAI
    from verifiers.v1.runtimes import ProgramResult
except ImportError as error:
    raise MissingExtraError("verifiers", "verifiers", "the verifiers adapter") from error

__all__ = ["AgeMemHarness", "AgeMemTaskset"]

RESULT = "agemem"
"""Where a trace's ``info`` holds what came of the episode."""


class AgeMemData(vf.TaskData):
    """An episode: environment, its arguments and a seed, which decides the task."""

    env_id: str
    options: Mapping[str, Any]
    seed: int


class AgeMemTask(vf.Task[AgeMemData]):
    """The scoring of an episode: what the environment paid, and its parts."""

    @vf.reward()
    async def reward(self, trace: Any) -> float:
        """Return the sum of the environment's rewards."""
        return float(trace.info[RESULT]["reward"])

    @vf.metric()
    async def parts(self, trace: Any) -> Mapping[str, float]:
        """Return the parts of the reward, the metrics and the agent's mistakes, those that apply."""
        result = trace.info[RESULT]
        named = {**result["reward_components"], **result["metrics"], "mistakes": float(sum(result["errors"].values()))}
        return {name: float(value) for name, value in named.items() if value is not None}


class AgeMemTasksetConfig(vf.TasksetConfig):
    """Which episodes are played, under ``--env.taskset.*``."""

    env_id: str = "AgeMem-HotpotQA-v0"
    """Id of the environment."""

    options: str = "{}"
    """Keyword arguments of the environment, as a JSON object."""

    first_seed: int = 0
    """Seed of the first episode."""

    episodes: int = 1000
    """Number of episodes."""


class AgeMemTaskset(vf.Taskset[AgeMemTask, AgeMemTasksetConfig]):
    """Episodes of one environment, one per seed."""

    def load(self) -> Iterable[AgeMemTask]:
        """Yield the episodes."""
        config = self.config
        options = json.loads(config.options)
        for seed in range(config.first_seed, config.first_seed + config.episodes):
            name = f"{config.env_id}/{seed}"
            # The environment opens the conversation; verifiers wants a prompt all the same.
            data = AgeMemData(id=name, name=name, prompt=name, env_id=config.env_id, options=options, seed=seed)
            yield AgeMemTask(data, config.task)


class AgeMemHarnessConfig(vf.HarnessConfig):
    """Settings of the harness, under ``--env.agent.harness.*``."""


class AgeMemHarness(vf.Harness[AgeMemHarnessConfig]):
    """Plays an episode in this process."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self, ctx: Any, trace: Any, runtime: Any, endpoint: str, secret: str, mcp_urls: dict[str, str], data: Any
    ) -> ProgramResult:
        """Play the episode; one that verifiers stops, or whose prompt the model refuses, is scored as it stands."""
        import agemem_env  # noqa: F401 - registers the environments

        env = await asyncio.to_thread(gym.make, data.env_id, **data.options)
        try:
            async with AsyncOpenAI(base_url=endpoint, api_key=secret, max_retries=0, timeout=None) as client:
                trace.info[RESULT] = await _play(env, client, ctx.model, data.seed)
        finally:
            await asyncio.to_thread(env.close)
        return ProgramResult(0, "", "")


async def _play(env: Any, client: Any, model: str, seed: int) -> dict[str, Any]:
    """Play an episode and return its reward and the last info.

    Raises:
        EngineCrash: If the simulator was lost: nothing says what the episode was worth.
    """
    core = cast(AgeMemEnv, env.unwrapped)
    tools = env.action_space.tools()
    observation, _ = await asyncio.to_thread(env.reset, seed=seed)
    total, over = 0.0, False
    info: Mapping[str, Any] = {}
    while not over:
        try:
            reply = await client.chat.completions.create(
                model=model, messages=list(observation["messages"]), tools=tools
            )
        except APIStatusError as error:
            if error.status_code >= 500 or error.status_code == 429:
                raise
            outcome = core.finish()
        else:
            message = reply.choices[0].message.model_dump(exclude_none=True)
            outcome = await asyncio.to_thread(env.step, message)
        observation, reward, terminated, truncated, info = outcome
        total, over = total + float(reward), terminated or truncated
    if info.get("engine_error"):
        raise EngineCrash(str(info["engine_error"]))
    kept = ("reward_components", "metrics", "errors", "tool_calls", "task_id")
    return {"reward": total, **{name: info[name] for name in kept if name in info}}
