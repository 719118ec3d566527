"""What a learner is told beside the prompt is true, and tells nothing that the prompt does not."""

from __future__ import annotations

import itertools
from typing import Any

from agemem_env.context.origins import read
from agemem_env.env import AgeMemEnv
from baselines import make as make_policy
from baselines.conformance.common import Make, broken, mixed_actions, plain

ORIGINS = {
    "system", "told", "distractor", "query", "observation", "retrieval", "summary", "result", "notice", "agent",
}  # fmt: skip
"""Who may be behind a part of the prompt. What is told is one kind: gold facts, others and small talk alike."""


_KEY = "the spare key is under the third pot"

_LOOKING_UP = (
    {"name": "Add_memory", "arguments": {"content": _KEY}},
    {"name": "Retrieve_memory", "arguments": {"query": "spare key", "top_k": 1}},
)


def info_tells_who_said_what(make: Make) -> None:
    """``info["origins"]`` divides the prompt into its parts and tells who is behind each; never what is gold."""
    for tool_format in ("native", "tags"):
        env = plain(make(tool_format=tool_format))
        for seed in range(2):
            observation, info = env.reset(seed=seed)
            actions, over = mixed_actions(env, seed), False
            while not over:
                _check_parts(env, observation, info)
                observation, _, terminated, truncated, info = env.step(next(actions))
                over = terminated or truncated
            _check_parts(env, observation, info)


def _check_parts(env: AgeMemEnv, observation: Any, info: dict[str, Any]) -> None:
    parts = list(read(observation["messages"], info["origins"]))
    if unknown := {part.origin for part in parts} - ORIGINS:
        broken(f"unknown origins {sorted(unknown)}")
    contents = [message["content"] or "" for message in observation["messages"]]
    joined = ["\n\n".join(part.text for part in parts if part.message == i) for i in range(len(contents))]
    if joined != contents:
        broken("the parts do not make up the messages")
    roles = {"system": "system", "agent": "assistant"}
    for part in parts:
        role = observation["messages"][part.message]["role"]
        if role in roles.values() and role != roles.get(part.origin):
            broken(f"a part of {part.origin!r} is in a message of {role!r}")
    task = env.task
    told = {u.text for u in task.utterances} or {fact.text for fact in task.facts}
    for part in parts:
        if part.origin == "told" and not set(part.text.split("\n")) <= {line for t in told for line in t.split("\n")}:
            broken(f"{part.text!r:.80} was never told")
        if part.origin == "distractor" and part.text not in task.distractors:
            broken(f"{part.text!r:.80} is no distractor")
    if info["stage"] == 3 and not any(part.origin == "query" and task.query in part.text for part in parts):
        broken("no part is the query")


def info_tells_what_is_shown_and_what_changed(make: Make) -> None:
    """``info["shown_memories"]`` lists the memories in the prompt, ``info["last_effect"]`` what each call changed."""
    env = plain(make())
    for seed in range(3):
        observation, info = env.reset(seed=seed)
        if info["last_effect"]:
            broken("something has an effect before the first turn")
        actions, over, stage = itertools.chain(_LOOKING_UP, mixed_actions(env, seed)), False, observation["stage"]
        while not over:
            size = observation["memory_size"]
            observation, _, terminated, truncated, info = env.step(next(actions))
            kinds = [effect["kind"] for effect in info["last_effect"]]
            if observation["memory_size"] - size != kinds.count("add") - kinds.count("delete"):
                broken(f"{kinds} do not explain how memory changed from {size} to {observation['memory_size']}")
            _check_memories(observation, info)
            # The context is cleared when stage 1 ends, and what was looked up with it.
            if observation["round"] == len(_LOOKING_UP) and observation["stage"] == stage:
                _check_looked_up(info)
            stage, over = observation["stage"], terminated or truncated


def _check_looked_up(info: dict[str, Any]) -> None:
    if [memory["content"] for memory in info["shown_memories"]] != [_KEY]:
        broken(f"what was looked up is not what is shown: {info['shown_memories']}")


def _check_memories(observation: Any, info: dict[str, Any]) -> None:
    shown = info["shown_memories"]
    prompt = "\n".join(message["content"] or "" for message in observation["messages"])
    ids = [memory["id"] for memory in shown]
    if len(set(ids)) != len(ids):
        broken("a memory is listed twice")
    for memory in shown:
        if memory["id"] not in prompt:
            broken(f"{memory['id']} is not in the prompt")
        if memory["content"] not in prompt and "[cut: the context is full]" not in prompt:
            broken(f"{memory['content']!r:.80} is not in the prompt")
        if memory["score"] is not None and not -1.01 <= memory["score"] <= 1.01:
            broken(f"{memory['score']} is no cosine similarity")


