from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.command import agemem


def test_doctor_says_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    result = agemem("doctor")
    assert result.exit_code == 0
    assert "HotpotQA (AgeMem-HotpotQA-v0)" in result.stdout
    assert "generated: present, 1000 test tasks" in result.stdout
    assert "official: absent: MissingDataError" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [(["--help"], 0, "agemem data [OPTIONS] COMMAND"), (["list"], 0, "HotpotQA"), (["lsit"], 2, "lsit")],
)
def test_data_is_handed_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, text: str
) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    result = agemem("data", *arguments)
    assert result.exit_code == code
    assert text in result.output


def test_version() -> None:
    assert agemem("version").stdout == "0.1.0\n"
