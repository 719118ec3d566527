"""verl: an agent loop that returns a row for each stretch without a rewritten context.

Prompts are tokenised whole in each turn, since the environment may rewrite them; rows are split where the tokens part.
Lists of rows are taken by verl's v1 trainer, whose GRPO compares the scores of whole episodes. Needs the package
``verl``, and in the trainer's configuration::

    actor_rollout_ref.rollout.agent.agent_loop_config_path=examples/verl/agent_loop.yaml
    actor_rollout_ref.rollout.agent.default_agent_loop=agemem

The episodes are rows of a data set, which this file writes::

    python -m baselines.integrations.verl --options '{"split": "train"}' --episodes 1000 --output train.parquet
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import gymnasium as gym

from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError, ServiceError
from baselines.integrations.rows import EpisodeRows, Generation, RowEpisode, TokenRow

try:
    from omegaconf import OmegaConf
    from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopMetrics, AgentLoopOutput, register
except ImportError as error:
    missing = MissingExtraError("verl", "verl", "the verl adapter")
    raise SystemExit(f"error: {missing}") if __name__ == "__main__" else missing from error

_log = logging.getLogger(__name__)

_CANCELLED = ("aborted", "abort")
_PARTS = ("task", "context", "memory", "penalty")


@register("agemem")
class AgeMemAgentLoop(AgentLoopBase):
    """Plays one episode.

    An episode whose prompt leaves no room in the model's context, or in which the server fails or cancels a reply, is
    scored as it stands and its rows are kept, as ``stopped`` and ``failed`` in ``reward_extra_info`` tell. A reply that
    was cut at its limit is played as far as it goes.

    Args:
        *args: verl's own.
        env_id: Id of the environment, unless the data set names another one.
        options: Its keyword arguments; those in the data set come on top.
        reply_tokens: Longest reply.
        max_turns: Turns after which an episode is stopped; None for the environment's own limits alone.
        **kwargs: verl's own.
    """

    def __init__(
        self,
        *args: Any,
        env_id: str = "AgeMem-HotpotQA-v0",
        options: Mapping[str, Any] | None = None,
        reply_tokens: int = 2048,
        max_turns: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        given: Any = OmegaConf.to_container(options) if OmegaConf.is_config(options) else options
        self._env_id, self._options = env_id, dict(given or {})
        self._reply_tokens, self._max_turns = reply_tokens, max_turns

    async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> list[AgentLoopOutput]:
        """Play the episode of a row of the data set and return its token rows.

        Raises:
            ConfigurationError: If the row names no seed, or not even the first prompt fits into the model's context.
            EngineCrash: If the simulator was lost: nothing says what the episode was worth.
            ServiceError: If the model sampled nothing at all.
        """
        import agemem_env  # noqa: F401 - registers the environments

        asked: dict[str, Any] = dict(kwargs.get("extra_info") or {})
        if asked.get("seed") is None:
            raise ConfigurationError(
                "a row of the data set has no extra_info.seed; `python -m baselines.integrations.verl` writes such rows"
            )
        options = {**self._options, **json.loads(asked.get("options") or "{}")}
        env = await asyncio.to_thread(gym.make, asked.get("env_id") or self._env_id, **options)
        try:
            played = _Played(self, env, int(asked["seed"]), sampling_params, kwargs)
            return await played.rows()
        finally:
            await asyncio.to_thread(env.close)

    @property
    def reply_tokens(self) -> int:
        """Longest reply."""
        return self._reply_tokens

    @property
    def max_turns(self) -> int | None:
        """Turns after which an episode is stopped."""
        return self._max_turns

    @property
    def context_tokens(self) -> int:
        """Tokens of the longest prompt with its reply."""
        rollout = self.rollout_config
        row = int(rollout.prompt_length) + int(rollout.response_length)
        longest = rollout.get("max_model_len")
        return row if longest is None else min(row, int(longest))

    async def tokens(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> list[int]:
        """Return the tokens of a prompt."""
        ids = await asyncio.to_thread(
            self.tokenizer.apply_chat_template,
            [dict(message) for message in messages],
            tools=[dict(tool) for tool in tools] or None,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=False,
            **self.apply_chat_template_kwargs,
        )
        return [int(token) for token in ids]

    def text(self, ids: Sequence[int]) -> str:
        """Return what a reply says; the environment reads calls in it."""
        end = len(ids)
        while end and ids[end - 1] in (self.tokenizer.eos_token_id, self.tokenizer.pad_token_id):
            end -= 1
        text = self.tokenizer.decode(ids[:end], skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return str(text)


class _Played:
    """One episode of a loop.

    Args:
        loop: The loop.
        env: Its environment.
        seed: Seed of the episode: rollouts of one row of the data set play the same one.
        sampling: Sampling parameters of the trainer.
        asked: What verl gave beside them.
    """

    def __init__(
        self, loop: AgeMemAgentLoop, env: Any, seed: int, sampling: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> None:
        self._loop, self._env, self._seed, self._sampling = loop, env, seed, sampling
        self._priority = int(asked.get("priority") or 0)
        self._version = asked.get("global_steps")
        fixed = bool(loop.rollout_config.get("full_determinism", False))
        self._request = f"det-{self._priority}" if fixed else uuid4().hex
        self._versions: list[tuple[Any, Any]] = []
        self._failed = False
        self._spent = {"model": 0.0, "env": 0.0}

    async def rows(self) -> list[AgentLoopOutput]:
        """Play the episode to its end and return its rows as verl takes them."""
        limit, turns = self._loop.context_tokens, self._loop.max_turns
        episode = await asyncio.to_thread(RowEpisode, self._env, seed=self._seed, max_tokens=limit, max_turns=turns)
        tools = [] if self._env.unwrapped.config.tool_format == "tags" else episode.tools
        while not episode.over:
            generation = await self._generation(episode, tools)
            start = time.monotonic()
            if generation is None:
                await asyncio.to_thread(episode.stop)
            else:
                await asyncio.to_thread(episode.take, generation)
            self._spent["env"] += time.monotonic() - start
        return self._outputs(episode.result())

    async def _generation(self, episode: RowEpisode, tools: Sequence[Mapping[str, Any]]) -> Generation | None:
        """Return the model's turn; None if there is none, because of the context or the server."""
        prompt = await self._loop.tokens(episode.messages, tools)
        room = self._loop.context_tokens - len(prompt)
        if room < 1 and self._versions:
            return None
        if room < 1:
            raise ConfigurationError(
                f"the first prompt has {len(prompt)} tokens and leaves no room in a context of "
                f"{self._loop.context_tokens}; raise rollout.prompt_length or rollout.max_model_len"
            )
        start = time.monotonic()
        try:
            output = await self._ask(prompt, min(room, self._loop.reply_tokens))
        except Exception as error:
            if not self._versions:
                raise
            self._failed = True
            _log.warning("an episode is scored as it stands: %s: %s", type(error).__name__, error)
            return None
        finally:
            self._spent["model"] += time.monotonic() - start
        if output.stop_reason in _CANCELLED:
            self._failed = True
            return None
        told = output.extra_fields
        self._versions.append((told.get("min_global_steps"), told.get("max_global_steps")))
        sampled = tuple(map(int, output.token_ids))
        known = output.log_probs is not None and len(output.log_probs) == len(sampled)
        logprobs = tuple(map(float, output.log_probs)) if known else None
        return Generation(self._loop.text(sampled), tuple(prompt), sampled, logprobs)

    async def _ask(self, prompt: list[int], limit: int) -> Any:
        sampling = dict(self._sampling)
        sampling["max_tokens"] = min(limit, sampling.get("max_tokens") or limit)
        more = {"priority": self._priority} if self._priority else {}
        return await self._loop.server_manager.generate(
            self._request, prompt_ids=prompt, sampling_params=sampling, **more
        )

    def _outputs(self, played: EpisodeRows) -> list[AgentLoopOutput]:
        if played.info.get("engine_error"):
            raise EngineCrash(str(played.info["engine_error"]))
        turns = sum(len(row.starts) for row in played.rows)
        told = _told(played, turns, failed=self._failed)
        outputs = [self._output(row, told, turns) for row in played.rows if any(row.mask)]
        if not outputs:
            raise ServiceError("the server sampled no token in the whole episode: there is no row to train on")
        spent = self._spent
        outputs[-1].metrics = AgentLoopMetrics(generate_sequences=spent["model"], tool_calls=spent["env"])
        return outputs

    def _output(self, row: TokenRow, told: Mapping[str, float], turns: int) -> AgentLoopOutput:
        # verl pays the score on the last token, which has to be one that was sampled.
        size = len(row.mask) - row.mask[::-1].index(1)
        versions = self._versions[row.step : row.step + len(row.starts)]
        oldest = [first for first, _ in versions if first is not None]
        newest = [last for _, last in versions if last is not None]
        return AgentLoopOutput(
            prompt_ids=list(row.prompt_ids),
            response_ids=list(row.response_ids[:size]),
            response_mask=list(row.mask[:size]),
            response_logprobs=None if row.logprobs is None else list(row.logprobs[:size]),
            reward_score=row.reward,
            num_turns=2 * turns,
            metrics=AgentLoopMetrics(),
            extra_fields={
                # The trainer copies that of the last row to the others, and fails where it is not there.
                "reward_extra_info": dict(told),
                "min_global_steps": min(oldest, default=self._version),
                "max_global_steps": max(newest, default=self._version),
                "turn_scores": [],
                "tool_rewards": [],
            },
        )