def an_episode_starts_with_a_given_memory(make: Make) -> None:
    """``reset(options={"memory": store})`` starts one episode with a copy of a store."""
    env = plain(make())
    env.reset(seed=1)
    entry = env.desk().add(_KEY)
    store = env.memory.copy()
    observation, _ = env.reset(seed=2, options={"memory": store})
    if observation["memory_size"] != 1 or entry.id not in env.memory:
        broken("the episode did not start with the store")
    env.desk().delete(entry.id)
    if len(store) != 1:
        broken("the episode changed the store that was given")
    if env.reset(seed=2)[0]["memory_size"]:
        broken("the next episode still had the store")


def the_answer_need_not_be_offered(make: Make) -> None:
    """With ``offer_answer=False``, tasks with commands are played without the ``answer`` tool."""
    if not plain(make()).engine.has_commands:
        return
    env = plain(make(offer_answer=False))
    observation, info = env.reset(seed=1)
    if "answer" in info["tool_calls"] or "<answer>" in observation["messages"][0]["content"]:
        broken("the answer tool is still offered")
    policy = make_policy("expert", env)
    policy.reset(info)
    tried = over = False
    while not over:
        if observation["stage"] == 3 and not tried:
            action, tried = {"name": "answer", "arguments": {"text": "done"}}, True
            if "unknown_tool" in info["errors"]:
                broken("the expert called a tool that is not offered")
        else:
            action = policy.act(observation, info)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated
    if info["errors"].get("unknown_tool") != 1:
        broken("an answer was not refused as a tool that is not offered")


def idle_commands_change_nothing(make: Make) -> None:
    """Commands in ``info["idle_commands"]`` are allowed, cost a turn, change nothing, and the expert needs none."""
    env = plain(make(stages=(3,)))
    if not env.engine.idle_commands:
        return
    policy = make_policy("expert", env)
    for seed in range(2):
        observation, info = env.reset(seed=seed)
        policy.reset(info)
        over = False
        while not over:
            if not set(info["idle_commands"]) <= set(info["admissible_commands"]):
                broken("an idle command is not admissible")
            for command in info["idle_commands"]:
                _check_idle(env, command)
            action = policy.act(observation, info)
            command = action.arguments.get("command") if action.name == "act" else None
            if command in env.engine.idle_commands:
                broken(f"the expert says {command!r}")
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated


def _check_idle(env: AgeMemEnv, command: str) -> None:
    saved = env.snapshot()
    before = (env.snapshot().episode.progress, list(env.admissible_commands()))
    _, _, terminated, _, info = env.step({"name": "act", "arguments": {"command": command}})
    if terminated or "invalid_command" in info["errors"]:
        broken(f"{command!r} is refused or ends the episode")
    if not env.over and (info["progress"], list(env.admissible_commands())) != before:
        broken(f"{command!r} changes something")
    env.restore(saved)


LEAST_SUGGESTED = 0.9
"""Share of the expert's commands that must be among those suggested, in the few tasks that a contract plays."""

MOST_SUGGESTED = 60


def suggested_commands_hold_the_experts(make: Make) -> None:
    """``info["candidate_commands"]`` is short, there in stage 3 only, and mostly holds the expert's next command."""
    env = plain(make())
    if not env.engine.suggests_commands:
        return
    policy = make_policy("expert", env)
    commands = found = 0
    for seed in range(4):
        observation, info = env.reset(seed=seed)
        policy.reset(info)
        over = False
        while not over:
            suggested, action = info["candidate_commands"], policy.act(observation, info)
            if len(suggested) > MOST_SUGGESTED or len(set(suggested)) < len(suggested):
                broken(f"{len(suggested)} commands are suggested, or one of them twice")
            if bool(suggested) != (observation["stage"] == 3):
                broken(f"{len(suggested)} commands are suggested in stage {observation['stage']}")
            if getattr(action, "name", "") == "act":
                commands += 1
                found += action.arguments["command"] in suggested
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
    if found < LEAST_SUGGESTED * commands:
        broken(f"of the expert's {commands} commands {found} were suggested")
