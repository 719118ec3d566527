"""What the documentation says is what the code does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

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


def test_there_is_a_first_command_without_a_compiler() -> None:
    (extras,) = re.findall(r"^python -m pip install '\.\[([\w,]+)\]' && agemem bench ", README, flags=re.M)
    assert not {"all", "alfworld"} & set(extras.split(","))


def test_it_fits_two_screens() -> None:
    assert len(README.splitlines()) <= 110


def test_the_code_prints_what_stands_below_it() -> None:
    (code, shown) = re.search(r"```python\n(.*?)```\n+```text\n(.*?)```", README, flags=re.S).groups()  # type: ignore[union-attr]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue() == shown
    assert len([line for line in code.splitlines() if line]) <= 12


def test_the_episode_of_the_concepts_is_the_one_that_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "make"))
    import episode  # type: ignore[import-not-found]

    page = episode.PAGE.read_text(encoding="utf-8")
    assert episode.written(page) == page, "run python docs/make/episode.py"
    assert episode.episode() in page


def test_pictures_are_small() -> None:
    pictures = [*(ROOT / "docs" / "images").glob("*.png")]
    assert len(pictures) >= 3
    assert all(picture.stat().st_size < 200_000 for picture in pictures)


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
