"""Lines of text that a program wrote: JSON lines and server-sent events."""

from __future__ import annotations

import re

_END = re.compile(r"\r\n|\n|\r")


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a text, split at LF, CR and CRLF alone.

    `str.splitlines` splits at U+2028, U+2029, U+0085 and others too, which may stand inside a line of JSON.

    >>> split_lines("a\r\nb\u2028c\n")
    ['a', 'b\u2028c']
    """
    lines = _END.split(text)
    return lines if lines[-1] else lines[:-1]
