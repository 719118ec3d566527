"""A person plays an episode in the terminal and sees what a model is given: the prompt, and nothing else of the task.

The person is a policy like any other; `baselines.rollout` plays it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import gymnasium as gym
from rich import box
from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agemem_env.env import AgeMemEnv
from agemem_env.spaces import ToolCallSpace
from baselines.base import Info, Observation, Policy
from baselines.rollout import EpisodeResult, rollout
from benchmarks.chat.input import LOCAL, ChatCompleter, ShortForm, WrongInputError, read_line, short_forms

Reader = Callable[[], str]
"""Returns the next line without its end; raises EOFError when there is none."""

STAGES: Mapping[int, str] = {
    1: "stage 1: somebody tells you things; keep what may matter later",
    2: "stage 2: other talk, which you will not be asked about",
    3: "stage 3: the task",
}

_WIDE = 60
"""Columns from which a terminal is wide enough for a bar, and for descriptions beside what they describe."""

_TITLES = {"system": "instructions", "user": "message", "assistant": "you", "tool": "result"}
_COLOURS = {"system": "dim", "user": "cyan", "assistant": "green", "tool": "yellow"}


class Leave(Exception):
    """The person has had enough."""


class Person(Policy):
    """Asks a person for each action.

    Args:
        read: Where lines come from.
        console: Where the episode is shown.
    """

    name = "person"

    def __init__(self, read: Reader | None, console: Console) -> None:
        self._read = read
        self._console = console
        self._shown: list[Mapping[str, Any]] = []
        self._stage = 0
        self._memories: list[tuple[str, str]] = []

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take over the tools and the budget of an environment."""
        self._env = cast(AgeMemEnv, env.unwrapped)
        self._forms = short_forms(cast(ToolCallSpace, env.action_space).box)
        self._read_line = self._read or _terminal(self._completer())

    def act(self, observation: Observation, info: Info) -> Any:
        """Show what is new, and return what the person says.

        Raises:
            Leave: If the person leaves.
        """
        self.show(observation)
        self._status(observation)
        while True:
            try:
                line = self._read_line()
            except EOFError:
                raise Leave from None
            if line.strip()[:1] == "/" and line.strip()[1:] in LOCAL:
                self._local(line.strip()[1:], observation)
                continue
            try:
                return read_line(line, self._forms)
            except WrongInputError as error:
                self._console.print(Text(str(error), "red"))

    def show(self, observation: Observation) -> None:
        """Print the messages that were not printed yet; all of them if the context was changed."""
        messages: Sequence[Mapping[str, Any]] = observation["messages"]
        if observation["stage"] != self._stage:
            self._stage = observation["stage"]
            self._console.rule(Text(STAGES[self._stage], "bold"))
        kept = len(self._shown)
        if list(messages[:kept]) != self._shown:
            self._console.print(Text("The context was changed. It holds the instructions and:", "magenta"))
            kept = 1
        for message in messages[kept:]:
            self._console.print(_panel(message))
        self._shown = list(messages)

    def _status(self, observation: Observation) -> None:
        """Print the context bar, and memory if it has changed."""
        entries = self._entries()
        if entries != self._memories:
            self._memories = entries
            self._console.print(_memory_table(entries))
        used, budget = observation["tokens"], self._env.config.max_tokens
        size = observation["memory_size"]
        parts: list[RenderableType] = [
            Text(f"round {observation['round'] + 1}"),
            Text(f"{used:,}/{budget:,} tokens"),
            Text(f"{size} memor{'y' if size == 1 else 'ies'}"),
        ]
        if self._console.width >= _WIDE:
            parts.insert(
                1, Bar(budget, 0, min(used, budget), width=24, color="red" if used > 0.9 * budget else "green")
            )
        line = Table.grid(padding=(0, 1))
        line.add_row(*parts)
        self._console.print(line)

    def _local(self, name: str, observation: Observation) -> None:
        if name == "quit":
            raise Leave
        if name == "memory":
            self._console.print(_memory_table(self._entries()))
        elif name == "messages":
            for message in observation["messages"]:
                self._console.print(_panel(message))
        else:
            self._console.print(_help(self._forms.values(), beside=self._console.width >= _WIDE))

    def _entries(self) -> list[tuple[str, str]]:
        return [(entry.id, entry.content) for entry in self._env.memory]

    def _completer(self) -> ChatCompleter:
        return ChatCompleter(self._forms, self._entries, self._env.admissible_commands)


