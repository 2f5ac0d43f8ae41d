"""Other engines beside `riffle query`: Q1 to Q7 on the same events, asked one question at a time.

    query_peers.py duckdb FOLDER FILE...   loads the lines by Riffle's rules (duckdb_w1.py), all columns, sorted by
                                           time: as FOLDER/events.parquet, Zstandard, and in FOLDER/events.db
    query_peers.py clickhouse FOLDER       loads FOLDER/events.parquet into a MergeTree in FOLDER/clickhouse

Prints a line of JSON when it is ready, with its version and the bytes of each form of its table. Then answers each line
{"form", "query", "parameters", "expected"} with the milliseconds and the CPU milliseconds that the query took, all
threads together, and, where rows are expected, with what is different. Two threads; no cache of answers.
"""
import json
import os
import shutil
import sys
import time

TEXTS = ["event_id", "event_type", "user_id", "session_id", "page", "product_id", "currency", "order_id", "query",
         "element_id", "category", "utm_source", "utm_medium", "utm_campaign", "device_user_agent", "device_os",
         "geo_country", "geo_city"]
# Those of few values.
LOW = ["event_type", "product_id", "currency", "query", "element_id", "category", "utm_source", "utm_medium",
       "utm_campaign", "device_user_agent", "device_os", "geo_country", "geo_city"]
COLUMNS = ["event_id", "event_type", "event_ts", "user_id", "session_id", "page", "product_id", "price", "quantity",
           "currency", "order_id", "query", "element_id", "category", "utm_source", "utm_medium", "utm_campaign",
           "device_user_agent", "device_os", "device_mobile", "geo_country", "geo_city", "geo_lat", "geo_lon"]


class DuckDB:
    """Asks a Parquet file, and a file of DuckDB's own."""

    KPIS = """
        SELECT epoch_ms(date_trunc('minute', event_ts)), count(*) FILTER (event_type = 'page_view'),
               count(*) FILTER (event_type = 'add_to_cart'), count(*) FILTER (event_type = 'purchase'),
               count(DISTINCT session_id), count(DISTINCT user_id), sum(price) FILTER (event_type = 'purchase')
        FROM {table} {where} GROUP BY 1 ORDER BY 1"""
    QUERIES = {
        "Q1": KPIS.replace("{where}", ""),
        "Q2": KPIS.replace("{where}", "WHERE event_ts >= epoch_ms({low}) AND event_ts < epoch_ms({high})"),
        "Q3": """SELECT product_id, round(sum(price), 2) AS revenue FROM {table} WHERE event_type = 'purchase'
                 GROUP BY 1 ORDER BY revenue DESC, product_id LIMIT 20""",
        "Q4": """SELECT geo_country, epoch_ms(date_trunc('hour', event_ts)), count(DISTINCT user_id)
                 FROM {table} GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2""",
        "Q5": """WITH v AS (SELECT session_id, min(event_ts) AS tv FROM {table}
                            WHERE event_type = 'page_view' AND session_id IS NOT NULL GROUP BY 1),
                      c AS (SELECT session_id, min(event_ts) AS tc FROM {table} JOIN v USING (session_id)
                            WHERE event_type = 'add_to_cart' AND event_ts > tv GROUP BY 1),
                      p AS (SELECT DISTINCT session_id FROM {table} JOIN c USING (session_id)
                            WHERE event_type = 'purchase' AND event_ts > tc)
                 SELECT (SELECT count(*) FROM v), (SELECT count(*) FROM c), (SELECT count(*) FROM p)""",
        "Q6": """SELECT * REPLACE (epoch_ms(event_ts) AS event_ts) FROM {table} WHERE user_id = '{user}'
                 ORDER BY {table}.event_ts, event_id""",
        "Q7": """SELECT geo_country, quantile_cont(price, [0.5, 0.95, 0.99]) FROM {table}
                 WHERE price IS NOT NULL GROUP BY 1 ORDER BY 1 NULLS FIRST""",
    }

    def __init__(self, folder, files):
        import duckdb
        from duckdb_w1 import events_statement
        self.version = duckdb.__version__
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET threads = 2")
        parts = {"utm": ["source", "medium", "campaign"], "device": ["user_agent", "os"], "geo": ["country", "city"]}
        others = [f"json_extract_string(json, '$.{part}.{name}') AS {part}_{name}"
                  for part, names in parts.items() for name in names]
        others += [f"json_extract_string(json, '$.{name}') AS {name}"
                   for name in ("page", "product_id", "query", "element_id", "category")]
        others += ["TRY_CAST(json_extract_string(json, '$.quantity') AS DOUBLE) AS stored_quantity",
                   "TRY_CAST(json_extract_string(json, '$.device.mobile') AS BOOLEAN) AS device_mobile",
                   "TRY_CAST(json_extract_string(json, '$.geo.lat') AS DOUBLE) AS geo_lat",
                   "TRY_CAST(json_extract_string(json, '$.geo.lon') AS DOUBLE) AS geo_lon"]
        self.connection.execute(events_statement(others), {"files": files})
        casts = {"event_ts": "event_ts::TIMESTAMP_MS AS event_ts", "price": "price::DOUBLE AS price",
                 "quantity": "stored_quantity AS quantity"}
        columns = ", ".join(casts.get(name, name) for name in COLUMNS)
        self.connection.execute(f"CREATE TEMP TABLE sorted AS SELECT {columns} FROM events ORDER BY event_ts")
        self.connection.execute("DROP TABLE events")
        parquet, native = f"{folder}/events.parquet", f"{folder}/events.db"
        self.connection.execute(f"COPY sorted TO '{parquet}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)")
        self.connection.execute(f"ATTACH '{native}' AS file")
        self.connection.execute("CREATE TABLE file.events AS FROM sorted ORDER BY event_ts")
        self.connection.execute("CHECKPOINT file")
        self.connection.execute("DROP TABLE sorted")
        self.tables = {"DuckDB, Parquet": f"'{parquet}' AS events", "DuckDB": "file.events AS events"}
        self.bytes = {"DuckDB, Parquet": os.path.getsize(parquet), "DuckDB": os.path.getsize(native)}

    def run(self, form, query, parameters):
        # Behind FROM stands the file, else the name that it has there.
        text = self.QUERIES[query].replace("ORDER BY {table}.", "ORDER BY events.")
        return self.connection.execute(text.format(table=self.tables[form], **parameters)).fetchall()

    def rows(self, answer):
        return answer


