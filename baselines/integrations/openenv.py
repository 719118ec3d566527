"""OpenEnv: the environments behind a socket, for every trainer that speaks this protocol.

Many clients play at once, each in a session with an environment of its own. Needs the package ``openenv``::

    python -m baselines.integrations.openenv --env-id AgeMem-HotpotQA-v0 --port 8000
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import MissingExtraError

try:
    from openenv.core.client_types import StepResult
    from openenv.core.env_client import EnvClient
    from openenv.core.env_server.http_server import create_fastapi_app
    from openenv.core.env_server.interfaces import Environment
    from openenv.core.env_server.types import Action, Observation, State
except ImportError as error:
    missing = MissingExtraError("openenv", "openenv", "the OpenEnv adapter")
    raise SystemExit(f"error: {missing}") if __name__ == "__main__" else missing from error


class AgeMemAction(Action):
    """One turn of the agent.

    Attributes:
        turn: Whatever `AgeMemEnv.step` takes, as JSON: text, an OpenAI message, a call or a list of calls.
        finish: End the episode as it stands instead, scored as truncated.
    """

    turn: Any = ""
    finish: bool = False


class AgeMemObservation(Observation):
    """What the agent sees.

    Attributes:
        messages: The whole prompt. It replaces the one before: nothing is appended by the client.
        stage: 1, 2 or 3.
        round: Turns taken.
        tokens: Size of the prompt.
        memory_size: Entries in long-term memory.
        truncated: Whether the episode was cut short rather than ended.
        tools: The function schemas, after `reset`; empty afterwards.
        info: `AgeMemEnv`'s info.
    """

    messages: list[dict[str, Any]]
    stage: int
    round: int
    tokens: int
    memory_size: int
    truncated: bool = False
    tools: tuple[dict[str, Any], ...] = ()
    info: Mapping[str, Any]


class AgeMemState(State):
    """State of a session.

    Attributes:
        env_id: Id of the environment.
        over: Whether the episode has ended.
    """

    env_id: str = ""
    over: bool = True


class AgeMemSession(Environment[AgeMemAction, AgeMemObservation, AgeMemState]):
    """The environment of one session.

    Args:
        env_id: Id of the environment.
        options: Its keyword arguments.
    """

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, env_id: str, options: Mapping[str, Any]) -> None:
        super().__init__()
        import agemem_env  # noqa: F401 - registers the environments

        self._env_id, self._env = env_id, gym.make(env_id, **options)
        self._state = AgeMemState(env_id=env_id)

    def reset(self, seed: int | None = None, episode_id: str | None = None, **options: Any) -> AgeMemObservation:
        """Start an episode; ``task`` selects one."""
        observation, info = self._env.reset(seed=seed, options=options)
        self._state = AgeMemState(episode_id=episode_id, env_id=self._env_id, over=False)
        tools = cast(Any, self._env.action_space).tools()
        return self._observation(observation, info, tools=tuple(tools))

    def step(self, action: AgeMemAction, timeout_s: float | None = None, **options: Any) -> AgeMemObservation:
        """Take a turn."""
        core = cast(AgeMemEnv, self._env.unwrapped)
        outcome = core.finish() if action.finish else self._env.step(action.turn)
        observation, reward, terminated, truncated, info = outcome
        self._state.step_count, self._state.over = observation["round"], terminated or truncated
        return self._observation(
            observation, info, reward=float(reward), done=self._state.over, truncated=bool(truncated)
        )

    @property
    def state(self) -> AgeMemState:
        """State of the session."""
        return self._state

    def close(self) -> None:
        """Close the environment."""
        self._env.close()

    def _observation(self, observation: Mapping[str, Any], info: Mapping[str, Any], **more: Any) -> AgeMemObservation:
        # Plain JSON, so that what is seen over the socket is what is seen in the same process.
        seen, told = json.loads(json.dumps({**observation, "messages": list(observation["messages"])})), dict(info)
        return AgeMemObservation(**seen, info=json.loads(json.dumps(told)), **more)


class AgeMemClient(EnvClient[AgeMemAction, AgeMemObservation, AgeMemState]):
    """Plays episodes on a server; ``.sync()`` gives a client without ``await``.

    Example::

        with AgeMemClient(base_url="http://127.0.0.1:8000").sync() as client:
            result = client.reset(seed=7)
            while not result.done:
                result = client.step(AgeMemAction(turn=model(result.observation.messages)))
    """

    def _step_payload(self, action: AgeMemAction) -> dict[str, Any]:
        return dict(action.model_dump())

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[AgeMemObservation]:
        reward, done = payload.get("reward"), payload.get("done", False)
        observation = AgeMemObservation(**payload["observation"], reward=reward, done=done)
        return StepResult(observation=observation, reward=reward, done=done)

    def _parse_state(self, payload: dict[str, Any]) -> AgeMemState:
        return AgeMemState(**payload)


def create_app(env_id: str, options: Mapping[str, Any] | None = None, *, sessions: int = 8) -> Any:
    """Return the FastAPI application that serves an environment.

    Args:
        env_id: Id of the environment.
        options: Its keyword arguments.
        sessions: Episodes that may be played at once; one more is refused with the code ``CAPACITY_REACHED``.
    """
    make = partial(AgeMemSession, env_id, dict(options or {}))
    return create_fastapi_app(
        make, AgeMemAction, AgeMemObservation, max_concurrent_envs=sessions, env_name="agemem", state_cls=AgeMemState
    )


def main() -> None:
    """Serve an environment on this machine."""
    from argparse import ArgumentParser

    import uvicorn

    parser = ArgumentParser(prog="python -m baselines.integrations.openenv", description=main.__doc__)
    parser.add_argument("--env-id", default="AgeMem-HotpotQA-v0", help="id of the environment")
    parser.add_argument("--options", default="{}", type=json.loads, help="its keyword arguments, as JSON")
    parser.add_argument("--sessions", default=8, type=int, help="episodes at once")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int)
    chosen = parser.parse_args()
    uvicorn.run(create_app(chosen.env_id, chosen.options, sessions=chosen.sessions), host=chosen.host, port=chosen.port)


if __name__ == "__main__":
    main()
