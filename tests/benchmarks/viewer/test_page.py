"""The page in a real browser, from one file on disk."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.viewer.page import page
from benchmarks.viewer.summaries import episode, summary
from tests.benchmarks.viewer.samples import HOSTILE, trajectory

pytestmark = pytest.mark.slow

EPISODES = [
    trajectory("a1"),
    trajectory("b 2/é", turns=500, policy="expert"),
    trajectory("c3", words=HOSTILE, seed=8),
    trajectory("d4", words="x" * 1_000_000, turns=3, seed=9),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("viewer") / "view.html"
    file.write_text(page("runs/x", [summary(t) for t in EPISODES], {t.key: episode(t) for t in EPISODES}), "utf-8")
    return file.as_uri()


def where(tab: Any) -> str:
    return str(tab.locator(".where").first.inner_text())


def test_the_list_shows_what_the_rows_say_and_can_be_filtered_and_sorted_by_keyboard(tab: Any, address: str) -> None:
    tab.goto(address)
    assert tab.locator("tbody tr").count() == 4
    cells = tab.locator("tbody tr").first.locator("td").all_inner_texts()
    assert cells[1:] == ["HotpotQA", "mem0 (openai:gpt)", "generated/7", "7", "success", "0.750", "1.00", "4",
                         "900", "1", "0.0125"]  # fmt: skip
    tab.get_by_role("searchbox").fill("expert hotpotqa")
    assert tab.locator("tbody tr").count() == 1
    tab.get_by_role("searchbox").fill("nothing of the kind")
    assert tab.get_by_role("status").inner_text().startswith("0 of 4 episodes")
    tab.get_by_role("searchbox").fill("")
    for expected in (["7", "7", "8", "9"], ["9", "8", "7", "7"]):
        tab.get_by_role("button", name="Seed").press("Enter")
        assert tab.locator("tbody td.seed").all_inner_texts() == expected


def test_an_episode_opens_by_keyboard_and_shows_each_turn(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.locator("tbody a").first.press("Enter")
    tab.locator(".timeline").wait_for()
    assert where(tab).startswith("Turn 0 of 6 · Stage 1")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert where(tab) == "Turn 3 of 6 · Stage 2: distractors · 320 of 8,192 tokens · 1 memory"
    assert (
        tab.locator(".removed summary").inner_text() == "5 messages (300 tokens) left the context with Filter_context"
    )
    assert tab.locator(".message").all_inner_texts()[1].endswith("agent 3: the mug is in cabinet 3")
    tab.keyboard.press("End")
    assert where(tab).startswith("Turn 6 of 6 · Stage 3")
    tab.keyboard.press("p")
    assert where(tab).startswith("Turn 2 of 6")
    assert "malformed_call" in tab.locator(".turn .mistakes").inner_text()
    tab.keyboard.press("1")
    assert where(tab).startswith("Turn 0 of 6")
    tab.keyboard.press("Escape")
    tab.locator("table.episodes").wait_for()


def test_memory_task_and_scores(tab: Any, address: str) -> None:
    tab.goto(address + "#a1/2")
    tab.get_by_role("tab", name="Turn").press("ArrowRight")
    assert tab.locator(".entry.changed del").inner_text() == "the mug is in cabinet 3 (1)"
    tab.get_by_role("button", name="states: gold").press("Enter")
    assert "drawer 2" in tab.locator(".fact.pointed").inner_text()
    assert tab.locator(".fact.is-stored").count() == 1
    tab.get_by_role("tab", name="Scores").click()
    assert "Reward 0.7500" in tab.locator(".total").inner_text()
    shown = tab.locator(".tab dd").all_inner_texts()
    assert [text.strip() for text in shown] == ["1.000", "0.500", "–", "-0.250", "1", "–", "340"]


def test_a_retrieval_leads_to_the_entry(tab: Any, address: str) -> None:
    tab.goto(address + "#a1/3")
    tab.get_by_role("button", name="mem_1").first.press("Enter")
    assert "retrieved, rank 1" in tab.locator(".entry.pointed").inner_text()


def test_addresses_name_episode_and_turn(tab: Any, address: str) -> None:
    tab.goto(address + "#b%202%2F%C3%A9/250")
    tab.locator(".timeline").wait_for()
    assert where(tab).startswith("Turn 250 of 500")
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("location.hash") == "#b%202%2F%C3%A9/249"
    for wrong in ("#nobody/3", "#constructor", "#%E0%A4%A/1"):
        tab.goto(address + wrong)
        assert "does not hold the episode" in tab.get_by_role("alert").inner_text()
    tab.goto(address + "#a1/999999")
    tab.locator(".timeline").wait_for()
    assert where(tab).startswith("Turn 6 of 6")


def test_two_episodes_side_by_side(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.get_by_label("Compare a1").press("Space")
    tab.get_by_label("Compare c3").press("Space")
    assert tab.get_by_label("Compare d4").is_disabled()
    tab.get_by_role("button", name="Compare the two").press("Enter")
    tab.locator(".pane").nth(1).wait_for()
    tab.keyboard.press("ArrowRight")
    assert [text[:11] for text in tab.locator(".where").all_inner_texts()] == ["Turn 1 of 6", "Turn 1 of 6"]
    assert tab.evaluate("location.hash") == "#a1/1&c3/1"


@pytest.mark.parametrize("width", [1280, 400])
def test_hostile_text_stays_text_and_nothing_is_wider_than_the_page(tab: Any, address: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    for key in ("c3", "d4"):
        tab.goto(f"{address}#{key}/3")
        tab.locator(".timeline").wait_for()
        assert tab.title() == "runs/x"
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for name in ("Memory", "Task", "Scores", "Turn"):
            tab.get_by_role("tab", name=name).click()
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, name
        assert tab.locator("main script, main img").count() == 0
    tab.goto(address + "#c3/3")
    tab.locator(".message").nth(1).wait_for()
    content = tab.locator(".message .text").nth(1).evaluate("node => node.textContent")
    assert content == f"agent 3: {HOSTILE}"


def test_a_long_text_is_shown_when_asked_for(tab: Any, address: str) -> None:
    tab.goto(address + "#d4/1")
    first = tab.locator(".message").first
    first.wait_for()
    assert len(first.inner_text()) < 5_000
    first.get_by_role("button").press("Enter")
    assert len(first.locator(".text").evaluate("node => node.textContent")) > 1_000_000


def test_five_hundred_turns_can_be_stepped_through_without_waiting(tab: Any, address: str) -> None:
    tab.goto(address + "#b%202%2F%C3%A9/400")
    tab.locator(".timeline").wait_for()
    script = """async () => {
        const times = [];
        for (let i = 0; i < 60; i++) {
            const start = performance.now();
            document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            times.push(performance.now() - start);
        }
        return times.sort((a, b) => a - b)[30];
    }"""
    median = tab.evaluate(script)
    print(f"a step takes {median:.0f} ms (median of 60, 800 messages in the prompt)")
    assert where(tab).startswith("Turn 460 of 500")


def test_every_control_has_a_name_and_can_be_reached_by_tab(tab: Any, address: str) -> None:
    tab.goto(address + "#a1/3")
    tab.locator(".timeline").wait_for()
    names = tab.evaluate(
        "[...document.querySelectorAll('button, input, select, a')]"
        ".map((e) => e.getAttribute('aria-label') || e.textContent || e.labels?.[0]?.textContent || '')"
    )
    assert all(name.strip() for name in names)
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        reached.add(
            tab.evaluate("document.activeElement.textContent || document.activeElement.getAttribute('aria-label')")
        )
    assert {"Turn", "←previous turn", "Esc" + "all episodes"} <= reached
