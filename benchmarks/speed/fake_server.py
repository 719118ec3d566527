"""An OpenAI-compatible server on loopback, for measurements, tests and trying things out.

What it says comes from a callable that is given messages and tools, so a rule-based reader can sit behind it. What
goes wrong comes from a script: `Fault`s and replies that are sent before the callable is asked again.

    with OpenAIServer(lambda messages, tools: "Noted.") as server:
        ...  # OPENAI_BASE_URL=server.url

``python -m benchmarks.speed.fake_server --latency 0.1 --port 8000`` runs it in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from agemem_env.context.validity import problems

Speak = Callable[[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]], "str | Mapping[str, Any]"]
"""Returns the text or the assistant message that answers messages, given tools."""

JSON = "application/json"


@dataclass(frozen=True)
class Fault:
    """One response that is sent as it is, or not at all.

    Attributes:
        body: The body.
        status: HTTP status.
        headers: Further headers.
        content_type: Content type.
        hang: Send nothing, and keep the connection open.
        cut: Close the connection after this many bytes of the response; negative ones count from its end.
    """

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    hang: bool = False
    cut: int | None = None


def failure(status: int, message: str, code: str | None = None, **headers: str) -> Fault:
    """Return an error in OpenAI's form; underscores in names of headers stand for hyphens.

    >>> failure(429, "slow down", retry_after="2").headers
    {'retry-after': '2'}
    """
    body = {"error": {"message": message, "type": "error", "code": code}}
    return Fault(json.dumps(body), status, {name.replace("_", "-"): value for name, value in headers.items()})


def chat_completion(said: str | Mapping[str, Any] | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a reply; usage is estimated as one token per four characters."""
    message = dict(said) if isinstance(said, Mapping) else {"role": "assistant", "content": said}
    reason = message.pop("finish_reason", "tool_calls" if message.get("tool_calls") else "stop")
    prompt = sum(len(str(m.get("content") or "")) for m in body.get("messages", ())) // 4
    completion = len(json.dumps(message)) // 4
    return {
        "id": "chat",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "fake"),
        "choices": [{"index": 0, "finish_reason": reason, "message": message}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }


def embeddings(texts: Sequence[str], dim: int = 8) -> dict[str, Any]:
    """Return embeddings that depend on the text, in reverse order, so that the index matters."""
    rows = [[float(zlib.crc32(f"{i}{text}".encode()) % 97 - 48) for i in range(dim)] for text in texts]
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    usage = {"prompt_tokens": sum(map(len, texts)) // 4, "total_tokens": sum(map(len, texts)) // 4}
    return {"object": "list", "model": "fake", "data": data[::-1], "usage": usage}


def _events(completion: Mapping[str, Any]) -> str:
    """Return a reply as server-sent events: role, text by words, calls in two pieces each, reason, usage."""
    choice = completion["choices"][0]
    message = choice["message"]
    words = str(message.get("content") or "").split(" ")
    deltas: list[dict[str, Any]] = [{"role": "assistant"}]
    deltas += [{"content": word if i == 0 else f" {word}"} for i, word in enumerate(words)]
    for i, call in enumerate(message.get("tool_calls", ())):
        function, arguments = dict(call["function"]), call["function"]["arguments"]
        half = len(arguments) // 2
        first = {**call, "index": i, "function": {**function, "arguments": arguments[:half]}}
        deltas += [{"tool_calls": [first]}, {"tool_calls": [{"index": i, "function": {"arguments": arguments[half:]}}]}]
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    chunks.append({"choices": [], "usage": completion["usage"]})
    lines = [json.dumps({"id": "chat", "object": "chat.completion.chunk", "model": "fake", **c}) for c in chunks]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])


