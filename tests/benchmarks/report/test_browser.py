"""The page in a real browser, from one file on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.report.file import read_run, summaries_of, write_report
from benchmarks.report.naming import names
from benchmarks.report.published import published
from benchmarks.report.sections import leaderboard
from benchmarks.report.training import read_training
from benchmarks.scores.players import players
from tests.benchmarks.report.samples import HOSTILE, hostile_rows, plain_rows
from tests.benchmarks.report.test_training import trained
from tests.benchmarks.results.made_up import write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the addresses of reports of plain and of hostile rows."""
    folder = tmp_path_factory.mktemp("report")
    found = {}
    for name, rows in (("plain", plain_rows()), ("hostile", hostile_rows())):
        source = read_run(write(folder / f"{name}.jsonl", *rows))
        write_report([source], summaries_of([source]), folder / f"{name}.html")
        found[name] = (folder / f"{name}.html").as_uri()
    for seed in (0, 1):
        trained(folder / "runs" / "agemem" / f"seed-{seed}", seed)
        trained(folder / "runs" / HOSTILE[0].replace("/", "") / f"seed-{seed}", seed, problem=HOSTILE[1])
    write_report([], [], folder / "training.html", curves=read_training(folder / "runs"))
    found["training"] = (folder / "training.html").as_uri()
    return found


@pytest.mark.parametrize("name", ["plain", "hostile", "training"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_and_fits(tab: Any, pages: dict[str, str], name: str, width: int, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(pages[name])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width, "tables scroll by themselves"
    assert tab.title().startswith("Report: ")
    assert tab.locator("figure svg").count() >= 2
    back, ink = tab.evaluate("[getComputedStyle(document.documentElement).backgroundColor, "
                             "getComputedStyle(document.querySelector('figure svg text')).fill]")  # fmt: skip
    assert _contrast(back, ink) > 7


def test_it_shows_what_the_rows_say(tab: Any, pages: dict[str, str], tmp_path: Path) -> None:
    source = read_run(write(tmp_path / "rows.jsonl", *plain_rows()))
    found = sorted(players(summaries_of([source])), key=lambda p: -p.average.mean if p.average else 0.0)
    tab.goto(pages["plain"])
    table = leaderboard(found, names(found), published())
    shown = tab.locator("#scores ~ .scroll").first.locator("tbody tr:not(.heading)")
    lines = [" ".join(line.split()) for line in shown.all_inner_texts()]
    assert lines == [" ".join(str(cell) for cell in row.cells if str(cell)) for row in table.rows]


def test_learning_curves_are_shown(tab: Any, pages: dict[str, str]) -> None:
    tab.goto(pages["training"])
    assert tab.locator("#training ~ .plots figure").count() == 3
    shown = tab.locator("#training ~ .scroll tbody tr")
    assert shown.count() == 2 and shown.first.locator("td").last.inner_text() == "2"
    assert HOSTILE[0].replace("/", "") in tab.locator("body").inner_text()


def test_every_part_is_reached_and_opened_by_keyboard(tab: Any, pages: dict[str, str]) -> None:
    tab.goto(pages["plain"])
    reached = set()
    for _ in range(200):
        tab.keyboard.press("Tab")
        tag = tab.evaluate("document.activeElement.tagName")
        if tag == "BODY":
            break
        if tag == "SUMMARY":
            before = tab.evaluate("document.activeElement.parentElement.open")
            tab.keyboard.press("Enter")
            assert tab.evaluate("document.activeElement.parentElement.open") is not before
            if before:
                tab.keyboard.press("Enter")
        reached.add(tab.evaluate("document.activeElement.getAttribute('href') || document.activeElement.innerText"))
    links = tab.evaluate("[...document.querySelectorAll('nav a')].map(link => link.getAttribute('href'))")
    assert set(links) <= reached
    assert all(tab.locator(link).count() == 1 for link in links)
    opened = tab.evaluate("[...document.querySelectorAll('details')].map(part => part.open)")
    assert opened and all(opened)
    assert tab.locator(".scroll[tabindex='0']").count() == tab.locator(".scroll").count()


def test_hostile_text_is_shown_and_does_nothing(tab: Any, pages: dict[str, str]) -> None:
    tab.goto(pages["hostile"])
    body = tab.locator("body").inner_text()
    for words in HOSTILE:
        assert words in body, words
    assert tab.locator("script, img, [onload], [onerror]").count() == 0
    override = tab.evaluate("[...document.querySelectorAll('bdi')].some(b => b.innerText.includes('\u202e'))")
    assert override, "text that turns its direction is kept to itself"


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two CSS colours, as WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
