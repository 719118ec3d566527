from __future__ import annotations

from pathlib import Path

from agemem_env.text.told import Told
from benchmarks.trajectories.reader import read_trajectory
from tests.benchmarks.trajectories.playing import record, spec_of


def test_a_trajectory_says_what_was_sent_told_and_stored(tmp_path: Path) -> None:
    played = record(spec_of("HotpotQA", "expert", 3), tmp_path)
    task, told = played.view.task, Told.of(played.view.task)
    seen = read_trajectory(played.path)
    assert seen.row is not None
    assert seen.row["config_hash"] == seen.key
    assert (seen.task.query, seen.task.answer, seen.task.distractors) == (task.query, task.answer, task.distractors)
    assert [f.worth == "gold" for f in seen.task.facts] == [f.gold for f in task.facts]
    assert {i: f.superseded_by for i, f in enumerate(seen.task.facts) if f.superseded_by is not None} == task.superseded
    facts = [m for m in seen.messages if m.origin == "fact"]
    assert [m.facts for m in facts] == [u.facts for u in task.utterances]
    assert [m.sent["content"] for m in facts] == [u.text for u in task.utterances]
    last = seen.turns[-1]
    assert last.memory
    assert {e.id: frozenset(e.states) for e in last.memory} == {
        e.id: told.facts_in(e.content) for e in played.view.entries
    }
    assert [turn.number for turn in seen.turns] == list(range((played.row.steps or 0) + 1))
    assert last.events[-1].kind == "answer"


def test_a_summary_names_what_it_stands_for(tmp_path: Path) -> None:
    played = record(spec_of("HotpotQA", "tests.benchmarks.trajectories.playing:Summing", 3), tmp_path)
    seen = read_trajectory(played.path)
    summaries = [m for m in seen.messages if m.origin == "summary"]
    assert summaries
    assert all(seen.messages[n].origin != "summary" for m in summaries for n in m.sources)
    removed = [e.removed for turn in seen.turns for e in turn.events if e.kind == "reduce"]
    assert set(summaries[0].sources) <= set(removed[0])
