"""What `agemem train` does: one run, or several seeds beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baselines.grpo.settings import Settings
from baselines.grpo.workers import workers
from benchmarks.report.sheet import print_findings
from benchmarks.training.exam import Exam
from benchmarks.training.language import LanguageRun, train_language_model
from benchmarks.training.run import Manner, TrainingRun, tested, trained
from benchmarks.training.seeds import HABITS_NOTE, NOTE, SeedTable, counted, problems, spent, write
from benchmarks.training.study import AGEMEM, NO_MEMORY, Results, check, check_kind, play, runs_of

if TYPE_CHECKING:
    from rich.console import Console


def train_one(settings: Settings, folder: Path, tests: int, how: Manner, console: Console) -> None:
    """Train with one seed, test, and print what came.

    Args:
        settings: The run.
        folder: Where it is kept.
        tests: Number of test tasks.
        how: How it is carried out.
        console: Where the table is printed.

    Raises:
        ConfigurationError: If the folder holds another run, or several.
    """
    check_kind(folder, one=True)
    run = TrainingRun(settings, folder, AGEMEM if settings.arguments.get("tools", True) else NO_MEMORY)
    with workers(how.processes) as lent:
        kept = trained(run, how, lent)
        how.say(f"testing on {counted(tests, 'task')}, before and after, drawn and with the best candidate")
        result = tested(run, kept, Exam(tests, lent))
    _show(SeedTable(settings.benchmark, (settings.seed,), {(run.variant, settings.seed): result}), console)
    how.say(f"weights: {folder / 'weights.npz'}, curve: {folder / 'curve.png'}")


def train_seeds(
    settings: Settings,
    seeds: Sequence[int],
    variants: Sequence[str],
    folder: Path,
    tests: int,
    how: Manner,
    console: Console,
) -> None:
    """Train with several seeds, test, and print what came of all.

    Args:
        settings: Of the runs, but for their seed and variant.
        seeds: Their seeds.
        variants: Names of what is compared.
        folder: Where they are kept.
        tests: Number of test tasks.
        how: How they are carried out.
        console: Where the table is printed.

    Raises:
        ConfigurationError: If a folder holds another run.
    """
    check_kind(folder, one=False)
    every = runs_of(settings, variants, seeds, folder)
    check(every)
    results: Results = {}
    with workers(how.processes) as lent:
        exam = Exam(tests, lent)
        for place, seed in enumerate(seeds):
            runs = runs_of(settings, variants, [seed], folder)
            results |= play(runs, exam, lent, how, before=len(results), total=len(every))
            done = seeds[: place + 1]
            table = SeedTable(settings.benchmark, done, results)
            write(table, runs_of(settings, variants, done, folder), folder, settings.budget)
            how.say(f"table of {place + 1} of {len(seeds)} seeds: {folder / 'seeds.md'}")
    _show(table, console)
    how.say(f"table: {folder / 'seeds.md'}, curves: {folder / 'seeds.png'}")


def train_model(run: LanguageRun, folder: Path, tests: int, how: Manner, console: Console) -> None:
    """Train a language model, test, and print what came.

    Args:
        run: The run.
        folder: Where it is kept.
        tests: Number of test tasks.
        how: How it is carried out.
        console: Where the table is printed.

    Raises:
        MissingExtraError: If what it needs is not installed.
        ConfigurationError: If the model cannot be loaded, or the folder holds another run.
    """
    check_kind(folder, one=True)
    result = train_language_model(run, folder, tests, how.tell, how.say)
    _show(SeedTable(run.benchmark, (run.seed,), {(AGEMEM, run.seed): result}), console)


def _show(table: SeedTable, console: Console) -> None:
    played = {len(test["tasks"]) for result in table.results.values() for test in result.tests.values()}
    sheets = [(table.scores(), ""), (table.differences(), f"Test tasks: {max(played)}.\n{NOTE}")]
    if table.on_others().rows:
        sheets.append((table.on_others(), ""))
    if table.habits().rows:
        sheets.append((table.habits(), HABITS_NOTE))
    print_findings(console, f"{table.benchmark}: {spent(table.results)}", sheets, problems(table.results))
