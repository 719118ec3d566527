"""The command line `agemem`: `app`, in one file per group of commands.

`runs` (bench, rescore), `reports` (report), `streams` (stream), `viewing` (view, credit), `training`
(train, ablate), `exporting` (export), `measures` (throughput, requests, necessity, fingerprint), `audits` (audit leaks,
audit rewards), `episodes` (chat, replay) and `tools` (doctor, data, check, compare, version). `application` is what all
of them need, `options` describes what they take. What a command does is in another package, which is imported when it
runs, so that help is quick.
"""

from benchmarks.cli import (  # noqa: F401 - each adds its commands
    audits,
    episodes,
    exporting,
    measures,
    reports,
    runs,
    streams,
    tools,
    training,
    viewing,
)
from benchmarks.cli.application import app

__all__ = ["app"]
