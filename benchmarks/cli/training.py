"""`agemem train`, `agemem ablate`: policies that learn to use the memory tools, one or many set beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import INTERRUPTED, app, console, say
from benchmarks.processes import one_each, processors

Minutes = Annotated[float | None, typer.Option(min=0.01, help="How long to train, by the clock.")]
Updates = Annotated[int | None, typer.Option(min=1, help="Instead: how many updates, the same everywhere.")]
CpuSeconds = Annotated[float | None, typer.Option(min=1, help="Instead: processor seconds of all together.")]
Processes = Annotated[
    int,
    typer.Option(
        min=1,
        show_default="number of processors",
        help="Processes that play, one per processor at most; the curve is the same.",
    ),
]
TestTasks = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=10_000,
        show_default="100, fewer for a short budget; 32 with --model",
        help="Test tasks played before and after.",
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(metavar="BENCHMARK", help="Train the same weights on this benchmark too, in turn; repeatable."),
]
OfferAnswer = Annotated[
    bool, typer.Option("--offer-answer", help="Offer the answer tool in tasks with commands, so that one may give up.")
]
Model = Annotated[
    str | None,
    typer.Option(help="Instead of the scorer, a language model: a folder or a name (extra `train`)."),
]
Lora = Annotated[
    int | None, typer.Option(min=1, help="With --model: rank of the adapters that are trained instead of all weights.")
]
Rate = Annotated[float, typer.Option(min=0, help="With --model: step size.")]
Demonstrations = Annotated[int, typer.Option(min=0, help="With --model: episodes of a teacher that are cloned before.")]
TensorBoard = Annotated[bool, typer.Option("--tensorboard", help="Also log the curve for TensorBoard.")]

PROCESSORS = processors()
MODEL_TESTS = 32
"""Test tasks of a language model unless the command says otherwise."""


_OFFERED: Mapping[bool, Mapping[str, Any]] = {False: {}, True: {"offer_answer": True}}
_TOOLS: Mapping[bool, Mapping[str, Any]] = {False: {}, True: {"tools": ()}}

SCORER_ONLY = ("processes", "seeds", "algorithm", "returns", "against_no_memory", "also", "tensorboard")
MODEL_ONLY = ("lora", "rate", "demonstrations")
"""Options of `train` that say something of one kind of policy alone."""


@app.command()
def train(
    context: typer.Context,
    benchmark: o.OneBenchmark,
    minutes: Minutes = None,
    updates: Updates = None,
    cpu_seconds: CpuSeconds = None,
    processes: Processes = PROCESSORS,
    seed: Annotated[int | None, typer.Option(min=0, show_default="0", help="Of everything that is drawn.")] = None,
    seeds: Annotated[
        str | None,
        typer.Option(help="Instead: several, as 0-4 or 0,2,5, a run for each, with means, intervals and a band."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(show_default="in runs, named by benchmark and seed", help="Folder; runs there are continued."),
    ] = None,
    curriculum: Annotated[str, typer.Option(help="progressive, taught, all, or stage-3-only.")] = "progressive",
    algorithm: Annotated[str, typer.Option(help="step-wise, per-trajectory, or gigpo.")] = "step-wise",
    returns: Annotated[str, typer.Option(help="all, or answer: the reward of the task alone.")] = "all",
    beta: Annotated[float, typer.Option(min=0, help="Weight of the KL term.")] = 0.01,
    no_memory: Annotated[bool, typer.Option("--no-memory", help="Offer no memory tool.")] = False,
    against_no_memory: Annotated[
        bool, typer.Option("--against-no-memory", help="Train without memory tools too: same clone, same budget.")
    ] = False,
    also: Also = None,
    offer_answer: OfferAnswer = False,
    test_tasks: TestTasks = None,
    tensorboard: TensorBoard = False,
    model: Model = None,
    lora: Lora = None,
    rate: Rate = 1e-5,
    demonstrations: Demonstrations = 32,
) -> None:
    """Train a policy by step-wise GRPO on generated tasks; it is kept with its curve and tested on other tasks."""
    from agemem_env.errors import ConfigurationError
    from baselines.grpo.groups import Learning
    from baselines.grpo.settings import Budget, Settings
    from benchmarks.training.cost import around
    from benchmarks.training.study import AGEMEM, NO_MEMORY

    _refuse(context, SCORER_ONLY if model is not None else MODEL_ONLY, model is not None)
    _check_choices((benchmark, *(also or ())), offer_answer, no_memory and against_no_memory)
    budget = Budget(updates, cpu_seconds, _ten_minutes(minutes, updates, cpu_seconds))
    if model is not None:
        arguments = {**_OFFERED[offer_answer], **_TOOLS[no_memory]}
        about = (model, benchmark, budget, seed or 0, curriculum, beta, rate, lora, demonstrations, arguments)
        return _train_model(about, out, test_tasks or MODEL_TESTS)
    learning = Learning.named(algorithm, returns, beta=beta)
    Settings.of(benchmark, budget, curriculum=curriculum)  # names are checked before anything is estimated
    plan = around(benchmark, budget, test_tasks, also or ())
    if seed is not None and seeds is not None:
        raise ConfigurationError(f"--seed {seed} and --seeds {seeds} are not allowed together; give one of them")
    settings = Settings.of(
        benchmark, budget, seed=seed or 0, curriculum=curriculum, learning=learning, lessons=plan.lessons,
        also=tuple(also or ()), arguments=_OFFERED[offer_answer],
    )  # fmt: skip
    processes = one_each("--processes", processes, say)
    variants = [AGEMEM, NO_MEMORY] if against_no_memory else [NO_MEMORY if no_memory else AGEMEM]
    _carry_out(settings, plan.tests, seeds, variants, out, processes, tensorboard)


def _refuse(context: typer.Context, names: Sequence[str], model: bool) -> None:
    """Refuse options that would have no effect."""
    from agemem_env.errors import ConfigurationError

    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise ConfigurationError(f"{option} is not allowed {'with' if model else 'without'} --model; leave it out")


def _check_choices(benchmarks: Sequence[str], offer_answer: bool, both: bool) -> None:
    """Refuse to train without memory tools twice, and to offer the answer tool where it is always there."""
    from agemem_env.engines import engine_class
    from agemem_env.errors import ConfigurationError

    if both:
        raise ConfigurationError("--no-memory is not allowed with --against-no-memory, which trains both; leave it out")
    if offer_answer and not any(engine_class(name).has_commands for name in benchmarks):
        raise ConfigurationError(
            f"--offer-answer is not allowed with {' and '.join(benchmarks)}, where answering solves tasks; leave it out"
        )


def _train_model(about: tuple[Any, ...], out: Path | None, tests: int) -> None:
    """Train a language model, after saying where it is kept."""
    from benchmarks.training.language import LanguageRun
    from benchmarks.training.session import train_model

    run = LanguageRun(*about)
    folder = out or Path("runs") / f"train-{run.benchmark}-{Path(run.model).name}-{run.seed}"
    say(f"training {run.model} on {run.benchmark}, kept in {folder}")
    with _goes_on(folder):
        train_model(run, folder, tests, _manner(1, False), console())


def _ten_minutes(minutes: float | None, updates: int | None, cpu_seconds: float | None) -> float | None:
    return 10.0 if minutes is None and updates is None and cpu_seconds is None else minutes


def _carry_out(
    settings: Any, tests: int, several: str | None, variants: list[str], out: Path | None, processes: int, log: bool
) -> None:
    """Train one run, or several beside each other, after saying how long that takes."""
    from benchmarks.training.cost import around, told
    from benchmarks.training.session import train_one, train_seeds
    from benchmarks.training.study import VARIANTS, parse_seeds

    seeds = (settings.seed,) if several is None else parse_seeds(several)
    how = _manner(processes, log)
    alone = several is None and len(variants) == 1
    name = f"train-{settings.benchmark}"
    folder = out or Path("runs") / (f"{name}-{settings.seed}" if alone else name)
    plan = around(settings.benchmark, settings.budget, tests, settings.also)
    on, playing = (
        ", ".join((settings.benchmark, *settings.also)),
        "1 process" if processes == 1 else f"{processes} processes",
    )
    say(f"training on {on} with {playing}, kept in {folder}")
    there = ", less what is there" if folder.exists() else ""
    say(f"on idle cores{there}: {told(plan, settings.budget, processes, len(seeds) * len(variants), len(variants))}")
    with _goes_on(folder):
        if alone:
            train_one(VARIANTS[variants[0]].of(settings), folder, tests, how, console())
        else:
            train_seeds(settings, seeds, variants, folder, tests, how, console())


@contextmanager
def _goes_on(folder: Path) -> Iterator[None]:
    """Say after an interruption how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; the same command goes on from what is kept in {folder}")
        raise typer.Exit(INTERRUPTED) from None


