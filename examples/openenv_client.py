"""Play over a socket with OpenEnv: python examples/openenv_client.py http://127.0.0.1:8000 [seed].

Needs `pip install '.[openenv]'` and a server, in another terminal:
`python -m baselines.integrations.openenv --env-id AgeMem-HotpotQA-v0 --port 8000`. Prints the names of the tools and
the reward of an episode in which every message is stored and nothing is known at the end.
"""

from __future__ import annotations

import sys

from baselines.integrations.openenv import AgeMemAction, AgeMemClient


def main(url: str, seed: int = 0) -> float:
    """Play one episode over the socket and return its reward."""
    with AgeMemClient(base_url=url).sync() as client:
        result = client.reset(seed=seed)
        print("tools:", ", ".join(tool["function"]["name"] for tool in result.observation.tools))
        while not result.done:
            told = result.observation.messages[-1]["content"]
            turn = {"name": "Add_memory", "arguments": {"content": told}}
            if result.observation.stage == 3:
                turn = {"name": "answer", "arguments": {"text": "unknown"}}
            result = client.step(AgeMemAction(turn=turn))
    print(f"reward {result.reward:.2f} after {result.observation.round} turns")
    return float(result.reward)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
