"""The command line `agemem`.

What a command needs is imported when it runs, so that help is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

if TYPE_CHECKING:
    from rich.console import Console

    from benchmarks.results.summary import Summary


_PASSED_ON = {"allow_extra_args": True, "allow_interspersed_args": False, "ignore_unknown_options": True}
"""Settings of a command that hands its arguments to an application of its own, which is imported only then.

Mounting it with `add_typer` would import it, and much with it, for every other command.
"""


class OneLineErrors(typer.core.TyperGroup):
    """Shows an error of the package as one line: exit code 2 for wrong arguments, 1 for the rest."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (ValueError, RuntimeError, ImportError) as error:
            from agemem_env.errors import AgeMemError, ConfigurationError

            if not isinstance(error, AgeMemError):
                raise
            _say(f"error: {' '.join(str(error).split())}")
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Benchmarks for language agents with long-term memory.",
)


def _model(text: str, *names: str) -> Any:
    return typer.Option(*names, help=text, rich_help_panel="Models")


def _running(text: str, *names: str, **checks: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel="Running", **checks)


Form = Annotated[str, typer.Option("--format", help="How to print averages: table, markdown or json.")]
Metrics = Annotated[bool, typer.Option("--metrics", help="Print reward components and all metrics too.")]
Benchmarks = Annotated[
    list[str] | None,
    typer.Option("--benchmark", "-b", help="Benchmark; repeatable.", show_default="all that are registered"),
]

Settings = Annotated[
    list[str] | None,
    typer.Option("--env", help="Further argument of the environment, as key=value with a JSON value; repeatable."),
]


@app.command()
def bench(
    benchmark: Benchmarks = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            "-p",
            help="Policy, or a model: openai:<model>, transformers:<path>, reader; repeatable.",
            show_default="random, do-nothing and two experts",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", "--episodes", "-n", min=1, help="Episodes per benchmark and policy.")
    ] = 20,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first episode.")] = 0,
    split: Annotated[str, typer.Option(help="train, valid or test.")] = "test",
    source: Annotated[str, typer.Option(help="official, generated, or auto: official if present.")] = "auto",
    reward: Annotated[str, typer.Option(help="Reward profile: paper or strict.")] = "paper",
    stages: Annotated[str, typer.Option(help="Stages to play; 3 alone is the plain benchmark.")] = "1,2,3",
    env: Settings = None,
    memory: Annotated[
        list[str] | None,
        _model(
            "Memory system around each model, also with options: mem0:backend=library; repeatable.", "--memory", "-m"
        ),
    ] = None,
    tool_format: Annotated[str | None, _model("native or tags.")] = None,
    temperature: Annotated[float | None, _model("Sampling temperature.")] = None,
    max_response_tokens: Annotated[int | None, _model("Longest reply of the model.")] = None,
    model_option: Annotated[
        list[str] | None, _model("Further option of the model, as key=value with a JSON value; repeatable.")
    ] = None,
    base_url: Annotated[str | None, _model("Base URL of the service; or set OPENAI_BASE_URL.")] = None,
    request_timeout: Annotated[float | None, _model("Seconds that one request may take.")] = None,
    prices: Annotated[Path | None, _model("File of prices.")] = None,
    record: Annotated[Path | None, _model("Record every request of models to this file.")] = None,
    replay: Annotated[Path | None, _model("Answer every request of models from this file; nothing is sent.")] = None,
    concurrency: Annotated[int, _running("Episodes in flight at once in each process.", min=1)] = 1,
    workers: Annotated[int, _running("Number of processes.", min=1)] = 1,
    episode_timeout: Annotated[float | None, _running("Seconds after which an episode is given up.")] = None,
    output: Annotated[Path | None, _running("File of rows.", show_default="runs/<time>-<digest>/results.jsonl")] = None,
    overwrite: Annotated[bool, _running("Replace the file.", "--overwrite")] = False,
    resume: Annotated[bool, _running("Play only what the file lacks.", "--resume")] = False,
    form: Form = "table",
    metrics: Metrics = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but averages.")] = False,
) -> None:
    """Play policies on benchmarks, keep a row per episode, and print averages."""
    from agemem_env.errors import ConfigurationError
    from benchmarks.results.file import ResultFile, good_rows, read_rows
    from benchmarks.results.summary import summarize
    from benchmarks.results.tables import check_format
    from benchmarks.run import bench as work
    from benchmarks.run.in_process import PlayOptions
    from benchmarks.run.models import Access, ModelOptions, players
    from benchmarks.specs import DEFAULT_POLICIES

    check_format(form)
    if overwrite and resume:
        raise ConfigurationError("--overwrite and --resume exclude each other")
    if resume and output is None:
        raise ConfigurationError("--resume needs the file to go on with: add --output FILE")
    say = _say if not quiet else lambda line: None
    kwargs = {"split": split, "source": source, "reward": reward, "stages": work.parse_stages(stages)}
    kwargs |= work.parse_settings(env or ())
    others = work.parse_settings(model_option or ())
    model = ModelOptions(tool_format, temperature, max_response_tokens, others)
    access = Access(base_url, request_timeout, None if prices is None else str(prices), concurrency)
    options = PlayOptions(concurrency, episode_timeout, access)
    with work.cassette(record, replay):
        who = players(policy or DEFAULT_POLICIES, memory or (), model)
        specs = work.choose(benchmark or (), who, range(first_seed, first_seed + seeds), kwargs, say, access)
        held = good_rows(output) if resume and output is not None else {}
        work.check_models([spec for spec in specs if spec.config_hash not in held], access)
        with ResultFile(output or work.default_path(specs), overwrite=overwrite, resume=resume) as file:
            try:
                with _progress(len(specs), quiet) as track:
                    work.fill(file, specs, workers, options, track)
            except KeyboardInterrupt:
                _say(f"interrupted; `agemem bench ... --resume --output {file.path}` goes on")
                raise typer.Exit(130) from None
    say(f"results: {file.path}")
    if _print(summarize(read_rows(file.path)), form, metrics):
        raise typer.Exit(1)


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(help="Files of rows; they are merged.")],
    form: Form = "table",
    metrics: Metrics = False,
) -> None:
    """Print averages of the rows in files."""
    from benchmarks.results.file import read_rows
    from benchmarks.results.summary import summarize
    from benchmarks.results.tables import check_format

    check_format(form)
    _print(summarize(row for path in files for row in read_rows(path)), form, metrics)


