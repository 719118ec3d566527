from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.command import agemem


def test_help_names_the_commands() -> None:
    result = agemem("--help")
    assert result.exit_code == 0
    for name in ("bench", "report", "throughput", "data", "doctor", "version"):
        assert f" {name} " in result.stdout


def test_help_imports_nothing_heavy() -> None:
    script = "import sys, benchmarks.cli; print([m for m in ('numpy', 'gymnasium', 'httpx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
