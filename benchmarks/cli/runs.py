"""`agemem bench`: play episodes, and print averages of their rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import INTERRUPTED, app, console, say, say_nothing
from benchmarks.cli.reports import present

if TYPE_CHECKING:
    from benchmarks.run.bench import BenchRequest
    from benchmarks.suites.suite import Suite


@app.command()
def bench(
    ctx: typer.Context,
    benchmark: o.Benchmarks = None,
    suite: o.SuiteName = None,
    policy: o.Policies = None,
    seeds: o.Seeds = o.DEFAULT_EPISODES,
    first_seed: o.FirstSeed = 0,
    split: o.Split = "test",
    source: o.Source = "auto",
    reward: o.Reward = "paper",
    stages: o.Stages = "1,2,3",
    env: o.Settings = None,
    memory: o.Memories = None,
    tool_format: o.ToolFormat = None,
    temperature: o.Temperature = None,
    max_response_tokens: o.MaxResponseTokens = None,
    model_option: o.ModelSettings = None,
    base_url: o.BaseUrl = None,
    request_timeout: o.RequestTimeout = None,
    prices: o.Prices = None,
    record: o.Record = None,
    replay: o.Replay = None,
    concurrency: o.Concurrency = 1,
    workers: o.Workers = 1,
    backend: o.Backend = "processes",
    episode_timeout: o.EpisodeTimeout = None,
    output: o.Output = None,
    overwrite: o.Overwrite = False,
    resume: o.Resume = False,
    dry_run: o.DryRun = False,
    trial: o.Trial = False,
    config: o.Config = None,
    form: o.Form = "table",
    metrics: o.Metrics = False,
    quiet: o.Quiet = False,
) -> None:
    """Play policies on benchmarks, keep a row per episode, and print averages."""
    from benchmarks.run.backends.in_process import PlayOptions
    from benchmarks.run.bench import BenchRequest
    from benchmarks.run.models import Access, ModelOptions
    from benchmarks.run.options import parse_settings, parse_stages

    chosen = None if suite is None else _suite(ctx, suite)
    fixed = {} if chosen else {"split": split, "source": source, "reward": reward, "stages": parse_stages(stages)}
    access = Access(base_url, request_timeout, None if prices is None else str(prices), concurrency)
    model = ModelOptions(tool_format, temperature, max_response_tokens, parse_settings(model_option or ()))
    what = (range(first_seed, first_seed + seeds), benchmark or (), policy or (), memory or ())
    how = (PlayOptions(concurrency, episode_timeout, access), workers)
    kept = (record, replay, output)
    settings = fixed | parse_settings(env or ())
    request = BenchRequest(*what, settings, model, *how, *kept, overwrite, resume, config, chosen, backend)
    _carry_out(request, form, metrics, quiet, preview=dry_run or trial, trial=trial)


def _suite(ctx: typer.Context, name: str) -> Suite:
    """Return a suite, unless an option says otherwise than it does what is played."""
    from agemem_env.errors import ConfigurationError
    from benchmarks.suites.suite import read_suite

    for option in ("seeds", "first_seed", "split", "source", "reward", "stages"):
        source = ctx.get_parameter_source(option)
        if source is not None and source.name not in ("DEFAULT", "DEFAULT_MAP"):
            flag = f"--{option.replace('_', '-')}"
            raise ConfigurationError(f"{flag} is not allowed with --suite, which says what is played; use --env")
    return read_suite(name)


@app.command()
def rescore(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    judge: Annotated[str | None, typer.Option(help="Another judge, such as openai:<model>.")] = None,
    reward: Annotated[str | None, typer.Option(help="Another reward profile.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="New run folder.", show_default="<run>.<judge>.<reward>, beside the run")
    ] = None,
    form: o.Form = "table",
    metrics: o.Metrics = False,
) -> None:
    """Score a run again from its trajectories, playing nothing; without a judge or profile, check its own scores."""
    from benchmarks.report.tables import check_format
    from benchmarks.runs.rescore import Scorer, check_scorer, default_output, differing, write_rescored

    check_format(form)
    scorer = Scorer(judge, reward)
    if not scorer.settings():
        count, different = differing(run, say)
        say(f"{count - different} of {count} episodes have the scores of their rows")
        raise typer.Exit(1 if different or not count else 0)
    check_scorer(scorer)
    path = output or default_output(run, scorer)
    write_rescored(run, scorer, path, say)
    say(f"results: {path}")
    present([path], form, metrics)


def _carry_out(request: BenchRequest, form: str, metrics: bool, quiet: bool, *, preview: bool, trial: bool) -> None:
    """Play what was asked for and print averages, or only say what would be played."""
    from benchmarks.report.tables import check_format

    check_format(form)
    if preview:
        _preview(request, trial, say_nothing if quiet else say)
    elif present([_play(request, quiet)], form, metrics, page=not quiet):
        raise typer.Exit(1)


def _preview(request: BenchRequest, trial: bool, tell: Callable[[str], None]) -> None:
    """Print what a run would play, and from a trial what it would cost."""
    from benchmarks.report.sheet import print_sheet
    from benchmarks.run.plan import failures, plan, sheet

    parts = plan(request, tell, trial=trial)
    print_sheet(sheet(parts, trial=trial), console())
    if trial:
        tell("Costs are those of one episode each, times the episodes that are to be played; nothing was kept.")
    for line in failures(parts):
        say(f"error: {line}")
    if failures(parts):
        raise typer.Exit(1)


def _play(request: BenchRequest, quiet: bool) -> Path:
    """Play what was asked for and return the run folder."""
    from benchmarks.cli.live import live
    from benchmarks.run.bench import InterruptedRunError, bench, untracked

    try:
        path = bench(request, *((say_nothing, untracked) if quiet else (say, live)))
    except InterruptedRunError as error:
        say(str(error))
        raise typer.Exit(INTERRUPTED) from None
    if not quiet:
        say(f"results: {path}")
    return path
