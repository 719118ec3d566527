"""The fixture `server`: an `OpenAIServer` for one test, which the SDK's environment variables point at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openai import OpenAI

from benchmarks.speed.fake_server import Fault, OpenAIServer, failure

KEY = "sk-test-do-not-show"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


def client(server: OpenAIServer) -> OpenAI:
    return OpenAI(api_key=KEY, base_url=server.url, max_retries=0, timeout=5)


def brief_failure(status: int, message: str) -> Fault:
    """Return an error after which a client may try again at once."""
    return failure(status, message, retry_after_ms="1")
