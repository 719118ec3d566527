"""What `agemem doctor` says of packages that are missing."""

from __future__ import annotations

from importlib import metadata

import pytest

from benchmarks import doctor


@pytest.mark.parametrize(
    ("tools", "remedy"),
    [
        (
            {"make", "g++", "python"},
            "missing alfworld: run `pip install 'agemem-env[alfworld]'`, or in a checkout `pip install '.[alfworld]'`",
        ),
        (
            {"g++"},
            "missing alfworld: first put make, python on PATH, which pip needs to compile them; "
            "then run `pip install 'agemem-env[alfworld]'`, or in a checkout `pip install '.[alfworld]'`",
        ),
    ],
)
def test_a_missing_package_comes_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tools: set[str], remedy: str) -> None:
    def version(name: str) -> str | None:
        return None if name == "alfworld" else "1.0"

    monkeypatch.setattr(doctor, "_version", version)
    monkeypatch.setattr(doctor, "registered", dict)
    monkeypatch.setattr(metadata, "version", lambda name: "1.0")
    monkeypatch.setattr(metadata, "requires", lambda name: ["numpy", "alfworld>=0.4; extra == 'alfworld'"])
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in tools else None)
    assert f"  alfworld: {remedy}" in list(doctor.report())


@pytest.mark.parametrize(("below", "needed"), [("3.99", True), ("3.8", False)])
def test_what_another_python_needs_is_not_missing(monkeypatch: pytest.MonkeyPatch, below: str, needed: bool) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.0")
    monkeypatch.setattr(metadata, "requires", lambda name: [f'tomli>=2; python_version < "{below}"'])
    monkeypatch.setattr(doctor, "registered", dict)
    assert ("  tomli 1.0" in list(doctor.report())) == needed
