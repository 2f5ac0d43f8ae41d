#!/usr/bin/env python3
"""Compares Parquet exports with NDJSON exports of the same tables: parquet.py NDJSON PARQUET [NDJSON PARQUET ...]

Each Parquet file is read with pyarrow and with DuckDB. Of each column both must give the counts of values and nulls,
the smallest and the largest value and the sum (of texts: of their lengths) that the NDJSON has; pyarrow also every row,
and its file metadata the nulls and bounds. Prints one line a table; exits with 1 at the first difference.
"""
import json
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def time_value(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def expected_value(value, kind):
    """A value of the NDJSON as pyarrow gives it in a column of the type `kind`."""
    if value is None:
        return None
    if arrow.types.is_timestamp(kind):
        return time_value(value)
    if arrow.types.is_decimal(kind):
        return Decimal(str(value))
    if arrow.types.is_floating(kind):
        return float(value)
    return value


def rows_of(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


def summary(values):
    """Counts, extremes and sum of values, nulls aside."""
    present = [value for value in values if value is not None]
    if not present:
        return (0, len(values), None, None, None)
    if isinstance(present[0], str):
        # As bytes, which is how Parquet and DuckDB order text.
        least = min(present, key=lambda text: text.encode()), max(present, key=lambda text: text.encode())
        total = sum(len(text) for text in present)
    elif isinstance(present[0], datetime):
        least = min(present), max(present)
        total = sum(milliseconds(value) for value in present)
    else:
        least = min(present), max(present)
        total = sum(present)
    return (len(present), len(values) - len(present), *least, total)


def milliseconds(value):
    """What DuckDB is asked of a time, which it would give in a type of another package's."""
    return (value - EPOCH) // timedelta(milliseconds=1) if isinstance(value, datetime) else value


def check(place, found, expected):
    same = found == expected
    if not same and isinstance(expected, float) and isinstance(found, float):
        same = abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
    if not same:
        sys.exit(f"{place}: {found!r} instead of {expected!r}")


def check_summary(place, found, expected):
    for name, one, other in zip(["values", "nulls", "minimum", "maximum", "sum"], found, expected):
        check(f"{place}, {name}", one, other)


def decoded(value):
    return json.loads(value, parse_float=Decimal) if isinstance(value, str) else value


def duck_summary(connection, path, name, kind):
    column = '"' + name.replace('"', '""') + '"'
    if arrow.types.is_timestamp(kind):
        column = f"epoch_ms({column})"
    added = f"length({column})" if arrow.types.is_string(kind) else column
    if arrow.types.is_boolean(kind):
        added = f"{column}::int"
    query = (f"SELECT count({column}), count(*) - count({column}), min({column}), max({column}), sum({added}) "
             "FROM read_parquet(?)")
    count, nulls, least, most, total = connection.execute(query, [path]).fetchone()
    if arrow.types.is_floating(kind) or total is None:
        return (count, nulls, least, most, total)
    return (count, nulls, least, most, Decimal(total) if arrow.types.is_decimal(kind) else int(total))


def check_metadata(place, metadata, index, values):
    """Nulls and bounds of each row group against its rows."""
    start = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        part = values[start:start + rows]
        start += rows
        chunk = metadata.row_group(group).column(index)
        check(f"{place}, codec", chunk.compression, "ZSTD")
        statistics = chunk.statistics
        check(f"{place}, row group {group}, nulls", statistics.null_count, sum(value is None for value in part))
        present = [value for value in part if value is not None]
        if statistics.has_min_max and present and isinstance(present[0], (int, float, Decimal, datetime)):
            if statistics.min > min(present) or statistics.max < max(present):
                sys.exit(f"{place}, row group {group}: {statistics} excludes a value")


def compare(ndjson, path, connection):
    rows = rows_of(ndjson)
    table = parquet.read_table(path)
    check(f"{path}, rows", table.num_rows, len(rows))
    if rows:
        check(f"{path}, columns", table.column_names, list(rows[0]))
    check(f"{path}, rows of DuckDB", connection.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()[0],
          len(rows))
    metadata = parquet.ParquetFile(path).metadata
    for index, name in enumerate(table.column_names):
        place = f"{path}, column {name}"
        kind = table.schema.field(name).type
        expected = [expected_value(row[name], kind) for row in rows]
        found = table.column(name).to_pylist()
        if isinstance(kind, arrow.BaseExtensionType) or any(isinstance(value, (dict, list)) for value in expected):
            # JSON, which the two write with other white space, if any.
            check(place, [decoded(value) for value in found], expected)
            continue
        check(place, found, expected)
        check_summary(f"{place} with pyarrow", summary(found), summary(expected))
        check_summary(f"{place} with DuckDB", duck_summary(connection, path, name, kind),
                      summary([milliseconds(value) for value in expected]))
        check_metadata(place, metadata, index, expected)
    print(f"{path}: {len(rows)} rows, {len(table.column_names)} columns, {metadata.num_row_groups} row groups agree")


def main(paths):
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for ndjson, path in zip(paths[::2], paths[1::2]):
        compare(ndjson, path, connection)


main(sys.argv[1:])
