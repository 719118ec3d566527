"""The code and the commands of the documentation are those that exist.

A block of Python that needs a key, the network or an extra has ``<!-- not run: why -->`` on the line before it.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks.cli import app
from benchmarks.compare.commands import COMPARISONS, compare_app
from benchmarks.data import data_app
from benchmarks.suites.suite import suite_names

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"(?:<!-- not run: (?P<why>[^>]+) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```", flags=re.S)
_BUILT_ELSEWHERE = {"extending.md"}  # a package of several files, which test_outside.py builds and runs
_START = re.compile(r"(?:[A-Z_]+=\S+ )*agemem\s+(?=[a-z-])")
_END = {">", "<", "|", "&&"}
_HANDED_ON = {"data": data_app, "compare": compare_app}  # these have commands of their own
_PROPER = {name.lower(): name for name in COMPARISONS}  # as `agemem compare` reads them
_LEFT_OUT = {"…", "...", "[…]"}


def blocks(page: Path) -> list[str]:
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [match["text"] for match in found if match["kind"] == "python" and not match["why"]]


def commands(page: Path) -> list[list[str]]:
    """The words of every ``agemem …`` line in fenced blocks and inline code, without ``agemem`` itself."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line
        for match in _BLOCK.finditer(text)
        if match["kind"] in ("", "bash")
        for line in re.split(r"\n|&& ", match["text"].replace("\\\n", " "))
    ]
    lines += [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", _BLOCK.sub("", text))]
    return [_words(line[found.end() :]) for line in map(str.strip, lines) if (found := _START.match(line))]


def _words(line: str) -> list[str]:
    words = shlex.split(line, comments=True)
    end = next((index for index, word in enumerate(words) if word in _END), len(words))
    return [word for word in words[:end] if word not in _LEFT_OUT]


def parse(words: list[str]) -> None:
    """Parse a command without running it.

    Raises:
        AssertionError: For a command or an option that does not exist, an option without its value, or an argument
            too many.
    """
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name, words = _PROPER.get(words[0], words[0]), words[1:]
        assert name in command.commands, f"there is no command {name!r}"
        command = typer.main.get_command(_HANDED_ON[name]) if name in _HANDED_ON else command.commands[name]
    context = command.context_class(command, info_name="agemem")
    try:
        _, surplus, _ = command.make_parser(context).parse_args(list(words))
    except Exception as error:
        raise AssertionError(str(error)) from error
    assert not surplus, f"{surplus} are not expected"


def test_commands_are_found_and_read() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 80
    assert ["bench"] in commands(ROOT / "README.md"), "of the line that installs and plays"


@pytest.mark.parametrize("wrong", ["bnech", "bench --sede 7", "data fetch", "doctor all", "view runs/x --html"])
def test_what_does_not_exist_is_noticed(wrong: str) -> None:
    with pytest.raises(AssertionError):
        parse(wrong.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    for words in commands(page):
        try:
            parse(words)
        except AssertionError as error:
            pytest.fail(f"agemem {' '.join(words)}: {error}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_a_page_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\(([^):]+)\)", _BLOCK.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", page.read_text(encoding="utf-8")), flags=re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_suites_exist() -> None:
    named = {words[words.index("--suite") + 1] for page in PAGES for words in commands(page) if "--suite" in words}
    of_files = {name for name in named if name.endswith(".toml")}
    assert "docs/streams.toml" in of_files and "quick" in named
    assert named - of_files - {"NAME"} <= set(suite_names())
    assert all((ROOT / name).exists() for name in of_files - {"my.toml"})


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_described(command: str) -> None:
    assert any(words[:1] == [command] for page in PAGES for words in commands(page))


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in _BUILT_ELSEWHERE and blocks(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_code_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "none")  # so that what needs one can be made; nothing is sent
    names: dict[str, Any] = {"__name__": page.stem}
    for index, block in enumerate(blocks(page)):
        exec(compile(block, f"{page.name}, block {index}", "exec"), names)
