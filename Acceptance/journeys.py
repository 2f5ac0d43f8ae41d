"""Asks a running engine for the journeys of random users, and compares each with what commits have of that user.

    journeys.py --place URL --users N --seed N

A journey is asked for with all that is known. It must have every event that the commit before it had, be in the order
of event time without any event twice, and a commit made afterwards must have all its events as they were, and none that
lies between them in its session's part of the log. Prints a line for each journey that is wrong, and how many events
were seen before a commit had them; ends with 1 if any was wrong, or none was early.
"""

import argparse
import json
import random
import sys
import time
import urllib.parse
import urllib.request

from recount import milliseconds


class Engine:
    """A running engine, asked over HTTP."""

    def __init__(self, place):
        self.place = place

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"{self.place}{path}?{urllib.parse.urlencode(parameters)}", timeout=60) as answer:
            return json.load(answer)

    def query(self, query):
        question = urllib.request.Request(
            f"{self.place}/query", json.dumps(query).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(question, timeout=60) as answer:
            answer = json.load(answer)
        return answer["rows"], answer["epoch"]

    def journey(self, user):
        """All pages of what is known of `user`, and the number of the commit behind the last one."""
        events, cursor = [], {}
        while True:
            page = self.get(f"/users/{user}/journey", limit=1000, **cursor)
            events += page["events"]
            if not page["next_cursor"]:
                return events, int(page["epoch"].split(".")[1])
            cursor = {"cursor": page["next_cursor"]}

    def stored(self, user):
        """The events of `user` in the newest commit, and its number."""
        return self.query({"table": "events", "filters": [{"column": "user_id", "value": user}], "select": "*"})


def place(event):
    return event["topic"], event["partition"], event["offset"]


def plain(event):
    """An event with its price as a number: answers to queries have it as text, which no reader rounds."""
    return event and event | {"price": event["price"] and float(event["price"])}


def problems(before, journey, after):
    places = [place(event) for event in journey]
    times = [milliseconds(event["event_ts"]) for event in journey]
    rows = {place(event): event for event in after}
    if len(set(places)) < len(places):
        yield "an event is there twice"
    if times != sorted(times):
        yield "events are not in the order of their times"
    if any(place(event) not in set(places) for event in before):
        yield "an event of the commit before is missing"
    if any(plain(rows.get(place(event))) != plain(event) for event in journey):
        yield "an event is not as the commit afterwards has it"
    ends = {}
    for event in journey:
        part = event["session_id"], event["topic"], event["partition"]
        ends[part] = max(ends.get(part, -1), event["offset"])
    known = set(places)
    for event in after:
        part = event["session_id"], event["topic"], event["partition"]
        if event["offset"] < ends.get(part, -1) and place(event) not in known:
            yield f"{place(event)} is missing between others of its session"


def main():
    options = argparse.ArgumentParser()
    for name, kind in {"place": str, "users": int, "seed": int}.items():
        options.add_argument(f"--{name}", type=kind, required=True)
    options = options.parse_args()
    engine, chance = Engine(options.place), random.Random(options.seed)
    wrong = early = events = 0
    for _ in range(options.users):
        # Somebody who is there now, so that events come while we look.
        sessions = [session for session in engine.get("/sessions/active", limit=200)["sessions"] if session["user_id"]]
        user = chance.choice(sessions)["user_id"]
        before, _ = engine.stored(user)
        journey, epoch = engine.journey(user)
        at_once, _ = engine.stored(user)
        # What came since may not have been in the commit that was under way.
        while (after := engine.stored(user))[1] < epoch + 2:
            time.sleep(0.1)
        events += len(journey)
        early += len({place(event) for event in journey} - {place(event) for event in at_once})
        if found := list(problems(before, journey, after[0])):
            wrong += 1
            print(f"FAIL  {user}: {'; '.join(found)[:600]}", flush=True)
    print(f"{options.users} journeys, {events} events, {early} of them before a commit had them, seed {options.seed}")
    checks = {"journeys are what commits say": wrong == 0, "events are seen before a commit has them": early > 0}
    for name, holds in checks.items():
        print("ok   " if holds else "FAIL ", name, flush=True)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
