"""The loopback server in its strict mode, and models that write every dialect at random against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from openai import BadRequestError, OpenAI

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.actions.dialects import DIALECTS
from agemem_env.engines import ENGINES
from agemem_env.errors import MissingExtraError
from baselines import make, rollout
from benchmarks.speed.fake_server import OpenAIServer
from tests.agemem_env.actions.dialects.test_dialects import FORMS
from tests.openai_server import KEY, server

__all__ = ["server"]

SYSTEM, USER = {"role": "system", "content": "a"}, {"role": "user", "content": "b"}
TOOLS: Any = [{"type": "function", "function": {"name": "act", "parameters": {"type": "object"}}}]


def client(server: OpenAIServer) -> OpenAI:
    return OpenAI(api_key=KEY, base_url=server.url, max_retries=0, timeout=5)


def test_refuses_what_the_strictest_api_refuses(server: OpenAIServer) -> None:
    asked: Any = [SYSTEM, USER, USER]
    assert client(server).chat.completions.create(model="m", messages=asked)
    server.strict = True
    with pytest.raises(BadRequestError, match="message 2 has role user directly after user"):
        client(server).chat.completions.create(model="m", messages=asked)
    call = {"id": "a", "type": "function", "function": {"name": "functions.act", "arguments": "{}"}}
    calling: Any = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer: Any = {"role": "tool", "tool_call_id": "a", "content": "c"}
    with pytest.raises(BadRequestError, match=r"with the name 'functions\.act'"):
        client(server).chat.completions.create(model="m", messages=[*asked[:2], calling, answer], tools=TOOLS)


CALLS = [
    ("Add_memory", {"content": "mug 2"}),
    ("Retrieve_memory", {"query": "mug"}),
    ("Filter_context", {"criteria": "mug"}),
    ("Summary_context", {"span": "all"}),
    ("act", {"command": "look"}),
    ("answer", {"text": "x"}),
]
TEXTS = [*FORMS.values(), *((dialect.example, dialect.near_miss) for dialect in DIALECTS)]
NAMES = ["{}", "functions.{}", "{}:0", "{}<|channel|>commentary", "multi_tool_use.parallel", " {} ", "東京", "{}" * 20]


class Babel:
    """Says anything in any dialect, valid or not."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def __call__(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Any:
        pick = self.rng.integers
        if pick(6) == 0:
            return ["Noted.", "", "<think>x</think>Noted.", "go<|im_end|>", "I will not."][pick(5)]
        if pick(2):
            return TEXTS[pick(len(TEXTS))][int(pick(4) == 0)]
        name, arguments = CALLS[pick(len(CALLS) if pick(4) == 0 else 4)]
        text = json.dumps(arguments)
        odd = [
            f'{{"content": "x", {text[1:]}',
            '{"content": 1e999}',
            '{"content": "\\ud83d"}',
            f"{text}{text}",
            "[]",
            "",
        ]
        text = [text, json.dumps(text), text + "}", text[:-1], f"```json\n{text}\n```", "null", *odd][
            pick(6 + len(odd))
        ]
        function = {"name": NAMES[pick(len(NAMES))].replace("{}", name), "arguments": text}
        call = {
            "id": ["call_1", "functions.x:0", f"id{pick(10**6)}"][pick(3)],
            "type": "function",
            "function": function,
        }
        return {"role": "assistant", "content": [None, "Sure."][pick(2)], "tool_calls": [call] * int(pick(1, 3))}


@pytest.mark.parametrize("tool_format", ["native", "tags"])
@pytest.mark.parametrize(
    ("name", "episodes"),
    [("HotpotQA", 2), ("PDDL", 2), *(pytest.param(name, 6, marks=pytest.mark.slow) for name in ENGINES)],
)
def test_a_model_that_writes_every_dialect_is_never_refused(
    name: str, episodes: int, tool_format: Any, server: OpenAIServer
) -> None:
    server.strict, server.speak = True, Babel()
    policy = make("openai:m", tool_format=tool_format)
    try:
        env = gym.make(f"AgeMem-{name}-v0", source="generated", max_tokens=2500, **policy.env_kwargs)
    except MissingExtraError as error:
        pytest.skip(str(error))
    results = [rollout(env, policy, seed=seed) for seed in range(episodes)]
    env.close()
    assert all(result.info["metrics"] for result in results)
    assert sum(result.info["errors"].get("malformed_call", 0) for result in results)