class ClickHouse:
    """Asks a MergeTree with the types and codecs that suit its columns."""

    KPIS = """
        SELECT toUnixTimestamp(toStartOfMinute(event_ts)) * 1000 AS k, countIf(event_type = 'page_view'),
               countIf(event_type = 'add_to_cart'), countIf(event_type = 'purchase'), uniqExact(session_id),
               uniqExact(user_id), sumIfOrNull(price, event_type = 'purchase')
        FROM b.events {where} GROUP BY k ORDER BY k"""
    QUERIES = {
        "Q1": KPIS.replace("{where}", ""),
        "Q2": KPIS.replace("{where}", "WHERE event_ts >= fromUnixTimestamp64Milli({low}, 'UTC') "
                                      "AND event_ts < fromUnixTimestamp64Milli({high}, 'UTC')"),
        "Q3": """SELECT product_id, round(sum(price), 2) AS revenue FROM b.events WHERE event_type = 'purchase'
                 GROUP BY product_id ORDER BY revenue DESC, product_id LIMIT 20""",
        "Q4": """SELECT geo_country, toUnixTimestamp(toStartOfHour(event_ts)) * 1000 AS h, uniqExact(user_id)
                 FROM b.events GROUP BY geo_country, h ORDER BY geo_country NULLS FIRST, h""",
        "Q5": """SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (
                   SELECT session_id, windowFunnel(86400000, 'strict_increase')(
                     toUInt64(toUnixTimestamp64Milli(event_ts)), event_type = 'page_view', event_type = 'add_to_cart',
                     event_type = 'purchase') AS level
                   FROM b.events WHERE event_type IN ('page_view', 'add_to_cart', 'purchase') AND session_id IS NOT NULL
                   GROUP BY session_id)""",
        "Q6": """SELECT * REPLACE (toUnixTimestamp64Milli(event_ts) AS event_ts) FROM b.events
                 WHERE user_id = '{user}' ORDER BY events.event_ts, toString(event_id)""",
        "Q7": """SELECT geo_country, quantilesExactInclusive(0.5, 0.95, 0.99)(assumeNotNull(price)) FROM b.events
                 WHERE price IS NOT NULL GROUP BY geo_country ORDER BY geo_country NULLS FIRST""",
    }
    SETTINGS = " SETTINGS max_threads = 2, use_query_condition_cache = 0, use_query_cache = 0"

    def __init__(self, folder):
        from chdb import session
        shutil.rmtree(f"{folder}/clickhouse", ignore_errors=True)
        self.session = session.Session(f"{folder}/clickhouse")
        source = f"file('{folder}/events.parquet', Parquet)"
        nulls = self.ask(f"SELECT {', '.join(f'countIf(isNull({name})) > 0' for name in COLUMNS)} FROM {source}")[0]
        named = self.ask(f"SELECT countIf(toUUIDOrNull(event_id) IS NULL) FROM {source}")[0][0] == 0
        columns = ", ".join(self.column(name, has_nulls, named) for name, has_nulls in zip(COLUMNS, nulls))
        self.session.query("CREATE DATABASE b ENGINE = Atomic")
        self.session.query(f"CREATE TABLE b.events ({columns}) ENGINE = MergeTree ORDER BY event_ts")
        self.session.query(f"INSERT INTO b.events SELECT {', '.join(COLUMNS)} FROM {source}"
                           " SETTINGS max_threads = 2, max_insert_threads = 2")
        self.session.query("OPTIMIZE TABLE b.events FINAL")
        self.version = self.ask("SELECT version()")[0][0]
        size = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'events'"
        self.bytes = {"ClickHouse": int(self.ask(size)[0][0])}

    @staticmethod
    def column(name, has_nulls, is_named_by_uuid):
        kind = "String" if name in TEXTS else "Bool" if name == "device_mobile" else "Float64"
        if name == "event_id" and is_named_by_uuid:
            kind = "UUID"
        if has_nulls:
            kind = f"Nullable({kind})"
        if name in LOW:
            kind = f"LowCardinality({kind})"
        if name == "event_ts":
            return "event_ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(3))"
        return f"{name} {kind} CODEC(ZSTD(3))"

    def ask(self, text):
        return self.rows(self.session.query(text, "JSONCompactEachRow").bytes())

    def run(self, form, query, parameters):
        text = self.QUERIES[query].format(**parameters) + self.SETTINGS
        return self.session.query(text, "JSONCompactEachRow").bytes()

    def rows(self, answer):
        return [json.loads(line) for line in answer.decode().splitlines()]


