"""The table of dialects in the documentation is that of the code."""

from __future__ import annotations

from pathlib import Path

from agemem_env.actions.dialects import DIALECTS

PAGE = Path(__file__).parents[4] / "docs" / "actions.md"


def table() -> str:
    rows = ["| dialect | models | example |", "|---|---|---|"]
    for dialect in DIALECTS:
        example = dialect.example.replace("\n", "⏎").replace("|", "\\|")
        rows.append(f"| {dialect.name} | {dialect.models} | ``{example}`` |")
    return "\n".join(rows)


def test_the_page_lists_every_dialect() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition("<!-- dialects -->\n")[2].partition("\n<!-- end -->")[0] == table()
