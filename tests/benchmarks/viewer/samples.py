"""Trajectories made by hand, of any length, with whatever text."""

from __future__ import annotations

from typing import Any

from benchmarks.trajectories.trajectory import (
    EntryRecord,
    EventRecord,
    FactRecord,
    MessageRecord,
    TaskRecord,
    Trajectory,
    TurnRecord,
)

HOSTILE = (
    '</script><script>document.title="taken"</script><img src=x onerror="document.title=1"><!-- '
    "\u202eright to left\u202c שלום 🧠👩‍🔬 \u2028 &amp; ${1} {{ 1 }}"
)


def row(**changes: Any) -> dict[str, Any]:
    """Return what the viewer reads of a row."""
    return {
        "task_id": "generated/7",
        "error": None,
        "success": True,
        "reward": 0.75,
        "reward_profile": "paper",
        "reward_components": {"task": 1.0, "memory": 0.5, "memory/quality": None, "penalty": -0.25},
        "metrics": {"EM": 1.0, "J": None, "TN": 340},
        "progress": 1.0,
        "steps": 4,
        "tokens": 900,
        "errors": {"malformed_call": 1},
        "cost": {"price": 0.0125},
        **changes,
    }


def trajectory(
    key: str = "a1", *, turns: int = 6, words: str = "the mug is in cabinet 3", **changes: Any
) -> Trajectory:
    """Return an episode of so many turns, the first third of them in stage 1 and the next in stage 2.

    In turn 1 an entry is added, in turn 2 it is changed, in turn 3 all of the context leaves it and the entry is shown.
    """
    facts = (FactRecord(words, "gold", superseded_by=1), FactRecord("the mug is in drawer 2", "gold"))
    messages = [MessageRecord("system", {"role": "system", "content": f"You have tools. {words}"}, 200)]
    records: list[TurnRecord] = []
    context: list[int] = [0]
    memory: tuple[EntryRecord, ...] = ()
    for number in range(turns + 1):
        stage = 1 + min(2, 3 * number // (turns + 1))
        events: list[EventRecord] = []
        if number == 3:
            gone = tuple(context[1:])
            context = context[:1]
            events.append(EventRecord("reduce", "agent", "Filter_context", {"criteria": words}, (), gone, (600, 200)))
            events.append(
                EventRecord("retrieve", "agent", "Retrieve_memory", {"query": words}, ("mem_1",), (), (200, 240))
            )
        if number in (1, 2):
            memory = (
                EntryRecord(
                    "mem_1", f"{words} ({number})", {"tag": words}, 1, None if number == 1 else 2, (number - 1,)
                ),
            )
            kind = "add" if number == 1 else "update"
            events.append(EventRecord(kind, "agent", kind.title(), {"content": words}, ("mem_1",), (), (300, 300)))
        origins = [("agent", "assistant")] if number else []
        origins.append({1: ("fact", "user"), 2: ("distractor", "user"), 3: ("observation", "user")}[stage])
        for origin, role in origins:
            told = (min(number, 1),) if origin == "fact" and number < 2 else ()
            shown = ("mem_1",) if origin == "observation" and number == 3 else ()
            messages.append(
                MessageRecord(origin, {"role": role, "content": f"{origin} {number}: {words}"}, 60, shown, told)
            )
            context.append(len(messages) - 1)
        records.append(
            TurnRecord(
                number=number,
                stage=stage,
                action=None if number == 0 else f"<think>{words}</think>",
                context=tuple(context),
                tokens=sum(messages[i].tokens for i in context),
                memory=memory,
                events=tuple(events),
                errors={"malformed_call": 1} if number == 2 else {},
                reward=0.75 if number == turns else 0.0,
                usage={"calls": 1, "prompt_tokens": 500, "completion_tokens": 20, "price": None, "seconds": 1.0},
                seconds={"env": 0.001, "policy": 1.0},
            )
        )
    spec = {"env_id": "AgeMem-HotpotQA-v0", "env_kwargs": {}, "benchmark": "HotpotQA", "policy": "openai:gpt",
            "memory": "mem0", "model": {"temperature": 0}, "seed": 7}  # fmt: skip
    return Trajectory(
        key, {**spec, **changes}, 8192, TaskRecord("generated/7", f"Where? {words}", "drawer 2", facts, (words,)),
        messages, records, row(),
    )  # fmt: skip
