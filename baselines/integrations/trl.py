"""TRL: GRPO on the task with a filled memory, and asynchronous GRPO on whole episodes.

`StageThree` makes the environments of ``GRPOTrainer(environment_factory=...)``. TRL keeps a rollout in one row that
only grows, so whatever is told in it stays in view: there the model plays stage 3, and long-term memory holds what
stage 1 tells. `EpisodeWorker` is a rollout worker of ``AsyncGRPOTrainer``: all stages and all tools, one row more than
the context was rewritten, and the advantages of step-wise GRPO. Needs the package ``trl``; ``examples/trl_grpo.py``
trains.
"""

from __future__ import annotations

import asyncio
import inspect
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import gymnasium as gym
import httpx

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, MissingExtraError, ServiceError
from agemem_env.memory.store import LongTermMemory
from baselines.grpo.math import group_advantages
from baselines.integrations.rows import AsyncGenerate, EpisodeRows, Generation, Messages, RowEpisode

try:
    import trl  # noqa: F401 - what follows makes sense with it only
except ImportError as error:
    raise MissingExtraError("trl", "trl", "the TRL adapter") from error

LONG_TERM_TOOLS = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory")
"""The memory tools that change something in a row that only grows."""

OVER = "The episode is over."
"""What a call is answered after the end."""

_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool, "object": dict}
_OWN = ("reset", "get_reward")


class StageThree:
    """A factory of environments for ``GRPOTrainer(environment_factory=...)``, and of the dataset that goes with them.

    In each episode the model gets the query and the tools, while long-term memory holds every fact that stage 1 tells
    and that is still true; the messages of stage 1 are not in its context. Each call is a turn. A turn without a call
    ends the rollout, which is then scored as it stands. A factory can be pickled.

    Args:
        env_id: Id of the environment.
        options: Its keyword arguments. ``memory`` may be a `LongTermMemory`, which takes the place of the facts.

    Raises:
        ConfigurationError: If the options ask for what a row that only grows cannot show.

    Example:
        >>> import agemem_env
        >>> make = StageThree("AgeMem-HotpotQA-v0", {"source": "generated"})
        >>> make.rows([7])[0]["seed"]
        7
        >>> env = make()
        >>> env.reset(seed=7).partition("?")[0]
        'To which town did the engineer who built the Cape Drüstner Lighthouse move'
        >>> env.Retrieve_memory(query="Cape Drüstner Lighthouse", top_k=1).startswith("- mem_")
        True
        >>> env.get_reward() == env.get_reward()
        True
    """

    def __init__(self, env_id: str, options: Mapping[str, Any] | None = None) -> None:
        given = {"tools": LONG_TERM_TOOLS, **(options or {})}
        if given.get("stages", (3,)) not in ((3,), [3]):
            raise ConfigurationError(
                f"stages={given['stages']!r} is not allowed with environment_factory: TRL keeps an episode in one row "
                "that only grows, so what stage 1 tells would stay in view and memory would have nothing to teach; "
                "leave stages out (the model plays stage 3 with a filled memory) or use EpisodeWorker"
            )
        shown = [tool for tool in given["tools"] if tool in ("Summary_context", "Filter_context")]
        if shown:
            raise ConfigurationError(
                f"tools with {', '.join(shown)} are not allowed with environment_factory: TRL's row only grows, so "
                "they would take nothing out of what the model reads; leave them out or use EpisodeWorker"
            )
        if given.get("memory") == "lifetime":
            raise ConfigurationError(
                "memory='lifetime' is not allowed with environment_factory: TRL's environments play the rollouts of a "
                "group side by side; leave memory out, or give a LongTermMemory"
            )
        self._env_id, self._options = env_id, {**given, "stages": (1, 3)}

    def __call__(self) -> AgeMemEpisode:
        """Return an environment; those of one factory are of one class."""
        return self._class(self._make())

    def rows(self, seeds: Iterable[int]) -> list[dict[str, Any]]:
        """Return rows of a dataset, one per seed: the system message and a message that takes the query.

        Example::

            dataset = datasets.Dataset.from_list(make.rows(range(1000)))
        """
        env = self._make()
        system = env.reset(seed=0)[0]["messages"][0]
        env.close()
        return [{"prompt": [dict(system), {"role": "user", "content": ""}], "seed": seed} for seed in seeds]

    def _make(self) -> gym.Env[Any, Any]:
        import agemem_env  # noqa: F401 - registers the environments

        return gym.make(self._env_id, **self._options)

    @cached_property
    def _class(self) -> type[AgeMemEpisode]:
        env = self._make()
        methods = {schema["function"]["name"]: _method(schema["function"]) for schema in tools_of(env)}
        env.close()
        taken = [name for name in methods if name in _OWN or not name.isidentifier() or name.startswith("_")]
        if taken:
            raise ConfigurationError(
                f"the tool name {taken[0]!r} is not allowed with TRL, whose tools are methods: rename the tool"
            )
        # TRL names the reward after the class.
        return type("".join(filter(str.isalnum, self._env_id)), (AgeMemEpisode,), methods)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_class"}


