"""Whoever asks a service can be copied and pickled, with options and with a cassette."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.services.cassette.cassette import Cassette
from agemem_env.services.chat import ChatRequest
from agemem_env.services.encoders import OpenAIEncoder
from agemem_env.services.judges import OpenAIJudge
from agemem_env.services.openai.client import OpenAIModel
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.summarizers import OpenAISummarizer
from agemem_env.services.tokens import make_token_counter
from benchmarks.speed.fake_server import OpenAIServer
from tests.openai_server import KEY, server

__all__ = ["server"]

HI = ChatRequest([{"role": "user", "content": "Hi"}])
USES: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "policy": (lambda **o: OpenAIModel("m", OpenAIOptions(**o)), lambda s: s.chat(HI).text),
    "judge": (lambda **o: OpenAIJudge("m", **o), lambda s: s.answer("q", "a", "b")),
    "summarizer": (lambda **o: OpenAISummarizer("m", make_token_counter(), **o), lambda s: s.summarize(["text"], 9)),
    "encoder": (lambda **o: OpenAIEncoder("m", **o), lambda s: s.encode(["a"]).tolist()),
}


@pytest.mark.parametrize("who", USES)
@pytest.mark.parametrize("taped", [False, True])
def test_a_copy_asks_as_the_original_does(who: str, taped: bool, server: OpenAIServer, tmp_path: Path) -> None:
    make, use = USES[who]
    server.speak = lambda messages, tools: "0.5"
    options = {"cassette": Cassette(tmp_path / "tape.jsonl", "record")} if taped else {}
    original = make(extra_body={"x": 1}, **options)
    first = use(original)
    pickled = pickle.dumps(original)
    assert KEY.encode() not in pickled
    for twin in (copy.deepcopy(original), pickle.loads(pickled)):
        assert use(twin) == first
    assert [request["x"] for request in server.requests] == [1] * 3


def test_an_environment_with_services_can_be_copied(server: OpenAIServer) -> None:
    services = {"judge": OpenAIJudge("m", temperature=1), "encoder": "openai:m", "summarizer": "openai:m"}
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", **services).unwrapped
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    action = {"name": "Add_memory", "arguments": {"content": "a note"}}
    assert str(twin.step(action)) == str(env.step(action))
