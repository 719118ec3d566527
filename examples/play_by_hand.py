"""Play an episode of HotpotQA yourself: python examples/play_by_hand.py [seed].

Prints each message as a model would see it and asks for your turn: plain text, `add <text>`, `look <text>` or
`answer <text>`. At the end it prints the reward and its parts. `agemem chat` does the same with all tools.
"""

from __future__ import annotations

import sys

import gymnasium as gym

import agemem_env  # noqa: F401 - registers the environments

TOOLS = {"add": ("Add_memory", "content"), "look": ("Retrieve_memory", "query"), "answer": ("answer", "text")}


def main(seed: int = 0) -> None:
    """Play the episode of a seed."""
    env = gym.make("AgeMem-HotpotQA-v0", source="generated")
    observation, info = env.reset(seed=seed)
    over, total, shown = False, 0.0, []
    while not over:
        for message in observation["messages"]:
            if message not in shown and message["role"] != "assistant":
                print(f"\n[{message['role']}] {message['content']}")
        shown = list(observation["messages"])
        word, _, text = input(f"\nstage {observation['stage']}, {observation['memory_size']} memories > ").partition(
            " "
        )
        name, argument = TOOLS.get(word, ("", ""))
        turn = {"name": name, "arguments": {argument: text}} if name else f"{word} {text}"
        observation, reward, terminated, truncated, info = env.step(turn)
        over, total = terminated or truncated, total + float(reward)
    parts = {part: round(score, 2) for part, score in info["reward_components"].items() if score is not None}
    print(f"\nreward {total:.2f}, of which {parts}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
