"""A rollout worker of `AsyncGRPOTrainer`: groups of whole episodes, played in a thread of this process."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, ServiceError
from baselines.integrations.rows import AsyncGenerate, EpisodeRows, RowEpisode
from baselines.integrations.trl.rollout_samples import measured, samples
from baselines.integrations.trl.sampler import PromptRefusedError


class EpisodeWorker:
    """A rollout worker for ``AsyncGRPOTrainer(rollout_worker=...)``, in a thread of this process.

    It plays groups of episodes of equal seeds, all stages with all tools, and pushes a `RolloutSample` per token row:
    one row more than the context was rewritten. Every row of an episode has the episode's advantage within its group
    (Eq. 5). Turns are texts: environments are made with ``tool_format="tags"`` and ``keep_think=True`` unless the
    options say otherwise, so that a prompt repeats what the model said.

    Args:
        env_id: Id of the environment.
        generate: Samples a turn, such as a `VLLMSampler`.
        options: Keyword arguments of the environment.
        seeds: The seeds, one per group.
        num_generations: Episodes per group.
        groups: Groups that are played at once.
        queue_maxsize: Samples that may wait for the trainer.
        max_tokens: Tokens of a prompt with its answer from which on an episode is stopped; None for no limit.
        max_turns: Turns after which an episode is stopped; None for no limit.

    Attributes:
        rollout_buffer: The samples.
        metrics_queue: Dicts of measurements, one per group.
    """

    def __init__(
        self,
        env_id: str,
        generate: AsyncGenerate,
        options: Mapping[str, Any] | None = None,
        *,
        seeds: Iterable[int],
        num_generations: int = 8,
        groups: int = 4,
        queue_maxsize: int = 0,
        max_tokens: int | None = None,
        max_turns: int | None = None,
    ) -> None:
        if num_generations < 2:
            raise ConfigurationError(f"num_generations={num_generations} is not allowed; a group needs 2 or more")
        self._env_id, self._generate = env_id, generate
        self._options = {"tool_format": "tags", "keep_think": True, **(options or {})}
        self._seeds, self._size, self._groups = iter(seeds), num_generations, groups
        self._limits = {"max_tokens": max_tokens, "max_turns": max_turns}
        self.rollout_buffer: queue.Queue[Any] = queue.Queue(queue_maxsize)
        self.metrics_queue: queue.Queue[dict[str, float]] = queue.Queue()
        self._version, self._group_id, self._used_up = 0, 0, False
        self._idle: list[gym.Env[Any, Any]] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._seen = time.monotonic()

    def start(self) -> None:
        """Begin to play."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="agemem-episodes", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop, and leave the episodes in progress."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def update_model_version(self, model_version: int) -> None:
        """Note which version of the model is sampled from now on."""
        self._version = model_version

    def check_health(self, stale_after_s: float) -> None:
        """Check that the worker is alive.

        Raises:
            ServiceError: If it has failed, or has not stirred for so many seconds.
            ConfigurationError: If the seeds are used up and the trainer waits for more.
        """
        if self._failure is not None:
            raise ServiceError(f"the rollout worker failed: {self._failure}") from self._failure
        if self._used_up and self.rollout_buffer.empty():
            raise ConfigurationError(
                "the rollout worker has used up its seeds; give more of them, or train fewer steps"
            )
        if (age := time.monotonic() - self._seen) > stale_after_s:
            raise ServiceError(f"the rollout worker has not stirred for {age:.0f} seconds")

    async def play(self, seed: int, run: int) -> EpisodeRows:
        """Play one episode of a group.

        Raises:
            PromptRefusedError: If not even the first prompt is taken.
        """
        env = self._idle.pop() if self._idle else await asyncio.to_thread(self._make)
        try:
            episode = await asyncio.to_thread(RowEpisode, env, seed=seed, run=run, **self._limits)
            taken, native = False, cast(AgeMemEnv, env.unwrapped).config.tool_format == "native"
            while not episode.over:
                try:
                    # The tag format has the schemas in the system message.
                    generation = await self._generate(episode.messages, episode.tools if native else ())
                except PromptRefusedError:
                    if not taken:
                        raise
                    episode.stop()
                else:
                    await asyncio.to_thread(episode.take, generation)
                    taken = True
        except BaseException:
            env.close()
            raise
        self._idle.append(env)
        return episode.result()

    async def play_group(self, seed: int) -> list[Any]:
        """Play a group and return its samples; episodes whose simulator was lost are left out."""
        version, group_id = self._version, self._group_id
        self._group_id += 1
        started = time.monotonic()
        played = await asyncio.gather(*(self.play(seed, run) for run in range(self._size)))
        self.metrics_queue.put(measured(played, time.monotonic() - started))
        kept = [episode for episode in played if not episode.info.get("engine_error")]
        return samples(kept, model_version=version, group_id=group_id)

    def _make(self) -> gym.Env[Any, Any]:
        import agemem_env  # noqa: F401 - registers the environments

        return gym.make(self._env_id, **self._options)

    def _run(self) -> None:
        try:
            asyncio.run(self._produce())
        except BaseException as error:
            self._failure = error
        finally:
            for env in self._idle:
                env.close()
            self._idle.clear()

    async def _produce(self) -> None:
        playing: set[asyncio.Task[list[Any]]] = set()
        while not self._stopping.is_set():
            self._seen = time.monotonic()
            while len(playing) < self._groups and (seed := next(self._seeds, None)) is not None:
                playing.add(asyncio.create_task(self.play_group(seed)))
            if not playing:
                self._used_up = True
                return
            done, playing = await asyncio.wait(playing, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                for sample in task.result():
                    await self._push(sample)

    async def _push(self, sample: Any) -> None:
        while not self._stopping.is_set():
            self._seen = time.monotonic()
            try:
                sample.enqueued_at = time.time()
                return self.rollout_buffer.put_nowait(sample)
            except queue.Full:
                await asyncio.sleep(0.05)
