"""One loop for every engine that trains on tokens: plays an episode and returns the token rows to train on.

A row is a prompt and what followed it: tokens that the model sampled (mask 1) and tokens that the environment or the
chat template put between them (mask 0). A turn goes on with the row of the turn before as long as its prompt repeats
that row token by token; where it does not, because Summary, Filter, overflow or a change of stage rewrote the context,
or because text was tokenised in another way, a new row starts. So the tokens decide, never a flag: whatever the model
was given when it sampled a token is exactly what stands before that token in its row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Generation:
    """What a model made of one prompt.

    Attributes:
        reply: The action: the text, or an OpenAI message with `tool_calls`.
        prompt_ids: The tokens that the model was given.
        response_ids: The tokens that it sampled.
        logprobs: The log-probability of each sampled token; None if they are not known.
    """

    reply: Any
    prompt_ids: tuple[int, ...]
    response_ids: tuple[int, ...]
    logprobs: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        """Check that there is one log-probability per sampled token.

        Raises:
            ConfigurationError: If there is not, or the prompt is empty.
        """
        if not self.prompt_ids:
            raise ConfigurationError("prompt_ids is empty; give the tokens that the model was given")
        if self.logprobs is not None and len(self.logprobs) != len(self.response_ids):
            raise ConfigurationError(
                f"{len(self.logprobs)} log-probabilities for {len(self.response_ids)} tokens; give one for each token"
            )


Generate = Callable[[Messages, Sequence[Mapping[str, Any]]], Generation]
"""Takes the prompt's messages and the schemas of the tools; returns the model's turn."""

AsyncGenerate = Callable[[Messages, Sequence[Mapping[str, Any]]], Awaitable[Generation]]
"""The same, awaited."""


@dataclass(frozen=True)
class TokenRow:
    """One sequence to train on.

    Attributes:
        prompt_ids: The prompt of its first turn.
        response_ids: All that followed: sampled tokens, and those between them.
        mask: 1 for each sampled token, 0 for the others; as long as `response_ids`.
        logprobs: Log-probabilities of the sampled tokens, 0.0 elsewhere; None if they are not known.
        reward: The episode's reward, the same for all its rows.
        group: Name of the task that was played: the rows to compare with have the same.
        run: Number of the rollout within its group.
        step: The turn with which it starts, from 0.
        starts: Where in `response_ids` the sampled tokens of each turn begin.
    """

    prompt_ids: tuple[int, ...]
    response_ids: tuple[int, ...]
    mask: tuple[int, ...]
    logprobs: tuple[float, ...] | None
    reward: float
    group: str
    run: int
    step: int
    starts: tuple[int, ...]

    def prompts(self) -> list[tuple[int, ...]]:
        """Return the prompt that the model was given in each turn: all tokens before those it sampled.

        >>> TokenRow((1, 2), (3, 4, 5, 6), (1, 0, 1, 1), None, 0.0, "", 0, 0, (0, 2)).prompts()
        [(1, 2), (1, 2, 3, 4)]
        """
        return [self.prompt_ids + self.response_ids[:start] for start in self.starts]


@dataclass(frozen=True)
class EpisodeRows:
    """An episode as an engine trains on it.

    Attributes:
        rows: The rows, in order.
        reward: Sum of the rewards.
        terminated: Whether the episode ended by itself.
        stopped: Whether it was stopped early by the token budget or the limit of turns, and scored as it stood.
        info: The last info: reward components, metrics, counts.
    """

    rows: tuple[TokenRow, ...]
    reward: float
    terminated: bool
    stopped: bool
    info: Mapping[str, Any]


@dataclass
class _Open:
    """A row that still grows; `tokens` is prompt and response together."""

    step: int
    prompt: int
    tokens: list[int]
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] | None = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def takes(self, generation: Generation) -> bool:
        """Whether a turn's prompt repeats this row."""
        return list(generation.prompt_ids[: len(self.tokens)]) == self.tokens

    def add(self, generation: Generation) -> None:
        """Append a turn."""
        between = generation.prompt_ids[len(self.tokens) :]
        self.starts.append(len(self.tokens) + len(between) - self.prompt)
        self.tokens += between + generation.response_ids
        self.mask += [0] * len(between) + [1] * len(generation.response_ids)
        if generation.logprobs is None or self.logprobs is None:
            self.logprobs = None
        else:
            self.logprobs += [0.0] * len(between) + list(generation.logprobs)

    def close(self, reward: float, group: str, run: int) -> TokenRow:
        """Return the row."""
        return TokenRow(
            tuple(self.tokens[: self.prompt]), tuple(self.tokens[self.prompt :]), tuple(self.mask),
            None if self.logprobs is None else tuple(self.logprobs), reward, group, run, self.step, tuple(self.starts),
        )  # fmt: skip


