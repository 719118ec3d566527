"""A loopback server that speaks as much of the OpenAI protocol as the services use, with scripted replies."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from openai import OpenAI

KEY = "sk-test-do-not-show"


@dataclass(frozen=True)
class Reply:
    """One scripted reply; the body is sent as it is."""

    body: str
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def failure(status: int, message: str) -> Reply:
    return Reply(json.dumps({"error": {"message": message, "type": "error"}}), status, headers={"retry-after-ms": "1"})


def chat_reply(content: str | None) -> Reply:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    body = {"id": "chat", "object": "chat.completion", "created": 0, "model": "fake", "choices": [choice]}
    return Reply(json.dumps(body))


def embeddings_reply(texts: list[str], dim: int = 8) -> Reply:
    """Return embeddings that depend on the text, in reverse order, so that the index matters."""
    rows = [[float(zlib.crc32(f"{i}{text}".encode()) % 97 - 48) for i in range(dim)] for text in texts]
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    return Reply(json.dumps({"object": "list", "model": "fake", "data": data[::-1]}))


class FakeOpenAI:
    """Counts requests and answers them from a script; after the script: embeddings, or the text "ok"."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self.script: list[Reply] = []

    def say(self, *contents: str | None) -> None:
        self.script += [chat_reply(content) for content in contents]

    def client(self, **options: Any) -> OpenAI:
        return OpenAI(api_key=KEY, base_url=self.url, max_retries=0, timeout=5, **options)

    def answer(self, path: str, body: dict[str, Any]) -> Reply:
        self.requests.append({"path": path, **body})
        if self.script:
            return self.script.pop(0)
        return embeddings_reply(body["input"]) if path.endswith("/embeddings") else chat_reply("ok")


@pytest.fixture
def fake_openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    """Run the server for one test and point the SDK's environment variables at it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = fake.answer(self.path, body)
            payload = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Type": reply.content_type}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeOpenAI(f"http://127.0.0.1:{server.server_address[1]}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()
