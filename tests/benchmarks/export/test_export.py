"""`agemem export`: what is written can be read back and holds what was played; what goes wrong is one line."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import DataError
from agemem_env.services.chat import ChatRequest
from baselines.base import Info, Observation, Policy
from baselines.reader import Reader
from benchmarks.export import export as module
from benchmarks.export.choose import ExportTally, Wanted, chosen
from benchmarks.export.export import FORMATS
from benchmarks.export.pairs import pair_lines
from benchmarks.export.turns import plain
from benchmarks.speed.fake_server import OpenAIServer, chat_completion
from tests.benchmarks.command import agemem, rows_of
from tests.openai_server import server

__all__ = ["server"]

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "3", "-q")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks, each played by one who knows, one who guesses, and one who does nothing."""
    path = tmp_path_factory.mktemp("runs") / "run"
    players = ("-p", "expert", "-p", "random", "-p", "do-nothing")
    assert agemem(*QUICK, *players, "--output", path).exit_code == 0
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def exported(run: Path, form: str, *options: Any) -> list[dict[str, Any]]:
    output = run.parent / f"{form}.jsonl"
    result = agemem("export", run, "--format", form, "--output", output, *options)
    assert result.exit_code == 0, result.output
    return lines(output)


def test_conversations_hold_every_reply_once_in_an_order_of_their_own(run: Path) -> None:
    found = exported(run, "sft")
    rows = {row.config_hash: row for row in rows_of(run)}
    assert {line["episode"] for line in found} == set(rows)
    for key, row in rows.items():
        own = [line for line in found if line["episode"] == key]
        assert [line["segment"] for line in own] == list(range(len(own)))
        said = [m for line in own for m in line["messages"][line["first"] :] if m["role"] == "assistant"]
        assert len(said) == row.steps
        assert {(line["reward"], line["success"], line["task"]) for line in own} == {
            (row.reward, row.success, row.task_id)
        }
        assert own[0]["messages"][0]["role"] == "system" and own[0]["first"] == 2
    assert [tool["function"]["name"] for tool in json.loads(found[0]["tools"])][-1] == "answer"
    places = [(line["task"], line["player"]) for line in found]
    assert places == sorted(places)


@pytest.mark.parametrize("form", ["sft", "pairs"])
def test_the_order_does_not_depend_on_how_it_was_played(form: str, run: Path, tmp_path: Path) -> None:
    other = tmp_path / "run"
    players = ("-p", "do-nothing", "-p", "random", "-p", "expert")
    assert agemem(*QUICK, *players, "--output", other, "--workers", "2").exit_code == 0
    texts = [agemem("export", path, "--format", form).stdout for path in (run, other)]
    assert texts[0] == texts[1] != ""


def test_filters(run: Path) -> None:
    good = [row for row in rows_of(run) if row.success]
    assert 0 < len(good) < 9
    assert {line["episode"] for line in exported(run, "sft", "--success")} == {row.config_hash for row in good}
    least = max(row.reward or 0 for row in rows_of(run))
    kept = exported(run, "sft", "--min-reward", least)
    assert {line["reward"] for line in kept} == {least}
    result = agemem("export", run, "--format", "sft", "--min-reward", "99")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "none of the 9 episodes is exported: 9 left out by --min-reward" in result.stderr
    for form in FORMATS[1:3]:
        result = agemem("export", run, "--format", form, "--success", "--min-reward", "99")
        assert "9 left out by --min-reward and --success" in result.stderr, "also where pairs were asked for"


class Numbers(Policy):
    """Plays numbers, which no model could say."""

    def act(self, observation: Observation, info: Info) -> int:
        return 7


class Broken(Policy):
    """Fails at once."""

    def act(self, observation: Observation, info: Info) -> str:
        raise RuntimeError("no turn")


