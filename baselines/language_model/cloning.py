"""A warm start: a teacher's episodes as token rows, and behaviour cloning of what it said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import gymnasium as gym
import torch

from agemem_env.env import AgeMemEnv
from agemem_env.text.paper_format import render_calls
from agemem_env.types import Fact, Task, ToolCall
from baselines.expert import ExpertPolicy
from baselines.integrations.rows import Generation, Messages, TokenRow, split
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


@dataclass(frozen=True)
class Demonstration:
    """An episode of the teacher.

    Attributes:
        turns: The messages that it was given, and its reply, of each turn.
        success: Whether the task was solved.
    """

    turns: tuple[tuple[Messages, str], ...]
    success: bool

    def rows(self, prompter: Prompter, stop: int) -> list[TokenRow]:
        """Return its token rows; each reply ends with the stop token."""
        dialogue, generations = Dialogue(prompter), list[Generation]()
        for messages, reply in self.turns:
            prompt, tokens = dialogue.prompt(messages), [*prompter.encode(reply), stop]
            generations.append(Generation(dialogue.take(tokens, stop), tuple(prompt), tuple(tokens)))
        return split(generations)

    def texts(self) -> list[str]:
        """Return all that was said after the system message, such as a vocabulary is made from."""
        return [text for messages, reply in self.turns for text in (str(messages[-1]["content"]), reply)]


def demonstrate(env: gym.Env[Any, Any], *, seed: int, last_stage: int = 3) -> Demonstration:
    """Return an episode of the teacher.

    Args:
        env: An environment of the suite with ``tool_format="tags"``.
        seed: Seed of the episode.
        last_stage: The episode ends before a stage after it.
    """
    core, teacher = cast(AgeMemEnv, env.unwrapped), TeacherPolicy()
    teacher.attach(env)
    observation, info = env.reset(seed=seed)
    teacher.reset(info)
    turns, over = list[tuple[Messages, str]](), False
    while not over and observation["stage"] <= last_stage:
        reply = said(teacher.act(observation, info))
        turns.append((tuple(observation["messages"]), reply))
        observation, _, terminated, truncated, info = env.step(reply)
        over = terminated or truncated
    if not over:
        info = core.finish()[-1]
    return Demonstration(tuple(turns), bool(info["success"]))


def whole(row: TokenRow) -> TokenRow:
    """Return the same row with every token but the first to be learned, to read a text before one answers in it.

    >>> whole(TokenRow((1, 2), (3, 4), (1, 0), None, 0.0, "", 0, 0, (0,))).mask
    (1, 1, 1)
    """
    tokens = row.prompt_ids + row.response_ids
    return replace(row, prompt_ids=tokens[:1], response_ids=tokens[1:], mask=(1,) * (len(tokens) - 1), logprobs=None)


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
