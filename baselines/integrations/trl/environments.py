"""The task with a filled memory as environments of `GRPOTrainer`: a method per tool, in a row that only grows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory
from baselines.integrations.rows import Messages

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
        tools: Sequence[Mapping[str, Any]] = cast(Any, env.action_space).tools()
        methods = {tool["function"]["name"]: _method(tool["function"]) for tool in tools}
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