class AgeMemEpisode:
    """One environment as TRL plays it: `reset`, a method per tool, which `StageThree` adds, and `get_reward`.

    TRL uses an instance for one rollout after the other.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        self._env, self._core = env, cast(AgeMemEnv, env.unwrapped)
        self._over, self._lost, self._reward = True, False, 0.0
        self._failure: Exception | None = None

    def reset(self, seed: int | None = None, task: str | int | None = None, **row: Any) -> str:
        """Start the episode of a row of the dataset and return the query.

        Args:
            seed: Seed of the episode: the rollouts of a group have the same and play the same.
            task: Id or index of the task; None lets the seed draw it.
            **row: The other columns, which are not used.
        """
        self._over, self._lost, self._reward, self._failure = False, False, 0.0, None
        observation, _ = self._env.reset(seed=seed, options=None if task is None else {"task": task})
        while observation["stage"] < 3 and not self._over:
            self._remember(observation["round"])
            observation = self._note(self._env.step("Noted."))
        return "\n\n".join(message["content"] for message in observation["messages"][1:])

    def get_reward(self) -> float | None:
        """Return the episode's reward; one that has not ended is scored as it stands.

        None, which TRL leaves out of the group, if the simulator was lost: nothing says what the episode was worth.

        Raises:
            ServiceError: If a service failed in the episode, which TRL has told the model and nobody else.
        """
        if self._failure is not None:
            raise self._failure
        if not self._over:
            self._note(self._core.finish())
        return None if self._lost else self._reward

    def _remember(self, turn: int) -> None:
        """Store what is told, once all of it has been: the messages of stage 1 show what is stored before."""
        config, task = self._core.config, self._core.task
        turns = -(-len(task.utterances or task.facts) // config.facts_per_turn)
        if turn + 1 == turns and not isinstance(config.memory, LongTermMemory):
            desk = self._core.desk()
            for index, fact in enumerate(task.facts):
                if index not in task.superseded:
                    desk.add(fact.text)

    def _call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Play a turn of one call and return what the environment says to it."""
        if self._over:
            return OVER
        try:
            observation = self._note(self._env.step({"name": name, "arguments": dict(arguments)}))
        except Exception as error:
            self._failure = error
            raise
        said = [message["content"] for message in _since_agent(observation["messages"])]
        return "\n\n".join([*said, OVER] if self._over else said)

    def _note(self, outcome: tuple[Any, Any, bool, bool, dict[str, Any]]) -> Any:
        observation, reward, terminated, truncated, info = outcome
        self._reward += float(reward)
        self._over, self._lost = terminated or truncated, bool(info.get("engine_error"))
        return observation


