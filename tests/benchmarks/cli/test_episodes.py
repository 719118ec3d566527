from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app


def test_the_command() -> None:
    command = ["chat", "-b", "HotpotQA", "--seed", "1", "--env", "source=generated"]
    result = CliRunner().invoke(app, [*command, "--stages", "3", "--task", "5"], input="/help\n/answer Zürich\n")
    assert result.exit_code == 0, result.output
    assert "/answer TEXT" in result.stdout
    assert "The task is not solved" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "HotpotA"], "did you mean 'HotpotQA'?"),
        (["--env", "source=generated", "--task", "5000000"], "unknown task 5000000"),
        (["--stages", "1"], "stages="),
        (["--env", "dense"], "use key=value"),
    ],
)
def test_wrong_options_are_one_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["chat", *arguments], input="")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr
