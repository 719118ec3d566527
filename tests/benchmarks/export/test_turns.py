"""Prompts and replies of a stored episode are those that were sent, and a segment ends where the context was rewritten."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agemem_env.tools import PAPER_TOOLS
from benchmarks.export.turns import exchanges, plain, segments, tools_of
from benchmarks.specs import RunSpec, make_env
from benchmarks.trajectories.rebuild import read_episode
from tests.benchmarks.trajectories.playing import record, spec_of

SUMMING = "tests.benchmarks.trajectories.playing:Summing"


def replayed(spec: RunSpec, actions: list[Any]) -> tuple[list[list[dict[str, Any]]], list[bool], list[dict[str, Any]]]:
    """The prompts of an episode played again, whether each is a rewritten one, and the tools."""
    with closing(make_env(spec.env_id, spec.env_kwargs)) as env:
        observation, info = env.reset(seed=spec.seed)
        prompts, rewritten, space = [], [], env.action_space
        assert hasattr(space, "tools")
        for action in actions:
            prompts.append([{**m, "content": m["content"] or ""} for m in observation["messages"]])
            rewritten.append(info["context_rewritten"])
            observation, _, _, _, info = env.step(action)
        return prompts, rewritten, space.tools()


@pytest.mark.parametrize("changes", [{}, {"tool_format": "tags"}, {"stages": [3]}, {"tools": ["Summary_context"]}])
@pytest.mark.parametrize(("benchmark", "policy"), [("HotpotQA", "expert"), ("PDDL", "random"), ("HotpotQA", SUMMING)])
def test_prompts_are_those_that_were_sent(benchmark: str, policy: str, changes: dict[str, Any], tmp_path: Path) -> None:
    spec = spec_of(benchmark, policy, 3, **changes)
    played = record(spec, tmp_path)
    episode = read_episode(played.path)
    found = list(exchanges(episode))
    prompts, rewritten, tools = replayed(spec, played.actions)
    assert [list(exchange.prompt) for exchange in found] == prompts
    assert [exchange.goes_on for exchange in found[1:]] == [not flag for flag in rewritten[1:]]
    assert tools_of(episode) == (tools if changes.get("tool_format") != "tags" else [])
    groups = list(segments(episode))
    assert [exchange for group in groups for exchange in group] == found
    assert len(groups) == 1 + sum(rewritten[1:])
    if benchmark == "HotpotQA" and "stages" not in changes:
        assert len(groups) >= 2, "the context is cleared before stage 2"


def test_the_reply_of_a_call_that_the_next_prompt_lacks_is_written_in_the_format_of_the_episode(tmp_path: Path) -> None:
    for tool_format in ("native", "tags"):
        episode = read_episode(record(spec_of("HotpotQA", "expert", 7, tool_format=tool_format), tmp_path).path)
        replies = [
            exchange.reply for exchange in exchanges(episode) if exchange.turn.action not in ("Noted.", "I see.")
        ]
        assert replies
        for reply in replies:
            native = [call["function"]["name"] for call in reply.get("tool_calls", ())]
            assert native if tool_format == "native" else reply["content"].startswith("<tool_call>[")


@pytest.mark.parametrize(("memory", "offered"), [("rag", ["answer"]), ("agemem", [*PAPER_TOOLS, "answer"])])
def test_tools_are_those_that_the_memory_system_left(memory: str, offered: list[str], tmp_path: Path) -> None:
    episode = read_episode(record(spec_of("HotpotQA", "reader", 1, memory), tmp_path).path)
    assert [tool["function"]["name"] for tool in tools_of(episode)] == offered


def test_messages_are_kept_as_sent_and_thoughts_end_a_segment(tmp_path: Path) -> None:
    episode = read_episode(record(spec_of("HotpotQA", f"{__name__}:Thinking", 1), tmp_path).path)
    found = list(exchanges(episode))
    assert found[0].reply == {"role": "assistant", "content": "Noted.", "reasoning_content": "Hm."}
    assert not any(exchange.goes_on for exchange in found), "the next prompt does not repeat the thought"


class Thinking:
    name = "thinking"

    def __init__(self, env: Any = None) -> None: ...

    def reset(self, info: Any) -> None: ...

    def act(self, observation: Any, info: Any) -> Any:
        stage = observation["stage"]
        content = "<answer>x</answer>" if stage == 3 else "Noted."
        return {"role": "assistant", "content": content, "reasoning_content": "Hm."}


def test_arguments_that_are_no_json_stay_a_text() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "answer", "arguments": '{"text": '}}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    assert plain([message])[0]["tool_calls"][0]["function"]["arguments"] == '{"text": '
