"""The server that anybody may start to try things out."""

from __future__ import annotations

import pytest

from agemem_env.errors import ServiceError
from agemem_env.services.openai.client import OpenAIModel, OpenAIOptions
from baselines.llm.preflight import preflight
from benchmarks.speed.fake_server import OpenAIServer, obliging


@pytest.mark.parametrize("tool_format", ["native", "tags"])
def test_passes_the_check_before_a_run(tool_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    with OpenAIServer(obliging("Noted.")) as server:
        preflight(OpenAIModel("m", OpenAIOptions(base_url=server.url)), tool_format)  # type: ignore[arg-type]


def test_a_server_that_only_talks_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    with OpenAIServer(lambda messages, tools: "Noted.") as server, pytest.raises(ServiceError, match="called none"):
        preflight(OpenAIModel("m", OpenAIOptions(base_url=server.url)))
