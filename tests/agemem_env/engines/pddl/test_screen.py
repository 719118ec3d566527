from __future__ import annotations

from pathlib import Path

from tests.agemem_env.engines.pddl.test_engine import BLOCKS, files, started


def test_plain_words_say_what_is_missing(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=BLOCKS), "blockworld", "agemem")
    assert opening.startswith("Actions: pickup BLOCK; putdown BLOCK; stack BLOCK TARGET; unstack BLOCK TARGET.\n")
    reply = engine.step("pickup b2")
    assert (reply.text, reply.valid) == ("That is not possible: it is not so that b2 stands on the table.", False)
    assert engine.step("jump").text == "That is no action here. Write check valid actions to see the list."
    assert engine.step("check valid actions").text == (
        "Possible actions: pickup b3, unstack b2 b1, check valid actions, look around."
    )
