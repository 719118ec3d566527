"""What `agemem bench --dry-run` says: what would be played, and from one episode each what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from benchmarks.report.columns import NOT_SCORED
from benchmarks.report.sheet import Sheet
from benchmarks.results.file import good_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.run.bench import BenchRequest, cassette, chosen
from benchmarks.run.checks import check_run
from benchmarks.run.choose import Say
from benchmarks.run.play import play
from benchmarks.runs.folder import ROWS
from benchmarks.specs import RunSpec


@dataclass(frozen=True)
class Part:
    """The episodes of one player on one benchmark.

    Attributes:
        spec: The first that is to be played; of those that are there if none is.
        episodes: Number of episodes.
        there: How many of them the file of rows has already.
        trial: The row of one of them, played to know what it costs; None if none was.
    """

    spec: RunSpec
    episodes: int
    there: int
    trial: EpisodeRow | None = None

    @property
    def seconds(self) -> float | None:
        """Seconds that the episodes take that are to be played, one after the other; None if not known."""
        seconds = None if self.trial is None else self.trial.seconds
        return None if seconds is None else sum(seconds.values()) * (self.episodes - self.there)

    def total(self, part: str) -> float | None:
        """Return what the episodes to be played cost: ``calls``, ``prompt_tokens``, ``price`` and so on."""
        cost = None if self.trial is None or self.trial.cost is None else self.trial.cost.get(part)
        return None if cost is None else cost * (self.episodes - self.there)


def plan(request: BenchRequest, say: Say, *, trial: bool) -> list[Part]:
    """Return what a run would play; with `trial`, after playing the first missing episode of each part.

    Args:
        request: What is asked for.
        say: Takes lines for the user.
        trial: Play one episode of each part, of which no row is kept.

    Raises:
        AgeMemError: If something of the request is wrong or not there.
    """
    with cassette(request.record if trial else None, request.replay, say):
        specs = chosen(request, say)
        held = good_rows(request.output / ROWS) if request.resume and request.output is not None else {}
        parts = []
        for _, group in groupby(specs, key=lambda spec: spec.group):
            members = list(group)
            missing = [spec for spec in members if spec.config_hash not in held]
            first = replace((missing or members)[0], after=None)  # what a trial plays goes on with nothing
            parts.append(Part(first, len(members), len(members) - len(missing)))
        if not trial:
            return parts
        played = [part.spec for part in parts if part.there < part.episodes]
        check_run(played, request.options.access)
        rows = {row.config_hash: row for row in play(played, options=request.options)}
        return [Part(p.spec, p.episodes, p.there, rows.get(p.spec.config_hash)) for p in parts]


def sheet(parts: Sequence[Part], *, trial: bool) -> Sheet:
    """Return the parts as a table, with their sums."""
    columns = ["Benchmark", "Policy", "Source", "Episodes", "There"]
    rows = [[p.spec.benchmark, p.spec.label, _source(p), str(p.episodes), str(p.there)] for p in parts]
    rows.append(["all", "", "", str(sum(p.episodes for p in parts)), str(sum(p.there for p in parts))])
    if trial:
        columns += ["Calls", "Tokens", "$", "Minutes"]
        measured = [[_calls(p), _tokens(p), p.total("price"), p.seconds] for p in parts]
        measured.append([_sum([values[i] for values in measured]) for i in range(4)])
        for row, (calls, tokens, price, seconds) in zip(rows, measured, strict=True):
            minutes = None if seconds is None else seconds / 60
            row += [_text(calls, 0), _text(tokens, 0), _text(price, 2), _text(minutes, 1)]
    return Sheet(tuple(columns), tuple(map(tuple, rows)), names=3)


def failures(parts: Sequence[Part]) -> list[str]:
    """Return a line for each episode that was tried and crashed."""
    rows = [part.trial for part in parts if part.trial is not None]
    return [f"{r.benchmark}, {r.policy}: {r.error['type']}: {r.error['message']}" for r in rows if r.error is not None]


def _source(part: Part) -> str:
    return str(part.spec.env_kwargs.get("source", ""))


def _calls(part: Part) -> float | None:
    return part.total("calls")


def _tokens(part: Part) -> float | None:
    return _sum([part.total("prompt_tokens"), part.total("completion_tokens")])


def _sum(values: Sequence[float | None]) -> float | None:
    """Return the sum; None if one of the values is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _text(value: float | None, digits: int) -> str:
    return NOT_SCORED if value is None else f"{value:.{digits}f}"
