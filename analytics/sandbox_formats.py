"""An answer as bytes, cut off where it grows too long.

Only the process that computes answers imports this: pyarrow takes long to load.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Encoded:
    body: bytes
    rows: int
    truncated: bool
    """Whether there were more rows than fit."""


class Cut:
    """The batches of an answer until so many rows or bytes of them have come."""

    def __init__(self, batches: Iterable[pa.RecordBatch], rows: int, size: int) -> None:
        self._batches = batches
        self._rows_left, self._bytes_left = rows, size
        self.rows = 0
        self.truncated = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            kept = batch.slice(0, self._rows_left)
            share = self._bytes_left / max(1, kept.nbytes)
            if share < 1:
                kept = kept.slice(0, int(kept.num_rows * share))
            self._rows_left -= kept.num_rows
            self._bytes_left -= kept.nbytes
            self.rows += kept.num_rows
            self.truncated = kept.num_rows < batch.num_rows
            if kept.num_rows:
                yield kept
            if self.truncated:
                return


def encode(reader: pa.RecordBatchReader, form: str, rows: int, size: int) -> Encoded:
    """An answer in one of the formats, of at most so many rows and about so many bytes."""
    schema = _distinct(reader.schema)
    kept = Cut((pa.RecordBatch.from_arrays(b.columns, schema=schema) for b in reader), rows, size)
    body = _ENCODERS[form](kept, schema)
    return Encoded(body, kept.rows, kept.truncated)


def _distinct(schema: pa.Schema) -> pa.Schema:
    """Columns of the same name are told apart, as `SELECT 1 AS a, 2 AS a` needs it."""
    names: list[str] = []
    for name in schema.names:
        unused, number = name, 1
        while unused in names:
            unused, number = f"{name}_{number}", number + 1
        names.append(unused)
    return pa.schema([f.with_name(n) for f, n in zip(schema, names, strict=True)])


def _json(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> bytes:
    columns = [{"name": field.name, "type": str(field.type)} for field in schema]
    data = ",".join(
        json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":"))
        for batch in batches
        for row in batch.to_pylist()
    )
    return f'{{"columns":{json.dumps(columns)},"data":[{data}]}}'.encode()


def _csv(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(schema.names)
    for batch in batches:
        writer.writerows(map(_flat, row.values()) for row in batch.to_pylist())
    return file.getvalue().encode()


def _arrow(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _parquet(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        writer.write_table(pa.Table.from_batches(list(batches), schema))
    return bytes(sink.getvalue())


_ENCODERS = {"json": _json, "csv": _csv, "arrow": _arrow, "parquet": _parquet}


def _flat(cell: object) -> object:
    plain = _plain(cell)
    if isinstance(plain, bool):
        return str(plain).lower()
    if isinstance(plain, list | dict):
        return json.dumps(plain, ensure_ascii=False)
    return plain


def _plain(cell: Any) -> Any:
    """A value that JSON has: times as RFC 3339 in UTC, bytes in hexadecimal, no NaN."""
    match cell:
        case None | bool() | int() | str():
            return cell
        case float():
            return cell if math.isfinite(cell) else None
        case Decimal():
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        case datetime():
            return f"{cell.replace(tzinfo=None).isoformat()}Z"
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return cell.total_seconds()
        case bytes():
            return cell.hex()
        case dict():
            return {str(name): _plain(value) for name, value in cell.items()}
        case Sequence():
            return [_plain(value) for value in cell]
        case _:
            return str(cell)
