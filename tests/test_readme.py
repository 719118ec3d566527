"""What the documentation says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from agemem_env.config import CONFIG_FIELDS, EnvConfig
from agemem_env.env import AgeMemEnv
from agemem_env.rewards import PROFILES
from baselines.conformance.form import INFO_KEYS
from benchmarks.audit.outcomes import AUDITED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
REWARDS = (ROOT / "docs" / "rewards.md").read_text(encoding="utf-8")
AUDIT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def test_there_are_two_set_up_commands() -> None:
    assert len(re.findall(r"^pip install ", README, flags=re.M)) == 2


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_tables_that_extending_names_are_there() -> None:
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w.]+)` in `([\w./]+\.(?:py|cfg))` \|", page)
    assert len(named) > 12
    for table, path in named:
        assert re.search(
            rf"^(class )?\[?{re.escape(table)}\b", (ROOT / path).read_text(encoding="utf-8"), flags=re.M
        ), table


def test_documented_info_keys_are_the_keys() -> None:
    information = (AgeMemEnv.__doc__ or "").partition("## Information")[2].partition("## Arguments")[0]
    assert set(re.findall(r"^ *\| `(\w+)` \|", information, flags=re.M)) == INFO_KEYS | {
        "task_id",
        "admissible_commands",
        "candidate_commands",
        "idle_commands",
        "engine_error",
        "metrics",
    }


def test_every_argument_is_documented() -> None:
    attributes = (EnvConfig.__doc__ or "").partition("Attributes:")[2]
    assert tuple(re.findall(r"^ {8}(\w+): ", attributes, flags=re.M)) == CONFIG_FIELDS


def test_every_reward_part_is_documented() -> None:
    for profile in PROFILES.values():
        parts = [f"{c}/{p}" for c, named in profile.components.items() for p in named]
        assert all(f"| {part} " in REWARDS for part in [*parts, *(f"penalty/{p}" for p in profile.penalties)])


def test_the_red_team_tables_name_every_policy() -> None:
    for profile in PROFILES:
        table = AUDIT.partition(f"| {profile} |")[2].partition("```")[0]
        assert set(AUDITED) <= set(re.findall(r"^\| `([\w-]+)`", table, flags=re.M))
