"""Parquet files of lines: the columns of each format, and how they are written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

PIECE = 256
"""Lines that are held in memory and written together."""


def write_parquet(file: BinaryIO, lines: Iterator[dict[str, Any]], form: str) -> int:
    """Write lines as a Parquet file and return their number.

    Args:
        file: Where to.
        lines: The lines.
        form: Their format.
    """
    import pyarrow
    from pyarrow import parquet

    schema, count = pyarrow.schema(list(_columns(form).items())), 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while piece := list(islice(lines, PIECE)):
            writer.write_table(pyarrow.Table.from_pylist(piece, schema=schema))
            count += len(piece)
    return count


def _columns(form: str) -> Mapping[str, Any]:
    """Return the type of each column."""
    import pyarrow as pa

    text, number, whole, flag = pa.string(), pa.float64(), pa.int64(), pa.bool_()
    call = pa.struct({"id": text, "type": text, "function": pa.struct({"name": text, "arguments": text})})
    message = {"role": text, "content": text, "tool_calls": pa.list_(call), "tool_call_id": text}
    messages = pa.list_(pa.struct({**message, "reasoning_content": text}))
    about = {"episode": text, "env_id": text, "task": text, "seed": whole, "player": text, "group": text}
    about |= {"rollout": whole, "reward": number, "success": flag}
    ids = pa.list_(pa.int64())
    return {
        "sft": {"messages": messages, "tools": text, "first": whole, "segment": whole, "turn": whole, **about},
        "rows": {
            "prompt_ids": ids, "response_ids": ids, "mask": pa.list_(pa.int8()), "logprobs": pa.list_(number),
            "starts": ids, "turn": whole, "tokens": text, **about,
        },
        "pairs": {
            "prompt": messages, "chosen": messages, "rejected": messages, "tools": text, "turn": whole,
            "chosen_reward": number, "rejected_reward": number, "chosen_episode": text, "rejected_episode": text,
            "chosen_player": text, "rejected_player": text, "env_id": text, "task": text, "seed": whole,
        },
        "parquet": {
            "turn": whole, "stage": whole, "segment": whole, "prompt": text, "tools": text, "reply": text,
            "paid": number, "last": flag, "prompt_tokens": whole, "entries": whole, "errors": text, **about,
        },
    }[form]  # fmt: skip