def _manner(processes: int, tensorboard: bool) -> Any:
    """Return how runs are carried out from the command line."""
    from benchmarks.training.run import Manner
    from benchmarks.training.tensorboard import check_installed

    if tensorboard:
        check_installed()
    return Manner(processes, _told, say, tensorboard)


def _told(row: Mapping[str, Any]) -> None:
    """Print the first update and every tenth; no score where the task is not played."""
    from baselines.grpo.curve import is_scored

    if row["update"] == 1 or row["update"] % 10 == 0:
        score = f"{row['score']:.3f}" if is_scored(row) else "    –"
        numbers = "  ".join(f"{name} {round(row[name], 3) + 0.0:.3f}" for name in ("reward", "silent", "kl", "entropy"))
        say(f"update {row['update']:5d}  {row['phase']:<6} score {score}  {numbers}  {row['seconds']:.0f} s")


@app.command()
def ablate(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME...",
            show_default=False,
            help="memory, components, returns, curriculum, groups, transfer, tool-use, or all.",
        ),
    ] = None,
    benchmark: Annotated[str, typer.Option("--benchmark", "-b", help="On which is trained.")] = "HotpotQA",
    seeds: Annotated[str, typer.Option(help="Of each run, as 0-4 or 0,2,5.")] = "0-4",
    minutes: Minutes = None,
    updates: Updates = None,
    cpu_seconds: CpuSeconds = None,
    processes: Processes = PROCESSORS,
    test_tasks: TestTasks = None,
    out: Annotated[Path, typer.Option(help="Folder; what is there is not made again.")] = Path("runs") / "ablate",
) -> None:
    """Make comparisons of the paper: train what they need, test it, and set the paper's figures beside it."""
    from baselines.grpo.settings import Budget, Settings
    from benchmarks.ablations.catalog import ABLATIONS, chosen
    from benchmarks.ablations.session import ablate as make
    from benchmarks.ablations.session import variants_of
    from benchmarks.training.cost import around, told, told_elsewhere
    from benchmarks.training.study import parse_seeds

    if not names:
        for name, ablation in ABLATIONS.items():
            say(f"{name:<11} {ablation.about} ({', '.join(ablation.variants)})")
        say("name some of them, or all")
        raise typer.Exit(2)
    comparisons, several = chosen(names), parse_seeds(seeds)
    budget = Budget(updates, cpu_seconds, _ten_minutes(minutes, updates, cpu_seconds))
    plan = around(benchmark, budget, test_tasks)
    settings = Settings.of(benchmark, budget, lessons=plan.lessons)
    processes = one_each("--processes", processes, say)
    variants = len(variants_of(comparisons.values()))
    say(f"comparing on {benchmark}: {', '.join(comparisons)}; kept in {out}")
    there = ", less what is there" if out.exists() else ""
    say(f"on idle cores{there}: {told(plan, budget, processes, len(several) * variants, variants)}")
    if any(comparison.elsewhere for comparison in comparisons.values()):
        say(f"on the other benchmarks: {told_elsewhere(benchmark, plan.tests, budget, processes, len(several))}")
    with _goes_on(out):
        make(comparisons, settings, several, out, plan.tests, _manner(processes, False), console())
