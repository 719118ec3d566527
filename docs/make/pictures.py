"""Make the pictures of the report and the viewer in ``docs/images`` from the run of the README's table.

    python docs/make/pictures.py RUN

``RUN`` is the run folder that the command above the table of results has made. Needs the extra ``test`` and a browser:
``chromium`` on the path, or what ``playwright install chromium`` fetches.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent.parent / "images"


def best_episode(run: Path) -> str:
    """Return the key of the first solved episode of `agemem-norl` in HotpotQA."""
    rows = map(json.loads, (run / "episodes.jsonl").read_text(encoding="utf-8").splitlines())
    return next(
        str(row["config_hash"])
        for row in rows
        if row["benchmark"] == "HotpotQA" and "agemem-norl" in (row["policy"], row.get("memory")) and row["success"]
    )


def take(run: Path) -> None:
    """Write ``report.png`` and ``viewer.png``."""
    key = best_episode(run)
    page = (run / "view.html").resolve()
    agemem = [sys.executable, "-c", "from benchmarks.cli import app; app()"]
    subprocess.run([*agemem, "view", str(run), "--html", str(page), "--overwrite"], check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1100, "height": 820}, color_scheme="light")
        tab.goto((run / "report.html").resolve().as_uri())
        box = tab.locator("#scores").bounding_box() or {"y": 0}
        clip = {"x": 0, "y": box["y"] - 15, "width": 1100, "height": 820}
        tab.screenshot(path=IMAGES / "report.png", full_page=True, clip=clip)  # type: ignore[arg-type]
        tab.goto(f"{page.as_uri()}#{key}/13")
        tab.get_by_role("tab", name="Memory").click()
        tab.screenshot(path=IMAGES / "viewer.png")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
