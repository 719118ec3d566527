"""What `agemem ablate` does: make the runs that are not there yet, and set what came of them beside the paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Settings
from baselines.grpo.workers import Workers, workers
from benchmarks.ablations.catalog import ALWAYS, Ablation
from benchmarks.ablations.comparison import Entry, MadeComparison
from benchmarks.ablations.transfer import elsewhere
from benchmarks.report.published import published
from benchmarks.report.sheet import print_findings
from benchmarks.training.exam import Exam
from benchmarks.training.run import Manner, TrainingRun
from benchmarks.training.seeds import problems
from benchmarks.training.study import AGEMEM, check, check_kind, play, runs_of

if TYPE_CHECKING:
    from rich.console import Console


def ablate(
    comparisons: Mapping[str, Ablation],
    base: Settings,
    seeds: Sequence[int],
    folder: Path,
    tests: int,
    how: Manner,
    console: Console,
) -> None:
    """Make comparisons one after the other; each is written down and printed as soon as it is made.

    Args:
        comparisons: By name. Runs that several of them need are made once.
        base: Settings of the ordinary run.
        seeds: Seeds of each run.
        folder: Where everything is kept: tables and runs in a folder of their benchmark.
        tests: Number of test tasks.
        how: How runs are carried out.
        console: Where tables are printed.

    Raises:
        ConfigurationError: If a folder holds a run with other settings; nothing is trained then.
    """
    check_kind(folder, one=False)
    own = folder / base.benchmark
    check(runs_of(base, variants_of(comparisons.values()), seeds, own))
    with workers(how.processes) as lent:
        exam = Exam(tests, lent)
        for name, ablation in comparisons.items():
            runs = runs_of(base, ablation.variants, seeds, own)
            results = play(runs, exam, lent, how)
            others = list(_elsewhere(runs, folder, exam, lent, how)) if ablation.elsewhere else []
            _tell(MadeComparison(name, ablation, base.benchmark, seeds, results, others), own, console)
    for line in (*ALWAYS, *published().not_comparable):
        console.print(f"* {line}", markup=False)
    tables = ", ".join(str(own / f"{name}.md") for name in comparisons)
    console.print(f"tables: {tables}", markup=False)


def variants_of(ablations: Iterable[Ablation]) -> list[str]:
    """Return the names of the runs that comparisons need, each once."""
    return list(dict.fromkeys(name for ablation in ablations for name in ablation.variants))


def _elsewhere(runs: Sequence[TrainingRun], folder: Path, exam: Exam, lent: Workers, how: Manner) -> Iterator[Entry]:
    ordinary = [run for run in runs if run.variant == AGEMEM]
    for benchmark, who, way, found in elsewhere(ordinary, folder, exam, lent, how.say):
        yield Entry(who, way, benchmark, found)


def _tell(made: MadeComparison, folder: Path, console: Console) -> None:
    kept = RunFolder(folder)
    kept.write_json(made.name, made.to_json())
    kept.write_text(f"{made.name}.md", made.to_markdown())
    sheets, notes = ((made.sheet(), ""), (made.differences(), "")), (*made.of.not_comparable, *problems(made.results))
    print_findings(console, f"{made.name}: {made.of.about}", sheets, notes)
