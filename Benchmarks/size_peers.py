"""Other stores of the rows that `benchmarks size` asks about.

    size_peers.py ROWS.parquet WORK

ROWS.parquet is `riffle export --table events --format parquet`. Its rows, sorted by time, are stored as Parquet by
pyarrow with Zstandard 3 and 19, the same tuned (identifiers as bytes, differences of times), in row groups of the size
and with the dictionaries that leave least, in DuckDB's own file, and in a MergeTree of ClickHouse (chdb) with the
types and codecs that its manual recommends. They get all columns, partition and offset too, but for those without a
value; money becomes a floating point number. Prints a line of JSON: rows, bytes by store, bytes by column of the tuned
Parquet, versions. A store whose package is missing is left out.
"""
import json
import os
import shutil
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Of columns with fewer distinct values a dictionary is worth it.
DISTINCT_MAX = 10_000
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HEXADECIMAL = r"[a-z]+_[0-9a-f]{16}"


def rows_of(path):
    """The rows by time, in the types that people give such columns."""
    table = pq.read_table(path)
    columns = {}
    for field in table.schema:
        column = table[field.name]
        if column.null_count == len(column):
            continue
        if isinstance(column.type, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in column.chunks])
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        columns[field.name] = column.combine_chunks()
    table = pa.table(columns)
    return table.take(pc.sort_indices(table, sort_keys=[("event_ts", "ascending")]))


def matches(column, pattern):
    if not pa.types.is_string(column.type):
        return False
    return pc.all(pc.match_substring_regex(column, f"^{pattern}$"), min_count=0).as_py()


def identifiers(table):
    """Columns of text that are packed to bytes: their names, and the bytes of each."""
    kinds = {}
    for name in table.column_names:
        column = table[name]
        if column.null_count == 0:
            width = 16 if matches(column, UUID) else 8 if matches(column, HEXADECIMAL) else 0
            if width:
                kinds[name] = width
    return kinds


def packed(table, kinds):
    for name, width in kinds.items():
        texts = table[name].to_pylist()
        digits = "".join(texts).replace("-", "") if width == 16 else "".join(text[-16:] for text in texts)
        column = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(texts), [None, pa.py_buffer(bytes.fromhex(digits))])
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def distinct_counts(table):
    return {name: pc.count_distinct(table[name]).as_py() for name in table.column_names}


def parquet(table, work):
    sizes, columns = {}, {}

    def write(name, rows, **options):
        path = f"{work}/peer.parquet"
        pq.write_table(rows, path, compression="zstd", **options)
        size = os.path.getsize(path)
        if name not in sizes or size < sizes[name]:
            sizes[name] = size
            found = {}
            metadata = pq.ParquetFile(path).metadata
            for group in range(metadata.num_row_groups):
                for index in range(metadata.num_columns):
                    chunk = metadata.row_group(group).column(index)
                    found[chunk.path_in_schema] = found.get(chunk.path_in_schema, 0) + chunk.total_compressed_size
            columns[name] = found
        os.remove(path)
        return size

    groups = (131_072, 1 << 20)
    best = min(groups, key=lambda group: write("parquet zstd-3", table, compression_level=3, row_group_size=group))
    write("parquet zstd-19", table, compression_level=19, row_group_size=best)
    kinds = identifiers(table)
    counts = distinct_counts(table)
    rows = packed(table, kinds)

    def tuned(level, group, most):
        plain = [name for name in table.column_names if name in kinds or counts[name] > most]
        numbers = [field.name for field in rows.schema
                   if pa.types.is_timestamp(field.type) or pa.types.is_integer(field.type)]
        dictionary = [name for name in table.column_names if name not in plain and name not in numbers]
        return write(f"parquet tuned zstd-{level}", rows, compression_level=level, row_group_size=group,
                     use_dictionary=dictionary,
                     column_encoding={name: "DELTA_BINARY_PACKED" for name in numbers})

    choices = [(group, most) for group in groups for most in (DISTINCT_MAX, table.num_rows)]
    tuned(19, *min(choices, key=lambda choice: tuned(3, *choice)))
    return sizes, columns["parquet tuned zstd-3"], {"pyarrow": pa.__version__}


