"""A warm start: a teacher's episodes as token rows, and behaviour cloning of what it said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import torch

from agemem_env.text.paper_format import render_calls
from agemem_env.types import Fact, Task, ToolCall
from baselines.expert import ExpertPolicy
from baselines.integrations.rows import Generation, RowEpisode, TokenRow
from baselines.language_model.policy import LanguagePolicy, microbatches, sampled_tokens
from baselines.language_model.prompts import Dialogue, Prompter


class TeacherPolicy(ExpertPolicy):
    """An expert that can be imitated: what it does follows from what has been said so far.

    In stage 1 it stores whatever matters to some task, not what will matter to this one; in stage 3 it looks the goal
    up in the goal's own words. Only its commands and answers come from the engine's oracle, which is given what was
    retrieved.
    """

    def _matters(self, fact: Fact) -> bool:
        return fact.gold or fact.useful

    def _filter_distractors(self, task: Task) -> list[ToolCall]:
        return []

    def _look_up_gold_facts(self, task: Task) -> list[ToolCall]:
        if not len(self._env.memory):
            return []
        goal = [line for line in task.query.splitlines() if line.strip()][-1]
        return [ToolCall("Retrieve_memory", {"query": goal, "top_k": 5})]


def said(turn: Any) -> str:
    """Return a turn as text, in which a command alone is bare.

    >>> said(ToolCall("act", {"command": "open door 1"}))
    'open door 1'
    """
    if isinstance(turn, str):
        return turn
    calls = [turn] if isinstance(turn, ToolCall) else list(turn)
    if len(calls) == 1 and calls[0].name == "act":
        return str(calls[0].arguments["command"])
    return render_calls(calls)


def demonstration(
    env: gym.Env[Any, Any], prompter: Prompter, stop: int, *, seed: int, last_stage: int = 3
) -> list[TokenRow]:
    """Return the rows of a teacher's episode; each of its turns ends with the stop token.

    Args:
        env: An environment of the suite with ``tool_format="tags"``.
        prompter: Writes prompts.
        stop: The token.
        seed: Seed of the episode.
        last_stage: The episode ends before a stage after it.
    """
    teacher, episode, dialogue = TeacherPolicy(), RowEpisode(env, seed=seed), Dialogue(prompter)
    teacher.attach(env)
    teacher.reset({})
    while not episode.over and episode.stage <= last_stage:
        text = said(teacher.act(episode.observation, {}))
        prompt, tokens = dialogue.prompt(episode.messages), [*prompter.encode(text), stop]
        episode.take(Generation(dialogue.take(tokens, stop), tuple(prompt), tuple(tokens)))
    if not episode.over:
        episode.stop()
    return list(episode.result().rows)


def clone(
    policy: LanguagePolicy,
    rows: Sequence[TokenRow],
    *,
    epochs: int = 1,
    rate: float = 1e-3,
    batch: int = 16,
    tokens: int = 16384,
    seed: int = 0,
    tell: Callable[[int, float], None] = lambda epoch, loss: None,
) -> list[float]:
    """Train a policy in place to say what the teacher said.

    Args:
        policy: Is trained.
        rows: Of the teacher.
        epochs: How often each row is learned from.
        rate: Step size of AdamW; it falls to 0 along a line.
        batch: Rows of a step.
        tokens: Of a microbatch.
        seed: Of the order.
        tell: Called with each epoch and its loss.

    Returns:
        The mean loss per token of each epoch.
    """
    weights, generator = policy.trainable(), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
    steps = epochs * -(-len(rows) // batch)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    curve = []
    for epoch in range(epochs):
        order, total = torch.randperm(len(rows), generator=generator).tolist(), 0.0
        for start in range(0, len(order), batch):
            chosen = [rows[i] for i in order[start : start + batch]]
            size = sum(sum(row.mask) for row in chosen)
            optimizer.zero_grad()
            for places in microbatches(chosen, tokens):
                part = [chosen[i] for i in places]
                target = torch.tensor(sampled_tokens(part), device=policy.device)
                loss = torch.nn.functional.cross_entropy(policy.logits(part), target, reduction="sum") / size
                loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
                total += float(loss.detach()) * size
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
        curve.append(total / max(1, sum(sum(row.mask) for row in rows)))
        tell(epoch + 1, curve[-1])
    return curve
