"""A local server of the page: the list of a run's episodes at once, each episode when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from agemem_env.errors import AgeMemError, ConfigurationError
from benchmarks.viewer.page import as_json, page

HOST = "127.0.0.1"

Answer = tuple[HTTPStatus, bytes, str]
"""Status, body and kind of content."""


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
    names = frozenset(str(summary["key"]) for summary in summaries)
    site = _Site(page(title, summaries).encode(), names, episode)
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Handler, site))
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"port {port} of {HOST} cannot be used ({error}); choose another, or 0 for a free one"
        ) from error


@dataclass(frozen=True)
class _Site:
    """What there is to be had: the page, and the episodes of these names."""

    front: bytes
    names: frozenset[str]
    episode: Callable[[str], Mapping[str, Any]]

    def at(self, path: str) -> Answer:
        """Return what a request for a path is answered."""
        if path == "/":
            return HTTPStatus.OK, self.front, "text/html; charset=utf-8"
        name = unquote(path.removeprefix("/episode/"))
        if not path.startswith("/episode/") or name not in self.names:
            return HTTPStatus.NOT_FOUND, b"not found", "text/plain"
        try:
            return HTTPStatus.OK, as_json(self.episode(name)).encode(), "application/json"
        except (AgeMemError, OSError) as error:
            return HTTPStatus.INTERNAL_SERVER_ERROR, str(error).encode(), "text/plain; charset=utf-8"


class _Handler(BaseHTTPRequestHandler):
    """Answers GET requests that were sent to this machine by its own name."""

    def __init__(self, site: _Site, *connection: Any) -> None:
        self._site = site
        super().__init__(*connection)  # answers the request

    def do_GET(self) -> None:
        """Answer a request."""
        if self.headers.get("Host", "").rsplit(":", 1)[0].lower() in (HOST, "localhost"):
            status, body, kind = self._site.at(self.path.partition("?")[0])
        else:
            # A page from elsewhere whose name was made to point here may not read the run.
            status, body, kind = HTTPStatus.FORBIDDEN, b"this server answers to its own address only", "text/plain"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""
