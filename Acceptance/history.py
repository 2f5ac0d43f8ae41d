"""Asks a running engine for histories of random ranges and counts each of them again from exported events.

    history.py --place URL --log FILE --boundaries N --seed N --exact-limit N

Each question is asked of the newest commit and of all that is known. The first must equal the recount of that commit's
events. The second must equal it too, or where something came meanwhile lie between it and the recount of a commit made
afterwards. Prints one line for each question that is answered wrongly, and what was compared; ends with 1 if any was.
"""

import argparse
import io
import json
import random
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal

from recount import Window, milliseconds, recount
from verdict import Verdict

MINUTE = 60_000
ROLLUPS = {"kpi_1m": [], "kpi_places": ["geo_country", "utm_source"], "kpi_hops": []}
GROUPINGS = [None, None, "none", "geo_country", "utm_source", "utm_source,geo_country"]
STEPS = [1, 2, 3, 5, 7, 10, 15, 20]
# What max_points chooses from: round lengths, in minutes.
ROUND_STEPS = [1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440]
# Of the trial's settings.
HOP, HOT_RETENTION = 5, 5 * MINUTE


def text(moment):
    return datetime.fromtimestamp(moment / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Engine:
    """A running engine, asked over HTTP."""

    def __init__(self, place):
        self.place = place

    def get(self, path, **parameters):
        with urllib.request.urlopen(self.url(path, parameters), timeout=60) as answer:
            return json.load(answer, parse_float=Decimal)

    def url(self, path, parameters):
        return f"{self.place}{path}?{urllib.parse.urlencode(parameters)}"

    def export(self, span):
        """The commit of an export, and its lines."""
        parameters = {"format": "csv", "start_time": span[0], "end_time": span[1]}
        answer = urllib.request.urlopen(self.url("/export/events", parameters), timeout=60)
        return answer.headers["Riffle-Epoch"], io.TextIOWrapper(answer, "utf-8", newline="")

    def commit(self):
        return number(self.get("/kpis/latest")["completeness"]["epoch"])


def number(epoch):
    """The number of a commit in an answer's `epoch`, which also says the run and what came since."""
    return int(epoch.split(".")[1])


class Question:
    """A random history: parameters, and which windows must be in its answer."""

    def __init__(self, chance, span):
        self.rollup = chance.choice(list(ROLLUPS))
        self.parameters = {"rollup": self.rollup, "limit": 10_000}
        self.columns = ROLLUPS[self.rollup]
        self.start, self.end = span
        if chance.random() < 0.3:
            self.start, self.end = self.start // MINUTE * MINUTE, (self.end // MINUTE + 1) * MINUTE
        self.say_range(chance)
        self.size = MINUTE
        if self.rollup != "kpi_hops":
            self.say_step(chance)
        if self.rollup == "kpi_places":
            self.say_group(chance.choice(GROUPINGS))
        self.fills = chance.random() < 0.2
        if self.fills:
            self.parameters["fill"] = "zero"
        self.is_merged = "group_by" in self.parameters or self.size > MINUTE

    def say_range(self, chance):
        if chance.random() < 0.2:
            minutes = max(1, (self.end - self.start) // MINUTE)
            self.start = self.end - minutes * MINUTE
            return self.parameters.update(to=text(self.end), minutes_back=minutes)
        form = chance.choice([text, int])
        self.parameters.update({"from": form(self.start), "to": form(self.end)})

    def say_step(self, chance):
        form = chance.random()
        if form < 0.5:
            minutes = chance.choice(STEPS)
            self.parameters["step"] = f"{minutes}m"
            self.size = minutes * MINUTE
        elif form < 0.7:
            points = chance.randint(1, 20)
            self.parameters["max_points"] = points
            self.size = MINUTE * next(step for step in ROUND_STEPS if self.length(step * MINUTE) <= points)

    def say_group(self, names):
        if names is not None:
            self.parameters["group_by"] = names
            self.columns = [] if names == "none" else names.split(",")

    def length(self, size):
        """How many windows of this size the range overlaps."""
        return -(-self.end // size) - self.start // size

    def bounds_of(self, moment):
        """The windows that `moment` is in, of those that overlap the range."""
        if self.rollup != "kpi_hops":
            start = moment // self.size * self.size
            return [(start, start + self.size)]
        last = moment // MINUTE * MINUTE
        windows = [(start, start + HOP * MINUTE) for start in range(last - (HOP - 1) * MINUTE, last + MINUTE, MINUTE)]
        return [(start, end) for start, end in windows if start < self.end and end > self.start]

    def hull(self):
        """The range that all its windows cover."""
        if self.rollup != "kpi_hops":
            return self.start // self.size * self.size, -(-self.end // self.size) * self.size
        return self.start // MINUTE * MINUTE - (HOP - 1) * MINUTE, -(-self.end // MINUTE) * MINUTE + (HOP - 1) * MINUTE

    def zeros(self, windows):
        """What `fill=zero` adds: each window of each group that there is."""
        first, end = self.hull()
        length = HOP * MINUTE if self.rollup == "kpi_hops" else self.size
        pace = MINUTE if self.rollup == "kpi_hops" else self.size
        groups = {key[2:] for key in windows} if self.columns else {()}
        starts = range(first, end - length + 1, pace)
        return {(start, start + length) + group: Window() for start in starts for group in groups}


class Trial:
    def __init__(self, engine, chance, exact_limit):
        self.engine = engine
        self.chance = chance
        self.verdict = Verdict(exact_limit)
        self.kinds = Counter()
        self.events = 0

    def span(self, kind, oldest):
        """A range of random length that most likely is where `kind` says."""
        now = milliseconds(self.engine.get("/kpis/latest")["as_of"])
        hot = now - HOT_RETENTION
        length = int(2 ** self.chance.uniform(0, 3.8) * MINUTE)
        if kind == "hot":
            end = self.chance.randint(hot + 2 * MINUTE, now)
            return max(end - length, hot + MINUTE), end
        if kind == "cold":
            end = self.chance.randint(oldest + 2 * MINUTE, hot - 2 * MINUTE)
            return max(end - length, oldest - 2 * MINUTE), end
        middle = self.chance.randint(hot - MINUTE, hot + MINUTE)
        before = self.chance.randint(2 * MINUTE, max(3 * MINUTE, length))
        return middle - before, self.chance.randint(middle + 2 * MINUTE, now + MINUTE)

    def question(self, wanted, oldest):
        """One whose windows are where `wanted` says, if chance brings one."""
        for _ in range(10):
            question = Question(self.chance, self.span(wanted, oldest))
            kind = self.kind(question)
            if kind == wanted:
                break
        self.kinds[kind] += 1
        return question

    def ask(self, question):
        committed, lines = self.at_one_commit(question)
        known = self.engine.get("/kpis/history", **question.parameters)
        expected = self.recounted(question, lines)
        problems = self.verdict.equal(question, committed, expected)
        if self.verdict.equal(question, known, expected, may_be_unknown=question.is_merged, is_trying=True):
            # What came since may not have been in the commit that was under way.
            while self.engine.commit() < number(known["epoch"]) + 2:
                time.sleep(0.1)
            afterwards = self.recounted(question, self.engine.export(question.hull())[1])
            problems += self.verdict.between(question, known, expected, afterwards)
        if problems:
            url = self.engine.url("/kpis/history", question.parameters)
            print(f"FAIL  {url}: {'; '.join(problems)[:600]}", flush=True)

    def at_one_commit(self, question):
        """A committed answer, and the export of the same commit."""
        for _ in range(50):
            answer = self.engine.get("/kpis/history", read="committed", **question.parameters)
            epoch, lines = self.engine.export(question.hull())
            if epoch == answer["epoch"]:
                return answer, lines
            lines.close()
        raise SystemExit("history.py: commits come faster than two questions can be asked")

    def recounted(self, question, lines):
        with lines:
            windows, count = recount(lines, question.bounds_of, question.columns)
        self.events += count
        return question.zeros(windows) | windows if question.fills else windows

    def kind(self, question):
        """Where its windows are: what is in memory says when it changed last, what is read from the store does not."""
        start, end = question.hull()
        parameters = {"rollup": question.rollup, "limit": 10_000, "from": start, "to": end}
        answer = self.engine.get("/kpis/history", **parameters)
        hot = ["processing_time" in window["performance"] for window in answer["windows"]]
        return "mixed" if any(hot) and not all(hot) else "hot" if any(hot) else "cold"


def merges(log):
    with open(log) as lines:
        return sum("segments were merged" in line for line in lines)


def main():
    options = argparse.ArgumentParser()
    for name, kind in {"place": str, "log": str, "boundaries": int, "seed": int, "exact-limit": int}.items():
        options.add_argument(f"--{name}", type=kind, required=True)
    options = options.parse_args()
    engine = Engine(options.place)
    trial = Trial(engine, random.Random(options.seed), options.exact_limit)
    while True:
        windows = engine.get("/kpis/history", minutes_back=60)
        oldest = milliseconds(windows["windows"][0]["window_start"])
        if milliseconds(windows["as_of"]) - oldest > 2 * HOT_RETENTION + 4 * MINUTE:
            break
        time.sleep(0.5)
    before, merged = engine.commit(), merges(options.log)
    for index in range(options.boundaries):
        trial.ask(trial.question(("hot", "cold", "mixed")[index % 3], oldest))
    commits, merged = engine.commit() - before, merges(options.log) - merged
    kinds = ", ".join(f"{trial.kinds[kind]} {kind}" for kind in ("hot", "cold", "mixed"))
    print(f"{options.boundaries} ranges ({kinds}), {trial.events} events counted again, seed {options.seed}; meanwhile "
          f"{commits} commits, {merged} merges")
    checks = {
        "histories are what their events say": trial.verdict.failures == 0,
        "distinct things are estimated as well as is said": trial.verdict.is_well_estimated(),
        "ranges of every kind": min(trial.kinds[kind] for kind in ("hot", "cold", "mixed")) > 0,
        "commits and merges meanwhile": commits > 0 and merged > 0,
    }
    print(trial.verdict)
    for name, holds in checks.items():
        print("ok   " if holds else "FAIL ", name, flush=True)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