def _told(played: EpisodeRows, turns: int, *, failed: bool) -> dict[str, float]:
    """Return what is logged of an episode; the same names each time, NaN for what was not scored."""
    info = played.info
    parts = info["reward_components"]
    known = {name: math.nan if parts.get(name) is None else float(parts[name]) for name in _PARTS}
    flags = {"acc": info["success"], "stopped": played.stopped, "failed": failed}
    counts = {"progress": info["progress"], "turns": turns, "mistakes": sum(info["errors"].values())}
    return {name: float(value) for name, value in (flags | counts | known).items()}


def write_dataset(path: Path, env_id: str, options: Mapping[str, Any], seeds: Sequence[int]) -> None:
    """Write the rows of a data set, one for each episode.

    Args:
        path: The Parquet file; its folder is made if missing.
        env_id: Id of the environment.
        options: Its keyword arguments.
        seeds: Seeds of the episodes.
    """
    import pyarrow
    from pyarrow import parquet

    text = json.dumps(dict(options))
    rows = [
        {
            "prompt": [{"role": "user", "content": f"{env_id}, seed {seed}"}],  # the environment has its own
            "data_source": env_id,
            "agent_name": "agemem",
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"index": index, "seed": seed, "env_id": env_id, "options": text},
        }
        for index, seed in enumerate(seeds)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def main() -> None:
    """Write a data set of episodes."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="python -m baselines.integrations.verl", description=main.__doc__)
    parser.add_argument("--env-id", default="AgeMem-HotpotQA-v0", help="id of the environment")
    parser.add_argument("--options", default="{}", type=json.loads, help="its keyword arguments, as JSON")
    parser.add_argument("--episodes", default=1000, type=int, help="number of episodes")
    parser.add_argument("--first-seed", default=0, type=int, help="seed of the first one")
    parser.add_argument("--output", required=True, type=Path, help="Parquet file")
    chosen = parser.parse_args()
    if not isinstance(chosen.options, dict):
        parser.error(f"--options {chosen.options!r} is not allowed; use a JSON object")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.episodes)
    write_dataset(chosen.output, chosen.env_id, chosen.options, seeds)


if __name__ == "__main__":
    main()
