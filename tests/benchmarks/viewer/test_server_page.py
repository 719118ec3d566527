"""The local page in a real browser: episodes are fetched when they are opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from agemem_env.errors import DataError
from benchmarks.viewer.server import serve
from benchmarks.viewer.summaries import episode, summary
from tests.benchmarks.viewer.samples import HOSTILE, trajectory

pytestmark = pytest.mark.slow

CREDIT = {"mem_1": {"score": 0.5, "worth": 0.25, "turns": 3, "tokens": 120}}


def _episode(key: str) -> dict[str, Any]:
    if key == "torn":
        raise DataError("torn.jsonl.zst: not a trajectory")
    without = {"mem_1": {**CREDIT["mem_1"], "worth": None}}
    return {**episode(trajectory(key)), "credit": {"a1": CREDIT, "unknown": without}.get(key)}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    summaries = [summary(trajectory(key)) for key in ("a1", "torn", "unknown", HOSTILE)]
    server = serve("runs/x", summaries, _episode, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("width", [1280, 400])
def test_what_an_entry_was_worth_stands_beside_it(tab: Any, address: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(address)
    tab.locator("tbody a").first.press("Enter")
    tab.locator(".timeline").wait_for()
    tab.keyboard.press("End")
    tab.get_by_role("tab", name="Memory").click()
    worth = tab.locator(".entry .chip", has_text="worth")
    assert worth.inner_text() == "worth +0.25"
    assert worth.get_attribute("title") == "Without it: 3 more turns of stage 3, 120 more tokens of prompts"
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_worth_that_is_not_known_is_none(tab: Any, address: str) -> None:
    tab.goto(address + "#unknown/6")
    tab.locator(".timeline").wait_for()
    tab.get_by_role("tab", name="Memory").click()
    assert tab.locator(".entry .chip", has_text="worth").inner_text() == "worth not known"


def test_an_episode_with_a_hostile_name_opens(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.locator("tbody a").last.press("Enter")
    tab.locator(".timeline").wait_for()
    assert tab.locator(".where").first.inner_text().startswith("Turn 0 of 6")


def test_an_episode_that_cannot_be_read_is_said_on_the_page(browser: Any, address: str) -> None:
    tab = browser.new_page()
    tab.goto(address + "#torn/0")
    assert "torn.jsonl.zst: not a trajectory" in tab.get_by_role("alert").inner_text()
    tab.close()
