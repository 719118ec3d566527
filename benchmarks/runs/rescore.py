"""`rescore`: the scores of a run made anew from its trajectories, with the same or another judge or reward profile.

Nothing is played. With the judge and the profile of the run the scores are those of its rows, to the last digit.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gymnasium as gym

from agemem_env.config import EnvConfig
from agemem_env.engines import engine_class
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.rewards import make_profile, measure
from agemem_env.services.costs import charged_to
from agemem_env.services.guarded_judge import GuardedJudge
from agemem_env.services.judges import make_judge
from agemem_env.types import Usage
from benchmarks.results.costs import written_usage
from benchmarks.results.row import EpisodeRow
from benchmarks.runs.configuration import RunConfiguration
from benchmarks.runs.folder import RunFolder, read_configuration
from benchmarks.runs.reading import Run, open_run
from benchmarks.specs import RunSpec
from benchmarks.trajectories.rebuild import PlayedEpisode, read_episode


@dataclass(frozen=True)
class Scorer:
    """How episodes are scored; None leaves it as the run had it.

    Attributes:
        judge: Name of the judge, or a mapping with its options.
        reward: Name of the reward profile.
    """

    judge: str | Mapping[str, Any] | None = None
    reward: str | None = None

    def settings(self) -> dict[str, Any]:
        """Return the arguments of environments that say so."""
        return {name: value for name, value in (("judge", self.judge), ("reward", self.reward)) if value is not None}


def rescored(row: EpisodeRow, episode: PlayedEpisode, scorer: Scorer) -> EpisodeRow:
    """Return the row of an episode with its scores made anew.

    Args:
        row: The row.
        episode: The episode.
        scorer: How to score it.

    Raises:
        ConfigurationError: If there is no such judge or profile.
        DataError: If the episode was not played to its end.
        ServiceError: If the judge cannot be asked.
    """
    kwargs = {**row.env_kwargs, **scorer.settings()}
    judge = make_judge(kwargs.get("judge", EnvConfig.judge))
    profile = make_profile(kwargs.get("reward", EnvConfig.reward))
    view = episode.view()
    faults: list[str] = []
    spent: list[Usage] = []
    guarded = GuardedJudge(judge, faults.append)
    with charged_to(lambda what, usage: spent.append(usage)):
        scores = profile.score(view, guarded, episode.setting["weights"])
        metrics = measure(view, guarded, _own_metrics(row.env_id))
    components = dict(scores.components)
    # What dense rewards add up to may differ from the score in the last digit.
    paid = row.reward if kwargs.get("dense") and components == row.reward_components else scores.total
    spec = replace(row.spec, env_kwargs=kwargs)
    return replace(
        row,
        config_hash=spec.config_hash,
        env_kwargs=kwargs,
        reward_profile=profile.name,
        judge=judge.name,
        reward=paid,
        reward_components=components,
        metrics=metrics,
        **_costs(row, episode, spent, faults),
    )


def rescore(run: Run, scorer: Scorer, say: Callable[[str], None]) -> Iterator[tuple[EpisodeRow, EpisodeRow | None]]:
    """Yield each row of a run with the one that its trajectory gives; those of crashed episodes are left out.

    Args:
        run: The run.
        scorer: How to score it.
        say: Told of rows without a trajectory, which are left out, and of damaged trajectories, which give None.

    Raises:
        ConfigurationError: If there is no such judge or profile.
        ServiceError: If the judge cannot be asked.
    """
    for row in {row.config_hash: row for row in run.rows if row.error is None}.values():
        file, again = run.trajectory_file(row.config_hash), None
        if file is None:
            say(f"{_name(row)} is left out: it has no trajectory")
            continue
        try:
            again = rescored(row, _played(row, file), scorer)
        except DataError as error:
            say(f"{_name(row)} is left out: {error}")
        yield row, again


def _name(row: EpisodeRow) -> str:
    return f"{row.benchmark}, {row.policy}, seed {row.seed}"


def _played(row: EpisodeRow, file: Path) -> PlayedEpisode:
    """Return the episode in a file, which must be that of a row."""
    episode = read_episode(file)
    of = (*(episode.spec.get(name) for name in ("env_id", "policy", "memory", "seed")), episode.task.id)
    if of != (row.env_id, row.policy, row.memory, row.seed, row.task_id):
        raise DataError(f"{file} is the trajectory of another episode: {' '.join(map(str, of))}")
    return episode


def differing(run: Path, say: Callable[[str], None]) -> tuple[int, int]:
    """Return how many rows of a run were scored again as the run did, and in how many anything differs.

    Args:
        run: The run folder.
        say: Told of each row that differs or has no trajectory. One whose trajectory is damaged differs.
    """
    count = different = 0
    for row, again in rescore(open_run(run), Scorer(), say):
        count += 1
        if again is None:
            different += 1
            continue
        changed = [
            name for name, value in row.to_dict().items() if _comparable(value) != _comparable(getattr(again, name))
        ]
        if changed:
            different += 1
            say(f"{_name(row)}: {', '.join(changed)} differ")
    return count, different


def write_rescored(path: Path, scorer: Scorer, output: Path, say: Callable[[str], None]) -> int:
    """Write a run again, with other scores, into a folder of its own; return the number of its rows.

    Args:
        path: The run folder.
        scorer: How to score it.
        output: The new folder.
        say: Told of rows that are left out.

    Raises:
        ConfigurationError: If the new folder cannot be used.
        DataError: If the run cannot be read, or has nothing to be scored.
    """
    run = open_run(path)
    played = read_configuration(path) if run.about else RunConfiguration(None, "", ())
    with RunFolder(output) as folder:
        pairs = [(old, new) for old, new in rescore(run, scorer, say) if new is not None]
        if not pairs:
            raise DataError(f"{path} holds no episode that could be scored again")
        names = {old.config_hash: new.config_hash for old, new in pairs}
        rows = []
        for old, new in pairs:  # in a stream, those before come first
            spec = replace(new.spec, after=None if old.after is None else names.get(old.after, old.after))
            names[old.config_hash] = spec.config_hash
            rows.append((old, replace(new, config_hash=spec.config_hash, after=spec.after)))
        about = {name: run.about[name] for name in ("versions", "git", "data") if name in run.about}
        specs: list[RunSpec] = [row.spec for _, row in rows]
        folder.begin(RunConfiguration.of(specs, played.version, played.suite), {**about, "rescored": str(path)})
        for old, row in rows:
            folder.rows.append(row)
            _link(run.trajectory_file(old.config_hash), folder.trajectory_file(row.config_hash))
        return len(rows)


def default_output(path: Path, scorer: Scorer) -> Path:
    """Return the folder beside a run for its rows with other scores.

    >>> default_output(Path("runs/x"), Scorer("openai:gpt-4o", "strict")).name
    'x.openai-gpt-4o.strict'
    """
    judge = scorer.judge if isinstance(scorer.judge, str) or scorer.judge is None else scorer.judge.get("name", "judge")
    parts = ["".join(c if c.isalnum() or c in "-_." else "-" for c in part) for part in (judge, scorer.reward) if part]
    return path.with_name(".".join([path.resolve().name, *parts]))


def _own_metrics(env_id: str) -> Mapping[str, Any]:
    """Return a benchmark's own metrics."""
    engine = env_id if ":" in env_id else gym.spec(env_id).kwargs.get("benchmark", env_id)
    return engine_class(engine).metrics