def split(generations: Sequence[Generation], *, reward: float = 0.0, group: str = "", run: int = 0) -> list[TokenRow]:
    """Return the rows of the turns of an episode.

    >>> first, second = Generation("a", (1, 2), (3,)), Generation("b", (1, 2, 3, 4), (5, 6))
    >>> [(row.response_ids, row.mask) for row in split([first, second, Generation("c", (1, 9), (7,))])]
    [((3, 4, 5, 6), (1, 0, 1, 1)), ((7,), (1,))]
    """
    rows: list[_Open] = []
    for step, generation in enumerate(generations):
        if not rows or not rows[-1].takes(generation):
            rows.append(_Open(step, len(generation.prompt_ids), list(generation.prompt_ids)))
        rows[-1].add(generation)
    return [row.close(reward, group, run) for row in rows]


class RowEpisode:
    """An episode that an engine plays with its own loop: ask with `messages` and `tools`, then `take` the answer.

    Args:
        env: An environment of the suite; it is reset here.
        seed: Seed of the episode; equal seeds give equal episodes.
        task: Id or index of the task; None lets the seed draw it.
        run: Number of the rollout within its group.
        max_tokens: Tokens of a prompt with its answer from which on the episode is stopped; None for no limit.
        max_turns: Turns after which it is stopped; None for no limit.

    Example:
        >>> import agemem_env
        >>> env = gym.make("AgeMem-HotpotQA-v0", source="generated")
        >>> episode = RowEpisode(env, seed=7)
        >>> while not episode.over:
        ...     episode.take(Generation("Noted.", (1, 2), (3,), (-0.5,)))
        >>> len(episode.result().rows) > 1
        True
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        *,
        seed: int | None = None,
        task: str | int | None = None,
        run: int = 0,
        max_tokens: int | None = None,
        max_turns: int | None = None,
    ) -> None:
        self._env, self._core = env, cast(AgeMemEnv, env.unwrapped)
        self._run, self._max_tokens, self._max_turns = run, max_tokens, max_turns
        self._generations: list[Generation] = []
        self._reward, self._terminated, self._stopped, self.over = 0.0, False, False, False
        self._observation, self._info = env.reset(seed=seed, options=None if task is None else {"task": task})

    @property
    def observation(self) -> Mapping[str, Any]:
        """The observation now."""
        return cast(Mapping[str, Any], self._observation)

    @property
    def stage(self) -> int:
        """The stage that the next turn belongs to."""
        return int(self._observation["stage"])

    @property
    def messages(self) -> Messages:
        """The prompt's messages now."""
        return cast(Messages, self._observation["messages"])

    @property
    def tools(self) -> Sequence[Mapping[str, Any]]:
        """The function schemas of the tools."""
        return cast(Sequence[Mapping[str, Any]], cast(Any, self._env.action_space).tools())

    def take(self, generation: Generation) -> None:
        """Take the model's turn, and stop the episode if it has reached a limit."""
        self._generations.append(generation)
        self._note(self._env.step(generation.reply))
        if not self.over and self._at_limit(generation):
            self.stop()

    def stop(self) -> None:
        """End the episode as it stands, scored once, as truncated."""
        self._note(self._core.finish())
        self._stopped = True

    def result(self) -> EpisodeRows:
        """Return the rows.

        Raises:
            ConfigurationError: If the episode is not over.
        """
        if not self.over:
            raise ConfigurationError("the episode is not over; play on, or call stop() to score it as it stands")
        rows = split(self._generations, reward=self._reward, group=self._core.task.id, run=self._run)
        return EpisodeRows(tuple(rows), self._reward, self._terminated, self._stopped, self._info)

    def _note(self, outcome: tuple[Any, Any, bool, bool, dict[str, Any]]) -> None:
        self._observation, reward, self._terminated, truncated, self._info = outcome
        self._reward += float(reward)
        self.over = self._terminated or truncated

    def _at_limit(self, generation: Generation) -> bool:
        size = len(generation.prompt_ids) + len(generation.response_ids)
        full = self._max_tokens is not None and size >= self._max_tokens
        return full or (self._max_turns is not None and len(self._generations) >= self._max_turns)


def play_rows(env: gym.Env[Any, Any], generate: Generate, **options: Any) -> EpisodeRows:
    """Play one episode and return its rows; the options are those of `RowEpisode`."""
    episode = RowEpisode(env, **options)
    while not episode.over:
        episode.take(generate(episode.messages, episode.tools))
    return episode.result()


async def play_rows_async(env: gym.Env[Any, Any], generate: AsyncGenerate, **options: Any) -> EpisodeRows:
    """Play one episode while others are played too, and return its rows; the options are those of `RowEpisode`."""
    episode = RowEpisode(env, **options)
    while not episode.over:
        episode.take(await generate(episode.messages, episode.tools))
    return episode.result()
