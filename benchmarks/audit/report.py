"""Prints what the red team earned and which bounds hold: for the terminal, as Markdown, or as JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean, stdev
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agemem_env.rewards.profiles import PROFILES
from benchmarks.audit.bounds import Finding, worst_ratio
from benchmarks.audit.outcomes import Outcome
from benchmarks.scores.intervals import Z

LEGEND = "Mean reward of an episode with the half width of its 95 % interval over tasks."


def show(found: Sequence[Outcome], checked: Sequence[Finding], form: str, console: Console) -> None:
    """Print tables of rewards, one per profile, and a line per bound.

    Args:
        found: What was earned.
        checked: Bounds of every profile.
        form: ``table``, ``markdown`` or ``json``.
        console: Where to print.
    """
    if form == "json":
        console.out(json.dumps(to_dict(found, checked), indent=1), highlight=False)
        return
    for profile in PROFILES:
        header, rows = sheet(found, profile)
        if form == "markdown":
            lines = [header, [":--", *["--:"] * (len(header) - 1)], *([f"`{name}`", *cells] for name, *cells in rows)]
            console.out("\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n", highlight=False)
        else:
            console.print(_rich(header, rows))
        fence = ["```"] if form == "markdown" else []
        console.out("\n".join([*fence, *lines_of(found, checked, profile), *fence]) + "\n", highlight=False)
    console.out(LEGEND, highlight=False)


def sheet(found: Sequence[Outcome], profile: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the rewards under a profile: a row per policy, a column per benchmark."""
    benchmarks = list(dict.fromkeys(o.benchmark for o in found))
    by = rewards(found, profile)
    policies = dict.fromkeys(o.policy for o in found)
    rows = [[policy, *(_cell(by[name, policy]) for name in benchmarks)] for policy in policies]
    return [profile, *benchmarks], rows


def lines_of(found: Sequence[Outcome], checked: Sequence[Finding], profile: str) -> list[str]:
    """Return a line per bound and benchmark under a profile, and what giving up earns at most."""
    lines = []
    for bound in dict.fromkeys(f.bound for f in checked):
        lines.append(bound)
        for finding in checked:
            if finding.bound == bound and finding.profile == profile:
                state = "held" if finding.held else "broken"
                lines.append(f"  {finding.benchmark:<9} {state}: {finding.figures}")
    lines.append("most that is paid for giving up, against doing nothing")
    for benchmark, policy, paid, nothing in worst_ratio(found, profile):
        ratio = f", {paid / nothing:.1f} times" if nothing > 0.01 else ""
        lines.append(f"  {benchmark:<9} {policy} {paid:+.3f}, do-nothing {nothing:+.3f}{ratio}")
    return lines


def to_dict(found: Sequence[Outcome], checked: Sequence[Finding]) -> dict[str, Any]:
    """Return everything as JSON values."""
    means = []
    for profile in PROFILES:
        for (benchmark, policy), values in rewards(found, profile).items():
            row = {"profile": profile, "benchmark": benchmark, "policy": policy, "n": len(values)}
            means.append({**row, "mean": fmean(values), "half_width": _half_width(values)})
    return {"rewards": means, "bounds": [asdict(finding) for finding in checked]}


def rewards(found: Sequence[Outcome], profile: str) -> dict[tuple[str, str], list[float]]:
    """Return the rewards under a profile by benchmark and policy."""
    by: dict[tuple[str, str], list[float]] = {}
    for o in found:
        by.setdefault((o.benchmark, o.policy), []).append(o.rewards[profile])
    return by


def _half_width(values: Sequence[float]) -> float:
    """Return half the width of the 95 % interval of a mean, by the normal distribution; 0 for one value."""
    return Z * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _cell(values: Sequence[float]) -> str:
    """Return a mean and half the width of its interval.

    >>> _cell([0.25, 0.25]), _cell([0.0, -0.5]), _cell([-1.0])
    ('.250±.000', '-.250±.490', '-1.000±.000')
    """
    return re.sub(r"(?<!\d)0\.", ".", f"{fmean(values):.3f}±{_half_width(values):.3f}")


def _rich(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for i, name in enumerate(header):
        table.add_column(name, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
