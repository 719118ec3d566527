"""A language model plays, with nothing but the openai package: python examples/language_model.py gpt-4o-mini [seed].

Needs OPENAI_API_KEY, and OPENAI_BASE_URL for a server of your own. Prints each turn's stage and the tools that the
model called, then the scores. `baselines.make("openai:<model>")` does the same and retries, counts costs and records.
"""

from __future__ import annotations

import sys

import gymnasium as gym
from openai import OpenAI

import agemem_env  # noqa: F401 - registers the environments


def main(model: str, seed: int = 0) -> dict[str, float]:
    """Play one episode and return its metrics."""
    client = OpenAI()
    env = gym.make("AgeMem-HotpotQA-v0", source="generated")
    observation, info = env.reset(seed=seed)
    over, total = False, 0.0
    while not over:
        reply = client.chat.completions.create(
            model=model,
            messages=observation["messages"],  # the whole prompt: it replaces the one before
            tools=env.action_space.tools(),
        )
        calls = reply.choices[0].message.tool_calls or ()
        print(f"stage {observation['stage']}:", ", ".join(call.function.name for call in calls) or "text")
        observation, reward, terminated, truncated, info = env.step(reply)
        over, total = terminated or truncated, total + float(reward)
    print(f"reward {total:.2f}, answer judged {info['metrics']['J']:.2f}, mistakes {sum(info['errors'].values())}")
    return info["metrics"]


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
