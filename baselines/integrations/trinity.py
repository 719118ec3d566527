"""Trinity-RFT: a workflow that plays an episode, one experience for each turn.

Every experience of an episode has its reward, for the algorithm ``multi_step_grpo``, which gives the advantage of an
episode to all its turns. Needs the package ``trinity-rft``; a configuration names the workflow by its path, and where a
taskset says what is played, each of its rows is a seed::

    python -m baselines.integrations.trinity --train 2000 --test 200 --output tasks
    trinity run --config examples/trinity/train_hotpotqa.yaml
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError

try:
    from openai import APIStatusError
    from trinity.common.workflows.workflow import Workflow
except ImportError as error:
    missing = MissingExtraError("trinity-rft", "trinity", "the Trinity adapter")
    raise SystemExit(f"error: {missing}") if __name__ == "__main__" else missing from error


class AgeMemWorkflow(Workflow):
    """Plays the episode of one task.

    A task's ``workflow_args`` have ``env_id``, ``options`` (keyword arguments of the environment) and ``max_turns``,
    its row has ``seed``: the runs of one task play the same episode. An episode whose prompt the server refuses as
    too long, or in which a call fails, is scored as it stands and its experiences are kept; a reply that was cut is
    played as far as it goes.

    Args:
        task: The task.
        model: The rollout model, with ``enable_openai_api`` and ``enable_history``.
        auxiliary_models: Not used.
    """

    can_reset = True
    is_async = True

    def __init__(self, *, task: Any, model: Any, auxiliary_models: Any = None) -> None:
        super().__init__(task=task, model=model, auxiliary_models=auxiliary_models)
        if not model.enable_history:
            raise ConfigurationError("set explorer.rollout_model.enable_history to true: experiences are taken from it")
        self._client = model.get_openai_async_client()
        self.reset(task)

    def reset(self, task: Any) -> None:
        """Take another task.

        Raises:
            ConfigurationError: If it has no seed.
        """
        self.task = task
        row, asked = dict(task.raw_task or {}), dict(task.workflow_args or {})
        if row.get("seed") is None:
            raise ConfigurationError(
                f"a task has no seed but {sorted(row)}; `python -m baselines.integrations.trinity` writes tasks"
            )
        self._seed = int(row["seed"])
        self._env_id = str(asked.get("env_id", "AgeMem-HotpotQA-v0"))
        self._options = dict(asked.get("options") or {})
        self._max_turns = asked.get("max_turns")

    async def run_async(self) -> list[Any]:
        """Play the episode and return its experiences, in order.

        Raises:
            ConfigurationError: If the server refuses the first prompt, or nothing was recorded.
            EngineCrash: If the simulator was lost: nothing says what the episode was worth.
        """
        import agemem_env  # noqa: F401 - registers the environments

        env = await asyncio.to_thread(gym.make, self._env_id, **self._options)
        try:
            return await self._play(env)
        finally:
            await asyncio.to_thread(env.close)

    async def _play(self, env: Any) -> list[Any]:
        core = cast(AgeMemEnv, env.unwrapped)
        tools = [] if core.config.tool_format == "tags" else env.action_space.tools()
        self.model.extract_experience_from_history()  # what another episode has left
        observation, _ = await asyncio.to_thread(env.reset, seed=self._seed)
        played: list[Any] = []
        total, turns, over, failed = 0.0, 0, False, False
        info: Mapping[str, Any] = {}
        while not over:
            reply = None
            if turns != self._max_turns:
                try:
                    reply = await self._ask(observation["messages"], tools)
                except Exception as error:
                    if not played and _too_long(error):
                        raise ConfigurationError(f"the server refuses the first prompt: {error}") from error
                    if not played:
                        raise
                    failed = not _too_long(error)
                    self.logger.warning(f"an episode is scored as it stands: {type(error).__name__}: {error}")
            played += self._experiences(turns)
            act: Callable[[], Any] = core.finish if reply is None else partial(env.step, reply)
            outcome = await asyncio.to_thread(act)
            observation, reward, terminated, truncated, info = outcome
            total, over, turns = total + float(reward), terminated or truncated, turns + (reply is not None)
        return _scored(played, total, turns, info, failed=failed)

    async def _ask(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the model's message."""
        rollout = self.task.rollout_args
        given = {name: getattr(rollout, name, None) for name in ("temperature", "top_p", "max_tokens")}
        sampling: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if (getattr(rollout, "top_k", None) or -1) > 0:
            sampling["extra_body"] = {"top_k": rollout.top_k}
        if tools:
            sampling["tools"] = list(tools)
        reply = await self._client.chat.completions.create(
            model=self._client.model_path, messages=list(messages), **sampling
        )
        return dict(reply.choices[0].message.model_dump(exclude_none=True))

    def _experiences(self, turn: int) -> list[Any]:
        """Return what the model's history has of a turn."""
        found = list(self.model.extract_experience_from_history())
        for experience in found:
            experience.eid.run, experience.eid.step = self.run_id_base, turn
        return found


def _too_long(error: Exception) -> bool:
    """Whether the server refused a prompt rather than failed."""
    return isinstance(error, APIStatusError) and error.status_code < 500 and error.status_code != 429


def _scored(played: list[Any], reward: float, turns: int, info: Mapping[str, Any], *, failed: bool) -> list[Any]:
    """Give each experience the episode's reward, and the last one its metrics: the trainer averages over them."""
    if not played:
        raise ConfigurationError("the model's history is empty: no experience was recorded")
    if info.get("engine_error"):
        raise EngineCrash(str(info["engine_error"]))
    for experience in played:
        experience.reward = reward
        experience.info = {**(experience.info or {}), "task_id": info.get("task_id")}
    parts = {f"reward/{name}": value for name, value in info["reward_components"].items()}
    counts = {"success": info["success"], "progress": info["progress"], "turns": turns, "failed": failed}
    counts["mistakes"] = sum(info["errors"].values())
    named = {"reward": reward, **counts, **parts, **info["metrics"]}
    played[-1].metrics = {name: float(value) for name, value in named.items() if value is not None}
    return played


def write_tasks(folder: Path, train: int, test: int) -> None:
    """Write tasks: seeds, which each taskset plays in the environment that it names.

    Args:
        folder: Where to; `train.jsonl` and `test.jsonl` are written.
        train: Number of tasks to train on.
        test: Number of tasks to evaluate on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train", train), ("test", test)):
        lines = [json.dumps({"seed": seed}) for seed in range(count)]
        (folder / f"{name}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")


def main() -> None:
    """Write tasks."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="python -m baselines.integrations.trinity", description=main.__doc__)
    parser.add_argument("--train", default=2000, type=int, help="number of tasks to train on")
    parser.add_argument("--test", default=200, type=int, help="number of tasks to evaluate on")
    parser.add_argument("--output", required=True, type=Path, help="folder")
    chosen = parser.parse_args()
    write_tasks(chosen.output, chosen.train, chosen.test)


if __name__ == "__main__":
    main()
