"""`agemem credit`: what each memory entry of an episode was worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, say


@app.command()
def credit(
    episode: Annotated[Path, typer.Argument(help="Its file in the folder of trajectories of a run.")],
    form: Annotated[str, typer.Option("--format", help="How to print: table or json.")] = "table",
    save: Annotated[bool, typer.Option("--save", help="Keep it in the run, where `agemem view` finds it.")] = False,
    base_url: o.BaseUrl = None,
    replay: o.Replay = None,
) -> None:
    """Play an episode again without each of its memory entries in turn: what each was worth in score."""
    import json
    from dataclasses import asdict

    from agemem_env.errors import unknown_name
    from benchmarks.credit.credit import credit, read_row
    from benchmarks.credit.kept import keep
    from benchmarks.credit.remembering import RememberingAccess
    from benchmarks.credit.show import show
    from benchmarks.run.bench import cassette
    from benchmarks.run.models import Access

    if form not in ("table", "json"):
        raise unknown_name("format", form, ("table", "json"))
    row = read_row(episode)
    access = Access(base_url) if replay is not None else RememberingAccess(base_url)
    with cassette(None, replay, say):
        found = credit(row, access)
    if save:
        say(f"kept: {keep(found, episode)}")
    if form == "json":
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        show(found, console())
