"""`agemem view`: episodes on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli.application import app, say


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
