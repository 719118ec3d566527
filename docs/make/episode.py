"""Write the episode of ``docs/concepts.md`` as the environment plays it: ``python docs/make/episode.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym

from baselines import make
from baselines.base import Policy

PAGE = Path(__file__).parent.parent / "concepts.md"
START, END = "<!-- episode: python docs/make/episode.py -->\n", "<!-- end -->"
SEED = 4
LONGEST = 400


def episode() -> str:
    """Return the episode as Markdown."""
    env = gym.make("agemem_env:AgeMem-HotpotQA-v0", source="generated")
    observation, info = env.reset(seed=SEED)
    policy = make("expert", env)
    policy.reset(info)
    lines = ["**System message**", "", *_quoted(observation["messages"][0]["content"]), ""]
    turn, shown, over = 0, 1, False
    while not over:
        messages = observation["messages"]
        if info["context_rewritten"]:
            shown = next(index for index, message in enumerate(messages) if message["role"] != "system")
        turn += 1
        stage = info["stage"]
        new = [message for message in messages[shown:] if message["role"] != "assistant"]
        lines += [f"**Turn {turn}, stage {stage}** · {info['tokens']:,} tokens in the prompt", ""]
        for message in new:
            lines += _quoted(message["content"], "the tool answers: " if message["role"] == "tool" else "")
            lines += [""]
        shown = len(messages)
        observation, over, info, sent = _play(env, policy, observation, info)
        lines += [f"The agent: {sent}", ""]
    return "\n".join([*lines, *_reward(info)])


def _play(env: gym.Env[Any, Any], policy: Policy, observation: Any, info: Any) -> tuple[Any, bool, Any, str]:
    action = policy.act(observation, info)
    observation, _, terminated, truncated, info = env.step(action)
    if isinstance(action, str):
        return observation, terminated or truncated, info, action
    calls = action if isinstance(action, list) else [action]
    written = [f"`{call.name}` {_arguments(call.arguments)}" for call in calls]
    return observation, terminated or truncated, info, ", then ".join(written)


def _arguments(arguments: Any) -> str:
    return ", ".join(f"*{name}* “{_short(str(value))}”" for name, value in arguments.items())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _quoted(text: str, before: str = "") -> list[str]:
    lines = (before + text).split("\n")
    pairs = zip(lines, [*lines[1:], ""], strict=True)
    return [
        f"> {_escaped(line)}<br>" if line and following else f"> {_escaped(line)}".rstrip() for line, following in pairs
    ]


def _escaped(line: str) -> str:
    return f"\\{line}" if line.startswith("- ") else line


def _reward(info: Any) -> list[str]:
    scores = info["reward_components"].items()
    return [
        "**The reward** is the weighted sum of the components, of which each is the mean of its parts:",
        "",
        "| component or part | score |",
        "|---|---|",
        *(f"| {part} | {'–' if score is None else f'{score:.2f}'} |" for part, score in scores),
        "",
    ]


def written(page: str) -> str:
    """Return a page with the episode of today between its marks."""
    before, _, rest = page.partition(START)
    return f"{before}{START}\n{episode()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