def tools_of(env: gym.Env[Any, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the function schemas of an environment's tools."""
    return cast(Sequence[Mapping[str, Any]], cast(Any, env.action_space).tools())


def _since_agent(messages: Messages) -> Messages:
    """Return what came after the agent's last message."""
    last = max((i for i, message in enumerate(messages) if message["role"] == "assistant"), default=0)
    return messages[last + 1 :]


def _method(function: Mapping[str, Any]) -> Callable[..., str]:
    """Return a tool as a method with the signature and the docstring from which TRL makes its schema.

    It takes whatever the model gives, so that a mistake is answered by the environment and counted.
    """
    name, schema = str(function["name"]), function["parameters"]
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    # Parameters without a default come first.
    names = sorted(properties, key=lambda key: key not in schema["required"])

    def method(self: AgeMemEpisode, /, *others: Any, **arguments: Any) -> str:
        return self._call(name, {**dict(zip(names, others, strict=False)), **arguments})

    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for key in names:
        kind, required = _TYPES[properties[key]["type"]], key in schema["required"]
        default = inspect.Parameter.empty if required else None
        annotation: Any = kind if required else kind | None
        parameters.append(
            inspect.Parameter(key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
        )
    method.__name__ = method.__qualname__ = name
    method.__annotations__ = {p.name: p.annotation for p in parameters[1:]} | {"return": str}
    method.__signature__ = inspect.Signature(parameters, return_annotation=str)  # type: ignore[attr-defined]
    lines = [f"    {p.name}: {_described(properties[p.name])}" for p in parameters[1:]]
    method.__doc__ = "\n".join([function["description"], "", *(["Args:", *lines] if lines else [])])
    return method


def _described(schema: Mapping[str, Any]) -> str:
    """Return the description of an argument, with its range, which TRL's schemas do not have."""
    ends = [f"at least {schema['minimum']}" if "minimum" in schema else ""]
    ends += [f"at most {schema['maximum']}" if "maximum" in schema else ""]
    allowed = " and ".join(filter(None, ends))
    return f"{schema['description']} It is {allowed}." if allowed else str(schema["description"])


class PromptRefusedError(ServiceError):
    """The server refused a prompt, as it does where the prompt is too long; the episode is scored as it stands."""


class VLLMSampler:
    """Samples turns from the server that `AsyncGRPOTrainer` keeps up to date, token ids in and out.

    Args:
        tokenizer: A tokenizer with a chat template that repeats the assistant's turns as they are.
        model: Name of the model at the server.
        url: The server's address.
        attempts: How often a request is sent where the server is gone or fails.
        patience: Seconds to wait for an answer.
        **sampling: Further fields of vLLM's completion request, such as ``temperature`` and ``max_tokens``.
    """

    def __init__(
        self,
        tokenizer: Any,
        model: str,
        url: str = "http://localhost:8000",
        *,
        attempts: int = 10,
        patience: float = 120.0,
        **sampling: Any,
    ) -> None:
        self._attempts, self._patience = attempts, patience
        self._tokenizer, self._url = tokenizer, f"{url.rstrip('/')}/v1/completions"
        self._request = {"max_tokens": 512, **sampling, "model": model, "n": 1, "return_token_ids": True, "logprobs": 0}

    async def __call__(self, messages: Messages, tools: Sequence[Mapping[str, Any]]) -> Generation:
        """Return the model's turn.

        Raises:
            PromptRefusedError: If the server refuses the prompt.
        """
        prompt = self._tokenizer.apply_chat_template(
            list(messages), tools=list(tools) or None, add_generation_prompt=True, return_dict=False
        )
        choice = await self._ask({**self._request, "prompt": prompt, "seed": secrets.randbits(63)})
        ids, logprobs = choice["token_ids"], choice["logprobs"]["token_logprobs"]
        text = self._tokenizer.decode(ids, skip_special_tokens=True)
        return Generation(text, tuple(prompt), tuple(ids), tuple(logprobs))

    async def _ask(self, request: Mapping[str, Any]) -> Any:
        """Return the server's choice; a server that is gone for a while, as where weights change, is asked again."""
        problem: object = None
        for attempt in range(self._attempts):
            try:
                async with httpx.AsyncClient(timeout=self._patience) as client:
                    answer = await client.post(self._url, json=dict(request))
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.is_success:
                    return answer.json()["choices"][0]
                problem = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code in (400, 413, 422):
                    raise PromptRefusedError(f"{self._url} refused a prompt: {problem}")
                if answer.status_code < 500 and answer.status_code != 429:
                    raise ServiceError(f"{self._url} refused a request: {problem}")
            await asyncio.sleep(min(2.0**attempt, 16.0) if attempt + 1 < self._attempts else 0)
        raise ServiceError(f"{self._url} did not answer {self._attempts} times, at last: {problem}")


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
        self.metrics_queue.put(_measured(played, time.monotonic() - started))
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


def samples(played: Sequence[EpisodeRows], *, model_version: int = 0, group_id: int = 0) -> list[Any]:
    """Return the episodes of a group as TRL's `RolloutSample`s, one per row, with step-wise advantages.

    Args:
        played: The episodes.
        model_version: Version of the model that played them.
        group_id: Number of the group.

    Raises:
        ConfigurationError: If the log-probabilities of a row are not known.
    """
    import numpy as np
    from trl.experimental.async_grpo.async_rollout_worker import RolloutSample

    rewards = [episode.reward for episode in played]
    found: list[Any] = []
    for episode, advantage in zip(played, group_advantages(rewards).values, strict=True):
        metrics = {"reward": episode.reward, "reward_std": float(np.std(rewards)), **_parts(episode.info)}
        for row in filter(lambda row: any(row.mask), episode.rows):
            if row.logprobs is None:
                raise ConfigurationError("the log-probabilities of a row are not known; AsyncGRPO needs them")
            before = [0] * len(row.prompt_ids)
            found.append(
                RolloutSample(
                    prompt=[{"role": "user", "content": f"{row.group}, turn {row.step}"}],
                    completion=[{"role": "assistant", "content": ""}],
                    input_ids=np.asarray(row.prompt_ids + row.response_ids, dtype=np.int64),
                    completion_mask=np.asarray([*before, *row.mask], dtype=np.int64),
                    old_log_probs=np.asarray([*before, *row.logprobs], dtype=np.float32),
                    advantage=float(advantage),
                    model_version=model_version,
                    group_id=group_id,
                    metrics=dict(metrics),
                )
            )
    return found


def _parts(info: Mapping[str, Any]) -> dict[str, float]:
    """Return the parts of the reward that apply, as TRL names them."""
    parts = info.get("reward_components", {})
    return {f"rewards/{name}": float(value) for name, value in parts.items() if value is not None}


def _measured(played: Sequence[EpisodeRows], seconds: float) -> dict[str, float]:
    """Return what was measured in a group."""
    return {
        "rollout/duration_s": seconds,
        "rollout/samples_per_rollout": sum(len(episode.rows) for episode in played) / len(played),
        "rollout/stopped_frac": sum(episode.stopped for episode in played) / len(played),
    }
