"""The page: one HTML file that needs nothing else, for one file to send around or as the server's front page."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

_ASSETS = files("benchmarks.viewer") / "assets"

MODULES = ("dom", "data", "names", "list", "timeline", "messages", "memory", "turn", "outcome", "pane", "main")
"""The page's modules. They import each other as ``viewer/NAME``, which the page's import map resolves."""


def page(
    title: str, summaries: Sequence[Mapping[str, Any]], episodes: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """Return the page.

    Args:
        title: What was played: the name of the run.
        summaries: The list of episodes, from `benchmarks.viewer.summaries.summary`.
        episodes: The episodes by name, from `benchmarks.viewer.summaries.episode`; None if a server has them.
    """
    data = {"title": title, "summaries": list(summaries), "episodes": episodes}
    imports = {f"viewer/{name}": _module(name) for name in MODULES}
    parts = {
        "style": _ASSETS.joinpath("viewer.css").read_text("utf-8"),
        "imports": _in_script({"imports": imports}),
        "data": _in_script(data),
    }
    text = _ASSETS.joinpath("viewer.html").read_text("utf-8")
    before, *rest = text.split("<!-- insert ")
    return before + "".join(parts[name] + after for name, after in (piece.split(" -->", 1) for piece in rest))


def _module(name: str) -> str:
    source = _ASSETS.joinpath(f"{name}.js").read_bytes()
    return "data:text/javascript;base64," + base64.b64encode(source).decode("ascii")


def _in_script(value: Any) -> str:
    r"""Return JSON that can stand in a script element: nothing in it ends the element or starts a comment.

    >>> _in_script("</script><!--")
    '"\\u003c/script>\\u003c!--"'
    """
    return as_json(value).replace("<", "\\u003c")


def as_json(value: Any) -> str:
    """Return JSON that browsers read; numbers that are not finite, which a policy may send, are texts in it.

    >>> as_json({"action": float("nan")})
    '{"action": "nan"}'
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