@app.command()
def throughput(
    benchmark: Benchmarks = None,
    seconds: Annotated[float, typer.Option(min=0.0, help="How long to play each benchmark.")] = 5.0,
    policy: Annotated[str, typer.Option("--policy", "-p", help="Policy that plays.")] = "expert",
    source: Annotated[str, typer.Option(help="official, generated, or auto: official if present.")] = "auto",
    profile: Annotated[bool, typer.Option("--profile", help="Print the slowest functions.")] = False,
) -> None:
    """Measure steps and resets per second, in one process."""
    from benchmarks.run.bench import choose
    from benchmarks.run.models import ModelOptions, players
    from benchmarks.speed import throughput as work

    specs = choose(benchmark or (), players([policy], (), ModelOptions()), [0], {"source": source}, _say)
    for spec in specs:
        env = work.make(spec.env_id, spec.env_kwargs)
        long = work.make(spec.env_id, work.long_episode(spec.env_kwargs))
        typer.echo(f"{spec.benchmark}, policy {policy}, {work.describe(env)}")
        for line in work.lines(work.measure(env, policy, seconds), work.flatness(long)):
            typer.echo(line)
        if profile:
            typer.echo(work.profile(env, policy, seconds))
        env.close()
        long.close()


@app.command()
def overhead(
    benchmark: Benchmarks = None,
    episodes: Annotated[int, typer.Option("--episodes", "-n", min=1, help="Episodes per benchmark.")] = 24,
    source: Annotated[str, typer.Option(help="official, generated, or auto: official if present.")] = "auto",
) -> None:
    """Compare the stock engine, our engine and the whole environment on the same commands."""
    from benchmarks.run.bench import choose
    from benchmarks.specs import PlayerSpec
    from benchmarks.speed.overhead import overhead as measure
    from benchmarks.speed.overhead import show

    specs = choose(benchmark or (), [PlayerSpec("random")], [0], {"source": source}, _say)
    costs = [measure(spec.benchmark, spec.env_id, episodes, spec.env_kwargs) for spec in specs]
    show([cost for cost in costs if cost is not None], _console())


@app.command()
def requests(
    in_flight: Annotated[int, typer.Option(min=1, help="Episodes in flight, in all processes together.")] = 64,
    latency: Annotated[float, typer.Option(min=0.001, help="Seconds that the server takes to answer.")] = 0.1,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes that play.")] = 2,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to measure.")] = 10.0,
) -> None:
    """Measure the requests per second of a run with a model behind a server, against the ideal."""
    from benchmarks.speed.request_rate import measure

    typer.echo(measure(in_flight, latency, workers, seconds))


@app.command()
def necessity(
    benchmark: Benchmarks = None,
    tasks: Annotated[int, typer.Option(min=1, help="Tasks, from the first of the test split.")] = 100,
    source: Annotated[str, typer.Option(help="official, generated or auto.")] = "auto",
    env: Settings = None,
) -> None:
    """Measure what the facts of stage 1 are worth to the expert."""
    from benchmarks.necessity import necessity as measure
    from benchmarks.necessity import show
    from benchmarks.run.bench import parse_settings

    kwargs = {"source": source, **parse_settings(env or ())}
    show([measure(name, tasks, kwargs) for name in _known(benchmark)], _console())


