"""The local server of the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError, DataError
from benchmarks.viewer.server import serve
from benchmarks.viewer.summaries import episode, summary
from tests.benchmarks.viewer.samples import trajectory


def _episode(key: str) -> dict[str, Any]:
    if key == "torn":
        raise DataError("torn.jsonl.zst: not a trajectory")
    found = episode(trajectory(key))
    return {**found, "turns": [{**turn, "action": float("nan")} for turn in found["turns"]]} if key == "nan" else found


@pytest.fixture
def port() -> Iterator[int]:
    summaries = [summary(trajectory(key)) for key in ("a/1 é", "torn", "nan")]
    server = serve("runs/x", summaries, _episode, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def _get(port: int, path: str, host: str | None = None) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
    response = connection.getresponse()
    found = response.status, response.read().decode()
    connection.close()
    return found


def test_it_serves_the_page_and_its_episodes(port: int) -> None:
    status, front = _get(port, "/")
    assert status == 200 and "runs/x" in front
    status, body = _get(port, "/episode/a%2F1%20%C3%A9")
    assert status == 200 and json.loads(body)["summary"]["key"] == "a/1 é"


@pytest.mark.parametrize("path", ["/episode/b2", "/episode/..%2F..%2Fetc%2Fpasswd", "/other"])
def test_it_serves_nothing_else(port: int, path: str) -> None:
    assert _get(port, path)[0] == 404


def test_a_broken_episode_is_one_line(port: int) -> None:
    assert _get(port, "/episode/torn") == (500, "torn.jsonl.zst: not a trajectory")


@pytest.mark.parametrize("path", ["/?x=1", "/?"])
def test_a_query_changes_nothing(port: int, path: str) -> None:
    assert _get(port, path) == _get(port, "/")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1"])
def test_a_page_of_this_machine_gets_the_run(port: int, host: str) -> None:
    assert _get(port, "/", host)[0] == 200


def test_a_page_of_another_host_name_gets_nothing(port: int) -> None:
    assert _get(port, "/", host="evil.example")[0] == 403


def test_a_port_that_is_taken_is_said_in_one_line(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"port {port} .* choose another"):
        serve("x", [], _episode, port)
    with pytest.raises(ConfigurationError, match="port 99999"):
        serve("x", [], _episode, 99999)


def test_an_action_that_is_no_number_is_shown(port: int) -> None:
    status, body = _get(port, "/episode/nan")
    assert (status, json.loads(body)["turns"][1]["action"]) == (200, "nan")
