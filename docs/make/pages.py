"""What MkDocs adds to the pages of ``docs``: a hook, named in ``mkdocs.yml``.

README, CONTRIBUTING and CHANGELOG become pages; the reference of the command line is made from its commands, that of
Python from the public names. Links that leave ``docs`` lead to these pages; those to source files, to the repository
if its address is configured (`repo_url`), else they become plain text.
"""

from __future__ import annotations

import importlib
import os
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

import typer
import typer.cli
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
TAKEN = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changes.md"}
REFERENCES = {"agemem_env": "The environments", "baselines": "The policies"}
_FENCES = re.compile(r"(^```.*?^```[^\n]*$)", flags=re.S | re.M)
_CODE = re.compile(r"(`+)[^`\n]+\1")
_LIST = re.compile(r"^\*\*Commands\*\*:\n\n(?:\* .*\n)+\n", flags=re.M)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(([^)\s]+)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in ``docs``."""
    for source, page in TAKEN.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    for package, title in REFERENCES.items():
        files.append(File.generated(config, f"reference/{package}.md", content=reference(package, title)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Add the commands to their page, and let links lead somewhere."""
    here = page.file.src_uri
    origin = next((source for source, taken in TAKEN.items() if taken == here), f"docs/{here}")
    if here == "commands.md":
        markdown += "\n" + commands()
    parts = _FENCES.split(markdown)

    def target(match: re.Match[str]) -> str:
        return _target(match, origin, here, config.repo_url)

    return "".join(part if part.startswith("```") else _LINK.sub(target, _bars(part)) for part in parts)


def _bars(markdown: str) -> str:
    """Take the backslash from bars in the code of tables, which GitHub needs and Python's Markdown would show."""
    lines = markdown.split("\n")
    return "\n".join(
        _CODE.sub(lambda code: code[0].replace("\\|", "|"), line) if line.startswith("|") else line for line in lines
    )


def _target(match: re.Match[str], origin: str, here: str, repository: str | None) -> str:
    mark, text, link = match.groups()
    if "://" in link or link.startswith(("#", "mailto:")):
        return match[0]
    if mark == "" and "![" in text:  # a picture in a link
        return match[0]
    path, _, anchor = link.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), path))
    inside = TAKEN.get(path) or (path[len("docs/") :] if path.startswith("docs/") else None)
    if inside is None:
        return f"[{text}]({repository.rstrip('/')}/blob/main/{path})" if repository else text
    way = os.path.relpath(inside, posixpath.dirname(here) or ".")
    text = text.removesuffix(".md")  # a page of the site, no file
    return f"{mark}[{text}]({way}{'#' + anchor if anchor else ''})"


def reference(package: str, title: str) -> str:
    """Return the page of a package's public names, each documented where it is defined."""
    module = importlib.import_module(package)
    lines = [f"# `{package}`", "", f"{title}. These names are public; everything else may change.", ""]
    for name in sorted(module.__all__, key=str.lower):
        if not name.startswith("__"):
            lines += [f"::: {_home(module, name)}.{name}", ""]
    return "\n".join(lines)


def _home(package: Any, name: str) -> str:
    value = getattr(package, name)
    if isinstance(value, type) or callable(value):
        return str(value.__module__)
    return next(key for key in _inside(package.__name__) if getattr(sys.modules[key], name, None) is value)


def _inside(package: str) -> list[str]:
    names = [key for key in sys.modules if key.startswith(f"{package}.")]
    return [*sorted(names, key=lambda key: (key.count("."), key)), package]


def commands() -> str:
    """Return every command with its arguments and options, as ``--help`` has them."""
    from benchmarks.cli import app
    from benchmarks.compare.commands import compare_app
    from benchmarks.data import data_app

    found = []
    for application, name in ((app, "agemem"), (data_app, "agemem data"), (compare_app, "agemem compare")):
        command = typer.main.get_command(application)
        context = typer.Context(command, info_name=name)
        found.append(typer.cli.get_docs_for_click(obj=command, ctx=context, indent=1, name=name))
    return _LIST.sub("", "\n".join(found))  # each is described below
