"""HotpotQA's official questions, read from the user's own copy of the files.

``hotpot_train*.json`` gives the splits train and valid (about 1 question in 20 is valid, by crc32 of its id),
``hotpot_dev_distractor*.json`` gives test. If several files match, the last name in sorted order is used.
A file is checked once per process and then read record by record: only ids, offsets and question words stay
in memory.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from agemem_env.data.locate import data_root
from agemem_env.engines.hotpotqa.records import HotpotRecord, Paragraph
from agemem_env.errors import DataError
from agemem_env.text.words import content_words

PATTERNS = {
    "train": "hotpot_train*.json",
    "valid": "hotpot_train*.json",
    "test": "hotpot_dev_distractor*.json",
}
_AGAIN = "delete it and run `agemem data download hotpotqa`"
_VALID_SHARE = 20
_RELATED = 5
_BOM = "\ufeff"
_NOT_A_LIST = (
    "{path} is not an official HotpotQA file: it begins with an object, as JSON lines and tables of columns do. For "
    "Hugging Face's data set, write a list of its records: json.dump(list(dataset), file)"
)
_BLANK = re.compile(r"\s*")
_COMMON = 400
"""A word in more questions than this says nothing about what a question is about."""


def find_file(split: str) -> Path | None:
    """Return the official file of a split below `data_root`, or None if it is not there."""
    found = sorted((data_root() / "hotpotqa").glob(PATTERNS[split]))
    return found[-1] if found else None


def open_split(split: str) -> HotpotSplit:
    """Return the official questions of a split.

    Raises:
        DataError: If the file is missing, corrupt, in another format, or has no question of this split.
    """
    path = find_file(split)
    if path is None:
        folder = data_root() / "hotpotqa"
        present = [name for name in PATTERNS if find_file(name) is not None]
        raise DataError(
            f"no official HotpotQA file for split {split!r}: looked for {PATTERNS[split]} in {folder} "
            f"(splits present there: {', '.join(present) or 'none'}). Run `agemem data download hotpotqa`, "
            "set AGEMEM_DATA to the folder that holds hotpotqa/, or use source='generated'."
        )
    stat = path.stat()
    return _open(str(path), stat.st_mtime_ns, stat.st_size, split)


class HotpotFile:
    """One official JSON file, checked as a whole and read record by record.

    Args:
        path: The file.

    Raises:
        DataError: If the file is not a JSON list of HotpotQA records.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spans: list[tuple[int, int]] = []
        self._words: list[tuple[str, ...]] = []
        self.ids: list[str] = []
        for record, start, end in _scan(path):
            self.ids.append(record.id)
            self._spans.append((start, end))
            self._words.append(tuple(dict.fromkeys(content_words(record.question))))
        if len(set(self.ids)) < len(self.ids):
            twice = next(key for key, count in Counter(self.ids).items() if count > 1)
            raise DataError(f"{path} has two questions with id {twice!r}; {_AGAIN}")
        if not self.ids:
            raise DataError(f"{path} holds no questions; {_AGAIN}")

    def record(self, position: int) -> HotpotRecord:
        """Return the record at a position in the file."""
        start, end = self._spans[position]
        with self.path.open("rb") as file:
            file.seek(start)
            return HotpotRecord.from_json(json.loads(file.read(end - start)))

    def related(self, position: int) -> tuple[Paragraph, ...]:
        """Return up to five paragraphs of other questions that share rare words with this one.

        None has a title of this question's own context, and none contains its answer (unless that is yes
        or no). Questions without enough relatives are filled up with their neighbours in the file.
        """
        record = self.record(position)
        taken = {title for title, _ in record.context}
        answer = None if record.answer in ("yes", "no") else _whole_words(record.answer)
        words = set(self._words[position])
        chosen: list[Paragraph] = []
        for other in self._relatives(position):
            paragraph = _best_paragraph(self.record(other), taken, answer, words)
            if paragraph is not None:
                chosen.append(paragraph)
                taken.add(paragraph[0])
            if len(chosen) == _RELATED:
                break
        return tuple(chosen)

    def _relatives(self, position: int) -> list[int]:
        """Other questions, most similar first, then neighbours in file order."""
        score: Counter[int] = Counter()
        for word in self._words[position]:
            found = self._index.get(word, [])
            if len(found) <= _COMMON:
                for other in found:
                    score[other] += round(1000 * math.log(1 + len(self.ids) / len(found)))
        score.pop(position, None)
        similar = sorted(score, key=lambda other: (-score[other], other))[: 8 * _RELATED]
        size = len(self.ids)
        near = (((position + step) % size) for step in range(1, min(size, 4 * _RELATED)))
        return similar + [other for other in near if other not in similar]

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for position, words in enumerate(self._words):
            for word in words:
                index.setdefault(word, []).append(position)
        return index


