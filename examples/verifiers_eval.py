"""Evaluate a model with verifiers: python examples/verifiers_eval.py gpt-4o-mini http://localhost:8000/v1.

Needs `pip install '.[verifiers]'` and the key in OPENAI_API_KEY. Prints the command and then what `vf-eval`
prints: two tasks, two rollouts of each, with reward and parts of the reward.
"""

from __future__ import annotations

import subprocess
import sys


def command(model: str, url: str) -> list[str]:
    """Return the command that evaluates a model at a server."""
    return [
        *("vf-eval", "agemem", "-n", "2", "-r", "2", "-m", model, "--no-push"),
        *("--client.base-url", url, "--client.api-key-var", "OPENAI_API_KEY"),
        *("--env.agent.runtime.type", "subprocess", "--env.taskset.env-id", "AgeMem-HotpotQA-v0"),
    ]


if __name__ == "__main__":
    words = command(*sys.argv[1:3])
    print(" ".join(words), flush=True)
    sys.exit(subprocess.run(words, check=False).returncode)