@app.command()
def fingerprint(
    benchmark: Benchmarks = None,
    episodes: Annotated[int, typer.Option("--episodes", "-n", min=1, help="Episodes per variant and policy.")] = 20,
    source: Annotated[str, typer.Option(help="official, generated or auto.")] = "generated",
    output: Annotated[Path | None, typer.Option(help="Write the digests of single episodes to this file.")] = None,
    against: Annotated[Path | None, typer.Option(help="Compare with such a file; fail if anything differs.")] = None,
) -> None:
    """Digest every observation, reward and info of some episodes, to compare versions or machines."""
    from benchmarks.fingerprint import differences, fingerprints, write

    found = []
    for line in fingerprints(_known(benchmark), episodes, source):
        typer.echo(line)
        found.append(line)
    if output is not None:
        write(output, found)
    different = [] if against is None else differences(against, found)
    for text in different:
        _say(text)
    if different:
        raise typer.Exit(1)


@app.command()
def chat(
    benchmark: Annotated[str, typer.Option("--benchmark", "-b", help="Benchmark.")] = "HotpotQA",
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the episode.", show_default="random")] = None,
    task: Annotated[str | None, typer.Option(help="Id or index of the task.", show_default="drawn by the seed")] = None,
    stages: Annotated[str, typer.Option(help="Stages to play; 3 alone is the plain benchmark.")] = "1,2,3",
    env: Settings = None,
) -> None:
    """Play an episode yourself, with the view that a model gets."""
    import gymnasium as gym

    from agemem_env.errors import unknown_name
    from benchmarks.chat.session import chat as play
    from benchmarks.run.bench import parse_settings, parse_stages
    from benchmarks.specs import registered

    if benchmark not in registered():
        raise unknown_name("benchmark", benchmark, registered())
    chosen = int(task) if task is not None and task.isdecimal() and len(task) < 10 else task
    made = gym.make(registered()[benchmark], **{"stages": parse_stages(stages), **parse_settings(env or ())})
    for stream in (sys.stdin, sys.stdout):  # what a terminal cannot show must not end the episode
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    with closing(made):
        play(made, _console(), seed=seed, task=chosen)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded episodes, one per line.")],
    benchmark: Annotated[str, typer.Option("--benchmark", "-b", help="Benchmark of the recordings.")],
    every: Annotated[bool, typer.Option("--all", help="Show every difference, not only the first.")] = False,
) -> None:
    """Play recorded episodes again under protocol agentboard; fail if anything differs."""
    from benchmarks.replay.replay import SHOWN, adapter, read_records
    from benchmarks.replay.replay import replay as play

    player, records = adapter(benchmark), read_records(file)
    with _progress(len(records), quiet=False) as track:
        tally = play(player, records, track)
    for line in tally.lines(None if every else SHOWN):
        _say(line)
    typer.echo(tally)
    if not tally.ok:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say which versions, benchmarks, data and optional packages are here."""
    from benchmarks.doctor import report as lines

    for line in lines():
        typer.echo(line)


@app.command()
def version() -> None:
    """Print the version."""
    from agemem_env import __version__

    typer.echo(__version__)


@app.command(add_help_option=False, context_settings=_PASSED_ON)
def data(ctx: typer.Context) -> None:
    """Download official benchmark data, and list what is there."""
    from benchmarks.data import data_app

    data_app(ctx.args, prog_name="agemem data")


@app.command(add_help_option=False, context_settings=_PASSED_ON)
def compare(ctx: typer.Context) -> None:
    """Compare an engine with the package that it stands for: texts, commands, speed."""
    from benchmarks.compare.commands import compare_app

    compare_app(ctx.args, prog_name="agemem compare")


def _known(benchmarks: list[str] | None) -> list[str]:
    """Return the benchmarks asked for, or all that are registered."""
    from agemem_env.errors import unknown_name
    from benchmarks.specs import registered

    for name in benchmarks or ():
        if name not in registered():
            raise unknown_name("benchmark", name, registered())
    return benchmarks or list(registered())


def _print(summaries: list[Summary], form: str, metrics: bool) -> int:
    """Print averages and return the number of episodes that crashed."""
    from benchmarks.results.tables import show

    show(summaries, form, metrics, _console())
    failed = sum(summary.failed for summary in summaries)
    if failed:
        _say(f"error: crashed episodes: {failed}; they are in no average, and their rows say why")
    return failed


def _console() -> Console:
    """Return a console for the results, as wide as the terminal and never narrower than a table."""
    from rich.console import Console

    from benchmarks.results.tables import WIDTH

    return Console(width=max(WIDTH, Console().width))


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda there: None
        return
    columns = (TextColumn("Episodes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)

        def track(there: int) -> None:
            bar.update(task, completed=there)

        yield track


def _say(line: str) -> None:
    typer.echo(line, err=True)
