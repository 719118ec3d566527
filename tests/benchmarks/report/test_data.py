from __future__ import annotations

import csv
import io
import json

import pytest

from benchmarks.report.data import flat, to_data
from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_crash, make_row

ROWS = [
    make_row(0, metrics={"J": 0.5, "MQ": None}),
    make_row(1, metrics={"J": 1.0}),
    make_row(0, benchmark="BabyAI", metrics={"SR": 1.0}),
    make_crash(0, benchmark="PDDL", policy='a "quoted", name\nof two lines'),
]


def test_json_csv_and_parquet_say_the_same() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    summaries = summarize(ROWS)
    nested = [flat(summary.measures()) for summary in summaries]
    text = to_data(summaries, "csv").decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    table = parquet.read_table(io.BytesIO(to_data(summaries, "parquet"))).to_pylist()
    assert len(lines) == len(table) == len(json.loads(to_data(summaries, "json"))) == 3
    for measured, line, row in zip(nested, lines, table, strict=True):
        assert set(measured) <= set(line) == set(row)
        for name, value in measured.items():
            assert row[name] == value, name
            assert line[name] == ("" if value is None else str(value)), name


def test_texts_stand_in_a_csv_without_quotes_of_their_own() -> None:
    (line, *_) = csv.DictReader(io.StringIO(to_data(summarize(ROWS), "csv").decode()))
    assert (line["setting.split"], json.loads(line["setting.stages"])) == ("test", [1, 2, 3])


def test_what_was_not_scored_is_empty_and_not_zero() -> None:
    (crashed,) = [
        line
        for line in csv.DictReader(io.StringIO(to_data(summarize(ROWS), "csv").decode()))
        if line["benchmark"] == "PDDL"
    ]
    assert (crashed["score"], crashed["reward"], crashed["failed"]) == ("", "", "1")
    assert crashed["policy"] == 'a "quoted", name\nof two lines'
