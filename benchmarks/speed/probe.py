"""Time to the first observation, and memory per environment, of a program that makes some environments and waits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.vector.resident import resident_mb
from benchmarks.specs import canonical

_ENV_SCRIPT = """
import json, random, sys
from benchmarks.specs import make_env
envs = []
for number in range(int(sys.argv[1])):
    env = make_env({env_id!r}, json.loads({kwargs!r}), checker=False)
    env.reset(seed=number)
    envs.append(env)
    if not number:
        env.unwrapped.admissible_commands()  # some load their world when they are first asked for something
        print("first", flush=True)
    for _ in range(30):
        commands = env.unwrapped.admissible_commands() or ("Noted.",)
        call = {{"name": "act", "arguments": {{"command": random.choice(commands)}}}}
        _, _, terminated, truncated, _ = env.step(call)
        if terminated or truncated:
            env.reset(seed=number)
print("all", flush=True)
sys.stdin.read()
for env in envs:
    env.close()
"""

_PATIENCE_S = 300.0


@dataclass(frozen=True)
class Probe:
    """What a program needed.

    Attributes:
        first_s: Seconds from its start to the first observation, imports included.
        count: Environments in it.
        mb: Memory of it and its child processes for each of them.
    """

    first_s: float
    count: int
    mb: float


def env_script(env_id: str, kwargs: Mapping[str, Any]) -> str:
    """Return a program that plays environments of the suite in one process, see `StockEngine.script`."""
    return _ENV_SCRIPT.format(env_id=env_id, kwargs=canonical({**kwargs, "stages": [3]}))


def probe(script: str, count: int) -> Probe | None:
    """Run a program, see `StockEngine.script`; None if it fails.

    Args:
        script: The program.
        count: Number of environments.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "probe.py"
        file.write_text(script, encoding="utf-8")
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(file), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(folder),
        )
        with process:
            try:
                return _watched(process, count, start)
            finally:
                if process.poll() is None:
                    process.kill()


def _watched(process: subprocess.Popen[str], count: int, start: float) -> Probe | None:
    assert process.stdout is not None and process.stdin is not None, "they are pipes"
    seen: dict[str, float] = {}
    for line in process.stdout:  # packages may print lines of their own
        seen[line.strip()] = time.perf_counter() - start
        if "all" in seen:
            break
    if "all" not in seen:
        return None
    found = Probe(seen["first"], count, resident_mb(process.pid) / count)
    process.stdin.close()
    process.wait(_PATIENCE_S)
    return found


def _environment(folder: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TMPDIR": folder}
