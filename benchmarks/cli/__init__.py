"""The command line `agemem`: `app`, in one file per group of commands.

`runs` (bench, report), `measures` (throughput, requests, necessity, fingerprint), `audits` (audit leaks,
audit rewards), `episodes` (chat, replay), `viewing` (view) and `tools` (doctor, data, check, compare, version).
`application` is what all of them need, `options` describes what they take. What a command does is in another package,
which is imported when it runs, so that help is quick.
"""

from benchmarks.cli import audits, episodes, measures, runs, tools, viewing  # noqa: F401 - each adds its commands
from benchmarks.cli.application import app

__all__ = ["app"]