@pytest.mark.parametrize("form", ["sft", "parquet"])
def test_episodes_without_a_message_are_not_called_filtered(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    run = tmp_path / "run"
    players = ("-p", f"{__name__}:Numbers", "-p", f"{__name__}:Broken")
    agemem(*QUICK, *players, "--output", run)
    options = ("--format", form, "--output", tmp_path / "out.jsonl")
    result = agemem("export", run, *options)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "in none of the 3 episodes that were taken" in result.stderr and "3 crashed" in result.stderr
    assert "left out" not in result.stderr
    for file in (run / "trajectories").iterdir():
        file.unlink()
    result = agemem("export", run, *options)
    assert "none of the 6 episodes is exported: 3 crashed, 3 without a trajectory" in result.stderr


@pytest.fixture(scope="module")
def one_task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task that two seeds draw, each played by one who knows and one who does nothing."""
    run = tmp_path_factory.mktemp("runs") / "run"
    bench = ("bench", "-b", "tests.toy:ToyEngine", "--first-seed", "2", "-n", "2", "-q")
    assert agemem(*bench, "-p", "expert", "-p", "do-nothing", "--output", run).exit_code == 0
    assert len({row.task_id for row in rows_of(run)}) == 1
    return run


def test_pairs_are_of_one_seed(one_task: Path) -> None:
    """Another seed gives another episode, with whose reward nothing can be compared."""
    seeds = {row.config_hash: row.seed for row in rows_of(one_task)}
    found = exported(one_task, "pairs")
    assert [line["seed"] for line in found] == [2, 3]
    assert all(seeds[line["chosen_episode"]] == seeds[line["rejected_episode"]] == line["seed"] for line in found)
    groups = {(line["group"], line["seed"]) for line in exported(one_task, "sft")}
    assert len({group for group, _ in groups}) == len(groups) == 4


def test_pairs_start_with_equal_memories(one_task: Path) -> None:
    """Where memory is kept from one episode to the next, a reward may be that of an earlier one's entries."""
    episodes = list(chosen([one_task], Wanted(), ExportTally(), print))
    assert len(list(pair_lines(episodes))) == 2
    kept = next(turn.memory for one in episodes for turn in one.episode.turns if turn.memory)
    first = episodes[0].episode.turns[0]
    episodes[0].episode.turns[0] = replace(first, memory=kept)
    with pytest.raises(DataError, match="part at a prompt or a memory"):
        list(pair_lines(e for e in episodes if e.row.seed == episodes[0].row.seed))


def test_pairs_part_at_one_prompt_and_prefer_what_earned_more(run: Path) -> None:
    found = exported(run, "pairs")
    assert len(found) >= 3
    rewards = {row.config_hash: row.reward for row in rows_of(run)}
    for line in found:
        assert line["chosen"] != line["rejected"]
        assert [m["role"] for m in (*line["chosen"], *line["rejected"])] == ["assistant"] * 2
        assert line["prompt"][-1]["role"] in ("user", "tool")
        assert rewards[line["chosen_episode"]] == line["chosen_reward"] > line["rejected_reward"]
        assert rewards[line["rejected_episode"]] == line["rejected_reward"]
    best = {task: max(r.reward or 0 for r in rows_of(run) if r.task_id == task) for task in {x["task"] for x in found}}
    assert all(line["chosen_reward"] == best[line["task"]] for line in found)


def test_one_rollout_makes_no_pair(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    result = agemem("export", run, "--format", "pairs", "--output", tmp_path / "x.jsonl")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "no pairs: no task was played twice with the same seed" in result.stderr
    assert not (tmp_path / "x.jsonl").exists()
    again = tmp_path / "again"
    assert agemem(*QUICK, "-p", "expert", "--output", again).exit_code == 0
    result = agemem("export", run, again, "--format", "pairs")
    assert "no pairs: all that played a task with the same seed earned the same" in result.stderr


def test_two_runs_with_the_same_names_are_two_rollouts_and_one_named_twice_is_one(run: Path, tmp_path: Path) -> None:
    pair = [tmp_path / "a", tmp_path / "b"]
    for path in pair:
        assert agemem(*QUICK, "-p", "expert", "--output", path).exit_code == 0
    both = agemem("export", *pair, "--format", "sft").stdout.splitlines()
    found = [json.loads(line) for line in both]
    assert {line["rollout"] for line in found} == {0, 1}
    assert len({line["group"] for line in found}) == len({line["task"] for line in found})
    once = agemem("export", pair[0], pair[0], "--format", "sft").stdout.splitlines()
    assert 2 * len(once) == len(both)


class Tokenizer:
    """Bytes; tool calls by name and arguments; a newline after the end, as templates write it."""

    eos_token_id = 256
    chat_template = "bytes"

    def apply_chat_template(
        self, messages: Any, *, tools: Any, add_generation_prompt: bool, tokenize: bool, return_dict: bool
    ) -> list[int]:
        ids = [*json.dumps(tools).encode()] if tools else []
        for message in messages:
            calls = [call["function"]["arguments"] for call in message.get("tool_calls") or ()]
            assert all(isinstance(arguments, dict) for arguments in calls)
            ids += [*f"<{message['role']}>{message['content']}{json.dumps(calls) if calls else ''}".encode(), 256, 10]
        return ids + ([*b"<assistant>"] if add_generation_prompt else [])


def test_rows_of_a_tokenizer(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load_tokenizer", lambda path: Tokenizer())
    result = agemem("export", run, "--format", "rows", "--tokenizer", "bytes")
    assert result.exit_code == 0 and "logprobs are null" in result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    whole = exported(run, "sft")
    assert len(found) == len(whole), "a row for each segment"
    for row, line in zip(found, whole, strict=True):
        said = [m for m in line["messages"][line["first"] :] if m["role"] == "assistant"]
        assert len(row["starts"]) == len(said) and row["mask"].count(1) > 0
        assert len(row["mask"]) == len(row["response_ids"]) and row["mask"][-1] == 1
        assert row["response_ids"][-1] == 256, "the newline after the end was not sampled"
        tools = json.loads(line["tools"])
        assert row["prompt_ids"] == Tokenizer().apply_chat_template(
            plain(line["messages"][: line["first"]]),
            tools=tools, add_generation_prompt=True, tokenize=True, return_dict=False,
        )  # fmt: skip
        assert (row["logprobs"], row["tokens"], row["turn"]) == (None, "tokenizer", line["turn"])


def speak(messages: Any, tools: Any) -> Any:
    if tools[0]["function"]["name"] == "ready":
        call = {"id": "a", "type": "function", "function": {"name": "ready", "arguments": "{}"}}
        return {"role": "assistant", "content": "", "tool_calls": [call]}
    return Reader().chat(ChatRequest(messages=tuple(messages), tools=tuple(tools), purpose="act")).message()


@pytest.mark.parametrize("memory", [None, "rag", "agemem-norl"])
def test_prompts_are_those_that_the_model_was_sent(memory: str | None, server: OpenAIServer, tmp_path: Path) -> None:
    """What a memory system shows, and the instructions of the policy in the system message, included."""
    server.speak = speak
    run = tmp_path / "run"
    around = () if memory is None else ("-m", memory)
    bench = ("bench", "-b", "HotpotQA", "--source", "generated", "-n", "1", "-q", "-p", "openai:m", *around)
    assert agemem(*bench, "--output", run).exit_code == 0
    found = []
    for line in exported(run, "sft"):
        messages = line["messages"]
        found += [messages[:i] for i in range(line["first"], len(messages)) if messages[i]["role"] == "assistant"]
    sent = [[{**m, "content": m["content"] or ""} for m in body["messages"]] for body in server.requests[-len(found) :]]
    assert found == sent and len(found) == rows_of(run)[0].steps
    assert server.requests[-1]["tools"] == json.loads(exported(run, "sft")[0]["tools"])


def test_rows_of_recorded_tokens(server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies: list[tuple[list[int], list[int]]] = []

    server.speak = speak
    plain_completion = chat_completion

    def with_tokens(said: Any, body: Any) -> dict[str, Any]:
        reply = plain_completion(said, body)
        prompt = [*"".join(str(m["content"]) for m in body["messages"]).encode()]
        bodies.append((prompt, [7, 8, 9]))
        choice = reply["choices"][0]
        choice["token_ids"] = [7, 8, 9]
        choice["logprobs"] = {"content": [{"logprob": -0.5}] * 3}
        return {**reply, "prompt_token_ids": prompt}

    monkeypatch.setattr("benchmarks.speed.fake_server.chat_completion", with_tokens)
    run = tmp_path / "run"
    done = agemem(
        "bench", "-b", "HotpotQA", "--source", "generated", "-n", "1", "-q", "-p", "openai:m", "--output", run
    )
    assert done.exit_code == 0, done.output
    found = exported(run, "rows")
    assert {line["tokens"] for line in found} == {"recorded"}
    prompts = [row["prompt_ids"] + row["response_ids"][:start] for row in found for start in row["starts"]]
    assert prompts == [prompt for prompt, _ in bodies][-len(prompts) :], "what was asked before the run is not of it"
    assert len(prompts) == rows_of(run)[0].steps
    assert all(set(row["logprobs"]) <= {0.0, -0.5} and -0.5 in row["logprobs"] for row in found)
    assert not any("token_ids" in message for line in exported(run, "sft") for message in line["messages"])


def test_rows_without_tokens_say_what_is_absent(run: Path) -> None:
    result = agemem("export", run, "--format", "rows")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "no token ids were recorded; with --tokenizer PATH" in result.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_parquet_can_be_read_back(form: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(module, "load_tokenizer", lambda path: Tokenizer())
    output = tmp_path / "out.parquet"
    options = ("--tokenizer", "bytes") if form == "rows" else ()
    result = agemem("export", run, "--format", form, "--output", output, *options)
    assert result.exit_code == 0, result.output
    table = parquet.read_table(output).to_pylist()
    if form != "parquet":
        as_text = [json.loads(line) for line in agemem("export", run, "--format", form, *options).stdout.splitlines()]
        assert [without_gaps(line) for line in table] == [without_gaps(line) for line in as_text]
        return
    rows = {row.config_hash: row for row in rows_of(run)}
    assert len(table) == sum(row.steps or 0 for row in rows.values())
    for key, row in rows.items():
        own = [line for line in table if line["episode"] == key]
        assert [line["turn"] for line in own] == list(range(1, len(own) + 1))
        assert [line["last"] for line in own] == [False] * (len(own) - 1) + [True]
        assert sum(line["paid"] for line in own) == pytest.approx(row.reward)
        assert own[0]["stage"] == 1 and own[-1]["stage"] == 3
        assert json.loads(own[0]["prompt"])[0]["role"] == "system"


def without_gaps(value: Any) -> Any:
    """A value without what a table fills in."""
    if isinstance(value, dict):
        return {name: without_gaps(inner) for name, inner in value.items() if inner is not None}
    return [without_gaps(inner) for inner in value] if isinstance(value, list) else value


def test_a_torn_trajectory_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    run, output = tmp_path / "run", tmp_path / "out.jsonl"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    files = sorted((run / "trajectories").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-40])
    files[1].write_bytes(b"nonsense")
    result = agemem("export", run, "--format", "sft", "--output", output)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 3
    assert all(str(file) in result.stderr for file in files[:2])
    assert len({line["episode"] for line in lines(output)}) == 1
    files[2].unlink()
    result = agemem("export", run, "--format", "sft", "--output", output)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 3)
    assert "none of the 3 episodes is exported: 1 without a trajectory, 2 whose trajectory cannot be" in result.stderr
    assert lines(output), "what was there is still there"


def test_no_trajectories_is_one_line(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert agemem(*QUICK, "-p", "expert", "--output", run).exit_code == 0
    for path in (run / "episodes.jsonl", tmp_path / "nothing"):
        result = agemem("export", path, "--format", "sft")
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)


class Full:
    """A disk that fills up after some bytes."""

    def __init__(self, file: Any) -> None:
        self._file, self._room = file, 20_000

    def write(self, data: Any) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_full_disk_is_one_line_and_leaves_what_was_there(
    name: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import contextmanager

    from agemem_env.data.files import whole_file

    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")

    @contextmanager
    def filling(path: Path) -> Iterator[Any]:
        with whole_file(path) as file:
            yield Full(file)

    output = tmp_path / name
    output.write_text("before")
    monkeypatch.setattr(module, "whole_file", filling)
    result = agemem("export", run, "--format", "sft", "--output", output)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
    assert "No space left on device" in result.stderr
    assert output.read_text() == "before" and [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "jsonl"), "unknown format 'jsonl'"),
        (("--format", "sft", "--tokenizer", "x"), "--tokenizer is for --format rows"),
        (("--format", "sft", "--output", "."), "is a folder"),
        (("--format", "sft", "--output", "/proc/nothing/x.jsonl"), "cannot"),
        ((), "missing option '--format'"),
    ],
)
def test_what_cannot_be_is_one_line(options: tuple[str, ...], said: str, run: Path) -> None:
    result = agemem("export", run, *options)
    assert result.exit_code in (1, 2) and result.stderr.count("\n") == 1
    assert said in result.stderr.lower()


def test_parquet_without_its_package_is_one_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    result = agemem("export", run, "--format", "parquet", "--output", "x.parquet")
    assert result.exit_code == 1 and "pip install 'agemem-env[parquet]'" in result.stderr
