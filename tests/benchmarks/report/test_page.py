"""What the page says, without a browser."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import DataError, StorageError
from benchmarks.report.file import default_path, read_run, summaries_of, write_report
from benchmarks.report.page import page
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.summary import summarize
from tests.benchmarks.report.samples import HOSTILE, LARGE, hostile_rows, plain_rows
from tests.benchmarks.results.made_up import make_crash, make_row, write


class Outline(HTMLParser):
    """The elements of a page, its texts, and what it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [str(found[n]) for n in ("href", "src", "xlink:href") if n in found]
        assert not any(name.startswith("on") for name in found), attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def made(rows: list[EpisodeRow], link: Any = lambda row: None) -> Outline:
    return Outline(page("runs/x", summarize(rows), link))


def test_nothing_is_fetched_and_nothing_runs() -> None:
    outline = made(plain_rows())
    assert not {"script", "link", "iframe", "object", "img"} & (set(outline.tags) - {"link"})
    assert all(link.startswith(("#", "data:")) for link in outline.links), outline.links
    style = re.findall(r"url\(([^)]*)\)", page("x", summarize(plain_rows()), lambda row: None))
    assert all(target.startswith("#") for target in style)
    assert len(outline.ids) == len(set(outline.ids)), "every id is there once, in pictures too"
    assert all(link[1:] in outline.ids for link in outline.links if link.startswith("#"))


def test_failures_come_before_scores_and_lead_to_the_viewer() -> None:
    rows = [*plain_rows(), make_crash(7, error={"type": "ValueError", "message": "no <b>", "traceback": ""})]
    outline = made(rows, lambda row: f"view.html#{row.config_hash}/{row.steps}")
    assert outline.text.index("crashed: ValueError") < outline.text.index("Published")
    assert "no <b>" in outline.text
    lost = next(row for row in rows if not row.success and row.error is None)
    assert f"view.html#{lost.config_hash}/{lost.steps}" in outline.links


def test_without_failures_it_says_so() -> None:
    outline = made([make_row(seed) for seed in range(3)])
    assert "None: every episode was played to its end and solved." in outline.text


@pytest.mark.parametrize(
    "rows",
    [
        [make_row(0)],
        [make_crash(0)],
        [make_row(seed, metrics={"J": None}) for seed in range(2)],
        [make_row(0, benchmark="Other", metrics={"SR": 0.0}, success=False)],
    ],
    ids=["one episode", "only a crash", "nothing scored", "a benchmark from elsewhere"],
)
def test_little_is_enough(rows: list[EpisodeRow]) -> None:
    assert "Scores" in made(rows).text


def test_text_from_elsewhere_stays_text() -> None:
    ours, plain = made(hostile_rows()), made(plain_rows())
    assert set(ours.tags) == set(plain.tags)
    assert "script" not in ours.tags
    for words in HOSTILE:
        assert words in ours.text, words
    assert "half ? a character" in ours.text
    assert LARGE[:100] in ours.text
    assert LARGE[:1000] not in ours.text, "a megabyte of an error is cut"


def test_the_report_of_a_run_folder_leads_into_its_viewer(tmp_path: Path) -> None:
    folder = tmp_path / "run #1"
    (folder / "trajectories").mkdir(parents=True)
    rows = plain_rows()
    lost = next(row for row in rows if not row.success)
    write(folder / "episodes.jsonl", *rows)
    (folder / "trajectories" / f"{lost.config_hash}.jsonl.zst").touch()
    source = read_run(folder)
    assert default_path(source) == folder / "report.html"
    elsewhere = tmp_path / "pages" / "all.html"
    elsewhere.parent.mkdir()
    write_report([source], summaries_of([source]), elsewhere)
    outline = Outline(elsewhere.read_text("utf-8"))
    found = [link for link in outline.links if "view.html" in link]
    assert found == [f"../run%20%231/view.html#{lost.config_hash}/{lost.steps}"]
    assert f"agemem view {folder} --html {folder}/view.html" in outline.text


def test_a_file_of_rows_has_its_report_beside_it(tmp_path: Path) -> None:
    source = read_run(write(tmp_path / "mini.jsonl", *plain_rows()))
    assert default_path(source) == tmp_path / "mini.report.html"
    with pytest.raises(StorageError, match=r"cannot write .*: (Not a directory|File exists)"):
        write_report([source], summaries_of([source]), source.path / "x.html")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(DataError, match="holds no rows"):
        read_run(tmp_path / "empty.jsonl")


@pytest.mark.slow
def test_a_run_of_ten_thousand_episodes_is_read_in_ten_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "trajectories").mkdir(parents=True)
    rows = [make_row(seed, config_hash=f"{seed:016x}") for seed in range(10_000)]
    (folder / "episodes.jsonl").write_text("".join(f"{row.to_json()}\n" for row in rows), "utf-8")
    for row in rows:
        (folder / "trajectories" / f"{row.config_hash}.jsonl.zst").touch()
    start = time.process_time()
    run = read_run(folder)
    assert summaries_of([run])[0].episodes == 10_000
    assert time.process_time() - start < 10