def chat(
    env: gym.Env[Any, Any],
    console: Console,
    read: Reader | None = None,
    *,
    seed: int | None = None,
    task: str | int | None = None,
) -> EpisodeResult | None:
    """Let a person play one episode.

    Args:
        env: An environment of the suite.
        console: Where the episode is shown.
        read: Where lines come from; None means the terminal, with completion, or standard input.
        seed: Seed of the episode.
        task: Id or index of the task; None lets the seed draw it.

    Returns:
        What came of it; None if the person left.
    """
    person = Person(read, console)

    def watch(action: Any, observation: dict[str, Any], reward: float, info: dict[str, Any]) -> None:
        if "metrics" in info:
            person.show(observation)

    console.print("Type what a model would say, or /help.", highlight=False)
    try:
        result = rollout(env, person, seed=seed, task=task, spectator=watch)
    except (Leave, KeyboardInterrupt):
        console.print("You left the episode; nothing was scored.", highlight=False)
        return None
    console.print(_outcome(result))
    return result


def _terminal(completer: ChatCompleter) -> Reader:
    """Return a reader of the terminal, with completion; of standard input if that is no terminal."""
    if not sys.stdin.isatty():
        return input
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession("> ", completer=completer)
    return session.prompt


def _panel(message: Mapping[str, Any]) -> RenderableType:
    role = message["role"]
    lines = [message["content"] or ""]
    lines += [f"{call['function']['name']} {call['function']['arguments']}" for call in message.get("tool_calls", ())]
    body = Text("\n".join(line for line in lines if line))  # not markup: brackets in it mean nothing
    return Panel(body, title=_TITLES[role], title_align="left", border_style=_COLOURS[role], box=box.ROUNDED)


def _memory_table(entries: Sequence[tuple[str, str]]) -> RenderableType:
    if not entries:
        return Text("Long-term memory is empty.", "dim")
    table = Table("id", "content", title="long-term memory", title_justify="left", box=box.SIMPLE_HEAD)
    for entry_id, content in entries:
        table.add_row(Text(entry_id), Text(content))
    return table


def _help(forms: Iterable[ShortForm], *, beside: bool) -> RenderableType:
    """Return what can be typed; descriptions stand beside it or below it."""
    table = Table.grid(padding=(0, 2))
    rows = [(form.usage, form.description) for form in forms] + [(f"/{name}", about) for name, about in LOCAL.items()]
    for usage, about in rows:
        cells = (Text(usage, "bold"), Text(about) if beside else Padding(about, (0, 0, 0, 2)))
        if beside:
            table.add_row(*cells)
        else:
            for cell in cells:
                table.add_row(cell)
    text = "Anything else is taken as a model's words: a reply, a command in stage 3, or calls in the paper's tags."
    return Group(table, Text(text))


def _outcome(result: EpisodeResult) -> RenderableType:
    """Return the end of an episode: reward, its components and the metrics."""
    table = Table("score", "value", box=box.SIMPLE_HEAD, title="the end", title_justify="left")
    values = {"reward": result.reward, **result.info["reward_components"], **result.info["metrics"]}
    for name, value in values.items():
        indent = "  " if "/" in name else ""
        shown = "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
        table.add_row(Text(indent + name.rpartition("/")[2]), Text(shown, justify="right"))
    verdict = "solved" if result.info["success"] else "not solved"
    return Group(Text(f"The task is {verdict}; progress {result.info['progress']:.0%}.", "bold"), table)
