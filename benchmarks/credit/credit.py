"""`credit`: what each memory entry of an episode was worth in score."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from agemem_env.errors import ConfigurationError, DataError, ReplayMissError
from agemem_env.memory.store import MemoryEntry
from agemem_env.text.told import Told
from benchmarks.credit.playing import PlayedWithout, play
from benchmarks.results.row import EpisodeRow
from benchmarks.run.models import Access
from benchmarks.scores.measures import score
from benchmarks.specs import RunSpec, main_score
from benchmarks.trajectories.rebuild import read_episode


@dataclass(frozen=True)
class Without:
    """An episode without something of its memory.

    Attributes:
        score: Its score; None if it was not scored, or the model's replies are not recorded.
        worth: How much more the episode scores with it.
        turns: How many more turns of stage 3 the episode takes without it.
        tokens: How many more tokens of prompts.
    """

    score: float | None
    worth: float | None
    turns: int | None
    tokens: int | None


@dataclass(frozen=True)
class EntryCredit:
    """What an entry was worth.

    Attributes:
        id: Its id.
        content: Its text.
        states: Indices of the statements of stage 1 that it states.
        gold: Whether the task needs one of them.
        without: The episode without the entry.
    """

    id: str
    content: str
    states: tuple[int, ...]
    gold: bool
    without: Without


@dataclass(frozen=True)
class Credit:
    """What the memory of an episode was worth.

    Attributes:
        key: Name of the episode in its run.
        benchmark: The benchmark.
        policy: Who played.
        seed: The seed.
        metric: What is scored.
        score: The score of the episode.
        without_all: The episode without any of its entries; None if it had none.
        entries: Its entries when the query came, the most valuable first.
    """

    key: str
    benchmark: str
    policy: str
    seed: int
    metric: str
    score: float | None
    without_all: Without | None
    entries: tuple[EntryCredit, ...]


def credit(row: EpisodeRow, access: Access) -> Credit:
    """Play an episode again with each memory entry taken away in turn, and with all of them taken away.

    Args:
        row: The episode.
        access: How its model is reached.

    Raises:
        ConfigurationError: If its memory comes from episodes before it.
        DataError: If it is not repeated as it was.
        AgeMemError: If it cannot be played.
    """
    spec = row.spec
    if spec.keeps_memory:
        raise ConfigurationError("the episode goes on with the memory of others: it cannot be played by itself")
    whole = play(spec, access, lambda entries: ())
    if row.error is None and whole.score != score(row):
        raise DataError(
            f"the episode is not repeated: it scored {score(row)} and now {whole.score}; "
            "a model has to answer as it did, as from a recording with --replay"
        )
    told = Told.of(whole.task)
    found = [_entry(entry, told, _without(spec, access, whole, {entry.id})) for entry in whole.entries]
    every = _without(spec, access, whole, {entry.id for entry in whole.entries}) if whole.entries else None
    ordered = sorted(found, key=lambda e: (e.without.worth is None, -(e.without.worth or 0.0), -(e.without.turns or 0)))
    return Credit(
        spec.config_hash, spec.benchmark, spec.label, spec.seed, main_score(spec.benchmark), whole.score, every,
        tuple(ordered),
    )  # fmt: skip


def read_row(path: Path) -> EpisodeRow:
    """Return the row at the end of a trajectory.

    Raises:
        DataError: If it cannot be read, or the episode was never finished.
    """
    row = read_episode(path).row
    if row is None:
        raise DataError(f"{path}: the episode was not finished; `agemem bench ... --resume` plays it again")
    return EpisodeRow.from_json(json.dumps(row))


def _without(spec: RunSpec, access: Access, whole: PlayedWithout, gone: set[str]) -> Without:
    try:
        played = play(spec, access, lambda entries: gone)
    except ReplayMissError:
        return Without(None, None, None, None)
    known = played.score is not None and whole.score is not None
    worth = (whole.score or 0.0) - (played.score or 0.0) if known else None
    return Without(played.score, worth, played.turns - whole.turns, played.tokens - whole.tokens)


def _entry(entry: MemoryEntry, told: Told, without: Without) -> EntryCredit:
    states = told.facts_in(entry.content)
    return EntryCredit(entry.id, entry.content, tuple(sorted(states)), bool(states & told.gold), without)
