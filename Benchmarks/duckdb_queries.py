"""DuckDB beside `riffle query`: Q1 to Q7 on the same events.

    duckdb_queries.py RUNS ANSWERS.json FILE...

Loads the lines by Riffle's rules (duckdb_w1.py) into a table, sorted by time: in memory, as Parquet with Zstandard, and
in a file of its own. Runs each query on each of the three once to warm up and RUNS times more with two threads, compares
its rows with those of ANSWERS.json, and prints the medians and differences as a line of JSON.
"""
import json
import os
import statistics
import sys
import tempfile
import time

import duckdb

from duckdb_w1 import events_statement

KPIS = """
SELECT epoch_ms(date_trunc('minute', event_ts)), count(*) FILTER (event_type = 'page_view'),
       count(*) FILTER (event_type = 'add_to_cart'), count(*) FILTER (event_type = 'purchase'),
       count(DISTINCT session_id), count(DISTINCT user_id),
       sum(price) FILTER (event_type = 'purchase')
FROM events {where} GROUP BY 1 ORDER BY 1
"""
QUERIES = {
    "Q1": KPIS.format(where=""),
    "Q2": KPIS.format(where="WHERE event_ts >= epoch_ms($low) AND event_ts < epoch_ms($high)"),
    "Q3": """SELECT product_id, round(sum(price), 2) AS revenue FROM events WHERE event_type = 'purchase'
             GROUP BY 1 ORDER BY revenue DESC, product_id LIMIT 20""",
    "Q4": """SELECT geo_country, epoch_ms(date_trunc('hour', event_ts)), count(DISTINCT user_id)
             FROM events GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2""",
    "Q5": """WITH v AS (SELECT session_id, min(event_ts) AS tv FROM events
                        WHERE event_type = 'page_view' AND session_id IS NOT NULL GROUP BY 1),
                  c AS (SELECT session_id, min(event_ts) AS tc FROM events JOIN v USING (session_id)
                        WHERE event_type = 'add_to_cart' AND event_ts > tv GROUP BY 1),
                  p AS (SELECT DISTINCT session_id FROM events JOIN c USING (session_id)
                        WHERE event_type = 'purchase' AND event_ts > tc)
             SELECT (SELECT count(*) FROM v), (SELECT count(*) FROM c), (SELECT count(*) FROM p)""",
    "Q6": """SELECT event_id, epoch_ms(event_ts), event_type, session_id, product_id, price
             FROM events WHERE user_id = $user ORDER BY event_ts, event_id""",
    "Q7": """SELECT geo_country, quantile_cont(price, [0.5, 0.95, 0.99]) FROM events
             WHERE price IS NOT NULL GROUP BY 1 ORDER BY 1 NULLS FIRST""",
}


def flat(row):
    cells = []
    for cell in row:
        cells += cell if isinstance(cell, list) else [cell]
    return cells


def same(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(right, str) and not isinstance(left, str):
        right = float(right)
    if isinstance(left, str):
        return left == right
    return abs(float(left) - float(right)) < 1e-6


def load(connection, files, folder):
    """The events, as what stands behind FROM, by name."""
    statement = events_statement()
    # Also the columns that only these queries need.
    source = "FROM read_ndjson_objects"
    statement = statement.replace(source, f", json_extract_string(json, '$.geo.country') AS geo_country {source}")
    first = "texts[1] AS event_id"
    statement = statement.replace(f"SELECT {first}", f"SELECT geo_country, texts[7] AS product_id, {first}")
    connection.execute(statement, {"files": files})
    connection.execute("""CREATE TEMP TABLE memory AS SELECT event_id, event_ts::TIMESTAMP AS event_ts, event_type,
        user_id, session_id, product_id, price::DOUBLE AS price, currency, geo_country FROM events ORDER BY event_ts""")
    connection.execute("DROP TABLE events")
    parquet = f"{folder}/events.parquet"
    connection.execute(f"COPY memory TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"ATTACH '{folder}/events.db' AS file")
    connection.execute("CREATE TABLE file.events AS FROM memory ORDER BY event_ts")
    connection.execute("CHECKPOINT file")
    return {"memory": "memory", "parquet": f"'{parquet}'", "native": "file.events"}


def measure(connection, query, known, runs):
    """The rows, the median of milliseconds and that of CPU time, which other programs disturb less."""
    rows = [flat(row) for row in connection.execute(query, known).fetchall()]
    walls, cpus = [], []
    for _ in range(runs):
        started, used = time.perf_counter(), time.process_time()
        connection.execute(query, known).fetchall()
        walls.append((time.perf_counter() - started) * 1000)
        cpus.append((time.process_time() - used) * 1000)
    return rows, statistics.median(walls), statistics.median(cpus)


def difference(rows, found):
    """What of the rows found is not as it should be, or None."""
    if len(found) != len(rows):
        return f"{len(found)} rows instead of {len(rows)}"
    for left, right in zip(rows, found):
        if len(left) != len(right) or not all(same(*pair) for pair in zip(left, right)):
            return f"{right} instead of {left}"
    return None


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    runs, files = int(sys.argv[1]), sys.argv[3:]
    with open(sys.argv[2]) as file:
        given = json.load(file)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 2")
    result = {"version": duckdb.__version__, "median_ms": {}, "cpu_ms": {}, "differences": []}
    with tempfile.TemporaryDirectory(dir=os.path.dirname(sys.argv[2])) as folder:
        for form, table in load(connection, files, folder).items():
            result["median_ms"][form], result["cpu_ms"][form] = {}, {}
            for name, query in QUERIES.items():
                known = {key: value for key, value in given["parameters"].items() if f"${key}" in query}
                query = query.replace("FROM events", f"FROM {table} AS events")
                rows, result["median_ms"][form][name], result["cpu_ms"][form][name] = measure(
                    connection, query, known, runs)
                wrong = difference(rows, given["rows"][name])
                if wrong:
                    result["differences"].append(f"{name}, {form}: {wrong}")
    print(json.dumps(result, default=str))


if __name__ == "__main__":
    main()
