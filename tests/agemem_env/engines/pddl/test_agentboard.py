"""AgentBoard's texts, word for word."""

from __future__ import annotations

from pathlib import Path

from agemem_env.engines.pddl.agentboard import agentboard_action, agentboard_literal
from agemem_env.engines.pddl.builtin import DOMAINS
from tests.agemem_env.engines.pddl.test_engine import BLOCKS, TYRES, files, started

INVALID = "The action is not valid and therefore takes no effect. "
NOT_PARSED = f"{INVALID}Please check valid actions."
NOT_ALLOWED = f"{INVALID}Please remember to satisfy the restriction of actions. You can also check valid actions."


def test_agentboard_shows_the_whole_state_of_blockworld(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=BLOCKS), "blockworld", "agentboard")
    assert (
        opening
        == "B1 is on the table. B2 is on b1. B3 is on the table. The b2 is clear. The b3 is clear. Your arm is empty."
    )
    assert engine.tasks[0].query == "The goal is to satisfy the following conditions: b1 is on b2., b2 is on b3."
    listed = engine.step("Check valid actions.").text
    assert listed == "Valid actions are: Pickup b3., Unstack b2 from b1., check valid actions"
    step = engine.step("I will unstack b2 from b1")
    assert step.text == "B1 is on the table. B3 is on the table. The b1 is clear. The b3 is clear. You are holding b2. "
    for command, text in (
        ("fly", NOT_PARSED),
        ("stack b2", NOT_PARSED),
        ("stack b3 on b1", NOT_ALLOWED),
        ("", NOT_PARSED),
    ):
        reply = engine.step(command)
        assert (reply.text, reply.valid, reply.progress) == (text, False, 0.0)
    assert engine.step("Stack b2 on b3.").progress == 0.5
    assert engine.step("pickup b1").progress == 0.5
    last = engine.step("stack b1 b2")
    assert (last.progress, last.done, last.success) == (1.0, True, True)
    assert last.text.endswith("The b1 is clear. Your arm is empty. The goal is satisfied.")


def test_agentboard_shows_what_is_new_in_tyreworld(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=TYRES), "tyreworld", "agentboard")
    assert opening.startswith("Boot is closed. Boot is unlocked. Pump is in boot. ")
    assert engine.step("Open boot.").text == "Boot is open."
    assert engine.step("fetch pump boot").text == "You have pump."
    assert engine.step("check").text.endswith("Inflate the wheel r1., check valid actions, look around")
    assert "You have pump." in engine.step("look around").text


def test_agentboard_templates_take_their_arguments() -> None:
    assert agentboard_literal(("holding", "left", "shot1")) == "You are holding left. "
    assert agentboard_literal(("handempty", "left")) == "handempty left"
    assert agentboard_action("drop", ("ball1", "rooma", "left")) == "drop ball1 rooma left"
    assert len(DOMAINS) == 4
