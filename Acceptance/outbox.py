#!/usr/bin/env python3
"""Compares what a reader keeps of a topic of the outbox with what `riffle export` prints.

    outbox.py results      EXPORTED.ndjson MESSAGES MARK COUNT
    outbox.py dead_letters EXPORTED.ndjson MESSAGES MARK COUNT

MESSAGES is what Kafka's console consumer printed: headers, key and value of each of COUNT messages. MARK and a letter
end a message (L), stand between its parts (C) and between headers (H), and for null (N).

Of a window the message of the highest epoch counts, and of several that of the highest out_seq. Its numbers must be
those exported, so must those of every other message of that key and epoch. Of a dead letter each message counts.
Prints the first differences, then messages, keys and differences; exit 1 on any.
"""
import base64, json, sys

ORIGIN = ("topic", "partition", "offset", "reason", "field")


def read_messages(path, mark):
    """Headers, key and value of each message; null is None."""
    null = mark + b"N"
    with open(path, "rb") as file:
        *messages, rest = file.read().split(mark + b"L")
    if rest:
        sys.exit(f"{path}: the last message is cut: {rest[:200]}")
    for message in messages:
        headers, *parts = message.split(mark + b"C")
        headers = dict(header.split(b":", 1) for header in headers.split(mark + b"H"))
        key, value = (None if part == null else part for part in parts)
        yield {name.decode(): None if text == null else text for name, text in headers.items()}, key, value


def read_rows(path):
    """What is exported, numbers as they are printed."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, parse_float=str) for line in file]


def without_status(window):
    return {name: value for name, value in window.items() if name != "status"}


def differs_as_window(row, sent):
    # All windows are sealed. One that was final when something came is amended, even without a delta in the end.
    statuses = (row["status"], "amended") if row["status"] == "final" else (row["status"],)
    return without_status(row) != without_status(sent) or sent["status"] not in statuses


def place(headers):
    """What orders the messages of a key: the epoch as two numbers, then out_seq."""
    incarnation, commit = headers["epoch"].split(b".")
    return (int(incarnation), int(commit)), int(headers["out_seq"])


def compare_results(rows, messages):
    wanted = {
        json.dumps(["kpi_1m", [], row["window_start"]], separators=(",", ":")).encode(): {"rollup": "kpi_1m", **row}
        for row in rows
    }
    differences, kept, of_epoch = [], {}, {}
    for headers, key, value in messages:
        epoch, sequence = place(headers)
        sent = json.loads(value, parse_float=str)
        first = of_epoch.setdefault((key, epoch), sent)
        if without_status(first) != without_status(sent):
            differences.append(f"{key}: two values of epoch {epoch}: {first} and {sent}")
        if key not in kept or (epoch, sequence) > kept[key][0]:
            kept[key] = (epoch, sequence), sent
    for key in wanted.keys() & kept.keys():
        where, sent = kept[key]
        if differs_as_window(wanted[key], sent):
            differences.append(f"{key} at {where}: expected {wanted[key]}, got {sent}")
    return wanted.keys(), kept.keys(), differences


def compare_dead_letters(rows, messages):
    def encoded(value):
        return None if value is None else str(value).encode()

    wanted, seen, differences = {}, set(), []
    for row in rows:
        raw = encoded(row["raw"]) if row["raw_base64"] is None else base64.b64decode(row["raw_base64"])
        key = "{topic}/{partition}/{offset}".format_map(row).encode()
        wanted[key] = [raw, key, *(encoded(row[name]) for name in ORIGIN)]
    for headers, key, value in messages:
        seen.add(key)
        sent = [value, *(headers[name] for name in ("riffle-origin", *ORIGIN))]
        if key in wanted and sent != wanted[key]:
            differences.append(f"{key} at {place(headers)}: expected {wanted[key]}, got {sent}")
    return wanted.keys(), seen, differences


def main():
    kind, exported, path, mark, count = sys.argv[1:6]
    messages = list(read_messages(path, mark.encode()))
    compare = {"results": compare_results, "dead_letters": compare_dead_letters}[kind]
    wanted, seen, differences = compare(read_rows(exported), messages)
    differences += [f"{key}: no message" for key in wanted - seen]
    differences += [f"{key}: a message, but nothing that is exported" for key in seen - wanted]
    if len(messages) != int(count):
        differences.append(f"{len(messages)} of {count} messages could be read")
    sequences = {place(headers)[1] for headers, _, _ in messages}
    gaps = set(range(max(sequences, default=0))) - sequences
    differences += [f"no message has out_seq {number}" for number in gaps]
    print("\n".join(sorted(differences)[:20]))
    print(f"{len(messages)} messages, {len(seen)} keys, {len(wanted)} expected, {len(differences)} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
