"""The fixture `server`: an `OpenAIServer` for one test, which the SDK's environment variables point at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.speed.fake_server import OpenAIServer

KEY = "sk-test-do-not-show"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running