def _costs(row: EpisodeRow, episode: PlayedEpisode, spent: list[Usage], faults: list[str]) -> dict[str, Any]:
    """Return what the episode cost to play, with this judge in place of the one that was asked then."""
    events = episode.events()
    before = sum((e.usage for e in events if e.usage and e.arguments.get("what") == "judge"), Usage())
    if before == Usage() and not spent and not faults:
        return {}
    services = [e.usage for e in events if e.usage and e.actor == "environment" and e.arguments.get("what") != "judge"]
    memory = sum((e.usage for e in events if e.usage and e.actor == "system"), Usage())
    policy = sum((turn.usage for turn in episode.turns if turn.usage), Usage())
    service = sum([*services, *spent], Usage())
    counted = {kind: n for kind, n in (row.service_faults or {}).items() if kind != "judge"}
    return {
        "cost": written_usage(policy + memory + service),
        "service_cost": written_usage(service),
        "service_faults": {**counted, **({"judge": len(faults)} if faults else {})},
    }


def _link(file: Path | None, to: Path) -> None:
    if file is None:
        return
    to.unlink(missing_ok=True)
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def _comparable(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def check_scorer(scorer: Scorer) -> None:
    """Check that judge and profile are there.

    Raises:
        ConfigurationError: If one is not.
    """
    if scorer.reward is not None:
        make_profile(scorer.reward)
    if scorer.judge is not None:
        make_judge(scorer.judge)
    if not scorer.settings():
        raise ConfigurationError("name another judge or another reward profile")