@dataclass(frozen=True, eq=False)
class HotpotSplit:
    """The questions of one split.

    Attributes:
        file: The file that they are in.
        positions: Their positions in the file.
    """

    file: HotpotFile
    positions: Sequence[int]

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Index in `positions` of each question id."""
        return {self.file.ids[position]: index for index, position in enumerate(self.positions)}


@lru_cache(maxsize=4)
def _file(path: str, mtime_ns: int, size: int) -> HotpotFile:
    return HotpotFile(Path(path))


@lru_cache(maxsize=6)
def _open(path: str, mtime_ns: int, size: int, split: str) -> HotpotSplit:
    file = _file(path, mtime_ns, size)
    positions = [i for i, key in enumerate(file.ids) if split == "test" or split == _train_or_valid(key)]
    if not positions:
        raise DataError(f"{path} has no question of split {split!r} (it has {len(file.ids)} questions in all)")
    return HotpotSplit(file, positions)


def _train_or_valid(key: str) -> str:
    return "valid" if zlib.crc32(key.encode()) % _VALID_SHARE == 0 else "train"


def _scan(path: Path) -> Iterator[tuple[HotpotRecord, int, int]]:
    """Yield each record with its byte range, checking the whole file on the way."""
    text = _read(path)
    decode = json.JSONDecoder().raw_decode
    place = _skip(text, int(text.startswith(_BOM)))
    if text[place : place + 1] == "{":
        raise DataError(_NOT_A_LIST.format(path=path))
    offset = len(text[:place].encode())
    separator = "["
    try:
        while text[place : place + 1] == separator:
            start = _skip(text, place + 1)
            if separator == "[" and text[start : start + 1] == "]":
                return
            obj, end = decode(text, start)
            first = offset + len(text[place:start].encode())
            last = first + len(text[start:end].encode())
            yield HotpotRecord.from_json(obj), first, last
            place = _skip(text, end)
            offset = last + len(text[end:place].encode())
            separator = ","
        if separator == "[" or text[place : place + 1] != "]" or text[place + 1 :].strip():
            expected = "a JSON list of questions" if separator == "[" else "',' or ']'"
            raise DataError(f"expected {expected} at character {place}")
    except (json.JSONDecodeError, RecursionError, DataError) as error:
        raise DataError(f"{path} is not an official HotpotQA file: {error}; {_AGAIN}") from error


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # line ends as they are: records are found again by their bytes
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _whole_words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text.strip())}(?!\w)", re.IGNORECASE)


def _best_paragraph(
    record: HotpotRecord, taken: set[str], answer: re.Pattern[str] | None, words: set[str]
) -> Paragraph | None:
    """The paragraph that shares most words with the question; the first of equals."""
    best: Paragraph | None = None
    most = -1
    for title, sentences in record.context:
        text = f"{title} {' '.join(sentences)}"
        if title in taken or not any(s.strip() for s in sentences) or (answer and answer.search(text)):
            continue
        shared = len(words.intersection(content_words(text)))
        if shared > most:
            best, most = (title, sentences), shared
    return best
