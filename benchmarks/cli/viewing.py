"""`agemem view`: episodes on a page. `agemem credit`: what each memory entry of an episode was worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, say


@app.command()
def view(
    path: Annotated[Path, typer.Argument(help="Run folder, or one trajectory file.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page that needs no server, and stop.")
    ] = None,
    episode: Annotated[
        list[str] | None,
        typer.Option("--episode", metavar="NAME", help="Episode to take, by name; repeatable.", show_default="all"),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the local page; 0 takes a free one.")] = 8765,
    overwrite: Annotated[bool, typer.Option(help="Replace the file of --html.")] = False,
) -> None:
    """Show the episodes of a run, turn by turn: prompt, memory, what each call did, scores and costs."""
    from agemem_env.errors import ConfigurationError
    from benchmarks.viewer.folder import Episodes

    episodes = Episodes(path)
    listed = episodes.summaries()
    for name in episode or ():
        if all(name != summary["key"] for summary in listed):
            raise ConfigurationError(f"no episode {name!r} in {path}; the page without --episode lists them")
    chosen = [summary for summary in listed if not episode or summary["key"] in episode]
    if html is not None:
        from agemem_env.data.files import whole_file
        from benchmarks.viewer.page import page

        if html.exists() and not overwrite:
            raise ConfigurationError(f"{html} exists; --overwrite replaces it")
        text = page(episodes.title, *episodes.whole(chosen, say))
        with whole_file(html) as file:
            file.write(text.encode())
        typer.echo(html)
        return

    from benchmarks.viewer.server import HOST, serve

    with serve(episodes.title, chosen, episodes.episode, port) as server:
        typer.echo(f"http://{HOST}:{server.server_port}/")
        say("Ctrl-C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("ended")


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
