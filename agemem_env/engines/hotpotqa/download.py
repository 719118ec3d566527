"""HotpotQA's official files (Yang et al. 2018, distractor setting, CC BY-SA 4.0)."""

from __future__ import annotations

from pathlib import Path

from agemem_env.data.download import Progress, RemoteFile, download
from agemem_env.data.locate import data_folder
from agemem_env.errors import DataError, unknown_name

_SITE = "http://curtis.ml.cmu.edu/datasets/hotpot/"
_HEAD = 4096


def download_hotpotqa(split: str, progress: Progress) -> list[Path]:
    """Download the official files into ``<data root>/hotpotqa`` and return their paths.

    Args:
        split: ``train`` (570 MB), ``dev`` (46 MB) or ``all``.
        progress: Told of every piece that arrives.

    Raises:
        ConfigurationError: If there is no such split.
        DataError: If a download fails.
    """
    files = hotpotqa_files(_SITE)
    if split != "all" and split not in files:
        raise unknown_name("split", split, [*files, "all"])
    chosen = list(files.values()) if split == "all" else [files[split]]
    return [download(file, data_folder("HotpotQA"), progress) for file in chosen]


def hotpotqa_files(site: str) -> dict[str, RemoteFile]:
    """Return the official files by split, as found below an address that ends in a slash."""
    train, dev = "hotpot_train_v1.1.json", "hotpot_dev_distractor_v1.json"
    return {
        "train": RemoteFile(site + train, train, 400_000_000, check_format),
        "dev": RemoteFile(site + dev, dev, 30_000_000, check_format),
    }


def check_format(path: Path) -> None:
    """Check that a file begins and ends like a JSON list of questions; it is parsed when it is used.

    Raises:
        DataError: If it does not.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(path.stat().st_size - _HEAD, 0))
        tail = file.read()
    if not (head.lstrip().startswith(b"[{") and b'"' in head and tail.rstrip().endswith(b"}]")):
        raise DataError(
            f"what was downloaded as {path.name} is not a JSON list of questions: "
            f"it begins with {head[:40]!r}. "
            "The server or a proxy sent something else; run the command again later, or fetch it by hand."
        )