class OpenAIServer:
    """The server, in a thread of its own while it is used as a context manager.

    Args:
        speak: What answers; by default everything is answered with "ok".
        latency: Seconds before each reply.
        port: Port; 0 takes a free one.
        keep: Keep the requests, for tests.
        strict: Answer 400 to messages that the strictest API or template would refuse.

    Attributes:
        requests: Body and path of every POST so far.
        script: Texts, messages and faults that answer the next requests, in order.
        most_at_once: Largest number of requests that waited for their reply at once.
    """

    def __init__(
        self,
        speak: Speak | None = None,
        *,
        latency: float = 0.0,
        port: int = 0,
        keep: bool = True,
        strict: bool = False,
    ) -> None:
        self.speak: Speak = speak or (lambda messages, tools: "ok")
        self.latency = latency
        self.keep = keep
        self.strict = strict
        self.requests: list[dict[str, Any]] = []
        self.most_at_once = 0
        self.waiting = 0
        self.script: list[str | Mapping[str, Any] | Fault | None] = []
        self._port = port
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    def say(self, *said: str | Mapping[str, Any] | Fault | None) -> None:
        """Add to the script."""
        self.script += said

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def serve(self) -> None:
        """Serve in this thread until it is interrupted."""
        self._run()

    def reply(self, path: str, body: Mapping[str, Any]) -> Fault:
        """Return the response to a POST."""
        if self.keep:
            self.requests.append({"path": path, **body})
        scripted: Any = self.script.pop(0) if self.script else self
        if isinstance(scripted, Fault):
            return scripted
        if path.endswith("/embeddings"):
            return Fault(json.dumps(embeddings(body["input"])))
        wrong = problems(body["messages"], "native" if body.get("tools") else "tags") if self.strict else []
        if wrong:
            return failure(400, f"invalid messages: {wrong[0]}", "invalid_request_error")
        said = self.speak(body["messages"], body.get("tools", ())) if scripted is self else scripted
        completion = chat_completion(said, body)
        if body.get("stream"):
            return Fault(_events(completion), content_type="text/event-stream")
        return Fault(json.dumps(completion))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.create_server(lambda: _Connection(self, self._connections), "127.0.0.1", self._port)
        server = self._loop.run_until_complete(listening)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for connection in list(self._connections):
                connection.abort()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other, as clients send them."""

    def __init__(self, server: OpenAIServer, connections: set[asyncio.Transport]) -> None:
        self._server = server
        self._connections = connections
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request, and answer the request once it is whole."""
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        fields = head.decode("latin-1").split("\r\n")
        length = next((int(f[15:]) for f in fields if f.lower().startswith("content-length:")), 0)
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, path, _ = fields[0].split(" ", 2)
        if method == "GET":
            response = Fault(json.dumps({"object": "list", "data": [{"id": "fake", "object": "model"}]}))
        else:
            response = self._server.reply(path, json.loads(rest[:length]))
        self._server.waiting += 1
        self._server.most_at_once = max(self._server.most_at_once, self._server.waiting)
        if self._server.latency:
            asyncio.get_running_loop().call_later(self._server.latency, self._send, response)
        else:
            self._send(response)

    def _send(self, response: Fault) -> None:
        self._server.waiting -= 1
        if response.hang:
            return
        body = response.body.encode()
        head = [f"HTTP/1.1 {response.status} -", f"content-type: {response.content_type}"]
        head += [f"content-length: {len(body)}", *(f"{name}: {value}" for name, value in response.headers.items())]
        whole = "\r\n".join(head).encode() + b"\r\n\r\n" + body
        self._transport.write(whole[: response.cut])
        if response.cut is not None:
            self._transport.close()


def obliging(text: str) -> Speak:
    """Return what calls a function that it is told to call, as before a run, and says one text else.

    >>> tool = {"type": "function", "function": {"name": "ready"}}
    >>> obliging("ok")([{"role": "user", "content": "Call the function ready."}], [tool])["tool_calls"][0]["id"]
    'call_0'
    """

    def speak(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> str | Mapping[str, Any]:
        """Return the text, or the call that the last message asks for."""
        told = str(messages[-1].get("content") if messages else "")
        names = [str(tool["function"]["name"]) for tool in tools]
        name = next((name for name in names if told == f"Call the function {name}."), None)
        if name is None:
            return text
        call = {"id": "call_0", "type": "function", "function": {"name": name, "arguments": "{}"}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}

    return speak


def main() -> None:
    """Run the server until it is interrupted."""
    parser = argparse.ArgumentParser(description="OpenAI-compatible server that answers everything with one text.")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--strict", action="store_true", help="refuse messages that the strictest API would refuse")
    parser.add_argument("--text", default="Noted.", help="what it answers")
    given = parser.parse_args()
    speak = obliging(given.text)
    server = OpenAIServer(speak, latency=given.latency, port=given.port, keep=False, strict=given.strict)
    print(server.url, flush=True)
    server.serve()


if __name__ == "__main__":
    main()