def duckdb_file(table, work):
    import duckdb
    path = f"{work}/peer.duckdb"
    for name in (path, path + ".wal"):
        if os.path.exists(name):
            os.remove(name)
    kinds = identifiers(table)
    connection = duckdb.connect(path)
    connection.register("given", table)
    names = {name: f'"{name}"' for name in table.column_names}
    cells = [f"{name}::UUID AS {name}" if kinds.get(key) == 16 else name for key, name in names.items()]
    best = None
    for chosen in (names.values(), cells):
        connection.execute(f"CREATE OR REPLACE TABLE events AS SELECT {', '.join(chosen)} FROM given")
        connection.execute("FORCE CHECKPOINT")
        blocks = connection.execute(
            "SELECT count(DISTINCT block_id) FROM pragma_storage_info('events') WHERE persistent").fetchone()[0]
        size = connection.execute("SELECT block_size FROM pragma_database_size()").fetchone()[0] * blocks
        best = size if best is None else min(best, size)
    connection.close()
    os.remove(path)
    return {"duckdb": best}, {"duckdb": duckdb.__version__}


def clickhouse(table, work):
    from chdb import session
    folder, source = f"{work}/peer-clickhouse", f"{work}/peer.parquet"
    shutil.rmtree(folder, ignore_errors=True)
    kinds, counts = identifiers(table), distinct_counts(table)
    pq.write_table(table, source, compression="zstd")
    columns = []
    for field in table.schema:
        isNull = table[field.name].null_count > 0
        codec = "CODEC(ZSTD(3))"
        if pa.types.is_timestamp(field.type):
            kind, codec = "DateTime64(3, 'UTC')", "CODEC(DoubleDelta, ZSTD(3))"
        elif pa.types.is_integer(field.type):
            kind, codec = "Int64", "CODEC(Delta, ZSTD(3))"
        elif pa.types.is_string(field.type) and kinds.get(field.name) == 16:
            kind = "UUID"
        elif pa.types.is_string(field.type):
            kind = "Nullable(String)" if isNull else "String"
            if counts[field.name] <= DISTINCT_MAX:
                kind = f"LowCardinality({kind})"
        else:
            kind = "Bool" if pa.types.is_boolean(field.type) else "Float64"
            kind = f"Nullable({kind})" if isNull else kind
        columns.append(f"`{field.name}` {kind} {codec}")
    peer = session.Session(folder)
    peer.query("CREATE DATABASE IF NOT EXISTS peer ENGINE = Atomic")
    peer.query(f"CREATE TABLE peer.events ({', '.join(columns)}) ENGINE = MergeTree ORDER BY event_ts")
    peer.query(f"INSERT INTO peer.events SELECT * FROM file('{os.path.abspath(source)}', Parquet)")
    peer.query("OPTIMIZE TABLE peer.events FINAL")
    answer = peer.query("SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'peer'", "TSV")
    rows, size = (int(cell) for cell in answer.bytes().decode().split())
    if rows != table.num_rows:
        sys.exit(f"ClickHouse has {rows} rows instead of {table.num_rows}")
    version = peer.query("SELECT version()", "TSV").bytes().decode().strip()
    peer.close()
    shutil.rmtree(folder, ignore_errors=True)
    os.remove(source)
    return {"clickhouse": size}, {"clickhouse": version}


def main():
    path, work = sys.argv[1:]
    table = rows_of(path)
    sizes, columns, versions = parquet(table, work)
    for store in (duckdb_file, clickhouse):
        try:
            found, version = store(table, work)
            sizes.update(found), versions.update(version)
        except ImportError as error:
            print(f"{store.__name__} is left out: {error}", file=sys.stderr)
    print(json.dumps({"rows": table.num_rows, "bytes": sizes, "columns": columns, "versions": versions}))


if __name__ == "__main__":
    main()
