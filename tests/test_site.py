"""The pages that MkDocs builds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"^ +- .*?([\w/-]+\.md)$", read("mkdocs.yml").partition("\nnav:")[2], flags=re.M))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages - {"index.md"} <= named


def test_the_paper_is_cited() -> None:
    assert "2601.01885" in read("CITATION.cff")


class TestHook:
    @pytest.fixture(autouse=True)
    def _pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("mkdocs")
        monkeypatch.syspath_prepend(str(ROOT / "docs" / "make"))

    def markdown(self, text: str, here: str = "runs.md", repository: str | None = None) -> str:
        from types import SimpleNamespace

        import pages  # type: ignore[import-not-found]

        page = SimpleNamespace(file=SimpleNamespace(src_uri=here))
        return str(pages.on_page_markdown(text, page, SimpleNamespace(repo_url=repository)))

    def test_links_of_the_front_page_lead_to_pages(self) -> None:
        assert self.markdown("[a](docs/runs.md#streams) ![b](docs/stages.svg)", "index.md") == (
            "[a](runs.md#streams) ![b](stages.svg)"
        )
        assert self.markdown("[a](../../README.md)", "baselines/rag.md") == "[a](../index.md)"

    def test_links_to_source_are_text_without_a_repository(self) -> None:
        assert self.markdown("[`x`](../agemem_env/config.py)") == "`x`"
        linked = self.markdown("[`x`](../agemem_env/config.py)", repository="https://example.org/r/")
        assert linked == "[`x`](https://example.org/r/blob/main/agemem_env/config.py)"

    def test_code_stays_as_it_is(self) -> None:
        fence = "```\n[a](../x.py) | `\\|`\n```"
        assert self.markdown(fence) == fence

    def test_bars_in_the_code_of_tables_lose_their_backslash(self) -> None:
        assert self.markdown("| `<\\|x` | \\| |") == "| `<|x` | \\| |"

    def test_every_command_and_public_name_is_described(self) -> None:
        import pages

        import agemem_env

        assert "`agemem bench`" in pages.commands() and "`agemem data download`" in pages.commands()
        described = re.findall(r"^::: [\w.]+\.(\w+)$", pages.reference("agemem_env", "x"), flags=re.M)
        assert set(described) == {name for name in agemem_env.__all__ if name != "__version__"}


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_no_page_is_wider_than_a_telephone(tmp_path: Path) -> None:
    pytest.importorskip("mkdocstrings")
    playwright = pytest.importorskip("playwright.sync_api")
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(
        build, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    )
    assert built.returncode == 0, built.stderr
    pages = sorted(tmp_path.rglob("index.html"))
    assert len(pages) > 30
    assert "Add_memory" in (tmp_path / "concepts" / "index.html").read_text(encoding="utf-8")
    with playwright.sync_playwright() as started:
        try:
            browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no browser: {error}")
        tab = browser.new_page(viewport={"width": 400, "height": 800})
        wide = []
        for page in pages:
            tab.goto(page.as_uri())
            if tab.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(page.parent.name)
        browser.close()
    assert wide == []


@pytest.mark.slow
def test_the_pictures_are_made_from_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium on this machine")
    pytest.importorskip("playwright.sync_api")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "make"))
    import pictures  # type: ignore[import-not-found]

    run = tmp_path / "run"
    command = [
        "bench",
        "-b",
        "HotpotQA",
        "--source",
        "generated",
        "-n",
        "1",
        "-p",
        "reader",
        "-m",
        "agemem-norl",
        "--output",
    ]
    agemem = [sys.executable, "-c", "from benchmarks.cli import app; app()"]
    subprocess.run([*agemem, *command, str(run)], cwd=ROOT, check=True, capture_output=True)
    monkeypatch.setattr(pictures, "IMAGES", tmp_path)
    pictures.take(run)
    for name in ("report.png", "viewer.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
