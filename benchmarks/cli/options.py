"""The options of commands: each is described once, whoever takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli import completion

DEFAULT_EPISODES = 20
"""Episodes of a first run, per benchmark and policy."""

MOST_EPISODES = 1_000_000
"""A run holds what it is to play in memory."""

_MODELS = "Models"
_RUNNING = "Running"


def _model(text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=_MODELS, **more)


def _running(text: str, *names: str, **checks: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=_RUNNING, **checks)


def _count(text: str) -> Any:
    return typer.Option("--episodes", "-n", min=1, max=MOST_EPISODES, help=text)


Benchmarks = Annotated[
    list[str] | None,
    typer.Option(
        "--benchmark",
        "-b",
        help="Benchmark, or module:Class; repeatable.",
        show_default="all that are registered",
        autocompletion=completion.benchmarks,
    ),
]
OneBenchmark = Annotated[
    str,
    typer.Option("--benchmark", "-b", help="Benchmark, or module:Class.", autocompletion=completion.benchmarks),
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        "-p",
        help="Policy, module:Class, or a model: openai:<model>, transformers:<path>, reader; repeatable.",
        show_default="random, do-nothing and two experts",
        autocompletion=completion.policies,
    ),
]
OnePolicy = Annotated[
    str,
    typer.Option("--policy", "-p", help="Policy that plays, or module:Class.", autocompletion=completion.policies),
]
SuiteName = Annotated[
    str | None,
    typer.Option("--suite", help="Suite to play, by name or as FILE.toml; --benchmark then names a part of it."),
]
Source = Annotated[str, typer.Option(help="official, generated, or auto: official if present.")]
Split = Annotated[str, typer.Option(help="train, valid or test.")]
Reward = Annotated[str, typer.Option(help="Reward profile: paper or strict.")]
Stages = Annotated[str, typer.Option(help="Stages to play; 3 alone is the plain benchmark.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--env", help="Further argument of the environment, as key=value; values are JSON or text; repeatable."
    ),
]
Seeds = Annotated[
    int,
    typer.Option("--seeds", "--episodes", "-n", min=1, max=MOST_EPISODES, help="Episodes per benchmark and policy."),
]
FirstSeed = Annotated[int, typer.Option(min=0, help="Seed of the first episode.")]
Episodes = Annotated[int, _count("Episodes per benchmark.")]
EpisodesPerVariant = Annotated[int, _count("Episodes per variant and policy.")]

Memories = Annotated[
    list[str] | None,
    _model(
        "Memory system around each model, or module:Class, also with options: mem0:backend=library; repeatable.",
        "--memory",
        "-m",
        autocompletion=completion.memories,
    ),
]
ToolFormat = Annotated[str | None, _model("native or tags.")]
Temperature = Annotated[float | None, _model("Sampling temperature.")]
MaxResponseTokens = Annotated[int | None, _model("Longest reply of the model.")]
ModelSettings = Annotated[
    list[str] | None,
    _model("Further option of the model, as key=value; values are JSON or text; repeatable.", "--model-option"),
]
BaseUrl = Annotated[str | None, _model("Base URL of the service; or set OPENAI_BASE_URL.")]
RequestTimeout = Annotated[float | None, _model("Seconds that one request may take.")]
Prices = Annotated[Path | None, _model("File of prices.")]
Record = Annotated[Path | None, _model("Record every request of models to this file.")]
Replay = Annotated[Path | None, _model("Answer every request of models from this file; nothing is sent.")]

Concurrency = Annotated[int, _running("Episodes in flight at once in each process.", min=1, max=10_000)]
Workers = Annotated[int, _running("Number of processes, or of Ray actors.", min=1, max=1_000)]
Backend = Annotated[str, _running("What plays: processes of this machine, or ray.")]
EpisodeTimeout = Annotated[float | None, _running("Seconds after which an episode is given up.")]
Output = Annotated[Path | None, _running("Folder of the run.", show_default="runs/<time>-<digest>")]
Overwrite = Annotated[bool, _running("Replace the run in that folder.", "--overwrite")]
Resume = Annotated[bool, _running("Play only what the run in that folder lacks.", "--resume")]
DryRun = Annotated[bool, _running("Say what would be played; play nothing.", "--dry-run")]
Trial = Annotated[bool, _running("With --dry-run: play one episode each to say what the run would cost.", "--trial")]


def _take_defaults(ctx: typer.Context, path: Path | None) -> Path | None:
    """Let a file say what the command line does not."""
    from benchmarks.run.config_file import read_config

    if path is not None:
        params: list[Any] = [param for param in ctx.command.params if param.name != "config"]
        names = {option.lstrip("-"): param.name for param in params for option in param.opts if option[:2] == "--"}
        given = read_config(path, names)
        for param in params:  # a list of one may be written without brackets
            if param.name in given and param.multiple and not isinstance(given[param.name], list):
                given[param.name] = [given[param.name]]
        ctx.default_map = {**(ctx.default_map or {}), **given}
    return path


Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file of options; the command line wins.", is_eager=True, callback=_take_defaults
    ),
]

Form = Annotated[str, typer.Option("--format", help="How to print averages: table, markdown, json, csv or parquet.")]
Metrics = Annotated[bool, typer.Option("--metrics", help="Print reward components and all metrics too.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but averages; write no report.")]