def flat(row):
    cells = []
    for cell in row:
        cells += cell if isinstance(cell, list) else [cell]
    return cells


def same(left, right):
    if left is None or right is None:
        return left is right
    # Exact decimals come as text where the other engine has a number, and the other way round.
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return abs(float(left) - float(right)) < 1e-6


def difference(rows, found):
    """What of the rows found is not as it should be, or None."""
    if len(found) != len(rows):
        return f"{len(found)} rows instead of {len(rows)}"
    for left, right in zip(rows, found):
        if len(left) != len(right) or not all(same(*pair) for pair in zip(left, right)):
            return f"{right} instead of {left}"
    return None


def serve(engine):
    print(json.dumps({"version": engine.version, "bytes": engine.bytes}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        started, used = time.perf_counter(), time.process_time()
        answer = engine.run(asked["form"], asked["query"], asked["parameters"])
        reply = {"ms": (time.perf_counter() - started) * 1000, "cpu_ms": (time.process_time() - used) * 1000}
        if asked.get("expected") is not None:
            reply["difference"] = difference(asked["expected"], [flat(row) for row in engine.rows(answer)])
        print(json.dumps(reply, default=str), flush=True)


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("duckdb", "clickhouse"):
        sys.exit(__doc__)
    serve(DuckDB(sys.argv[2], sys.argv[3:]) if sys.argv[1] == "duckdb" else ClickHouse(sys.argv[2]))


if __name__ == "__main__":
    main()
