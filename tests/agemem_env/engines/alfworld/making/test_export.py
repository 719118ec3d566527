"""Generated games as files, which alfworld itself plays."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from agemem_env.engines.alfworld.homes.game import load_game
from agemem_env.engines.alfworld.making.export import task_name, write_games
from tests.agemem_env.engines.alfworld.games import run_python

pytest.importorskip("textworld", reason="the extra alfworld is not installed")


def test_files_are_the_same_byte_by_byte(tmp_path: Path) -> None:
    digests = []
    for folder in ("a", "b"):
        paths = [
            path for game in write_games(3, "train", 5, tmp_path / folder) for path in sorted(game.parent.iterdir())
        ]
        digests.append([(path.name, sha256(path.read_bytes()).hexdigest()) for path in paths])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 6


def test_alfworld_loads_and_plays_the_files(tmp_path: Path) -> None:
    paths = list(write_games(6, "test", 0, tmp_path / "data"))
    assert all(task_name(load_game(path)) == path.parent.parent.name for path in paths)
    code = f"""
import textworld.gym
from agemem_env.engines.alfworld.package import repaired_eval
from alfworld.agents.environment.alfred_tw_env import AlfredTWEnv
folder = {str(tmp_path / "data" / "json_2.1.1" / "valid_unseen")!r}
config = {{
    "env": {{"goal_desc_human_anns_prob": 0, "task_types": [1, 2, 3, 4, 5, 6], "domain_randomization": False,
             "expert_type": "handcoded"}},
    "dataset": {{"eval_ood_data_path": folder, "num_eval_games": 0}},
    "general": {{"training_method": "dqn"}}, "rl": {{"training": {{"max_nb_steps_per_episode": 50}}}},
}}
env = AlfredTWEnv(config, train_eval="eval_out_of_distribution")
assert env.num_games == 6, env.num_games
env.game_files = [file for file in env.game_files if "pick_clean" in file]
with repaired_eval():
    observations, infos = env.init_env(batch_size=1).reset()
assert "Your task is to: " in observations[0] and "look" in infos["admissible_commands"][0]
"""
    run_python(code, tmp_path, ALFWORLD_DATA=str(tmp_path / "alfworld"), PATH=os.environ["PATH"])
