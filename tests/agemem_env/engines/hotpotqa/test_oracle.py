from __future__ import annotations

from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.types import Task
from tests.agemem_env.engines.hotpotqa.test_engine import RNG


def test_oracle_needs_every_current_gold_fact(engine: HotpotQAEngine) -> None:
    for index in range(200):
        task = engine.tasks[index]
        engine.reset(task, RNG, briefed=True)
        told = [fact.text for fact in task.facts]
        assert engine.oracle(told).arguments == {"text": task.answer}
        assert engine.oracle([]).arguments == {"text": "unknown"}
        for gold in task.gold_facts:
            others = [text for text in told if text != gold.text]
            assert engine.oracle(others).arguments == {"text": "unknown"}, (task.id, gold.text)


def test_oracle_answer_succeeds(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    call = engine.oracle([utterance.text for utterance in task.utterances])
    assert call.name == "answer"
    assert engine.submit(call.arguments["text"]).success
