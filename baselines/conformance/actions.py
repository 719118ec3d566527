"""However a call is written, the episode is the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from agemem_env.text.paper_format import render_answer, render_calls
from agemem_env.types import ToolCall
from baselines import make as make_policy
from baselines import rollout
from baselines.base import Info, Observation, Policy
from baselines.conformance.common import Make, same


def tool_formats_give_the_same_episode(make: Make) -> None:
    """Both tool formats give the same episode."""
    results = {}
    for tool_format in ("native", "tags"):
        env = make(tool_format=tool_format)
        info = rollout(env, make_policy("expert", env), seed=6).info
        # Where a message's parts begin depends on how it is written.
        results[tool_format] = {key: value for key, value in info.items() if key != "origins"}
    same(results["native"], results["tags"], "infos in the two tool formats")


def dialects_give_the_same_episode(make: Make) -> None:
    """Calls as objects, dicts, the paper's tags, Hermes' tags and OpenAI messages give the same episode."""
    for history in ("canonical", "verbatim"):
        results = {}
        for dialect, speak in DIALECTS.items():
            env = make(history=history)
            info = rollout(env, Speaker(make_policy("expert", env), speak), seed=8).info
            # What was sent may be kept as it was, in other words; what was done is the same.
            told = set(info) - {"context_rewritten"} if history == "canonical" else DONE
            results[dialect] = {key: info[key] for key in sorted(told) if key in info}
        for dialect, done in results.items():
            same(done, results["object"], f"infos of the expert speaking {dialect!r} and 'object', {history}")


DONE = {"stage", "source", "task_id", "success", "progress", "tool_calls", "errors", "overflow", "admissible_commands"}
"""What is equal in whatever words an agent calls."""


def _hermes(calls: list[ToolCall]) -> str:
    if [c.name for c in calls] == ["answer"]:
        return f"<think>Done.</think>{render_answer(calls[0].arguments['text'])}"
    return "\n".join(f"<tool_call>\n{json.dumps(c.to_dict(), ensure_ascii=False)}\n</tool_call>" for c in calls)


def _openai(calls: list[ToolCall]) -> dict[str, Any]:
    listed = [
        {"id": f"x{i}", "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
        for i, c in enumerate(calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": listed}


DIALECTS: Mapping[str, Callable[[list[ToolCall]], Any]] = {
    "object": lambda calls: calls,
    "dict": lambda calls: [call.to_dict() for call in calls],
    "paper": lambda calls: f"<think>Let me see.</think>{render_calls(calls)}",
    "hermes": _hermes,
    "openai": _openai,
}
"""Name -> how it writes calls."""


class Speaker(Policy):
    """Lets a policy speak a dialect.

    Args:
        inner: The policy.
        speak: Writes its calls.
    """

    def __init__(self, inner: Policy, speak: Callable[[list[ToolCall]], Any]) -> None:
        self.name = inner.name
        self._inner, self._speak = inner, speak

    def reset(self, info: Info) -> None:
        """Prepare the policy."""
        self._inner.reset(info)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the policy's action in the dialect."""
        action = self._inner.act(observation, info)
        if isinstance(action, str):
            return action
        return self._speak([action] if isinstance(action, ToolCall) else action)
