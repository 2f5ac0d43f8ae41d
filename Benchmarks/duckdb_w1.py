"""DuckDB beside `riffle backfill`: KPIs of each minute from files of JSON lines.

    duckdb_w1.py time FILE...     runs the plain query once; prints its seconds as a line of JSON
    duckdb_w1.py answer FILE...   prints what Riffle must answer: a line of totals, then one line a minute

The plain query counts what DuckDB reads, duplicates too, and skips what it cannot read. The answer applies Riffle's
rules instead: a line is a dead letter unless required fields, types, time and event type are right, and of the lines of
one (session, event_id) only one counts. It is checked from the lines' own text, not from what Riffle says about them.
"""
import json
import sys
import time

import duckdb

PLAIN = """
SELECT date_trunc('minute', event_ts) AS minute,
       count(*) FILTER (event_type = 'page_view'),
       count(*) FILTER (event_type = 'add_to_cart'),
       count(*) FILTER (event_type = 'purchase'),
       count(DISTINCT session_id),
       count(DISTINCT user_id),
       coalesce(sum(price) FILTER (event_type = 'purchase'), 0)
FROM read_json($files, format = 'newline_delimited', ignore_errors = true, columns = {
       event_type: 'VARCHAR', event_ts: 'TIMESTAMP', user_id: 'VARCHAR', session_id: 'VARCHAR', price: 'DOUBLE'})
WHERE event_ts IS NOT NULL
GROUP BY minute ORDER BY minute
"""

TEXTS = ["event_id", "event_type", "event_ts", "user_id", "session_id", "page", "product_id", "currency", "order_id",
         "query", "element_id", "category"]
NUMBERS = ["price", "quantity"]
TYPES = ["page_view", "click", "search", "add_to_cart", "remove_from_cart", "begin_checkout", "purchase", "refund"]
# A date, a time to the minute and more, and an offset or Z.
TIME = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"


def events_statement(others=()):
    """The table of events. `others` are further columns: expressions over `json`, the line, each with AS."""
    members = [(name, "VARCHAR") for name in TEXTS] + [(name, "NUMBER") for name in NUMBERS]
    paths = ", ".join(f"'$.{name}'" for name, _ in members)
    kinds = {"VARCHAR": "'NULL', 'VARCHAR'", "NUMBER": "'NULL', 'DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT'"}
    right = " AND ".join(f"coalesce(types[{place}], 'NULL') IN ({kinds[kind]})"
                         for place, (_, kind) in enumerate(members, 1))
    text = {name: f"texts[{place}]" for place, (name, _) in enumerate(members, 1)}
    required = " AND ".join(f"types[{TEXTS.index(name) + 1}] = 'VARCHAR'" for name in ("event_type", "event_ts"))
    # DuckDB reads NaN as a number; as a decimal it is none.
    numbers = " AND ".join(f"({text[name]} IS NULL OR TRY_CAST({text[name]} AS DECIMAL(18, 4)) IS NOT NULL)"
                           for name in NUMBERS)
    known = ", ".join(f"'{name}'" for name in TYPES)
    more = "".join(f", {other}" for other in others)
    names = "".join(f", {other.rsplit(' AS ')[-1]}" for other in others)
    return f"""
CREATE TEMP TABLE events AS
WITH objects AS (
  SELECT json_type(json, [{paths}]) AS types, json_extract_string(json, [{paths}]) AS texts{more}
  FROM read_ndjson_objects($files, ignore_errors = true)
  WHERE json IS NOT NULL AND strlen(json) <= 1048576 AND json_type(json) = 'OBJECT'
), sound AS (
  SELECT {text['event_id']} AS event_id, {text['event_type']} AS event_type,
         TRY_CAST({text['event_ts']} AS TIMESTAMPTZ) AS event_ts,
         nullif({text['user_id']}, '') AS user_id, nullif({text['session_id']}, '') AS session_id,
         nullif({text['order_id']}, '') AS order_id, {text['currency']} AS currency,
         TRY_CAST({text['price']} AS DECIMAL(18, 4)) AS price,
         coalesce(TRY_CAST({text['quantity']} AS DECIMAL(18, 4)), 1) AS quantity{names}
  FROM objects
  WHERE {right} AND {required} AND {numbers} AND regexp_full_match({text['event_ts']}, '{TIME}')
), valid AS (
  SELECT *, coalesce(session_id, user_id, event_id) AS session FROM sound
  WHERE event_ts > TIMESTAMPTZ '1970-01-01 00:00:00Z' AND event_ts <= TIMESTAMPTZ '2100-01-01 00:00:00Z'
    AND event_type IN ({known})
), once AS (
  SELECT DISTINCT ON (session, event_id) *, coalesce(user_id, session) AS visitor FROM valid
)
SELECT *, (SELECT count(*) FROM valid) AS valid_count FROM once
"""


MINUTES = """
SELECT strftime(date_trunc('minute', event_ts), '%Y-%m-%dT%H:%M:%SZ') AS window_start,
       count(*) FILTER (event_type = 'page_view') AS page_views,
       count(*) FILTER (event_type = 'click') AS clicks,
       count(*) FILTER (event_type = 'search') AS searches,
       count(*) FILTER (event_type = 'add_to_cart') AS add_to_carts,
       count(*) FILTER (event_type = 'begin_checkout') AS checkouts,
       count(*) FILTER (event_type = 'purchase') AS purchases,
       count(*) FILTER (event_type = 'refund') AS refund_events,
       count(DISTINCT session) AS sessions,
       count(DISTINCT visitor) AS unique_users,
       count(DISTINCT coalesce('o' || order_id, 'e' || session || ' ' || event_id))
         FILTER (event_type = 'purchase') AS orders
FROM events GROUP BY window_start ORDER BY window_start
"""

REVENUE = """
SELECT strftime(date_trunc('minute', event_ts), '%Y-%m-%dT%H:%M:%SZ'), currency,
       sum((price * quantity)::DECIMAL(38, 4))::VARCHAR
FROM events WHERE event_type = 'purchase' AND price IS NOT NULL GROUP BY 1, 2
"""


def time_plain(connection, files):
    started = time.perf_counter()
    rows = connection.execute(PLAIN, {"files": files}).fetchall()
    print(json.dumps({"job_seconds": round(time.perf_counter() - started, 3), "windows": len(rows),
                      "version": duckdb.__version__}))


def print_answer(connection, files):
    connection.execute(events_statement(), {"files": files})
    accepted, valid = connection.execute("SELECT count(*), coalesce(any_value(valid_count), 0) FROM events").fetchone()
    print(json.dumps({"accepted": accepted, "duplicates": valid - accepted}))
    revenue = {}
    for window, currency, amount in connection.execute(REVENUE).fetchall():
        revenue.setdefault(window, {})[currency] = amount
    rows = connection.execute(MINUTES)
    names = [column[0] for column in rows.description]
    for row in rows.fetchall():
        amounts = revenue.get(row[0], {})
        # One currency has a sum; several are listed and never added.
        shown = {"revenue": next(iter(amounts.values()), "0.0000"), "revenue_by_currency": None}
        if len(amounts) > 1:
            shown = {"revenue": None, "revenue_by_currency": amounts}
        print(json.dumps(dict(zip(names, row)) | shown))


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("time", "answer"):
        sys.exit(__doc__)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    {"time": time_plain, "answer": print_answer}[sys.argv[1]](connection, sys.argv[2:])


if __name__ == "__main__":
    main()
