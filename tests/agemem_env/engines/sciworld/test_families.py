from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.families import Finding
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.engines.sciworld.study.study import study
from tests.agemem_env.engines.sciworld.test_tasks import SIMPLIFICATIONS

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")


def test_findings_agree_with_the_gold_path(engine: SciWorldEngine, simulator: SciWorldSimulator) -> None:
    told = 0
    for name in ("use-thermometer", "measure-melting-point-known-substance", "test-conductivity"):
        for variation in simulator.splits(name).test[:3]:
            query, findings = _findings(simulator, name, variation)
            last = simulator.gold_path()[-2]
            yes, no = re.findall(r"(?:place it in|focus on) the (\w+ box)", query)
            (finding,) = findings
            if "melting point" in finding.text:
                limit = float(re.findall(r"(?:above) (-?[\d.]+)", query)[0])
                positive = float(re.findall(r"-?[\d.]+(?= degrees)", finding.text)[0]) > limit
            else:
                positive = "above" in finding.text or "conducts" in finding.text
            assert last.endswith(yes if positive else no), f"{finding.text}, but the gold path ends: {last}"
            told += 1
    for name in ("lifespan-longest-lived", "inclined-plane-friction-named-surfaces"):
        query, (finding,) = _findings(simulator, name, simulator.splits(name).test[0])
        last = simulator.gold_path()[-2].lower()
        words = re.search(r"the (.+?) (?:lives|surface)", finding.text.replace("of the animals outside, ", ""))
        assert words is not None and words[1].lower() in last, f"{finding.text}, but the gold path ends: {last}"
        told += 1
    assert told == 11


def _findings(simulator: SciWorldSimulator, name: str, variation: int) -> tuple[str, tuple[Finding, ...]]:
    found = study(name, variation, SIMPLIFICATIONS, simulator)
    simulator.load(name, variation, SIMPLIFICATIONS)
    return found.query, found.findings


def test_dominance_is_told_as_the_simulator_scores_it(simulator: SciWorldSimulator) -> None:
    name = "mendelian-genetics-known-plant"
    for variation in simulator.splits(name).test[:2]:
        query, (finding,) = _findings(simulator, name, variation)
        dominant, recessive = re.findall(r"focus on the (\w+ box)", query)
        right = dominant if "dominant" in finding.text else recessive
        simulator.load(name, variation, "teleportAction")
        simulator.step("teleport to greenhouse")
        result = simulator.step(f"focus on {right}")
        assert (result.done, result.score) == (True, 100)
