"""A local server of the page: the list of a run's episodes at once, each episode when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from agemem_env.errors import AgeMemError, ConfigurationError
from benchmarks.viewer.page import as_json, page

HOST = "127.0.0.1"


def serve(
    title: str, summaries: Sequence[Mapping[str, Any]], episode: Callable[[str], Mapping[str, Any]], port: int
) -> ThreadingHTTPServer:
    """Return a server on this machine alone; `serve_forever` runs it.

    Args:
        title: What was played.
        summaries: The list of episodes.
        episode: Returns the episode of a name in the list, as `benchmarks.viewer.summaries.episode` does.
        port: Port to listen on; 0 takes a free one.

    Raises:
        ConfigurationError: If the port cannot be had.
    """
    front = page(title, summaries).encode()
    names = {summary["key"] for summary in summaries}

    class Handler(BaseHTTPRequestHandler):
        """Answers GET requests for the page and for episodes."""

        def do_GET(self) -> None:
            """Answer a request."""
            path = self.path.partition("?")[0]
            if self.headers.get("Host", "").rsplit(":", 1)[0].lower() not in (HOST, "localhost"):
                # A page from elsewhere whose name was made to point here may not read the run.
                self._send(HTTPStatus.FORBIDDEN, b"this server answers to its own address only", "text/plain")
            elif path == "/":
                self._send(HTTPStatus.OK, front, "text/html; charset=utf-8")
            elif path.startswith("/episode/") and (name := unquote(path[len("/episode/") :])) in names:
                self._send_episode(name)
            else:
                self._send(HTTPStatus.NOT_FOUND, b"not found", "text/plain")

        def _send_episode(self, name: str) -> None:
            try:
                body = as_json(episode(name)).encode()
            except (AgeMemError, OSError) as error:
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, str(error).encode(), "text/plain; charset=utf-8")
                return
            self._send(HTTPStatus.OK, body, "application/json")

        def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing of requests."""

    try:
        return ThreadingHTTPServer((HOST, port), Handler)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"port {port} of {HOST} cannot be used ({error}); choose another, or 0 for a free one"
        ) from error
