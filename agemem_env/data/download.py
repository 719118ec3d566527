"""Downloads that can be resumed, and that leave either a complete, checked file or none.

A download goes to ``<file>.part``. If that exists, only the rest is asked for. The file gets its name
when its size is right and its content has passed a check. What is written in one go needs no such file to be kept, see
`agemem_env.data.files.whole_file`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from agemem_env.errors import DataError

Progress = Callable[[str, int, int | None], None]
"""Called with the file name, the bytes present and the size in bytes, if known."""

_RETRIES = 3
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        url: Where it is.
        name: What it is called here.
        minimum_bytes: A smaller file is not it (an error page, for example).
        check: Raises `DataError` if the content is not what it should be.
    """

    url: str
    name: str
    minimum_bytes: int
    check: Callable[[Path], None]


def download(file: RemoteFile, folder: Path, progress: Progress) -> Path:
    """Fetch a file into a folder, unless it is there already, and return its path.

    Args:
        file: What to fetch.
        folder: Where to put it; made if missing.
        progress: Told of every piece that arrives.

    Raises:
        DataError: If the server cannot be reached or refuses, the size is wrong, or the content fails its
            check. A download that broke off is kept and resumed next time.
    """
    target = folder / file.name
    if target.exists():
        return target
    part = folder / f"{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch_with_retries(file, part, target, progress)
    except OSError as error:
        raise DataError(f"cannot write {part}: {error}; free some space or set AGEMEM_DATA") from error
    try:
        _check_size(file, part)
        file.check(part)
    except DataError:
        part.unlink()
        raise
    os.replace(part, target)
    return target


def _fetch_with_retries(file: RemoteFile, part: Path, target: Path, progress: Progress) -> None:
    by_hand = f"Check the network and run the command again, or fetch {file.url} by hand and save it as {target}."
    for attempt in range(1 + _RETRIES):
        try:
            return _fetch(file, part, progress)
        except httpx.TransportError as error:
            if attempt == _RETRIES:
                reason = f"{type(error).__name__}: {error}"
                raise DataError(f"cannot download {file.url} ({reason}). {by_hand}") from error
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            raise DataError(f"cannot download {file.url} (HTTP status {code}). {by_hand}") from error
        except httpx.InvalidURL as error:
            raise DataError(f"cannot download {file.url} ({error}). {by_hand}") from error


def _fetch(file: RemoteFile, part: Path, progress: Progress) -> None:
    """Fetch what is missing of the file; the connection breaking off is a transport error."""
    present = part.stat().st_size if part.exists() else 0
    # Without this, the bytes counted would be those after decompression.
    headers = {"Accept-Encoding": "identity"}
    if present:
        headers["Range"] = f"bytes={present}-"
    with httpx.stream("GET", file.url, headers=headers, timeout=_TIMEOUT_S, follow_redirects=True) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if response.headers.get("Content-Range", "").rpartition("/")[2] == str(present):
                return
            part.unlink()
            raise httpx.ReadError(f"{part.name} does not fit the file on the server; starting again")
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        present = present if resumed else 0
        length = response.headers.get("Content-Length")
        size = present + int(length) if length is not None else None
        with part.open("ab" if resumed else "wb") as out:
            for chunk in response.iter_raw():
                out.write(chunk)
                present += len(chunk)
                progress(file.name, present, size)
        if size is not None and present != size:
            raise httpx.ReadError(f"{present} of {size} bytes arrived")


def _check_size(file: RemoteFile, part: Path) -> None:
    size = part.stat().st_size if part.exists() else 0
    if size < file.minimum_bytes:
        raise DataError(
            f"{file.url} gave {size} bytes, at least {file.minimum_bytes} were expected: "
            "this is not the data set. Run the command again later, or fetch it by hand in a browser."
        )
